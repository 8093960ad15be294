"""What moved between two locks: versions and origins by name, and what a reviewer wants to see of the files.

A name may be locked several times, for different environments, so both sides of a change are tuples of versions. An
entry without a version (a directory, a commit of a repository) counts with an empty text.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from locktool.lock.files import file_name, hosts
from locktool.lock.model import Package
from locktool.lock.origin import Origin, origin_of, origins_differ


class PackageChange(NamedTuple):
    """A name and its versions on each side; `before` is empty when added, `after` when removed."""

    name: str
    """The normalised name."""
    before: tuple[str, ...]
    """The versions that were locked."""
    after: tuple[str, ...]
    """The versions that are locked."""
    origins_before: tuple[Origin, ...] = ()
    """Where the locked versions came from."""
    origins_after: tuple[Origin, ...] = ()
    """Where the locked versions come from."""

    @property
    def other_origin(self) -> bool:
        """Whether the name was locked before and comes from elsewhere: another index, address, directory or commit."""
        return bool(self.before and self.after) and origins_differ(self.origins_before, self.origins_after)


class NewFile(NamedTuple):
    """A file of a version that was locked before and had no such file."""

    name: str
    """The normalised name of the package."""
    version: str
    """The version, which did not move."""
    file: str
    """The name of the file."""
    replaced: bool
    """Whether the version had a file of this name, with other hashes."""


class SdistOnly(NamedTuple):
    """A version that has a source distribution alone, so that its installation runs its build."""

    name: str
    """The normalised name of the package."""
    version: str
    """The version."""


class LockDiff(NamedTuple):
    """All changes, each list by name."""

    added: tuple[PackageChange, ...] = ()
    """Names that were not locked."""
    removed: tuple[PackageChange, ...] = ()
    """Names that are not locked any more."""
    moved: tuple[PackageChange, ...] = ()
    """Names that are locked in other versions, or that come from elsewhere, such as another commit."""
    new_files: tuple[NewFile, ...] = ()
    """Files that a version has gained, or whose content is another one."""
    new_hosts: tuple[str, ...] = ()
    """Hosts that an installer asks and did not ask before."""
    sdist_only: tuple[SdistOnly, ...] = ()
    """Versions that have to be built, and were not locked so before."""

    def __bool__(self) -> bool:
        """Whether any version or origin changed."""
        return bool(self.added or self.removed or self.moved)


def compare_packages(before: Iterable[Package], after: Iterable[Package]) -> LockDiff:
    """Compare two sets of entries by name, versions, origins and files.

    Markers and edges are not looked at: two locks with an empty difference may still differ in them.
    """
    before, after = list(before), list(after)
    changes = _changes(before, after)
    entries = {_key(package): package for package in before}
    touched = [package for package in after if entries.get(_key(package)) != package]
    return LockDiff(
        added=tuple(change for change in changes if not change.before),
        removed=tuple(change for change in changes if not change.after),
        moved=tuple(change for change in changes if change.before and change.after),
        new_files=tuple(_new_files(before, touched)),
        new_hosts=tuple(sorted(hosts(touched) - hosts(before))) if touched else (),
        sdist_only=tuple(sorted(_sdist_only(touched) - _sdist_only(before))),
    )


def _key(package: Package) -> tuple[str, str]:
    return package.name, package.version or ""


def _changes(before: Iterable[Package], after: Iterable[Package]) -> list[PackageChange]:
    """What changed of each name, by name."""
    old, new = _by_name(before), _by_name(after)
    nothing = _Side({}, {})
    changes = []
    for name in sorted(old.keys() | new.keys()):
        first, second = old.get(name, nothing), new.get(name, nothing)
        change = PackageChange(
            name, tuple(first.versions), tuple(second.versions), tuple(first.origins), tuple(second.origins)
        )
        if change.before != change.after or change.other_origin:
            changes.append(change)
    return changes


class _Side(NamedTuple):
    """The versions and the origins of a name, each once, in the order of the lock, which is by version."""

    versions: dict[str, None]
    origins: dict[Origin, None]


def _by_name(packages: Iterable[Package]) -> dict[str, _Side]:
    found: dict[str, _Side] = {}
    for package in packages:
        side = found.setdefault(package.name, _Side({}, {}))
        side.versions[package.version or ""] = None
        side.origins[origin_of(package)] = None
    return found


def _new_files(before: Sequence[Package], touched: Sequence[Package]) -> list[NewFile]:
    keys = {_key(package) for package in touched}
    known: dict[tuple[str, str], dict[str, list[dict[str, str]]]] = {}
    for package in before:
        if _key(package) in keys:
            files = known.setdefault(_key(package), {})
            for file in package.files():
                files.setdefault(file_name(file), []).append(file.hashes)
    found = set()
    for package in touched:
        files = known.get(_key(package), {})
        for file in package.files() if files else ():
            name = file_name(file)
            if not any(_agree(file.hashes, hashes) for hashes in files.get(name, ())):
                found.add(NewFile(*_key(package), name, name in files))
    return sorted(found)


def _agree(first: dict[str, str], second: dict[str, str]) -> bool:
    """Whether two records of hashes can be of one file: they share an algorithm, and in none do they differ."""
    shared = first.keys() & second.keys()
    return bool(shared) and all(first[algorithm] == second[algorithm] for algorithm in shared)


def _sdist_only(packages: Iterable[Package]) -> set[SdistOnly]:
    return {SdistOnly(*_key(package)) for package in packages if package.sdist is not None and not package.wheels}
