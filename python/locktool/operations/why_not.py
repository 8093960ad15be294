"""Says why not: what keeps a version of a package out of the lock, found by resolving with it.

The version is required beside the project's own requirements, where the lock has another one. There is no solution, or
one that moves other packages back, or one that nobody required yet.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, structs

from locktool._native import Marker, Project, Version, find_root, latest_version, normalize_name, resolve
from locktool.exceptions import PackageNotFound, ResolutionImpossible
from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.model import Lock, Package
from locktool.lock.read import lock_of
from locktool.operations.lock import ExistingLock, read_existing
from locktool.operations.metadata import source_builder, with_built_metadata
from locktool.operations.options import RunOptions, index_settings, resolve_options

Progress = Callable[[Any], None]


class WhyNot(Struct, frozen=True, kw_only=True):
    """What keeps `version` out of the lock, which has the versions `locked` instead.

    `verdict` is "locked" (nothing does), "possible" or "impossible". `impossible` says why there is no solution with
    the version, or, where there is one, why the packages that move back in it must. `moves` is what else the solution
    changes, `advice` what to do to have it.
    """

    name: str
    version: str
    locked: tuple[str, ...]
    verdict: str
    impossible: Any = None
    moves: LockDiff = LockDiff()
    advice: str | None = None


def why_not(
    directory: Path,
    name: str,
    version: str | None,
    options: RunOptions | None = None,
    *,
    progress: Progress | None = None,
) -> WhyNot:
    """Say what keeps a version out of the lock of the project in `directory`; None means the latest one.

    Nothing is written. Raises ProjectError, LockError, InvalidName, InvalidVersion and the errors of the index.
    """
    options = options or RunOptions()
    existing = read_existing(Path(find_root(str(directory))) / LOCK_NAME)
    project = Project.read(str(directory), locked=existing.file if existing else None)
    question = _Question(project, options, existing, progress)
    package = normalize_name(name)
    wanted = str(Version(version)) if version is not None else question.latest(package)
    return question.result(package, wanted)


class _Wanted(NamedTuple):
    """A version that is required, where the lock has another one."""

    name: str
    version: str
    where: str | None

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.where}" if self.where else "")


class _Question:
    """One project and its lock, and runs on them that write nothing."""

    def __init__(
        self, project: Project, options: RunOptions, existing: ExistingLock | None, progress: Progress | None
    ) -> None:
        self._root = Path(project.root)
        self._options = options
        self._settings = index_settings(options, project)
        self._manifest = options.apply_to(with_built_metadata(project, self._settings).manifest())
        self._existing = existing
        self._progress = progress

    def latest(self, name: str) -> str:
        version = latest_version(
            name,
            self._manifest,
            resolve_options(self._options, self._settings, self._root),
            indexes=list(self._settings.indexes),
        )
        if version is None:
            message = f"no version of {name} may be used: all are yanked or newer than exclude-newer"
            raise PackageNotFound("package-unusable", message, package=name)
        return version

    def result(self, name: str, version: str) -> WhyNot:
        entries = [entry for entry in self._locked if entry.name == name]
        others = [entry for entry in entries if not _is(entry, version)]
        locked = tuple(dict.fromkeys(entry.version or "" for entry in entries))
        if entries and not others:
            return WhyNot(name=name, version=version, locked=locked, verdict="locked")
        wanted = _Wanted(name, version, self._where(others))
        try:
            solution = self._solve([str(wanted)])
        except ResolutionImpossible as error:
            return WhyNot(name=name, version=version, locked=locked, verdict="impossible", impossible=error)
        moves = compare_packages(self._locked, solution.packages)
        back = [change for change in moves.moved if change.name != name and _moves_back(change)]
        return WhyNot(
            name=name,
            version=version,
            locked=locked,
            verdict="possible",
            impossible=self._refusal(wanted, back) if back else None,
            moves=_without(moves, name),
            advice=self._advice(wanted),
        )

    @property
    def _locked(self) -> tuple[Package, ...]:
        return self._existing.lock.packages if self._existing else ()

    def _where(self, entries: list[Package]) -> str | None:
        """The environments of some entries, whatever extras and groups are chosen; None for all."""
        lock = self._existing.lock if self._existing else None
        if lock is None or any(not entry.marker for entry in entries):
            return None
        where = Marker.never()
        for entry in entries:
            where |= Marker(entry.marker or "").choose(extras=lock.extras, groups=lock.dependency_groups)
        return None if where.is_true() or where.is_false() else str(where)

    def _refusal(self, wanted: _Wanted, back: list[PackageChange]) -> ResolutionImpossible | None:
        """Why the packages that move back cannot stay; None where the solver says that they could."""
        kept = [f"{change.name}>={change.before[0]}" for change in back if change.before[0]]
        try:
            self._solve([str(wanted), *kept])
        except ResolutionImpossible as error:
            return error
        return None

    def _advice(self, wanted: _Wanted) -> str:
        upgraded = self._solve([], upgrade=[wanted.name])
        if any(entry.name == wanted.name and _is(entry, wanted.version) for entry in upgraded.packages):
            return f"run `locktool lock --upgrade-package {wanted.name}`"
        locked = [entry.version for entry in self._locked if entry.name == wanted.name and entry.version]
        newer = all(Version(version) <= Version(wanted.version) for version in locked)
        bound = f"{wanted.name}{'>=' if newer else '<='}{wanted.version}"
        return f'to have it, require "{bound}" in the project and lock again'

    def _solve(self, require: list[str], upgrade: list[str] | None = None) -> Lock:
        options = structs.replace(self._options, upgrade=upgrade or False)
        resolution = resolve(
            self._manifest,
            resolve_options(options, self._settings, self._root, require=require),
            indexes=list(self._settings.indexes),
            locked=self._existing.file if self._existing else None,
            builder=source_builder(self._settings),
            progress=self._progress,
        )
        return lock_of(resolution.lock, self._root / LOCK_NAME)


def _is(entry: Package, version: str) -> bool:
    return entry.version is not None and Version(entry.version) == Version(version)


def _moves_back(change: PackageChange) -> bool:
    if not all((*change.before, *change.after)):
        return False
    return max(map(Version, change.after)) < max(map(Version, change.before))


def _without(moves: LockDiff, name: str) -> LockDiff:
    def others(changes: tuple[PackageChange, ...]) -> tuple[PackageChange, ...]:
        return tuple(change for change in changes if change.name != name)

    return LockDiff(others(moves.added), others(moves.removed), others(moves.moved))
