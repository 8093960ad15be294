"""`locktool check DIR...`: every lock at and below some directories, and one exit code for all of them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def tree(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """Two projects, a workspace and a folder of compiled requirements, all locked below one directory."""
    index.add("a", "1.0")
    index.add("b", "1.0")
    for name in ("one", "two"):
        project.pyproject("a", member=name, name=name)
        run_locktool("lock", "--project", name).succeeded()
    project.pyproject("b", member="space", name="space", tool={"workspace": {"members": ["inner"]}})
    project.pyproject("a", member="space/inner", name="inner")
    run_locktool("lock", "--project", "space").succeeded()
    project.write("tools/requirements.in", "b\n")
    run_locktool("compile", "tools/requirements.in", "--universal", "-o", "tools/pylock.toml").succeeded()
    run_locktool("compile", "tools/requirements.in", "--universal", "-o", "one/pylock.docs.toml").succeeded()
    return run_locktool


def paths(outcomes: list[dict[str, Any]], project: ProjectWriter) -> list[str]:
    start = f"{project.directory}/"
    return [outcome["path"].removeprefix(start) for outcome in outcomes]


def test_every_lock_below_is_checked_once(tree: Command, project: ProjectWriter) -> None:
    outcomes = json.loads(tree("check", ".", "one", "--json").succeeded().out)
    assert paths(outcomes, project) == [
        "one/pylock.docs.toml",
        "one/pylock.toml",
        "space/pylock.toml",
        "tools/pylock.toml",
        "two/pylock.toml",
    ]
    assert all(outcome["holds"] for outcome in outcomes)
    lines = tree("check", ".").succeeded().err.splitlines()
    assert [line for line in lines if "inputs are not recorded" in line] == [
        "one/pylock.docs.toml is sound (its inputs are not recorded)",
        "tools/pylock.toml is sound (its inputs are not recorded)",
    ]
    assert len(lines) == 5


def test_a_project_is_checked_without_its_siblings(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pylock.toml", "broken [")
    assert paths(json.loads(tree("check", "two", "tools", "--json").succeeded().out), project) == [
        "two/pylock.toml",
        "tools/pylock.toml",
    ]


def test_a_member_of_a_workspace_leads_to_the_lock_of_its_root(tree: Command, project: ProjectWriter) -> None:
    shutil.copy(project.directory / "two" / "pylock.toml", project.directory / "space" / "inner" / "pylock.toml")
    for directory in ("space/inner", "space"):
        assert paths(json.loads(tree("check", directory, "--json").succeeded().out), project) == ["space/pylock.toml"]


def test_a_lock_that_is_stale_is_one_and_the_others_are_reported(tree: Command, project: ProjectWriter) -> None:
    project.pyproject("a", "b", member="one", name="one")
    finished = tree("check", ".").failed(1)
    assert "one/pylock.toml is not up to date" in finished.err
    assert "two/pylock.toml is up to date" in finished.err


def test_a_lock_that_cannot_be_read_is_two_and_the_others_are_reported(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pylock.toml", "broken [")
    project.pyproject("b", member="two", name="two")
    finished = tree("check", ".").failed(2)
    assert "error: one/pylock.toml" in finished.err
    assert "two/pylock.toml is not up to date" in finished.err
    assert "space/pylock.toml is up to date" in finished.err
    outcomes = json.loads(tree("check", ".", "--json").failed(2).out)
    assert [outcome["error"]["code"] for outcome in outcomes if "error" in outcome] == ["lock-unreadable"]


def test_a_project_that_cannot_be_read_is_two(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pyproject.toml", "broken [")
    finished = tree("check", ".").failed(2)
    assert "one/pyproject.toml:1" in finished.err
    assert "two/pylock.toml is up to date" in finished.err


def test_an_entry_changed_by_hand_is_found_without_the_inputs(tree: Command, project: ProjectWriter) -> None:
    text = project.read("tools/pylock.toml")
    project.write("tools/pylock.toml", text.replace('version = "1.0"', 'version = "1.1"'))
    assert "tools/pylock.toml is not sound" in tree("check", "tools").failed(1).err


@pytest.mark.parametrize("folder", [".hidden", "node_modules", "__pycache__", "environment"])
def test_folders_that_are_no_projects_are_left_out(tree: Command, project: ProjectWriter, folder: str) -> None:
    project.write(f"two/{folder}/pylock.toml", "broken [")
    if folder == "environment":
        project.write("two/environment/pyvenv.cfg", "")
    tree("check", "two").succeeded()


def test_what_has_no_lock_is_said_and_does_not_stop_the_others(tree: Command, project: ProjectWriter) -> None:
    (project.directory / "empty").mkdir()
    finished = tree("check", "empty", "two").failed(1)
    assert "no lock in empty" in finished.err
    assert "two/pylock.toml is up to date" in finished.err
    assert "nowhere does not exist" in tree("check", "nowhere", "two").failed(2).err


def test_one_project_and_directories_are_not_both_named(tree: Command) -> None:
    assert "--project" in tree("check", "one", "--project", "two").failed(2).err


def test_a_required_directory_that_is_not_there_may_be_taken_as_recorded(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    project.pyproject("part", member="app", name="app", tool={"sources": {"part": {"path": "../part"}}})
    project.pyproject("a", member="part", name="part")
    run_locktool("lock", "--project", "app").succeeded()
    run_locktool("check", "app").succeeded()
    shutil.rmtree(project.directory / "part")
    assert run_locktool("check", "app").code != 0
    finished = run_locktool("check", "app", "--absent-sources").succeeded()
    assert "part is not there; what the lock records of it is used" in finished.err
    (outcome,) = json.loads(run_locktool("check", "app", "--absent-sources", "--json").succeeded().out)
    assert len(outcome["absent"]) == 1
