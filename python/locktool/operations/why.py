"""Says why a package is locked: who requires it. Nothing but the lock is read."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from locktool._native import did_you_mean, normalize_name
from locktool.exceptions import LockError
from locktool.lock.read import read_lock
from locktool.lock.requirers import Link, LockedRequirers, find_requirers
from locktool.operations.find_locks import path_of_lock


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
        known = sorted({entry.name for entry in lock.packages})
        message = f"{package} is not in the lock: nothing requires it{did_you_mean(package, known)}"
        raise LockError("not-locked", message, path=str(path))
    return WhyLocked(name=package, entries=tuple(entries))


def _entry_as_json(entry: LockedRequirers) -> dict[str, Any]:
    return {
        "version": entry.package.version,
        "marker": entry.marker,
        "chains": [[_link_as_json(link) for link in chain] for chain in entry.chains],
    }


def _link_as_json(link: Link) -> dict[str, Any]:
    return {**link.requirer._asdict(), "requirement": link.requirement, "marker": link.marker}
