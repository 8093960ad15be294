"""Says why not: what keeps a version of a package, or any of several, out of the lock, found by resolving with it.

It is required beside the project's own requirements, where the lock has another one. There is no solution, or one that
moves other packages back, or one that nobody required yet.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from locktool._native import SpecifierSet, Version, did_you_mean, normalize_name
from locktool.exceptions import LockError, PackageNotFound, ResolutionImpossible
from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.model import Lock, Package
from locktool.lock.origin import Origin, origin_of
from locktool.lock.rules import Rule
from locktool.operations.diff import moves_back
from locktool.operations.options import RunOptions
from locktool.operations.progress import Progress
from locktool.operations.trial import Trial


class WhyNot(Struct, frozen=True, kw_only=True):
    """What keeps the versions that `specifier` admits out of the lock, which has the versions `locked` instead.

    `version` is the one version that is asked for, if it is one; both are None where the newest was asked for of a
    package without versions. `partly` says that the lock has them in some environments, and such a version in others.
    `verdict` is "locked" (nothing does), "possible", "impossible", "absent" (there is no such version), "excluded" or
    "elsewhere": the package comes from a repository, a directory or an address, `origin`.
    `impossible` says why there is no solution with the version, or, where there is one, why the packages that move back
    in it must. `rules` are those of the project that do not admit the version. `moves` is what else the solution
    changes, `advice` what to do to have it.
    """

    name: str
    version: str | None
    specifier: str | None
    locked: tuple[str, ...]
    verdict: str
    partly: bool = False
    impossible: Any = None
    rules: tuple[Rule, ...] = ()
    origin: Origin | None = None
    moves: LockDiff = LockDiff()
    advice: str | None = None


def why_not(
    directory: Path,
    name: str,
    specifier: str | None,
    options: RunOptions | None = None,
    *,
    progress: Progress | None = None,
    script: Path | None = None,
) -> WhyNot:
    """Say what keeps versions, `==2.4.0` or `>=3`, out of the lock of the project in `directory`, or of a script.

    None is the latest version. Nothing is written. Raises ProjectError, InvalidName, InvalidSpecifier, the errors of
    the index, and LockError, with the code `not-locked` where neither the lock nor an index has the package.
    """
    trial = Trial(directory, options or RunOptions(), progress, script=script)
    package = normalize_name(name)
    question = _Question(trial, package)
    wanted = SpecifierSet(specifier) if specifier is not None else None
    return question.elsewhere(wanted) or question.result(wanted or question.latest())


class _Wanted(NamedTuple):
    """Versions of which one is required, where the lock has another one."""

    name: str
    specifier: SpecifierSet
    where: str | None

    @property
    def pin(self) -> str | None:
        """The version, where it is one."""
        return _pin(self.specifier)

    @property
    def bound(self) -> str:
        """A requirement that has it and stays open for what is newer."""
        return f"{self.name}>={self.pin}" if self.pin else f"{self.name}{self.specifier}"

    def __str__(self) -> str:
        return f"{self.name}{self.specifier}" + (f" ; {self.where}" if self.where else "")


class _Question:
    """Resolutions with a version of a package that is asked for."""

    def __init__(self, trial: Trial, name: str) -> None:
        self._trial = trial
        self._name = name
        self._entries = [entry for entry in trial.packages if entry.name == name] or self._unlocked()
        self._rules = tuple(rule for rule in trial.rules if rule.name == name)

    def _unlocked(self) -> list[Package]:
        """The entries that the package would have if the project was locked as it is."""
        try:
            return [entry for entry in self._trial.solve().packages if entry.name == self._name and _is_direct(entry)]
        except ResolutionImpossible:
            return []

    def elsewhere(self, wanted: SpecifierSet | None) -> WhyNot | None:
        """The answer where no index has the package, or excludes leave it out, whatever versions there are."""
        member = self._trial.members.get(self._name)
        if member is not None:
            return self._answer(wanted, "elsewhere", locked=(), origin=Origin("directory", member))
        if self._entries and all(map(_is_direct, self._entries)):
            origin = origin_of(self._entries[0])
            advice = (
                f"run `locktool upgrade {self._name}` to have the newest commit of it"
                if origin.kind == "git"
                else f"to have a version of an index, take the source of {self._name} out of the project"
            )
            locked = tuple(entry.version for entry in self._entries if entry.version)
            return self._answer(wanted, "elsewhere", locked=locked, origin=origin, advice=advice)
        excludes = tuple(rule for rule in self._rules if rule.kind == "exclude" and rule.parent is None)
        if excludes:
            advice = f"to have it, take {self._name} out of `excludes` and lock again"
            return self._answer(wanted, "excluded", locked=(), rules=excludes, advice=advice)
        return None

    def latest(self) -> SpecifierSet:
        """The newest version that the rules of the project leave."""
        try:
            return SpecifierSet(f"=={self._trial.latest(self._name)}")
        except PackageNotFound as error:
            if self._entries or error.code != "package-not-found":
                raise
            raise self._unknown() from None

    def _unknown(self, hints: Sequence[str] = ()) -> LockError:
        known = sorted({entry.name for entry in self._trial.packages})
        message = f"{self._name} is neither in the lock nor on an index that was asked{did_you_mean(self._name, known)}"
        return LockError("not-locked", message, suggestion="\n".join(hints) or None)

    def result(self, specifier: SpecifierSet) -> WhyNot:
        """The answer that resolutions give."""
        others = [entry for entry in self._entries if not _is_among(entry, specifier)]
        locked = tuple(dict.fromkeys(entry.version or "" for entry in others))
        if self._entries and not others:
            versions = tuple(dict.fromkeys(entry.version or "" for entry in self._entries))
            return self._answer(specifier, "locked", locked=versions)
        wanted = _Wanted(self._name, specifier, self._trial.where(others))
        against = tuple(rule for rule in self._rules if rule.kind != "exclude" and not rule.admits_any(specifier))
        try:
            solution = self._solution(wanted)
        except ResolutionImpossible as error:
            hints = error.hints or ()
            nowhere = f"{self._name} is on none of the indexes "
            if not self._entries and any(text.startswith(nowhere) for text in hints):
                raise self._unknown([text for text in hints if not text.startswith(nowhere)]) from None
            if any(text.startswith(f"there is no {self._name} ") for text in (*error.facts, *hints)):
                return self._answer(specifier, "absent", locked=locked, impossible=error)
            advice = _change_of(against) if against else None
            return self._answer(specifier, "impossible", locked=locked, impossible=error, rules=against, advice=advice)
        moves = compare_packages(self._trial.packages, solution.packages)
        back = [change for change in moves.moved if change.name != self._name and moves_back(change)]
        return self._answer(
            specifier,
            "possible",
            locked=locked,
            impossible=self._refusal(wanted, back) if back else None,
            rules=against,
            moves=_without(moves, self._name) if wanted.pin else moves,
            advice=self._advice(wanted, against, stays=not back),
        )

    def _answer(self, specifier: SpecifierSet | None, verdict: str, **parts: Any) -> WhyNot:  # noqa: ANN401 - as WhyNot has them
        partly = specifier is not None and any(_is_among(entry, specifier) for entry in self._entries)
        return WhyNot(
            name=self._name,
            version=None if specifier is None else _pin(specifier),
            specifier=None if specifier is None else str(specifier),
            verdict=verdict,
            partly=partly and verdict != "locked",
            **parts,
        )

    def _solution(self, wanted: _Wanted, kept: Sequence[str] = ()) -> Lock:
        """A lock with the version. An override would take the place of a requirement, but not of a limit."""
        if any(rule.kind == "override" for rule in self._rules):
            return self._trial.solve(kept, limit=[str(wanted)], upgrade=[wanted.name])
        return self._trial.solve([str(wanted), *kept])

    def _refusal(self, wanted: _Wanted, back: list[PackageChange]) -> ResolutionImpossible | None:
        """Why the packages that move back cannot stay; None where the solver says that they could."""
        kept = [f"{change.name}>={change.before[0]}" for change in back if change.before[0]]
        try:
            self._solution(wanted, kept)
        except ResolutionImpossible as error:
            return error
        return None

    def _advice(self, wanted: _Wanted, against: tuple[Rule, ...], *, stays: bool) -> str:
        """What leads to the version, tried; `stays` is whether no other package moves back for it."""
        if against:
            return _change_of(against)
        if self._leads(wanted, upgrade=[wanted.name]):
            return f"run `locktool lock --upgrade-package {wanted.name}`"
        limit = f"{wanted.name}{wanted.specifier}"
        if stays and self._entries and self._leads(wanted, upgrade=[wanted.name], limit=[limit]):
            return f"run `locktool upgrade {limit if wanted.pin else repr(limit)}`"
        lasting = wanted.bound if self._leads(wanted, require=[wanted.bound]) else str(wanted)
        return f'to have it, require "{lasting}" in the project and lock again'

    def _leads(self, wanted: _Wanted, **question: Any) -> bool:  # noqa: ANN401 - as `Trial.solve` takes them
        """Whether a resolution has such a version wherever it has the package."""
        try:
            found = self._trial.solve(**question).packages
        except ResolutionImpossible:
            return False
        entries = [entry for entry in found if entry.name == wanted.name]
        return bool(entries) and all(_is_among(entry, wanted.specifier) for entry in entries)


def _change_of(rules: tuple[Rule, ...]) -> str:
    return f"change {' and '.join(map(str, rules))}, and lock again"


def _is_direct(entry: Package) -> bool:
    return bool(entry.vcs or entry.directory or entry.archive)


def _pin(specifier: SpecifierSet) -> str | None:
    """The version, where the specifier is `==` and one version."""
    clauses = list(specifier)
    is_pin = len(clauses) == 1 and clauses[0].operator == "==" and not clauses[0].version.endswith(".*")
    return str(Version(clauses[0].version)) if is_pin else None


def _is_among(entry: Package, specifier: SpecifierSet) -> bool:
    """Whether an entry has a version that is asked for; a local version is not the public one."""
    if entry.version is None:
        return False
    pin = _pin(specifier)
    return Version(entry.version) == Version(pin) if pin else specifier.contains(entry.version, prereleases=True)


def _without(moves: LockDiff, name: str) -> LockDiff:
    def others(changes: tuple[PackageChange, ...]) -> tuple[PackageChange, ...]:
        return tuple(change for change in changes if change.name != name)

    return LockDiff(others(moves.added), others(moves.removed), others(moves.moved))
