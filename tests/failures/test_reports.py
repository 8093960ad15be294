"""Reports on conflicts as people have them: a dozen lines at most, and every change they suggest works."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit

from failures.conflicts import CONFLICTS, Conflict
from locktool._native import Requirement, SpecifierSet

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

MOST_LINES = 12


def write(conflict: Conflict, index: LocalIndex, project: ProjectWriter) -> None:
    for name, version, description in conflict.releases():
        index.add(name, version, **description)
    project.pyproject(*conflict.dependencies, **conflict.project)
    for path, keys in conflict.members.items():
        project.pyproject(*keys["dependencies"], member=path, name=path)


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda conflict: conflict.name)
def test_a_report_says_what_does_not_go_together_and_what_to_do(
    conflict: Conflict, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(conflict, index, project)
    finished = run_locktool("lock").failed(1)
    told = finished.err.strip().splitlines()
    expected = [line.removeprefix(" " * 12) for line in conflict.report.strip("\n").rstrip().splitlines()]
    assert told == expected
    assert len(told) <= MOST_LINES
    assert run_locktool("lock").failed(1).err == finished.err


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda conflict: conflict.name)
def test_every_suggestion_works(
    conflict: Conflict, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(conflict, index, project)
    error = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]
    assert len(error["suggestions"]) >= conflict.suggestions
    originals = {path: path.read_text(encoding="utf-8") for path in project.directory.rglob("pyproject.toml")}
    for suggestion in error["suggestions"]:
        for change in suggestion["changes"]:
            apply(project, change)
        run_locktool("lock", "--dry-run").succeeded()
        for path, text in originals.items():
            path.write_text(text, encoding="utf-8")


def test_the_derivation_is_a_tree_that_ends_in_facts(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(CONFLICTS[0], index, project)
    tree = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]["tree"]
    assert tree["text"] == "not all requirements can be met"
    leaves = {step["text"] for step in steps(tree) if "because" not in step}
    assert "wagtail 5.2.6 requires django 5.0.9 and older" in leaves
    assert all(step["text"] for step in steps(tree))


def steps(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [step, *(below for cause in step.get("because", []) for below in steps(cause))]


def apply(project: ProjectWriter, change: dict[str, Any]) -> None:
    """Make a change in the file of the member that it names."""
    path = project.directory / change["member"] / "pyproject.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    *tables, key = change["key"].split(".")
    place: Any = document
    for table in tables:
        place = place.setdefault(table, tomlkit.table())
    if change["from"] is None:
        place[key] = added(change)
    elif key == "requires-python":
        assert SpecifierSet(place[key]) == SpecifierSet(change["from"])
        place[key] = change["to"]
    else:
        # A list that includes another has only its name here; the requirement stands in the other one.
        replace(place[key], change)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def added(change: dict[str, Any]) -> Any:  # noqa: ANN401 - a TOML value
    if change["key"].endswith(".conflicts"):
        return tomllib.loads(f"value = [{change['to']}]")["value"]
    if change["key"].endswith(".environments"):
        return [change["to"]]
    return False if change["to"] == "false" else change["to"]


def replace(requirements: list[Any], change: dict[str, Any]) -> None:
    for place, written in enumerate(requirements):
        if isinstance(written, str) and Requirement(written) == Requirement(change["from"]):
            requirements[place] = change["to"]
