"""Answers why: who requires a locked package, and what keeps another version of it out of the lock.

The first is read from the lock alone; the second is asked of the solver, with that version required beside the
project's own requirements.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct

from locktool.exceptions import LockError
from locktool.lock.read import LOCK_NAME, read_lock
from locktool.lock.requirers import Link, LockedRequirers, find_requirers
from locktool.project.canonical import canonical_name
from locktool.project.table import nearest
from locktool.project.workspace import find_workspace


class LockedAnswer(Struct, frozen=True, kw_only=True):
    """The entries of a name in the lock, each with the chains of requirements that lead to it, the shortest first."""

    name: str
    entries: tuple[Any, ...]

    def as_json(self) -> dict[str, Any]:
        """The answer as a JSON document."""
        return {"name": self.name, "entries": [_entry_as_json(entry) for entry in self.entries]}


def why_locked(directory: Path, name: str) -> LockedAnswer:
    """Say who requires a package of the lock of the project in `directory`; nothing but the lock is read.

    Raises ProjectError, InvalidName, and LockError, with the code `not-locked` where the lock lacks the package.
    """
    root, _ = find_workspace(directory.absolute())
    path = root.path.parent / LOCK_NAME
    lock = read_lock(path)
    package = canonical_name(name)
    entries = find_requirers(lock, package)
    if not entries:
        known = {entry.name for entry in lock.packages}
        message = f"{package} is not in the lock: nothing requires it{nearest(package, known)}"
        raise LockError("not-locked", message, path=str(path))
    return LockedAnswer(name=package, entries=tuple(entries))


def _entry_as_json(entry: LockedRequirers) -> dict[str, Any]:
    return {
        "version": entry.package.version,
        "marker": entry.marker,
        "chains": [[_link_as_json(link) for link in chain] for chain in entry.chains],
    }


def _link_as_json(link: Link) -> dict[str, Any]:
    return {**link.asker._asdict(), "requirement": link.requirement, "marker": link.marker}
