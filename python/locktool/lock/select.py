"""Which part of a lock is meant: some extras and groups for every environment, or what one environment installs.

In: a lock and a choice. Out: a lock whose markers speak of environments alone, or the entries of one environment with
the file of each, which the core selects by the rules for installers of PEP 751 ("Installation").
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct, msgpack, structs

from locktool._native import LockFile, Marker, SelectedEntry, normalize_name
from locktool.exceptions import ProjectError
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.files import Source
from locktool.lock.model import Lock, Package


class Selection(Struct, frozen=True, kw_only=True):
    """Which part of the lock: the dependencies proper, and those of the extras and groups given."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    all_extras: bool = False
    all_groups: bool = False


class SelectedPackage(NamedTuple):
    """An entry that an environment installs, and from what."""

    package: Package
    """The entry."""
    source: Source | None
    """Its file, directory or repository; None only where the wheel tags of the environment are not known."""

    @property
    def name(self) -> str:
        """The normalised name."""
        return self.package.name

    @property
    def version(self) -> str | None:
        """The version; None for a directory whose version may change."""
        return self.package.version


def select(lock: Lock, selection: Selection) -> Lock:
    """The lock with the choice of extras and groups made: its markers speak of environments alone.

    Raises ProjectError for an extra or group that the lock does not have.
    """
    extras = lock.extras if selection.all_extras else _known("extra", selection.extras, lock.extras)
    groups = lock.dependency_groups
    groups = groups if selection.all_groups else _known("dependency group", selection.groups, groups)
    packages = []
    for package in lock.packages:
        marker = _choose(package.marker, extras, groups)
        if marker is not None:
            packages.append(structs.replace(package, marker=marker or None))
    return structs.replace(lock, packages=tuple(packages), extras=(), dependency_groups=(), default_groups=())


def select_for(
    lock: Lock,
    environment: MarkerEnvironment,
    extras: Iterable[str] = (),
    groups: Iterable[str] | None = None,
    *,
    file: LockFile | None = None,
) -> tuple[SelectedPackage, ...]:
    """What one environment installs, in the order of the lock; without `groups` the default groups are in.

    `file` is the same lock as the core has it, where it does. Raises ProjectError for an extra or group that the lock
    does not have, and LockError where the lock refuses the environment or an installer could not obey:
    `unsupported-python`, `unsupported-environment`, `ambiguous-package` (two entries of a name, as where extras
    conflict) and `no-suitable-file`.
    """
    chosen_groups = lock.default_groups if groups is None else tuple(groups)
    known_groups = tuple(dict.fromkeys((*lock.dependency_groups, *lock.default_groups)))
    chosen_extras = _known("extra", extras, lock.extras)
    chosen_groups = _known("dependency group", chosen_groups, known_groups)
    found = (file or _file_of(lock)).select(dict(environment), environment.tags, chosen_extras, chosen_groups)
    return tuple(_selected(lock, entry) for entry in found)


def all_entries(lock: Lock, tags: Sequence[str]) -> tuple[SelectedPackage, ...]:
    """Every entry, with what an environment with these wheel tags installs it from.

    Raises LockError, with the code `no-suitable-file`, where nothing suits.
    """
    return tuple(_selected(lock, entry) for entry in _file_of(lock).entries(tags))


def _file_of(lock: Lock) -> LockFile:
    return LockFile.decode(msgpack.encode(lock))


def _selected(lock: Lock, entry: SelectedEntry) -> SelectedPackage:
    package = lock.packages[entry.place]
    if entry.wheel is not None:
        return SelectedPackage(package, package.wheels[entry.wheel])
    source: Source | None = getattr(package, entry.source) if entry.source else None
    return SelectedPackage(package, source)


def _choose(text: str | None, extras: Iterable[str], groups: Iterable[str]) -> str | None:
    """The marker with the choice made: empty where it always holds, None where it never does."""
    if not text:
        return ""
    chosen = Marker(text).choose(extras=extras, groups=groups)
    if chosen.is_false():
        return None
    return "" if chosen.is_true() else str(chosen)


def _known(kind: str, wanted: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(normalize_name(name) for name in wanted)
    spellings = {normalize_name(name) for name in known}
    missing = next((name for name in names if name not in spellings), None)
    if missing is not None:
        message = f"the lock has no {kind} {missing!r}; it has {', '.join(known) or 'none'}"
        raise ProjectError("unknown-extra" if kind == "extra" else "unknown-group", message)
    return names
