"""One change of a project as a test sees it: what is locked, what then differs, and by which name `check` tells it.

In: two texts of pyproject.toml, and what the reason against the lock must say. Out: assertions on `check`, `lock` and
`check` again, and the entries that the lock has in the end.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter

HEAD = '[project]\nname = "demo"\nversion = "0.1.0"\n'
PLAIN = 'requires-python = ">=3.11"\ndependencies = ["a", "b"]\n'


@dataclass(frozen=True)
class Change:
    """A kind of change: the rest of pyproject.toml before and after `HEAD`.

    `key` is part of the key of a reason, `then` and `now` are parts of its values where it has them, `versions` are
    those of some packages once the project is locked again, None for one that is gone.
    """

    before: str
    after: str
    key: str
    then: str | None = None
    now: str | None = None
    versions: tuple[tuple[str, str | None], ...] = ()


def setting(line: str, key: str, *, then: str | None = None, now: str | None = None, **versions: str | None) -> Change:
    """A line of [tool.locktool] that is added to a project without any."""
    after = f"{PLAIN}[tool.locktool]\n{line}\n"
    return Change(PLAIN, after, key, then, now, tuple(versions.items()))


def reasons_of(run: Command, *options: str) -> list[dict[str, Any]]:
    """The reasons of a check that fails."""
    reasons: list[dict[str, Any]] = json.loads(run("check", "--frozen", "--json", *options).failed(1).out)["reasons"]
    assert reasons
    return reasons


def locked_packages(project: ProjectWriter) -> dict[str, list[dict[str, Any]]]:
    """The entries of the lock by name."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for package in tomllib.loads(project.read())["packages"]:
        entries.setdefault(package["name"], []).append(package)
    return entries


def locked_versions(project: ProjectWriter) -> dict[str, str]:
    """The versions of the lock by name, several of one name joined by a space."""
    return {
        name: " ".join(sorted(package.get("version", "") for package in packages))
        for name, packages in locked_packages(project).items()
    }


def assert_named(run: Command, key: str, then: str | None = None, now: str | None = None) -> None:
    """`check --frozen` ends with 1, the reasons of such a key have these values and stand on the terminal."""
    reasons = reasons_of(run)
    about = [reason for reason in reasons if key in (reason.get("key") or "")]
    assert about, (key, reasons)
    for side, text in (("then", then), ("now", now)):
        assert text is None or any(text in str(reason.get(side)) for reason in about), (side, text, about)
    finished = run("check", "--frozen").failed(1)
    assert all(reason["message"].partition("\n")[0] in finished.err for reason in about), (about, finished.err)
    assert "locktool lock" in finished.err


def assert_locks_again(run: Command, project: ProjectWriter) -> None:
    """`lock` without `--upgrade` changes the lock, which then holds."""
    before = project.read()
    run("lock").succeeded()
    assert project.read() != before
    run("check", "--frozen").succeeded()


def assert_is_noticed(run: Command, project: ProjectWriter, change: Change, replaced: dict[str, str]) -> None:
    """Lock the project before, change it, and see that it is told and followed; `replaced` are names of addresses."""

    def write(text: str) -> None:
        for old, new in replaced.items():
            text = text.replace(old, new)
        project.write("pyproject.toml", HEAD + text)

    def filled(text: str | None) -> str | None:
        return None if text is None else replaced.get(text, text)

    write(change.before)
    run("lock").succeeded()
    run("check", "--frozen").succeeded()
    write(change.after)
    assert_named(run, change.key, filled(change.then), filled(change.now))
    assert_locks_again(run, project)
    found = locked_versions(project)
    assert {name: found.get(name) for name, _ in change.versions} == dict(change.versions), found
