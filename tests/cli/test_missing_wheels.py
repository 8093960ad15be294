"""Releases with files for a part of the project's environments: an answer all the same, and told.

An unrelated fork changes no version. What makes files a condition is asked for by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import locked_packages

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

LINUX = ("cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64")
FORKING = ["forked<2 ; sys_platform == 'darwin'", "forked>=2 ; sys_platform != 'darwin'"]


@pytest.fixture
def served(index: LocalIndex, run_locktool: Command) -> Command:
    """`lin` 2.0 has wheels for Linux alone, 1.0 for everything; `forked` has two versions."""
    index.add("lin", "1.0")
    index.add("lin", "2.0", wheel_tags=LINUX)
    index.add("forked", "1.0")
    index.add("forked", "2.0")
    return run_locktool


def versions(project: ProjectWriter, name: str) -> list[str]:
    return sorted(entry["version"] for entry in locked_packages(project)[name])


@pytest.mark.parametrize("others", [[], FORKING], ids=["alone", "beside a fork"])
def test_what_is_served_nowhere_is_told_and_locked(served: Command, project: ProjectWriter, others: list[str]) -> None:
    project.pyproject("lin", *others)
    said = served("lock").succeeded().err
    assert "lin 2.0 for macOS, Windows and Python 3.13 to 3.14" in said
    assert "required-environments" in said
    assert versions(project, "lin") == ["2.0"]
    served("check", "--frozen").succeeded()


@pytest.mark.parametrize("others", [[], FORKING], ids=["alone", "beside a fork"])
def test_a_required_environment_is_served(served: Command, project: ProjectWriter, others: list[str]) -> None:
    project.pyproject("lin", *others, tool={"required-environments": ["sys_platform == 'darwin'"]})
    served("lock").succeeded()
    macos = [entry for entry in locked_packages(project)["lin"] if "darwin" in entry.get("marker", "darwin")]
    assert any(entry["version"] == "1.0" for entry in macos)
    served("check", "--frozen").succeeded()


def test_environments_of_the_project_leave_nothing_to_tell(served: Command, project: ProjectWriter) -> None:
    project.pyproject("lin", requires_python=">=3.11,<3.13", tool={"environments": ["sys_platform == 'linux'"]})
    assert "no file" not in served("lock").succeeded().err


def test_a_source_distribution_serves_everything(index: LocalIndex, served: Command, project: ProjectWriter) -> None:
    index.add("src", "1.0", wheel_tags=LINUX, sdist=True)
    project.pyproject("src")
    assert "no file" not in served("lock").succeeded().err
    project.pyproject("src", tool={"no-build": True})
    assert "src 1.0 for macOS" in served("lock").succeeded().err


def test_a_release_without_a_file_for_the_project_is_none(
    index: LocalIndex, served: Command, project: ProjectWriter
) -> None:
    index.add("lin", "3.0", wheel_tags=("cp39-cp39-manylinux_2_17_x86_64",))
    project.pyproject("lin")
    served("lock").succeeded()
    assert versions(project, "lin") == ["2.0"]


def test_builds_of_extras_that_exclude_each_other_lock(
    index: LocalIndex, served: Command, project: ProjectWriter
) -> None:
    """As with the builds of a package for processors and graphics cards: one of them has files for Linux alone."""
    index.add("lum", "2.0+gpu", wheel_tags=LINUX)
    index.add("lum", "2.0+cpu")
    tool = {"conflicts": [[{"extra": "gpu"}, {"extra": "cpu"}]]}
    project.pyproject(extras={"gpu": ["lum==2.0+gpu"], "cpu": ["lum==2.0+cpu"]}, tool=tool)
    assert "lum 2.0+gpu for macOS, Windows" in served("lock").succeeded().err
    assert versions(project, "lum") == ["2.0+cpu", "2.0+gpu"]
    served("check", "--frozen").succeeded()
