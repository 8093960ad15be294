"""What builds require: resolved by our own resolver under the rules of the run, fetched into the cache, built in turn.

In: requirement strings, and the interpreter that builds run on. Out: wheels on disk. They are resolved for all Pythons
of the run where that has an answer, so that every machine builds with the same versions; else for that interpreter.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from locktool._native import fetch_files, resolve
from locktool.building.environment import Wheel
from locktool.exceptions import BuildError, LockError, ResolutionImpossible
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.model import Archive, Distribution, Lock
from locktool.lock.read import lock_of
from locktool.lock.select import SelectedPackage, select_for
from locktool.operations.options import RunOptions, resolve_options
from locktool.operations.repositories import checked_out
from locktool.operations.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locktool.configuration.indexes import IndexSettings
    from locktool.interpreter.facts import Interpreter
    from locktool.operations.build_rules import BuildRules

WHEELS = "wheels"
"""The directory, below that of the cache, of wheels that builds require, each below its SHA-256."""

_LONGEST_CHAIN = 8
_OWN_FACTS = "your project requires "
_SHOWN_FACTS = 8


class SourceBuilder(Protocol):
    """Who builds what builds require and no wheel is published of."""

    def metadata(self, path: Path, chain: tuple[str, ...]) -> str:
        """The metadata of a source. Raises BuildError."""

    def wheel(self, path: Path, chain: tuple[str, ...]) -> Path:
        """The wheel of a source, built. Raises BuildError."""


class BuildRequirements:
    """Resolves and fetches what the builds of one run require, each set of requirements once.

    A chain names what is being built that something is required for.
    """

    def __init__(
        self,
        options: RunOptions,
        settings: IndexSettings,
        rules: BuildRules,
        directory: Path,
        builder: SourceBuilder,
    ) -> None:
        """Keep wheels below `directory`."""
        self._options = RunOptions(
            cache_dir=options.cache_dir, cache=options.cache, offline=options.offline, refresh=options.refresh
        )
        self._settings = settings
        self._rules = rules
        self._directory = directory
        self._builder = builder
        self._wheels: dict[Path, Wheel] = {}
        self._locks: dict[tuple[str, ...], Lock] = {}

    def wheels(self, requirements: Sequence[str], interpreter: Interpreter, chain: tuple[str, ...]) -> list[Wheel]:
        """The wheels that an interpreter needs for some requirements, of the last of `chain`.

        Raises BuildError, and the errors of the index.
        """
        if not requirements:
            return []
        environment = MarkerEnvironment.of(interpreter)
        try:
            lock = self._resolve(requirements, (interpreter, environment), chain)
            selected = select_for(lock, environment)
        except (ResolutionImpossible, LockError) as error:
            listed = ", ".join(requirements)
            message = f"{chain[-1]}: what its build requires ({listed}) cannot be had:\n{_reasons(error)}"
            raise BuildError("build-requirements", message, path=chain[-1]) from error
        return self._fetch(selected, chain)

    def _resolve(
        self, requirements: Sequence[str], python: tuple[Interpreter, MarkerEnvironment], chain: tuple[str, ...]
    ) -> Lock:
        key = tuple(sorted(set(requirements)))
        if key not in self._locks:
            interpreter, environment = python
            found = None
            if self._rules.admits(interpreter):
                # Where they have no answer together, there may be one for the Python that builds run on.
                with suppress(ResolutionImpossible):
                    found = self._lock(self._rules.manifest(requirements), chain)
            scope = scope_of(environment).environment
            self._locks[key] = found or self._lock(self._rules.manifest(requirements, environment=scope), chain)
        return self._locks[key]

    def _lock(self, manifest: bytes, chain: tuple[str, ...]) -> Lock:
        with checked_out(manifest, None, self._options) as checkouts:
            resolution = resolve(
                manifest,
                resolve_options(self._options, self._settings, self._rules.root, checkouts=checkouts.trees),
                indexes=list(self._settings.indexes),
                builder=lambda path, _is_directory: self._builder.metadata(Path(path), chain),
                checkout=checkouts.check_out,
            )
            return lock_of(resolution.lock, self._rules.root)

    def _fetch(self, selected: Sequence[SelectedPackage], chain: tuple[str, ...]) -> list[Wheel]:
        """The wheels of entries: from the cache, from where the lock has them, or built."""
        places = [self._place(entry, chain) for entry in selected]
        missing = [place for place in places if place.is_missing]
        if missing:
            for place in missing:
                place.path.parent.mkdir(parents=True, exist_ok=True)
            fetch_files(
                [(place.address or "", str(place.path.parent), place.sha256) for place in missing],
                resolve_options(self._options, self._settings, self._rules.root),
                indexes=list(self._settings.indexes),
            )
        return [self._built(place, chain) for place in places]

    def _place(self, entry: SelectedPackage, chain: tuple[str, ...]) -> _Place:
        """Where the file of an entry is or will be."""
        source = entry.source
        if not isinstance(source, (Distribution, Archive)):
            message = f"{chain[-1]}: its build requires {entry.name} from a directory or repository, which is not built"
            raise BuildError("build-requirements", message, path=chain[-1])
        sha256 = source.hashes.get("sha256")
        if source.path is not None:
            return _Place(entry.name, self._rules.root / source.path, None, sha256)
        address = source.url or ""
        folder = sha256 or hashlib.sha256(address.encode()).hexdigest()
        name = unquote(Path(urlsplit(address).path).name)
        return _Place(entry.name, self._directory / WHEELS / folder / name, address, sha256)

    def _refuse_build(self, place: _Place, chain: tuple[str, ...]) -> None:
        allowed = self._rules.record.get("allow-build", ())
        if allowed and place.package not in allowed:
            why = f"allow-build does not name {place.package}, which it requires and which has no wheel here"
            raise BuildError("build-requirements", f"{chain[-1]}: {why}", path=chain[-1])

    def _built(self, place: _Place, chain: tuple[str, ...]) -> Wheel:
        if place.address is not None:
            with suppress(OSError):
                os.utime(place.path.parent)
        if place.path.suffix == ".whl":
            return Wheel(place.path, place.sha256 or _sha256(place.path))
        if place.path not in self._wheels:
            self._refuse_build(place, chain)
            path = self._builder.wheel(place.path, chain)
            self._wheels[place.path] = Wheel(path, _sha256(path))
        return self._wheels[place.path]


class _Place(NamedTuple):
    """A distribution on disk, and the address that it is fetched from; None for one that is there anyway."""

    package: str
    path: Path
    address: str | None
    sha256: str | None

    @property
    def is_missing(self) -> bool:
        """Whether it has to be fetched: what no hash tells apart may be another file today."""
        return self.address is not None and (self.sha256 is None or not self.path.is_file())


def _reasons(error: ResolutionImpossible | LockError) -> str:
    """Why build requirements cannot be had, without advice on a project that is none."""
    if not isinstance(error, ResolutionImpossible):
        return f"  {error.message}"
    facts = [fact for fact in error.facts or () if not fact.startswith(_OWN_FACTS)]
    shown = [*facts, *(error.hints or ())][:_SHOWN_FACTS]
    return "\n".join(f"  {fact}" for fact in shown)


def refuse_cycle(subject: str, chain: Sequence[str]) -> None:
    """Raise BuildError where a source is to be built for its own build, or at the end of a chain without end."""
    if subject not in chain and len(chain) < _LONGEST_CHAIN:
        return
    why = "needs itself to be built" if subject in chain else "is at the end of too long a chain of builds"
    steps = " -> ".join((*chain, subject))
    raise BuildError("build-cycle", f"{subject} {why}: {steps}", path=subject)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
