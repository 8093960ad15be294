"""In a workflow of GitHub, errors, warnings and reasons against a lock are annotations too; nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def workflow(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project in the directory `app` of a repository, and the variables of a workflow."""
    index.add("a", "1.0")
    index.add("a", "2.0", yanked="broken")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    run_locktool.environment |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project.directory.parent)}
    return run_locktool


def annotations_in(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_reasons_are_an_annotation_of_the_lock(workflow: Command, project: ProjectWriter) -> None:
    project.pyproject("a>=1", "b")
    finished = workflow("check", "--frozen").failed(1)
    (line,) = annotations_in(finished.err)
    folder = project.directory.name
    assert line.startswith(f"::error file={folder}/pylock.toml,title=locktool::pylock.toml is not up to date%0A")
    assert "%0A  -> " in line
    assert workflow("check", "--frozen", env={"GITHUB_ACTIONS": ""}).failed(1).err == finished.err.replace(
        line + "\n", ""
    )


def test_an_error_names_its_line(workflow: Command, project: ProjectWriter) -> None:
    project.write("pyproject.toml", '[project]\nname = "demo"\nversion = "1"\ndependencies = ["a >>"]\n')
    for command in ("check", "lock"):
        (line,) = annotations_in(workflow(command).failed(2).err)
        assert line.startswith(f"::error file={project.directory.name}/pyproject.toml,line=4,col=")
        assert "\n" not in line


def test_a_warning_is_one_too_unless_it_is_silenced(workflow: Command, project: ProjectWriter) -> None:
    project.pyproject("a[nosuch]")
    (line,) = annotations_in(workflow("lock").succeeded().err)
    assert line.startswith("::warning title=locktool::")
    assert annotations_in(workflow("lock", "-q").succeeded().err) == []


def test_a_lock_that_holds_has_none(workflow: Command) -> None:
    assert annotations_in(workflow("check", "--frozen").succeeded().err) == []
