"""A requirement whose package has a source: its specifiers hold for what the source gives, in `lock` and in `check`."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from git_repository import commit_all
from input_changes import reasons_of
from lock_oracle import read_project, refutations

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

KINDS = ("url", "wheel", "directory", "git")


@pytest.fixture
def sources(tmp_path: Path, index: LocalIndex, project: ProjectWriter) -> dict[str, dict[str, str]]:
    """Version 1.0 of `b` in one place of each kind; the index has 2.0."""
    index.add("b", "2.0")
    wheel = index.add("b", "1.0").files[0]
    (project.directory / wheel.filename).write_bytes(wheel.content)
    tree = "[project]\nname = 'b'\nversion = '1.0'\n"
    project.write("trees/b/pyproject.toml", tree)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "pyproject.toml").write_text(tree, encoding="utf-8")
    commit_all(repository)
    return {
        "url": {"url": f"{index.root}/files/b/{wheel.filename}"},
        "wheel": {"path": wheel.filename},
        "directory": {"path": "trees/b"},
        "git": {"git": repository.as_uri()},
    }


def ask(project: ProjectWriter, requirement: str, source: dict[str, str], **tool: object) -> None:
    project.pyproject(requirement, tool={"sources": {"b": source}, **tool})


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_that_contradicts_its_source_is_refused_with_both_named(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command, kind: str
) -> None:
    ask(project, "b==2.0", sources[kind])
    finished = run_locktool("lock").failed()
    said = " ".join(finished.err.split())
    assert "requires b==2.0" in said
    assert "the source of b is " in said
    assert "which has version 1.0" in said
    assert 'change "b==2.0" to "b' in said


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_that_its_source_meets_is_locked(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command, kind: str
) -> None:
    ask(project, "b==1.*", sources[kind])
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    assert refutations(read_project(project.directory), tomllib.loads(project.read())) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "git"])
def test_a_lock_whose_source_contradicts_a_pin_is_refuted(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command, kind: str
) -> None:
    """A commit says no version, so that nothing is proved of it."""
    ask(project, "b>=1", sources[kind])
    run_locktool("lock").succeeded()
    ask(project, "b>=2", sources[kind])
    project.write("pylock.toml", project.read().replace('"b>=1"', '"b>=2"'))
    assert [reason["code"] for reason in reasons_of(run_locktool)] == ["requirement-unmet"]
    (refuted,) = refutations(read_project(project.directory), tomllib.loads(project.read()))
    assert refuted.sentence == "b>=2 does not admit it"


def test_a_source_beside_a_marker_binds_only_where_it_holds(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command
) -> None:
    ask(project, "b==2.0 ; sys_platform == 'win32'", {**sources["wheel"], "marker": "sys_platform == 'linux'"})
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()


def test_a_directory_whose_version_is_computed_meets_any_pin(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command
) -> None:
    project.write("trees/b/pyproject.toml", "[project]\nname = 'b'\ndynamic = ['version']\n")
    ask(project, "b==2.0", sources["directory"])
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    assert refutations(read_project(project.directory), tomllib.loads(project.read())) == []


def test_a_constraint_on_a_directory_is_proved(
    project: ProjectWriter, sources: dict[str, dict[str, str]], run_locktool: Command
) -> None:
    ask(project, "b", sources["directory"], constraints=["b<2"])
    run_locktool("lock").succeeded()
    ask(project, "b", sources["directory"], constraints=["b<1"])
    run_locktool("lock").failed()
    project.write("pylock.toml", project.read().replace('"b<2"', '"b<1"'))
    assert [reason["code"] for reason in reasons_of(run_locktool)] == ["constraint-unmet"]
