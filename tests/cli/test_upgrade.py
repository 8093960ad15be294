"""`locktool upgrade`: what moves, how far, and which bounds of the project follow."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def old(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project that was locked before newer versions came."""
    index.add("web", "1.4.2", requires=["parts>=1.4"])
    index.add("parts", "1.4.2")
    index.add("forked", "1.0")
    index.add("forked", "2.0", requires_python=">=3.13")
    project.pyproject(
        "web>=1",
        "forked>=1",
        extras={"s3": ["parts ~= 1.4.0"]},
        groups={"dev": ["web>=1.4,<3; os_name=='nt'", "parts"]},
    )
    run_locktool("lock").succeeded()
    for version in ("1.4.5", "1.5.0", "2.0.0"):
        index.add("web", version, requires=["parts>=1.4"])
        index.add("parts", version)
    index.add("forked", "1.0.1")
    index.add("forked", "2.0.1", requires_python=">=3.13")
    return run_locktool


def versions(project: ProjectWriter) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for package in tomllib.loads(project.read())["packages"]:
        found.setdefault(package["name"], []).append(package["version"])
    return found


@pytest.mark.parametrize(
    ("words", "web", "parts"),
    [
        ([], "2.0.0", "1.4.5"),
        (["web"], "2.0.0", "1.4.2"),
        (["WEB", "parts"], "2.0.0", "1.4.5"),
        (["web==1.5.0"], "1.5.0", "1.4.2"),
        (["web<1.5"], "1.4.5", "1.4.2"),
        (["--patch"], "1.4.5", "1.4.5"),
        (["--minor"], "1.5.0", "1.4.5"),
        (["--minor", "web"], "1.5.0", "1.4.2"),
        (["--patch", "web==1.4.2"], "1.4.2", "1.4.2"),
    ],
)
def test_what_is_named_moves_as_far_as_it_may(
    old: Command, project: ProjectWriter, words: list[str], web: str, parts: str
) -> None:
    before = project.read("pyproject.toml")
    old("upgrade", *words, "--refresh").succeeded()
    found = versions(project)
    assert (found["web"], found["parts"]) == ([web], [parts])
    assert found["forked"] == (["1.0.1", "2.0.1"] if words == [] else ["1.0", "2.0"])
    assert project.read("pyproject.toml") == before
    old("check", "--strict").succeeded()
    # Nothing of the limits is recorded: the next lock moves nothing.
    lock = project.read()
    old("lock", "--refresh").succeeded()
    assert project.read() == lock


def test_a_version_is_gone_back_to(old: Command, project: ProjectWriter) -> None:
    old("upgrade", "web", "--refresh").succeeded()
    old("upgrade", "web==1.4.2").succeeded()
    assert versions(project)["web"] == ["1.4.2"]


def test_bounds_follow_what_is_locked(old: Command, project: ProjectWriter) -> None:
    finished = old("upgrade", "--bump", "--minor", "--refresh", "--json").succeeded()
    values = tomllib.loads(project.read("pyproject.toml"))
    assert values["project"]["dependencies"] == ["web>=1.5.0", "forked>=1"]
    assert values["project"]["optional-dependencies"] == {"s3": ["parts ~= 1.4.5"]}
    assert values["dependency-groups"] == {"dev": ["web>=1.5.0,<3; os_name=='nt'", "parts"]}
    changes = {(each["from"], each["to"]) for each in json.loads(finished.out)["files"][0]["changes"]}
    assert ("web>=1", "web>=1.5.0") in changes
    old("check", "--strict").succeeded()
    again = project.read("pyproject.toml"), project.read()
    old("upgrade", "--bump", "--minor", "--refresh").succeeded()
    assert (project.read("pyproject.toml"), project.read()) == again


def test_only_the_bounds_of_what_is_named_follow(old: Command, project: ProjectWriter) -> None:
    old("upgrade", "parts", "--bump", "--refresh").succeeded()
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["dependencies"] == ["web>=1", "forked>=1"]
    assert 's3 = ["parts ~= 1.4.5"]' in project.read("pyproject.toml")


