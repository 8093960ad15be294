"""The locks of what builds require: each set of requirements resolved once, for all Pythons of the run where it can be.

In: requirements as locks record them. Out: a lock for every machine, which the lock of the project records, and the
one that a build installs from, in which its versions are pinned.
"""

from __future__ import annotations

from locktool._native import LockFile, Marker, SpecifierSet, resolve
from locktool.exceptions import LockError, ResolutionImpossible
from locktool.operations.options import RunOptions, resolve_options
from locktool.operations.repositories import Checkouts
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: locks record what builds require.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Protocol, Self

    from locktool.configuration.indexes import IndexSettings
    from locktool.interpreter.facts import Interpreter
    from locktool.operations.build_rules import BuildRules, RequiredByBuild

    class SourceBuilder(Protocol):
        """Who builds what builds require and no wheel is published of."""

        def built(self, path: str, chain: tuple[str, ...]) -> tuple[str, list[str] | None]:
            """The metadata of a source, and what its build requires unless none ran. Raises BuildError."""

        def wheel(self, path: Path, chain: tuple[str, ...]) -> Path:
            """The wheel of a source, built. Raises BuildError."""

        def checked_out(self, url: str, commit: str, subdirectory: str | None) -> Path:
            """The tree of a locked commit of a repository. Raises BuildError and OfflineError."""


OTHER_INDEX = "other-index"
"""The code of the error for a lock whose packages are from an index that the run does not ask."""


class _Pins(Record):
    """What an interpreter installs from a lock: versions as constraints, and the hashes of their files."""

    versions: tuple[str, ...] = ()
    hashes: dict[str, list[tuple[str, str]]] = {}

    @classmethod
    def of(cls, lock: LockFile, interpreter: Interpreter) -> Self:
        """Those of an interpreter; none where the lock refuses it."""
        try:
            selected = lock.select(interpreter.marker_environment, interpreter.tags())
        except LockError:
            return cls()
        packages = [entry for entry in selected if entry.version is not None]
        return cls(
            versions=tuple(f"{package.name}=={package.version}" for package in packages),
            hashes={package.name: package.hashes for package in packages},
        )


class _Asked(Record):
    """A resolution: the lock whose versions are kept, the one whose commits are, and what is pinned in any case."""

    manifest: bytes
    recorded: LockFile | None = None
    commits: LockFile | None = None
    pins: _Pins = _Pins()


class BuildLocks:
    """Resolves what the builds of one run require; `recorded` is the lock whose versions are kept where they can be."""

    def __init__(
        self, options: RunOptions, settings: IndexSettings, builder: SourceBuilder, recorded: LockFile | None
    ) -> None:
        """Resolve nothing yet."""
        self._options = RunOptions(
            cache_dir=options.cache_dir,
            cache=options.cache,
            offline=options.offline,
            refresh=options.refresh,
            upgrade=options.upgrade,
        )
        self._settings = settings
        self.builder = builder
        self._recorded = recorded
        self._universal: dict[bytes, LockFile | None] = {}
        self._of_environments: dict[tuple[RequiredByBuild, str], LockFile] = {}

    def universal(self, rules: BuildRules, static: tuple[str, ...], chain: tuple[str, ...]) -> LockFile | None:
        """The lock for as many Pythons of the run as have one; None where no versions are for every environment."""
        key = rules.manifest(static)
        if key not in self._universal:
            recorded = self._recorded and self._recorded.build_lock(list(static))
            pythons = rules.pythons()
            if recorded is not None and self._options.upgrade is not True:
                pythons.sort(key=lambda python: python != recorded.requires_python)
            found = None
            for python in pythons:
                try:
                    manifest = rules.manifest(static, python=python)
                    asked = _Asked(manifest=manifest, recorded=recorded, commits=recorded)
                    found = self._resolve(rules, asked, chain)
                    break
                except ResolutionImpossible as error:
                    if error.code == OTHER_INDEX:
                        raise
            self._universal[key] = found
        return self._universal[key]

    def pinned(self, rules: BuildRules, static: tuple[str, ...], chain: tuple[str, ...]) -> LockFile | None:
        """What the lock of a project records of a set: not a directory, which may be another one tomorrow."""
        found = self.universal(rules, static, chain)
        return None if found is None or found.has_directories else found

    def of_interpreter(
        self, rules: BuildRules, required: RequiredByBuild, interpreter: Interpreter, chain: tuple[str, ...]
    ) -> LockFile:
        """The lock that a build on an interpreter installs from.

        Raises ResolutionImpossible, BuildError and the errors of the index.
        """
        from locktool.interpreter.facts import exact_marker

        universal = self.universal(rules, required.static, chain) if required.static else None
        pins = _Pins()
        if universal is not None:
            version = interpreter.marker_environment["python_full_version"].rstrip("+")
            if SpecifierSet(universal.requires_python or "").contains(version, True):
                if not required.further:
                    return universal
                pins = _Pins.of(universal, interpreter)
        marker = str(Marker(exact_marker(interpreter.marker_environment)))
        key = (required, marker)
        if key not in self._of_environments:
            manifest = rules.manifest(rules.recorded((*required.static, *required.further)), environment=marker)
            asked = _Asked(manifest=manifest, commits=universal, pins=pins)
            self._of_environments[key] = self._pinned(rules, asked, chain)
        return self._of_environments[key]

    def _pinned(self, rules: BuildRules, asked: _Asked, chain: tuple[str, ...]) -> LockFile:
        """The lock with these versions, unless what the backend asks for admits other ones alone."""
        if asked.pins.versions:
            try:
                return self._resolve(rules, asked, chain)
            except ResolutionImpossible:
                pass
        return self._resolve(rules, asked._replace(pins=_Pins()), chain)

    def _resolve(self, rules: BuildRules, asked: _Asked, chain: tuple[str, ...]) -> LockFile:
        upgrade = self._options.upgrade if asked.recorded else False
        pins = asked.pins
        options = self._options._replace(limit=pins.versions, hashes=pins.hashes, upgrade=upgrade)
        with Checkouts(asked.manifest, asked.commits, options) as checkouts:
            resolution = resolve(
                asked.manifest,
                resolve_options(options, self._settings, rules.root, checkouts=checkouts.trees),
                indexes=list(self._settings.indexes),
                locked=asked.recorded,
                builder=lambda path: self.builder.built(path, chain),
                checkout=checkouts.check_out,
            )
        return resolution.lock
