"""A project that no Python can run is refused with both sides named, and a good lock is not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A workspace of `demo` and `other`, locked for Python 3.11 and later."""
    index.add("a", "1.0")
    write(project)
    run_locktool("lock").succeeded()
    return run_locktool


def write(project: ProjectWriter, *, demo: str = ">=3.11", other: str = ">=3.11", tool: str = "") -> None:
    head = '[project]\nname = "{}"\nversion = "1.0"\nrequires-python = "{}"\ndependencies = ["a"]\n'
    rest = f'[tool.locktool]\nworkspace.members = ["other"]\n{tool}'
    project.write("pyproject.toml", head.format("demo", demo) + rest)
    project.write("other/pyproject.toml", head.format("other", other))


CONTRADICTIONS = {
    "two members": ({"demo": "<3.11", "other": ">=3.12"}, ["demo", "other", "<3.11", ">=3.12"]),
    "two members that exclude each other's only minor": (
        {"demo": "==3.11.*", "other": "==3.12.*"},
        ["demo", "other", "==3.11.*", "==3.12.*"],
    ),
    "two members that touch": ({"demo": "<3.12", "other": ">=3.12"}, ["demo", "other", "<3.12", ">=3.12"]),
    "one project": ({"demo": ">=3.13,<3.9"}, ["pyproject.toml:4", ">=3.13", "<3.9"]),
    "one project of one version that it excludes": (
        {"demo": "==3.12.1,!=3.12.1"},
        ["pyproject.toml:4", "==3.12.1", "!=3.12.1"],
    ),
    "another member alone": ({"other": ">=3.13,<3.9"}, ["other", ">=3.13", "<3.9"]),
    "environments": (
        {"tool": "environments = [\"python_version < '3.9'\"]\n"},
        ["pyproject.toml:8", "environments", ">=3.11"],
    ),
    "environments by the full version": (
        {"demo": ">=3.11,<3.14", "tool": "environments = [\"python_full_version >= '3.14.1'\"]\n"},
        ["pyproject.toml:8", "environments", ">=3.11", "<3.14"],
    ),
    "environments that never hold": (
        {"tool": "environments = [\"sys_platform == 'linux' and sys_platform == 'win32'\"]\n"},
        ["pyproject.toml:8", "environments"],
    ),
}


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_pythons_that_do_not_meet_are_refused_by_both_names(locked: Command, project: ProjectWriter, kind: str) -> None:
    texts, named = CONTRADICTIONS[kind]
    before = (project.directory / "pylock.toml").read_bytes()
    write(project, **texts)
    for options in ([], ["--upgrade"], ["--dry-run"]):
        finished = locked("lock", *options).failed(2)
        assert [text for text in named if text not in finished.err] == [], finished.err
        assert (project.directory / "pylock.toml").read_bytes() == before
    assert locked("check", "--frozen").code in (1, 2)


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_no_lock_is_written_where_no_python_is_left(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    index.add("a", "1.0")
    texts, _ = CONTRADICTIONS[kind]
    write(project, **texts)
    run_locktool("lock").failed(2)
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.parametrize(
    "texts",
    [
        {"demo": "<3.13", "other": ">=3.12"},
        {"demo": ">=3.11,!=3.12.*", "other": ">=3.12"},
        {"tool": "environments = [\"python_version < '3.12'\"]\n"},
        {"tool": "environments = [\"python_version < '3.9'\", \"python_version == '3.12'\"]\n"},
    ],
)
def test_pythons_that_meet_are_locked(locked: Command, project: ProjectWriter, texts: dict[str, str]) -> None:
    write(project, **texts)
    locked("lock").succeeded()
    locked("check", "--frozen").succeeded()
    assert 'name = "a"' in project.read()
