"""What an edit is: a change of a lock's document, the words by which a reason names what was changed, and its kind."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lock_oracle.builds import KEY as BUILDS
from lock_oracle.builds import head_digest, sets_of
from lock_oracle.digest import block_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

Table = dict[str, Any]
EntryChange = Callable[[Table], bool]
LockChange = Callable[[Table], tuple[str, ...]]


@dataclass(frozen=True)
class EditedLock:
    """A lock after one edit; a reason against it says one of the words. `is_served` is an edit of an index's entry."""

    lock: Table
    words: tuple[str, ...]
    place: str
    is_served: bool = False


@dataclass(frozen=True)
class EntryEdit:
    """A change of one entry, which says whether there was anything to change.

    A reason may name its `key` in place of the entry, where the lock cannot be read; with `names_edges` a dependency.
    """

    change: EntryChange
    key: str | None = None
    names_edges: bool = False

    def edits(self, lock: Table, kind: str) -> Iterator[EditedLock]:
        """The change made to one entry of each class that it fits; which one depends on the kind of edit alone."""
        entries = lock["packages"]
        start = zlib.crc32(kind.encode()) % len(entries)
        known = set()
        for place in [*range(start, len(entries)), *range(start)]:
            entry = entries[place]
            if _class_of(entry) in known:
                continue
            edited = copy.deepcopy(entry)
            if self.change(edited) and edited != entry:
                known.add(_class_of(entry))
                words = [entry["name"], str(edited.get("name", "")) or entry["name"]]
                words += [self.key] if self.key else []
                words += [edge["name"] for edge in entry.get("dependencies", [])] if self.names_edges else []
                packages = [*entries[:place], edited, *entries[place + 1 :]]
                yield EditedLock({**lock, "packages": packages}, tuple(words), entry["name"], "index" in entry)


def _class_of(entry: Table) -> tuple[str, ...]:
    """Entries of an index are alike, others if their origin has the same keys and both are members or neither is."""
    origins = [entry[key] for key in ("vcs", "directory", "archive") if key in entry]
    return tuple(sorted(origins[0])) + (("tool",) if "tool" in entry else ()) if origins else ()


@dataclass(frozen=True)
class LockEdit:
    """A change of a whole lock, which gives the words of which a reason says one; none where nothing was changed."""

    change: LockChange

    def edits(self, lock: Table, _: str) -> Iterator[EditedLock]:
        """The lock after the change, if there is one."""
        edited = copy.deepcopy(lock)
        words = self.change(edited)
        if words and edited != lock:
            yield EditedLock(edited, words, words[0])


@dataclass(frozen=True)
class EveryInput:
    """A change of every recorded input, one at a time; `change` gives the value, or raises `KeyError` to remove it."""

    change: Callable[[object], object]

    def edits(self, lock: Table, _: str) -> Iterator[EditedLock]:
        """One lock for each value that changes."""
        for path in _leaves(lock, ("tool", "locktool")):
            edited = copy.deepcopy(lock)
            holder = _at(edited, path[:-1])
            try:
                value = self.change(holder[path[-1]])
            except KeyError:
                del holder[path[-1]]
            else:
                if value == holder[path[-1]]:
                    continue
                holder[path[-1]] = value
            yield EditedLock(edited, _words(lock, path), ".".join(map(str, path)))


def _words(lock: Table, path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of a path, the name of the member it is in, and what a reason says of schema and digest."""
    words = [step for step in path[2:] if isinstance(step, str)]
    if path[2] == "members":
        words += [member["name"] for member in lock["tool"]["locktool"]["members"]]
    if path[2] == BUILDS and len(path) > _SET:
        words += lock["tool"]["locktool"][BUILDS][path[_SET]]["for"]
    return (*words, *{"schema": ["newer"], "digest": ["what its run wrote"]}.get(str(path[-1]), []))


_SET = 3
"""Where the number of a set stands in a path: `tool.locktool.build-requirements.0`."""

Edit = EntryEdit | LockEdit | EveryInput


def with_digests(lock: Table) -> Table:
    """The lock with the digest of each block computed again, where it has one."""
    if not isinstance(lock.get("packages"), list):
        return lock
    found = {**lock, "packages": [_with_digest(entry) for entry in lock["packages"]]}
    sets = sets_of(lock)
    if not sets:
        return found
    record = {**lock["tool"]["locktool"], BUILDS: [_set_with_digests(one) for one in sets]}
    return {**found, "tool": {**lock["tool"], "locktool": record}}


def _set_with_digests(one: Table) -> Table:
    try:
        packages = {"packages": [_with_digest(entry) for entry in one["packages"]]} if "packages" in one else {}
        return {**one, "digest": head_digest(one), **packages} if "digest" in one else {**one, **packages}
    except (AttributeError, KeyError, TypeError, ValueError):
        # A set of another form, which has no digest.
        return one


def _with_digest(entry: Table) -> Table:
    try:
        digest = block_digest(entry)
        evidence = entry["tool"]["locktool"]
        is_recorded = "digest" in evidence
    except (AttributeError, KeyError, TypeError, ValueError):
        # No evidence, or a block of another form, which has no digest.
        return entry
    if not is_recorded:
        return entry
    return {**entry, "tool": {**entry["tool"], "locktool": {**evidence, "digest": digest}}}


def _at(value: Any, path: tuple[str | int, ...]) -> Any:  # noqa: ANN401 - any value of a document
    for step in path:
        value = value[step]
    return value


def _leaves(lock: Table, table: tuple[str, ...]) -> list[tuple[str | int, ...]]:
    """The paths of all values below a table, tables and lists themselves included."""
    found: list[tuple[str | int, ...]] = []

    def descend(value: object, path: tuple[str | int, ...]) -> None:
        if len(path) > len(table):
            found.append(path)
        steps: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            steps = list(value.items())
        elif isinstance(value, list):
            steps = list(enumerate(value))
        for step, inner in steps:
            descend(inner, (*path, step))

    descend(_at(lock, table), table)
    return found
