"""Answers why not: what keeps a version of a package out of the lock, found by asking the solver.

The version is required beside the project's own requirements, where the lock has another one. There is no solution, or
one that moves other packages back, or one that nobody asked for yet.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, structs

from locktool._native import Marker, Version, latest_version, resolve
from locktool.exceptions import PackageNotFound, ResolutionImpossible
from locktool.lock.build import build_lock
from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.model import Lock, Package
from locktool.lock.read import LOCK_NAME
from locktool.operations.lock import ExistingLock, read_existing
from locktool.operations.metadata import source_builder, tree_builder
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.project.canonical import canonical_name, canonical_version
from locktool.project.pyproject import Project, load_project

if TYPE_CHECKING:
    from locktool.project.manifest import Manifest

Progress = Callable[[Any], None]


class HeldAnswer(Struct, frozen=True, kw_only=True):
    """What keeps `version` out of the lock, which has the versions `locked` instead.

    `verdict` is "locked" (nothing does), "possible" or "impossible". `impossible` tells why there is no solution with
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
) -> HeldAnswer:
    """Say what keeps a version out of the lock of the project in `directory`; None means the latest one.

    Nothing is written. Raises ProjectError, LockError, InvalidName, InvalidVersion and the errors of the index.
    """
    options = options or RunOptions()
    project = load_project(directory, build_metadata=tree_builder(options))
    question = _Question(project, options, read_existing(project.root / LOCK_NAME), progress)
    package = canonical_name(name)
    wanted = canonical_version(version) if version is not None else question.latest(package)
    return question.answer(package, wanted)


class _Wish(NamedTuple):
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
        self._project = project
        self._options = options.with_formats(project.options.no_build, project.options.no_binary)
        self._manifest: Manifest = options.apply_to(project.to_manifest())
        self._settings = index_settings(options, project.settings)
        self._existing = existing
        self._progress = progress

    def latest(self, name: str) -> str:
        version = latest_version(
            name,
            self._manifest.to_messagepack(),
            resolve_options(self._options, self._settings, self._project.root),
        )
        if version is None:
            message = f"no version of {name} may be used: all are yanked or newer than exclude-newer"
            raise PackageNotFound("package-unusable", message, package=name)
        return version

    def answer(self, name: str, version: str) -> HeldAnswer:
        entries = [entry for entry in self._locked if entry.name == name]
        others = [entry for entry in entries if not _is(entry, version)]
        locked = tuple(dict.fromkeys(entry.version or "" for entry in entries))
        if entries and not others:
            return HeldAnswer(name=name, version=version, locked=locked, verdict="locked")
        wish = _Wish(name, version, self._where(others))
        try:
            solution = self._solve([str(wish)])
        except ResolutionImpossible as error:
            return HeldAnswer(name=name, version=version, locked=locked, verdict="impossible", impossible=error)
        moves = compare_packages(self._locked, solution.packages)
        back = [change for change in moves.moved if change.name != name and _moves_back(change)]
        return HeldAnswer(
            name=name,
            version=version,
            locked=locked,
            verdict="possible",
            impossible=self._refusal(wish, back) if back else None,
            moves=_without(moves, name),
            advice=self._advice(wish),
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

    def _refusal(self, wish: _Wish, back: list[PackageChange]) -> ResolutionImpossible | None:
        """Why the packages that move back cannot stay; None where the solver says that they could."""
        kept = [f"{change.name}>={change.before[0]}" for change in back if change.before[0]]
        try:
            self._solve([str(wish), *kept])
        except ResolutionImpossible as error:
            return error
        return None

    def _advice(self, wish: _Wish) -> str:
        upgraded = self._solve([], upgrade=[wish.name])
        if any(entry.name == wish.name and _is(entry, wish.version) for entry in upgraded.packages):
            return f"run `locktool lock --upgrade-package {wish.name}`"
        locked = [entry.version for entry in self._locked if entry.name == wish.name and entry.version]
        newer = all(Version(version) <= Version(wish.version) for version in locked)
        bound = f"{wish.name}{'>=' if newer else '<='}{wish.version}"
        return f'to have it, require "{bound}" in the project and lock again'

    def _solve(self, require: list[str], upgrade: list[str] | None = None) -> Lock:
        options = structs.replace(self._options, upgrade=upgrade or False)
        resolution = resolve(
            self._manifest.to_messagepack(),
            resolve_options(options, self._settings, self._project.root, require=require),
            locked=self._existing.messagepack if self._existing else None,
            builder=source_builder(self._settings),
            progress=self._progress,
        )
        return build_lock(resolution.to_messagepack(), self._manifest)


def _is(entry: Package, version: str) -> bool:
    return entry.version is not None and Version(entry.version) == Version(version)


def _moves_back(change: PackageChange) -> bool:
    if not all((*change.before, *change.after)):
        return False
    return max(map(Version, change.after)) < max(map(Version, change.before))


def _without(moves: LockDiff, name: str) -> LockDiff:
    kept = (tuple(change for change in changes if change.name != name) for changes in moves)
    return LockDiff(*kept)
