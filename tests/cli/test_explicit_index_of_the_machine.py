"""An explicit index at the address of the machine's own: what it serves without a source is recorded, and proved.

The project names no default index, so that it says nothing of what the machine's index serves.
"""

from __future__ import annotations

import copy
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import reasons_of
from local_index import LocalIndex
from lock_oracle import read_project, refutations
from tampering.edit import with_digests
from tampering.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter


@pytest.fixture
def second() -> Iterator[LocalIndex]:
    with LocalIndex() as running:
        running.add("a", "1.0")
        running.add("b", "9.0")
        running.add("c", "9.0")
        yield running


def ask(project: ProjectWriter, index: LocalIndex, *requirements: str) -> None:
    table = {"name": "company", "url": index.url, "explicit": True}
    project.pyproject(*requirements, tool={"index": [table], "sources": {"a": {"index": "company"}}})


def refuted(project: ProjectWriter) -> list[Any]:
    return list(refutations(read_project(project.directory), tomllib.loads(project.read())))


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """`a` has a source, `b` is from the same index, which the machine names."""
    for name in "abc":
        index.add(name, "1.0")
    ask(project, index, "a", "b")
    run_locktool("lock").succeeded()
    return run_locktool


def test_what_lock_writes_is_proved(index: LocalIndex, project: ProjectWriter, locked: Command) -> None:
    assert tomllib.loads(project.read())["tool"]["locktool"]["other-indexes"] == [index.url.rstrip("/")]
    locked("check").succeeded()
    locked("check", "--frozen").succeeded()
    assert refuted(project) == []
    before = project.read()
    locked("lock").succeeded()
    assert project.read() == before


def test_without_what_is_recorded_of_the_run_it_is_refused(project: ProjectWriter, locked: Command) -> None:
    lock = tomllib.loads(project.read())
    del lock["tool"]["locktool"]["other-indexes"]
    project.write("pylock.toml", toml_text(with_digests(lock)))
    assert {reason["code"] for reason in reasons_of(locked)} >= {"index-changed"}
    assert refuted(project)


def test_a_package_that_is_moved_to_an_explicit_index_is_refused(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("b", "1.0")
    ask(project, second, "a", "b")
    run_locktool("lock").succeeded()
    assert "other-indexes" not in project.read()
    run_locktool("check").succeeded()
    lock = copy.deepcopy(tomllib.loads(project.read()))
    (moved,) = (entry for entry in lock["packages"] if entry["name"] == "b")
    moved["index"] = second.url
    project.write("pylock.toml", toml_text(with_digests(lock)))
    assert [reason["code"] for reason in reasons_of(run_locktool)] == ["index-changed"]
    assert refuted(project)


def test_another_machine_moves_no_pin(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, locked: Command
) -> None:
    before = project.read()
    other = {"LOCKTOOL_INDEX_URL": second.url}
    locked("lock", env=other).succeeded()
    assert project.read() == before
    ask(project, index, "a", "b", "c")
    locked("lock", env=other).failed()
    locked("lock").succeeded()
    locked("check").succeeded()
