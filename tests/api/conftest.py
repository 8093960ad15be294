"""A locked project with an extra, a group and a marker: what the programs and the examples run in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_index import Slow

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, run_locktool: Command, project: ProjectWriter) -> Command:
    """The command, in the project that it has locked."""
    requires = ["base>=1", "winonly; sys_platform == 'win32'"]
    index.add("app", "1.0")
    index.add("app", "2.0", requires=requires, extras={"fast": ["speed"]})
    for name in ("base", "extra-package", "old", "speed", "winonly"):
        index.add(name, "1.0")
    index.add("old", "2.0")
    index.add("tool", "1.0", requires=["base"])
    index.fail("/simple/slow/", Slow(60.0))
    project.pyproject("app", "old", extras={"fast": ["app[fast]"]}, groups={"dev": ["tool"]})
    run_locktool("lock").succeeded()
    return run_locktool
