"""Which part of a lock is meant: some extras and groups for every environment, or what one environment installs.

In: a lock and a choice. Out: a lock whose markers speak of environments alone, or the entries of one environment with
the file of each, by the rules for installers of PEP 751 ("Installation").
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec import Struct, structs

from locktool._native import Marker, SpecifierSet, normalize_name
from locktool.exceptions import LockError, ProjectError
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.files import Source, source_of, tag_places
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
) -> tuple[SelectedPackage, ...]:
    """What one environment installs, in the order of the lock; without `groups` the default groups are in.

    Raises ProjectError for an extra or group that the lock does not have, and LockError where the lock refuses the
    environment or an installer could not obey: `unsupported-python`, `unsupported-environment`, `ambiguous-package`
    (two entries of a name, as where extras conflict) and `no-suitable-file`.
    """
    chosen_groups = lock.default_groups if groups is None else tuple(groups)
    known_groups = tuple(dict.fromkeys((*lock.dependency_groups, *lock.default_groups)))
    chosen_extras = _known("extra", extras, lock.extras)
    chosen_groups = _known("dependency group", chosen_groups, known_groups)
    fields: dict[str, str | AbstractSet[str] | None] = {
        **environment,
        "extras": frozenset(chosen_extras),
        "dependency_groups": frozenset(chosen_groups),
    }
    _refuse_environment(lock, environment)
    selected: dict[str, Package] = {}
    for package in lock.packages:
        if package.marker and not Marker(package.marker).evaluate(fields, "lock_file"):
            continue
        _refuse_python(package.requires_python, environment, f"{_label(package)} requires Python")
        if package.name in selected:
            raise _ambiguous(selected[package.name], package, (*chosen_extras, *chosen_groups))
        selected[package.name] = package
    places = tag_places(environment.tags)
    return tuple(SelectedPackage(package, source_for(package, places)) for package in selected.values())


def _refuse_environment(lock: Lock, environment: MarkerEnvironment) -> None:
    _refuse_python(lock.requires_python, environment, "the lock requires Python")
    markers = lock.environments
    if markers and not any(Marker(marker).evaluate(environment, "requirement") for marker in markers):
        message = f"the lock is for other environments: {'; '.join(markers)}"
        raise LockError("unsupported-environment", message)


def _refuse_python(specifiers: str | None, environment: MarkerEnvironment, subject: str) -> None:
    version = environment.python_full_version
    # A Python that was built from an untagged commit ends its version so; PEP 440 has no such version.
    readable = f"{version}local" if version.endswith("+") else version
    if specifiers and not SpecifierSet(specifiers).contains(readable):
        raise LockError("unsupported-python", f"{subject} {specifiers}, and this one is {version}")


def source_for(package: Package, places: Mapping[str, int]) -> Source | None:
    """The file, directory or repository that is installed where wheel tags have these places, the best one first.

    Raises LockError, with the code `no-suitable-file`, where nothing suits; None where no tags are known.
    """
    source = source_of(package, places)
    if source is None and places:
        message = f"no wheel of {_label(package)} suits the environment, and it has no source distribution"
        raise LockError("no-suitable-file", message, package=package.name)
    # Without tags no wheel could suit, so a source distribution says nothing.
    return source if places or not package.wheels else None


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


def _ambiguous(first: Package, second: Package, chosen: tuple[str, ...]) -> LockError:
    cause = f"{', '.join(chosen)} may not be chosen together" if len(chosen) > 1 else "the lock contradicts itself"
    message = f"{_label(first)} and {_label(second)} are both selected: {cause}"
    return LockError("ambiguous-package", message, package=first.name)


def _label(package: Package) -> str:
    return f"{package.name} {package.version}" if package.version else package.name