def test_a_dry_run_writes_nothing(old: Command, project: ProjectWriter) -> None:
    before = project.read("pyproject.toml"), project.read()
    finished = old("upgrade", "--bump", "--dry-run", "--refresh").succeeded()
    assert "Would edit" in finished.err
    assert "web 1.4.2 -> 2.0.0" in finished.err
    assert (project.read("pyproject.toml"), project.read()) == before


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--minor", "web==2.0.0"], 2, "web==2.0.0 is out of reach: --minor keeps web below 2"),
        (["--patch", "web>=1.5"], 2, "web>=1.5 is out of reach: --patch keeps web below 1.5"),
        (["web==9"], 1, "web"),
        (["web[x]"], 2, "give a name"),
        (["--patch", "--minor"], 2, "not allowed with"),
    ],
)
def test_what_cannot_move_is_said(
    old: Command, project: ProjectWriter, words: list[str], code: int, message: str
) -> None:
    before = project.read()
    assert message in old("upgrade", *words).failed(code).err
    assert project.read() == before


@pytest.mark.parametrize("words", [("upgrade", "web==99"), ("lock", "-P", "web<1")])
def test_a_limit_of_the_run_is_no_constraint_of_the_project(old: Command, words: tuple[str, ...]) -> None:
    error = json.loads(old(*words, "--refresh", "--json").failed(1).out)["error"]
    assert f"this run allows only {words[-1]}" in error["facts"]
    assert "constraint" not in error["message"]
    assert not [change for each in error["suggestions"] for change in each["changes"] if "constraint" in change["key"]]


def test_without_a_lock_there_is_nothing_to_upgrade(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    assert "locktool lock" in run_locktool("upgrade").failed(1).err


@pytest.mark.parametrize("names", [["wbe"], ["parts", "wbe"], ["wbe<2"]])
def test_a_name_that_nothing_requires_is_an_error(old: Command, project: ProjectWriter, names: list[str]) -> None:
    before = project.read()
    finished = old("upgrade", *names).failed(2)
    assert finished.err == "error: wbe was to be upgraded, but nothing requires it; did you mean 'web'?\n"
    assert project.read() == before


def test_what_the_project_requires_and_its_lock_lacks_may_be_named(
    old: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.add("late", "1.0")
    project.pyproject("web>=1", "forked>=1", "late")
    assert "  + late 1.0\n" in old("upgrade", "late").succeeded().err


@pytest.fixture
def dropping(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """The command, beside a lock of a release that requires what the next one does not."""
    index.add("web", "1.0", requires=["gone"])
    index.add("gone", "1.0")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    index.add("web", "1.1")
    return run_locktool


def test_what_an_upgrade_drops_may_be_named(dropping: Command) -> None:
    assert "  - gone 1.0\n" in dropping("upgrade", "web", "gone", "--refresh").succeeded().err


def test_a_name_that_nothing_requires_is_a_warning_of_a_lock(old: Command, project: ProjectWriter) -> None:
    before = project.read()
    finished = old("lock", "-P", "wbe").succeeded()
    assert "warning: wbe was to be upgraded, but nothing requires it; did you mean 'web'?" in finished.err
    assert project.read() == before


def test_what_an_upgrade_drops_is_no_warning(dropping: Command) -> None:
    finished = dropping("upgrade", "--minor", "--refresh").succeeded()
    assert "  - gone 1.0\n" in finished.err
    assert "warning" not in finished.err


@pytest.mark.parametrize("words", [[], ["num"]])
def test_the_bounds_of_forks_follow_each_its_own_version(
    words: list[str], index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for version in ("1.0", "1.5", "2.0", "2.5"):
        index.add("num", version)
    project.pyproject("num>=1,<2; python_version<'3.13'", "num>=2; python_version>='3.13'")
    run_locktool("lock").succeeded()
    run_locktool("upgrade", *words, "--bump").succeeded()
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["dependencies"] == [
        "num>=1.5,<2; python_version<'3.13'",
        "num>=2.5; python_version>='3.13'",
    ]
    conflicts = [[{"extra": "old"}, {"extra": "new"}]]
    project.pyproject(extras={"old": ["num>=1,<2"], "new": ["num>=2"]}, tool={"conflicts": conflicts})
    run_locktool("lock").succeeded()
    run_locktool("upgrade", *words, "--bump").succeeded()
    extras = tomllib.loads(project.read("pyproject.toml"))["project"]["optional-dependencies"]
    assert extras == {"old": ["num>=1.5,<2"], "new": ["num>=2.5"]}
