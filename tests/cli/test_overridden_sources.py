"""A requirement with a source and an override: the override changes the specifiers, the source stays."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from git_repository import commit_all
from input_changes import reasons_of
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Command, ProjectWriter

KINDS = {"url": "archive", "address": "archive", "path": "directory", "git": "vcs", "index": "index"}
OVERRIDES: dict[str, Any] = {
    "for all": ["b>=1"],
    "for the parent": [{"package": {"name": "demo"}, "dependencies": ["b>=1"]}],
    "where a marker holds": ["b>=1 ; sys_platform == 'linux'", "b>=0.5 ; sys_platform != 'linux'"],
}


@pytest.fixture
def second() -> Iterator[LocalIndex]:
    """An index that only a source names."""
    with LocalIndex() as running:
        running.add("b", "1.0", requires=["c"])
        yield running


@pytest.fixture
def places(tmp_path: Path, index: LocalIndex, second: LocalIndex, project: ProjectWriter) -> dict[str, dict[str, str]]:
    """Version 1.0 of `b` in one place of each kind; the index that serves everything has 2.0."""
    index.add("b", "2.0")
    index.add("c", "1.0")
    sdist = second.add("b", "1.0", requires=["c"], sdist=True, wheel_tags=()).files[0]
    tree = "[project]\nname = 'b'\nversion = '1.0'\ndependencies = ['c']\n"
    project.write("trees/b/pyproject.toml", tree)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "pyproject.toml").write_text(tree, encoding="utf-8")
    commit_all(repository)
    url = f"{second.root}/files/b/{sdist.filename}"
    return {
        "url": {"url": url},
        "address": {"url": url},
        "path": {"path": "trees/b"},
        "git": {"git": repository.as_uri()},
        "index": {"index": "second"},
    }


def ask(project: ProjectWriter, second: LocalIndex, kind: str, source: dict[str, str], overrides: list[Any]) -> None:
    """Require `b` from a source, or by its address in the requirement, under overrides."""
    tool: dict[str, Any] = {"overrides": overrides}
    if kind == "address":
        project.pyproject(f"b @ {source['url']}", tool=tool)
        return
    tool["sources"] = {"b": source}
    tool["index"] = [{"name": "second", "url": second.url, "explicit": True}]
    project.pyproject("b<1", tool=tool)


def entry_of_b(project: ProjectWriter) -> dict[str, Any]:
    entry: dict[str, Any]
    (entry,) = (one for one in tomllib.loads(project.read())["packages"] if one["name"] == "b")
    return entry


@pytest.mark.parametrize("overrides", OVERRIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_with_an_overridden_source_holds(
    project: ProjectWriter,
    second: LocalIndex,
    places: dict[str, dict[str, str]],
    run_locktool: Command,
    kind: str,
    overrides: str,
) -> None:
    ask(project, second, kind, places[kind], OVERRIDES[overrides])
    run_locktool("lock").succeeded()
    entry = entry_of_b(project)
    assert KINDS[kind] in entry
    assert entry.get("index", second.url).rstrip("/") == second.url.rstrip("/")
    run_locktool("check", "--frozen").succeeded()
    before = project.read()
    run_locktool("lock").succeeded()
    assert project.read() == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_override_lets_no_other_place_in(
    project: ProjectWriter, second: LocalIndex, places: dict[str, dict[str, str]], run_locktool: Command, kind: str
) -> None:
    """A lock of what the index for everything serves is refused, even where its record names the source."""
    tool: dict[str, Any] = {"overrides": ["b>=1"]}
    project.pyproject("b", tool=tool)
    run_locktool("lock").succeeded()
    packages = project.read().partition("[[packages]]")
    ask(project, second, kind, places[kind], OVERRIDES["for all"])
    run_locktool("lock").succeeded()
    head = project.read().partition("[[packages]]")[0]
    project.write("pylock.toml", head + "".join(packages[1:]))
    found = reasons_of(run_locktool)
    wanted = "index-changed" if kind == "index" else "origin-changed"
    assert wanted in [reason["code"] for reason in found]


def test_a_specifier_of_an_override_binds_the_archive_of_a_source(
    project: ProjectWriter, second: LocalIndex, places: dict[str, dict[str, str]], run_locktool: Command
) -> None:
    ask(project, second, "url", places["url"], ["b>=1"])
    run_locktool("lock").succeeded()
    text = project.read()
    ask(project, second, "url", places["url"], ["b>=2"])
    run_locktool("lock").failed()
    project.write("pylock.toml", text.replace('"b>=1"', '"b>=2"'))
    found = reasons_of(run_locktool)
    assert [reason["code"] for reason in found] == ["requirement-unmet"]
