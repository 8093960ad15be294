"""Says why not: what keeps a version of a package out of the lock, found by resolving with it.

The version is required beside the project's own requirements, where the lock has another one. There is no solution, or
one that moves other packages back, or one that nobody required yet.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from locktool._native import Version, normalize_name
from locktool.exceptions import ResolutionImpossible
from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.model import Package
from locktool.operations.diff import moves_back
from locktool.operations.options import RunOptions
from locktool.operations.trial import Trial

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
    trial = Trial(directory, options or RunOptions(), progress)
    package = normalize_name(name)
    wanted = str(Version(version)) if version is not None else trial.latest(package)
    return _Question(trial).result(package, wanted)


class _Wanted(NamedTuple):
    """A version that is required, where the lock has another one."""

    name: str
    version: str
    where: str | None

    def __str__(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.where}" if self.where else "")


class _Question:
    """Resolutions with the version that is asked for."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def result(self, name: str, version: str) -> WhyNot:
        entries = [entry for entry in self._trial.packages if entry.name == name]
        others = [entry for entry in entries if not _is(entry, version)]
        locked = tuple(dict.fromkeys(entry.version or "" for entry in entries))
        if entries and not others:
            return WhyNot(name=name, version=version, locked=locked, verdict="locked")
        wanted = _Wanted(name, version, self._trial.where(others))
        try:
            solution = self._trial.solve([str(wanted)])
        except ResolutionImpossible as error:
            return WhyNot(name=name, version=version, locked=locked, verdict="impossible", impossible=error)
        moves = compare_packages(self._trial.packages, solution.packages)
        back = [change for change in moves.moved if change.name != name and moves_back(change)]
        return WhyNot(
            name=name,
            version=version,
            locked=locked,
            verdict="possible",
            impossible=self._refusal(wanted, back) if back else None,
            moves=_without(moves, name),
            advice=self._advice(wanted),
        )

    def _refusal(self, wanted: _Wanted, back: list[PackageChange]) -> ResolutionImpossible | None:
        """Why the packages that move back cannot stay; None where the solver says that they could."""
        kept = [f"{change.name}>={change.before[0]}" for change in back if change.before[0]]
        try:
            self._trial.solve([str(wanted), *kept])
        except ResolutionImpossible as error:
            return error
        return None

    def _advice(self, wanted: _Wanted) -> str:
        upgraded = self._trial.solve(upgrade=[wanted.name])
        if any(entry.name == wanted.name and _is(entry, wanted.version) for entry in upgraded.packages):
            return f"run `locktool lock --upgrade-package {wanted.name}`"
        locked = [entry.version for entry in self._trial.packages if entry.name == wanted.name and entry.version]
        newer = all(Version(version) <= Version(wanted.version) for version in locked)
        bound = f"{wanted.name}{'>=' if newer else '<='}{wanted.version}"
        return f'to have it, require "{bound}" in the project and lock again'


def _is(entry: Package, version: str) -> bool:
    return entry.version is not None and Version(entry.version) == Version(version)


def _without(moves: LockDiff, name: str) -> LockDiff:
    def others(changes: tuple[PackageChange, ...]) -> tuple[PackageChange, ...]:
        return tuple(change for change in changes if change.name != name)

    return LockDiff(others(moves.added), others(moves.removed), others(moves.moved))
