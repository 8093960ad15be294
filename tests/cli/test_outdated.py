"""`locktool outdated`: what is locked in an older version than there is, and what holds it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project whose lock was made before most of what the index has."""
    names = ("capped", "free", "held", "limited", "num", "same", "old")
    for name in names:
        index.add(name, "1.0", requires=["held<2", "deep"] if name == "same" else [])
    index.add("deep", "1.0")
    dependencies = ["capped<2", "free", "held", "limited", "num", "same", "old"]
    project.pyproject(*dependencies, requires_python=">=3.11,<3.13")
    run_locktool("lock").succeeded()
    project.pyproject(*dependencies, requires_python=">=3.11,<3.13", tool={"constraints": ["limited<1.5"]})
    for name in ("capped", "deep", "free", "held", "limited"):
        index.add(name, "2.0")
    index.add("num", "2.0", requires_python=">=3.99")
    index.add("old", "2.0", yanked=True)
    return run_locktool


def found(command: Command, *arguments: str) -> dict[str, dict[str, Any]]:
    document = json.loads(command("outdated", "--json", *arguments).succeeded().out)
    return {package["name"]: package for package in document["outdated"]}


def test_each_package_has_a_word_for_what_holds_it_back(locked: Command, project: ProjectWriter) -> None:
    before = project.read()
    packages = found(locked, "--refresh")
    assert {name: package["reason"] for name, package in packages.items()} == {
        "capped": "project",
        "free": "upgrade",
        "held": "package",
        "limited": "constraint",
        "num": "python",
    }
    assert {name: (each["locked"], each["allowed"], each["newest"]) for name, each in packages.items()} == {
        "capped": ("1.0", "1.0", "2.0"),
        "free": ("1.0", "2.0", "2.0"),
        "held": ("1.0", "1.0", "2.0"),
        "limited": ("1.0", "1.0", "2.0"),
        "num": ("1.0", "1.0", "2.0"),
    }
    assert packages["held"]["held_by"] == ["same 1.0 requires held<2"]
    assert packages["capped"]["held_by"] == ["demo requires capped<2"]
    assert packages["limited"]["held_by"] == ["the project limits it to limited<1.5"]
    assert project.read() == before


def test_every_package_is_asked_for_on_demand(locked: Command) -> None:
    assert "deep" not in found(locked, "--refresh")
    deep = found(locked, "--all")["deep"]
    assert (deep["direct"], deep["reason"]) == (False, "upgrade")


def test_the_table_fits_a_terminal(locked: Command) -> None:
    finished = locked("outdated", "--refresh", "-v").succeeded()
    assert finished.out.splitlines() == [
        "package  locked  allowed  newest  held back by",
        "capped   1.0     1.0      2.0     project",
        "    demo requires capped<2",
        "free     1.0     2.0      2.0     upgrade",
        "held     1.0     1.0      2.0     package",
        "    same 1.0 requires held<2",
        "limited  1.0     1.0      2.0     constraint",
        "    the project limits it to limited<1.5",
        "num      1.0     1.0      2.0     python",
        "    num 2.0 needs Python >=3.99",
    ]
    assert "5 of 7 packages are outdated; `locktool lock --upgrade` moves 1 of them" in finished.err
    locked("lock", "--upgrade").succeeded()
    assert "free" not in found(locked)


def test_a_fork_is_behind_for_the_sake_of_its_environments(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("num", "1.0")
    index.add("num", "2.0", requires_python=">=3.12")
    for version in ("1.0", "2.0"):
        index.add("torch", version)
    extras = {"cpu": ["torch<2"], "cuda": ["torch>=2"]}
    project.pyproject("num", extras=extras, tool={"conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]]})
    run_locktool("lock").succeeded()
    packages = found(run_locktool)
    assert (packages["num"]["locked"], packages["num"]["reason"]) == ("1.0", "fork")
    assert packages["num"]["held_by"] == ["2.0 is for python_version >= '3.12'"]
    assert packages["torch"]["held_by"] == ["extra cpu of demo requires torch<2"]


def test_others_that_would_move_back_hold_a_version_back(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0", requires=["parts"])
    index.add("web", "2.0", requires=["parts<2"])
    for version in ("1.0", "2.0"):
        index.add("parts", version)
    project.pyproject("web")
    run_locktool("lock").succeeded()
    (parts,) = found(run_locktool, "--all").values()
    assert (parts["reason"], parts["held_by"]) == ("package", ["web 2.0 requires parts<2"])


@pytest.mark.parametrize("rule", ["constraints", "overrides"])
def test_a_rule_under_one_parent_is_one_of_the_project(
    rule: str, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0", requires=["parts"])
    for version in ("1.0", "2.0"):
        index.add("parts", version)
    project.pyproject("web", tool={rule: [{"package": {"name": "web"}, "dependencies": ["parts<2"]}]})
    run_locktool("lock").succeeded()
    (parts,) = found(run_locktool, "--all").values()
    limit = "the project limits it to parts<2 where web requires it"
    assert (parts["reason"], parts["held_by"]) == ("constraint", [limit])


def test_what_has_left_its_index_is_told(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("web", "1.0")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    index.remove("web")
    assert run_locktool("outdated", "--refresh").failed(1).err


def test_without_a_lock_or_an_index_it_says_so(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("web")
    assert "locktool lock" in run_locktool("outdated").failed(1).err


def test_one_package_is_one(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("web", "1.0")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    assert run_locktool("outdated").succeeded().err.endswith("0 of 1 package is outdated\n")
