"""Which project is meant without `--project`: the nearest above, and never one of somebody else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project with directories below it."""
    index.add("web", "1.0.0")
    index.add("part", "1.0.0")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    (project.directory / "src" / "deep").mkdir(parents=True)
    return run_locktool


@pytest.mark.parametrize("command", ["lock", "check", "tree", "list", "export", "outdated", "diff"])
def test_a_command_below_a_project_means_it_and_says_so(locked: Command, project: ProjectWriter, command: str) -> None:
    words = [command, "pylock.toml"] if command == "diff" else [command]
    here = locked(*words).succeeded()
    words = [command, "../../pylock.toml"] if command == "diff" else [command]
    below = locked(*words, cwd=project.directory / "src" / "deep").succeeded()
    assert below.out == here.out
    assert "note: this is the project of ../../pyproject.toml" in below.err
    assert "this is the project" not in here.err
    assert "note" not in locked(*words, "-q", cwd=project.directory / "src" / "deep").succeeded().err


def test_edits_below_a_project_reach_it(locked: Command, project: ProjectWriter) -> None:
    locked("add", "part", cwd=project.directory / "src").succeeded()
    assert "part>=1.0.0" in project.read("pyproject.toml")
    locked("check", cwd=project.directory / "src").succeeded()


def test_a_member_above_is_the_current_project(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0.0")
    project.pyproject(tool={"workspace": {"members": ["libs/*"]}})
    project.pyproject(member="libs/hen", name="hen")
    (project.directory / "libs/hen/src").mkdir()
    run_locktool("add", "web", cwd=project.directory / "libs/hen/src").succeeded()
    assert "web>=1.0.0" in project.read("libs/hen/pyproject.toml")
    run_locktool("check").succeeded()


@pytest.mark.parametrize(
    "end", ["src/.git/HEAD", "src/deep/.hg/store", "src/.git", "src/setup.py", "src/deep/setup.py"]
)
def test_the_search_ends_at_another_repository_and_at_another_project(
    locked: Command, project: ProjectWriter, end: str
) -> None:
    project.write(end, "")
    error = locked("check", cwd=project.directory / "src" / "deep").failed(2).err
    assert "no pyproject.toml in" in error


def test_a_repository_is_searched_as_far_as_its_root(locked: Command, project: ProjectWriter) -> None:
    project.write(".git/HEAD", "")
    locked("check", cwd=project.directory / "src" / "deep").succeeded()


def test_the_project_of_the_home_directory_is_only_meant_there(locked: Command, project: ProjectWriter) -> None:
    home = {"HOME": str(project.directory), "USERPROFILE": str(project.directory)}
    locked("check", env=home).succeeded()
    assert "no pyproject.toml" in locked("check", env=home, cwd=project.directory / "src").failed(2).err
    below = {name: f"{value}/src" for name, value in home.items()}
    for directory in ("src", "src/deep"):
        assert "no pyproject.toml" in locked("check", env=below, cwd=project.directory / directory).failed(2).err


def test_the_project_that_is_named_is_meant(locked: Command, project: ProjectWriter) -> None:
    assert "no pyproject.toml" in locked("check", "--project", ".", cwd=project.directory / "src").failed(2).err


def test_scripts_and_directories_belong_to_no_project_above(locked: Command, project: ProjectWriter) -> None:
    project.write("src/tool.py", "# /// script\n# dependencies = ['web']\n# ///\n")
    finished = locked("lock", "--script", "tool.py", cwd=project.directory / "src").succeeded()
    assert "this is the project" not in finished.err
    checks = json.loads(locked("check", "--json", ".", cwd=project.directory / "src").succeeded().out)
    assert [check["path"].rpartition("/")[2] for check in checks] == ["pylock.tool.toml"]
