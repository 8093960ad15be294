"""What moved between two locks, by package name: added, removed, or from some versions to others.

A name may be locked several times, for different environments, so both sides are tuples of versions. An
entry without a version (a directory of the project) counts with an empty text.
"""

from collections.abc import Iterable
from typing import NamedTuple

from locktool.lock.model import Package


class PackageChange(NamedTuple):
    """A name and its versions on each side; `before` is empty when added, `after` when removed."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class LockDiff(NamedTuple):
    """All changes, each list by name."""

    added: tuple[PackageChange, ...] = ()
    removed: tuple[PackageChange, ...] = ()
    moved: tuple[PackageChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether any version changed."""
        return bool(self.added or self.removed or self.moved)


def compare_packages(before: Iterable[Package], after: Iterable[Package]) -> LockDiff:
    """Compare two sets of entries by name and versions.

    Markers, files and edges are not looked at: two locks with an empty difference may still differ in them.
    """
    old, new = _versions_by_name(before), _versions_by_name(after)
    changes = [PackageChange(name, old.get(name, ()), new.get(name, ())) for name in sorted(old.keys() | new.keys())]
    return LockDiff(
        added=tuple(change for change in changes if not change.before),
        removed=tuple(change for change in changes if not change.after),
        moved=tuple(change for change in changes if change.before and change.after and change.before != change.after),
    )


def _versions_by_name(packages: Iterable[Package]) -> dict[str, tuple[str, ...]]:
    # The entries of a name keep the order of the lock, which is by version.
    versions: dict[str, tuple[str, ...]] = {}
    for package in packages:
        known = versions.get(package.name, ())
        version = package.version or ""
        if version not in known:
            versions[package.name] = (*known, version)
    return versions
