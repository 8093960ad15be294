"""`locktool why`: who requires a package, and what holds another version back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with an extra, locked; afterwards a version appears that a published requirement does not admit."""
    index.add("web", "1.0.0", requires=["parts>=1,<2", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<3"])
    project.pyproject("web", extras={"s3": ["store"]})
    run_locktool("lock").succeeded()
    return run_locktool


def test_requirers_are_told_from_the_lock_alone(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    index.forget_requests()
    assert locked("why", "Parts").succeeded().out.splitlines() == [
        "parts 1.0.0 is locked:",
        "  demo requires web",
        "    web 1.0.0 requires parts>=1,<2",
        "  extra s3 of demo requires store",
        "    store 2.0.0 requires parts<3",
    ]
    assert locked("why", "win").succeeded().out.splitlines() == [
        "win 3.0.0 is locked where sys_platform == 'win32':",
        "  demo requires web",
        "    web 1.0.0 requires win where sys_platform == 'win32'",
    ]
    assert not index.requests


def test_requirers_as_json(locked: Command) -> None:
    document = json.loads(locked("why", "win", "--json").succeeded().out)
    (entry,) = document["entries"]
    assert (document["name"], entry["version"], entry["marker"]) == ("win", "3.0.0", "sys_platform == 'win32'")
    ((first, second),) = entry["chains"]
    assert (first["name"], first["member"], first["requirement"]) == ("demo", ".", "web")
    assert (second["name"], second["version"], second["marker"]) == ("web", "1.0.0", "sys_platform == 'win32'")


def test_a_package_that_is_not_locked_is_told(locked: Command) -> None:
    finished = locked("why", "part").failed(1)
    assert "part is not in the lock" in finished.err
    assert "did you mean 'parts'?" in finished.err
    assert "no good" in locked("why", "no good").failed(2).err


def test_without_a_lock_it_says_how_to_make_one(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    assert "locktool lock" in run_locktool("why", "web").failed(1).err
