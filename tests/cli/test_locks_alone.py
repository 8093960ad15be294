"""The commands that only read a lock: the project beside it may be wrong or missing, and a script has a lock too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

READERS = (["tree"], ["list"], ["export"], ["why", "parts"])


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project."""
    index.add("web", "1.0", requires=["parts"])
    index.add("parts", "1.0")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    return run_locktool


@pytest.mark.parametrize("command", READERS, ids=lambda words: words[0])
def test_a_lock_is_read_whatever_is_wrong_with_the_project(
    command: list[str], locked: Command, project: ProjectWriter
) -> None:
    expected = locked(*command).succeeded().out
    project.write("pyproject.toml", "[project\n")
    assert locked(*command).succeeded().out == expected
    (project.directory / "pyproject.toml").unlink()
    assert locked(*command).succeeded().out == expected


@pytest.mark.parametrize("command", READERS, ids=lambda words: words[0])
def test_without_a_lock_the_project_is_what_is_wrong(
    command: list[str], run_locktool: Command, project: ProjectWriter
) -> None:
    project.write("pyproject.toml", "[project\n")
    assert "pyproject.toml:1" in run_locktool(*command).failed(2).err


def test_two_locks_are_compared_outside_of_any_project(
    locked: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    project.write("a/pylock.toml", project.read())
    index.add("parts", "2.0")
    locked("lock", "-U", "--refresh").succeeded()
    project.write("b/pylock.toml", project.read())
    (project.directory / "pyproject.toml").unlink()
    (project.directory / "pylock.toml").unlink()
    assert "~ parts 1.0 -> 2.0" in locked("diff", "a/pylock.toml", "b/pylock.toml").succeeded().out
    assert "a/missing.toml is neither a file nor a git revision" in locked("diff", "a/missing.toml", "b").failed(2).err


@pytest.mark.parametrize("command", READERS, ids=lambda words: words[0])
def test_the_lock_of_a_script_is_read(command: list[str], locked: Command, project: ProjectWriter) -> None:
    project.write("tool.py", '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["web"]\n# ///\n')
    assert "locktool lock --script" in locked(*command, "--script", "tool.py").failed().err
    locked("lock", "--script", "tool.py").succeeded()
    (project.directory / "pylock.toml").unlink()
    assert "parts" in locked(*command, "--script", "tool.py").succeeded().out
