"""Threads of a run: those that talk to servers start when a question misses the cache."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# Enough of them that a run lasts many looks at it.
PACKAGES = 200


def most_threads(command: Command, *arguments: str) -> int:
    """How many threads the process of a run was seen with at once."""
    process = subprocess.Popen(
        [sys.executable, "-m", "locktool", *arguments],
        cwd=command.directory,
        env=command.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0
    tasks = f"/proc/{process.pid}/task"
    while process.poll() is None:
        most = max(most, len(os.listdir(tasks)))  # noqa: PTH208 - the quickest look there is
    assert process.returncode == 0
    return most


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_a_warm_offline_run_has_four_threads_at_most(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(PACKAGES):
        index.add(f"package-{number}", "1.0", requires=[f"package-{number + 1}"] if number < PACKAGES - 1 else [])
    project.pyproject(*(f"package-{number}" for number in range(0, PACKAGES, 2)))
    run_locktool("lock").succeeded()
    (project.directory / "pylock.toml").unlink()
    # That of the interpreter, that of the resolution, and two that walk ahead of it, which a loaded machine may hide.
    assert 2 <= most_threads(run_locktool, "lock", "--offline") <= 4
