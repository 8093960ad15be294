"""Says why a package is locked: who requires it. Nothing but the lock is read."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from locktool._native import did_you_mean, normalize_name
from locktool.exceptions import LockError
from locktool.lock.graph import LockGraph
from locktool.lock.model import Lock
from locktool.lock.read import read_lock
from locktool.lock.requirers import Link, LockedRequirers, find_requirers
from locktool.operations.find_locks import path_of_lock

_SHOWN = 3


class WhyLocked(Struct, frozen=True, kw_only=True):
    """The entries of a name in the lock, each with the chains of requirements that lead to it, the shortest first."""

    name: str
    entries: tuple[Any, ...]

    def as_json(self) -> dict[str, Any]:
        """The entries as a JSON document."""
        return {"name": self.name, "entries": [_entry_as_json(entry) for entry in self.entries]}


def why_locked(directory: Path, name: str, script: Path | None = None) -> WhyLocked:
    """Say who requires a package of the lock of the project in `directory`, or of a script.

    Raises ProjectError, InvalidName, and LockError, with the code `not-locked` where the lock lacks the package.
    """
    path = path_of_lock(directory, script)
    lock = read_lock(path, script)
    package = normalize_name(name)
    entries = find_requirers(lock, package)
    if not entries:
        _refuse_excluded(lock, package, path)
        known = sorted({entry.name for entry in lock.packages})
        message = f"{package} is not in the lock: nothing requires it{did_you_mean(package, known)}"
        raise LockError("not-locked", message, path=str(path))
    return WhyLocked(name=package, entries=tuple(entries))


def _refuse_excluded(lock: Lock, name: str, path: Path) -> None:
    """Raise LockError where excludes of the project keep what is required out of the lock."""
    graph = LockGraph(lock)
    rules = [rule for rule in graph.rules if rule.kind == "exclude" and rule.name == name]
    if not rules:
        return
    asked = [f"{requirer} requires {text}" for requirer, text in graph.demanding(name)]
    because = f"{', '.join(asked[:_SHOWN])}, and " if asked else ""
    leaving = " and ".join(map(str, rules))
    message = f"{name} is not in the lock: {because}{leaving} of the project leaves it out"
    raise LockError("not-locked", message, path=str(path), suggestion=f"to have it, take {name} out of `excludes`")


def _entry_as_json(entry: LockedRequirers) -> dict[str, Any]:
    return {
        "version": entry.package.version,
        "marker": entry.marker,
        "chains": [[_link_as_json(link) for link in chain] for chain in entry.chains],
        "constraints": [rule._asdict() for rule in entry.constraints],
    }


def _link_as_json(link: Link) -> dict[str, Any]:
    return {
        **link.requirer._asdict(),
        "requirement": link.requirement,
        "marker": link.marker,
        "overrides": [*link.overrides],
    }
