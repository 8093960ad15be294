"""A split is about one package: the others have the versions that they would have without it, unless it concerns them.

A requirement that holds in a part of the environments decides for all of them as long as nothing splits them, and still
does beside a split that has nothing to do with it. `tests/property` has the law on random projects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import locked_packages

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

FORKING = ("fork<2 ; sys_platform == 'linux'", "fork>=2 ; sys_platform != 'linux'")


@pytest.fixture
def published(index: LocalIndex) -> LocalIndex:
    """`a` holds `b` back on Windows; `fork` and `b` have two versions."""
    index.add("a", "1.0", requires=["b<2 ; sys_platform == 'win32'"])
    for name in ("b", "fork"):
        index.add(name, "1.0")
        index.add(name, "2.0")
    return index


def entries(project: ProjectWriter, name: str) -> list[tuple[str, str | None]]:
    """Version and marker of each entry."""
    return [(entry["version"], entry.get("marker")) for entry in locked_packages(project)[name]]


def test_a_fork_over_another_package_changes_nothing(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    published.add("knife", "1.0", requires=FORKING)
    for asked in ([], [*FORKING], ["knife"]):
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        project.pyproject("a", "b", *asked)
        run_locktool("lock").succeeded()
        assert entries(project, "b") == [("1.0", None)], asked
    assert len(entries(project, "fork")) == 2


def test_locking_again_changes_nothing(published: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    del published
    project.pyproject("a", "b", *FORKING)
    run_locktool("lock").succeeded()
    written = project.read()
    for again in (["lock"], ["lock", "--upgrade"]):
        run_locktool(*again).succeeded()
        assert project.read() == written


def test_what_the_forked_package_requires_is_decided_in_its_fork(
    published: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    published.add("fork", "3.0", requires=["b>=2 ; sys_platform != 'win32'"])
    project.pyproject("a", "b", "fork<2 ; sys_platform == 'linux'", "fork==3.0 ; sys_platform == 'darwin'")
    run_locktool("lock").succeeded()
    assert entries(project, "b") == [
        ("1.0", "sys_platform == 'linux' or sys_platform == 'win32'"),
        ("2.0", "sys_platform != 'linux' and sys_platform != 'win32'"),
    ]


def test_the_pythons_of_a_release_are_solved_on_their_own(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """What only older Pythons require does not hold back those that have other releases anyway."""
    index.add("a", "1.0", requires=["b<2 ; python_version < '3.12'"])
    index.add("b", "1.0")
    index.add("b", "2.0")
    index.add("other", "1.0")
    index.add("other", "2.0", requires_python=">=3.12")
    project.pyproject("a", "b", "other", requires_python=">=3.11")
    run_locktool("lock").succeeded()
    assert entries(project, "b") == [("1.0", "python_version < '3.12'"), ("2.0", "python_version >= '3.12'")]


def test_many_forks_change_nothing(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    """More than are looked at one at a time; with sixteen the work must not double with each."""
    asked: list[str] = []
    for number in range(16):
        machine = f"platform_machine == 'm{number}'"
        index.add(f"a{number}", "1.0", requires=[f"b{number}<2 ; {machine}"])
        for name in (f"b{number}", f"fork{number}"):
            index.add(name, "1.0")
            index.add(name, "2.0")
        asked += [f"a{number}", f"b{number}", f"fork{number}<2 ; {machine}"]
        asked.append(f"fork{number}>=2 ; {machine.replace('==', '!=')}")
    project.pyproject(*asked)
    run_locktool("lock").succeeded()
    for number in range(16):
        assert entries(project, f"b{number}") == [("1.0", None)]


def test_the_reason_is_told(published: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    del published
    project.pyproject("a", "b", *FORKING)
    said = run_locktool("lock", "-v").succeeded().err
    assert "b 1.0 was chosen, not 2.0: this is the version without the split over fork" in said
