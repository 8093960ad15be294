"""Says which packages are locked in an older version than there is, and what holds each of them back.

In: a project with its lock. Out: for each package the version that is locked, the newest one that an upgrade of
everything would bring, the newest one that there is, and why these differ. Nothing is written.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from locktool._native import Marker, Requirement, Specifier, SpecifierSet, Version
from locktool.exceptions import PackageNotFound
from locktool.lock.graph import Edge, LockGraph
from locktool.lock.model import Lock, Package
from locktool.lock.read import read_lock
from locktool.lock.rules import rules_of
from locktool.operations.find_locks import path_of_lock
from locktool.operations.options import RunOptions
from locktool.operations.progress import Progress
from locktool.operations.trial import Trial

RequiresPython = Callable[[str, str], str | None]
_REQUESTS = 8


class OutdatedPackage(Struct, frozen=True, kw_only=True):
    """An entry of the lock, and what is newer; of a git repository (`kind` is "git") the versions are ids of commits.

    `allowed` is what an upgrade of everything brings, `newest` what there is; None where nothing is known, such as a
    package that has left its index. `reason` is a word for what is between the lock and the newest version: "current"
    (nothing), "upgrade" (only the lock), "project", "constraint", "package", "python", "fork" (other environments get
    a newer one), "others" (what the newest requires itself, or would change), "unneeded" (an upgrade drops it),
    "missing" (from the index). `held_by` says it in full.
    """

    name: str
    locked: str
    allowed: str | None = None
    newest: str | None = None
    marker: str | None = None
    direct: bool = False
    reason: str = "current"
    held_by: tuple[str, ...] = ()
    kind: str = "index"


def _nobody_knows(_name: str, _version: str) -> str | None:
    return None


def outdated(
    directory: Path = Path(),
    options: RunOptions | None = None,
    *,
    every: bool = False,
    requires_python: RequiresPython = _nobody_knows,
    progress: Progress | None = None,
    script: Path | None = None,
) -> tuple[OutdatedPackage, ...]:
    """The packages that the project, or a script, requires itself, or every locked one, the current ones included.

    Those of an index or a git repository: of a directory or an address there is nothing newer to know.

    `requires_python` says of a name and a version which Pythons it is for, where that is known.
    Raises LockError, ProjectError, ResolutionImpossible and the errors of the index.
    """
    trial = Trial(directory, options or RunOptions(), progress, script=script)
    lock = _lock_of(trial, script)
    direct = _direct_names(lock)
    entries = [entry for entry in _of_an_index(lock) if every or entry.name in direct]
    upgraded = trial.solve(upgrade=True)
    newest = _newest(trial, {entry.name for entry in entries})
    judge = _Judge(upgraded, requires_python)
    commits = [entry for entry in lock.packages if entry.vcs and (every or entry.name in direct)]
    found = [judge.judged(entry, newest[entry.name], direct=entry.name in direct) for entry in entries]
    found += [_judged_commit(entry, upgraded, direct=entry.name in direct) for entry in commits]
    return tuple(sorted(found, key=lambda package: package.name))


def newer_versions(
    directory: Path, options: RunOptions | None = None, script: Path | None = None
) -> dict[tuple[str, str], str]:
    """For each entry of the lock that has a newer version, by its name and version, the newest one there is.

    Raises LockError, ProjectError and the errors of the index.
    """
    trial = Trial(directory, options or RunOptions(), script=script)
    entries = _of_an_index(_lock_of(trial, script))
    found = _newest(trial, {entry.name for entry in entries}, refresh=True)
    return {
        (entry.name, entry.version or ""): newest
        for entry in entries
        if (newest := found[entry.name]) is not None and _is_newer(newest, entry.version)
    }


def _lock_of(trial: Trial, script: Path | None) -> Lock:
    """The lock as it stands; where there is none, reading it says so."""
    return trial.lock or read_lock(path_of_lock(trial.root, script))


def _of_an_index(lock: Lock) -> list[Package]:
    return [entry for entry in lock.packages if entry.version and (entry.wheels or entry.sdist)]


def _direct_names(lock: Lock) -> set[str]:
    lists = (
        texts
        for member in lock.members
        for texts in (member.dependencies, *member.extras.values(), *member.groups.values())
    )
    return {Requirement(text).name for texts in lists for text in texts}


def _newest(trial: Trial, names: Iterable[str], *, refresh: bool = False) -> dict[str, str | None]:
    """The newest version of each name; after a resolution its pages are in the cache, and need no refresh."""

    def newest(name: str) -> str | None:
        try:
            return trial.latest(name, refresh=refresh)
        except PackageNotFound:
            return None

    ordered = sorted(names)
    with ThreadPoolExecutor(_REQUESTS) as pool:
        try:
            return dict(zip(ordered, pool.map(newest, ordered), strict=True))
        except BaseException:
            # Whoever interrupts, or has no network, does not wait for the rest.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _judged_commit(entry: Package, upgraded: Lock, *, direct: bool) -> OutdatedPackage:
    """A package of a repository: an upgrade takes the commit that its branch has by then."""
    locked = entry.vcs.commit_id if entry.vcs else ""
    found = [package for package in upgraded.packages if package.name == entry.name and package.vcs]
    same = [package for package in found if package.marker == entry.marker] or found
    newest = next((package.vcs.commit_id for package in same if package.vcs), None)
    return OutdatedPackage(
        name=entry.name,
        locked=locked,
        allowed=newest,
        newest=newest,
        marker=entry.marker,
        direct=direct,
        reason="unneeded" if newest is None else "current" if newest == locked else "upgrade",
        kind="git",
    )


class _Judge:
    """Says what is between the lock and the newest version, from what an upgrade of everything would bring."""

    def __init__(self, upgraded: Lock, requires_python: RequiresPython) -> None:
        self._requires_python = requires_python
        self._upgraded = upgraded
        graph = LockGraph(upgraded)
        self._edges: dict[int | None, dict[Edge, None]] = {}
        for node in graph.nodes:
            for edge in graph.dependencies(node):
                self._edges.setdefault(edge.target.entry, {})[edge] = None

    def judged(self, entry: Package, newest: str | None, *, direct: bool) -> OutdatedPackage:
        """What there is to say of an entry of the lock as it stands."""
        place, target = self._successor(entry)
        reason, held_by = self._reason(entry, place, newest)
        return OutdatedPackage(
            name=entry.name,
            locked=entry.version or "",
            allowed=target.version if target else None,
            newest=newest,
            marker=entry.marker,
            direct=direct,
            reason=reason,
            held_by=held_by,
        )

    def _successor(self, entry: Package) -> tuple[int | None, Package | None]:
        """The newest entry after the upgrade that some environment has in place of this one."""
        own = _marker_of(entry)
        found = [
            (place, package)
            for place, package in enumerate(self._upgraded.packages)
            if package.name == entry.name and package.version and not own.is_disjoint(_marker_of(package))
        ]
        # Entries of extras that conflict overlap by their markers alone, and each of them stays what it is.
        same = [each for each in found if each[1].marker == entry.marker]
        return max(same or found, key=lambda each: Version(each[1].version or "0"), default=(None, None))

    def _reason(self, entry: Package, place: int | None, newest: str | None) -> tuple[str, tuple[str, ...]]:
        if newest is None:
            return "missing", ()
        if not _is_newer(newest, entry.version):
            return "current", ()
        if place is None:
            return "unneeded", ()
        target = self._upgraded.packages[place]
        if not _is_newer(newest, target.version):
            return "upgrade", ()
        return (
            self._by_requirement(place, newest)
            or self._by_constraint(entry.name, newest)
            or self._by_fork(target, newest)
            or self._by_python(target, newest)
            or ("others", (f"ask `locktool why {entry.name} --latest`",))
        )

    def _by_requirement(self, place: int, newest: str) -> tuple[str, tuple[str, ...]] | None:
        held = [edge for edge in self._edges.get(place, ()) if not _admits(edge.requirement, newest)]
        own = [edge for edge in held if edge.source.requirer.member is not None]
        lines = tuple(f"{edge.source.requirer} requires {edge.requirement}" for edge in own or held)
        return ("project" if own else "package", lines) if lines else None

    def _by_constraint(self, name: str, newest: str) -> tuple[str, tuple[str, ...]] | None:
        rules = (rule for rule in rules_of(self._upgraded.inputs) if rule.kind != "exclude" and rule.name == name)
        lines = tuple(
            f"the project limits it to {rule.requirement}"
            + (f" where {rule.parent} requires it" if rule.parent else "")
            for rule in rules
            if not rule.admits_any(SpecifierSet(f"=={newest}"))
        )
        return ("constraint", lines) if lines else None

    def _by_fork(self, target: Package, newest: str) -> tuple[str, tuple[str, ...]] | None:
        others = [
            package
            for package in self._upgraded.packages
            if package.name == target.name and package.version and not _is_newer(newest, package.version)
        ]
        lines = tuple(f"{package.version} is for {package.marker}" for package in others if package.marker)
        return ("fork", lines) if lines else None

    def _by_python(self, target: Package, newest: str) -> tuple[str, tuple[str, ...]] | None:
        pythons = self._requires_python(target.name, newest)
        if pythons is None:
            return None
        # Upper bounds of packages do not count in a lock for every Python.
        needed = [each for each in SpecifierSet(pythons) if each.operator in (">=", ">")]
        lock, where = self._upgraded, _marker_of(target)
        where = where.choose(extras=lock.extras, groups=lock.dependency_groups)
        supported = [*SpecifierSet(lock.requires_python or "")]
        if (where & _of_pythons(supported)).implies(_of_pythons(needed)):
            return None
        return "python", (f"{target.name} {newest} needs Python {','.join(map(str, needed))}",)


def _marker_of(package: Package) -> Marker:
    """Where an entry is installed."""
    return Marker(package.marker) if package.marker else Marker.always()


def _of_pythons(specifiers: Iterable[Specifier]) -> Marker:
    """The environments whose Python satisfies every specifier."""
    where = Marker.always()
    for each in specifiers:
        where &= Marker(f"python_full_version {each.operator} '{each.version}'")
    return where


def _admits(requirement: str, version: str) -> bool:
    parsed = Requirement(requirement)
    return parsed.url is None and parsed.specifier.contains(version, prereleases=True)


def _is_newer(version: str, than: str | None) -> bool:
    return Version(version) > Version(than or "0")
