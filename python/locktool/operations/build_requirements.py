"""What builds require: resolved by our own resolver under the rules of the run, fetched into the cache, built in turn.

In: requirement strings, and the interpreter that builds run on. Out: wheels on disk. They are resolved for all Pythons
of the run where that has an answer, so that every machine builds with the same versions; else for that interpreter.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from msgspec import Struct, field, msgpack

from locktool._native import MANIFEST_SCHEMA, SpecifierSet, fetch_files, requirement_text, resolve
from locktool.building.environment import Wheel
from locktool.exceptions import BuildError, LockError, ResolutionImpossible
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.files import file_name
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

WHEELS = "wheels"
"""The directory, below that of the cache, of wheels that builds require, each below its SHA-256."""
# The keys of a manifest that say where packages come from and which files of them count.
_KEPT_SETTINGS = (
    "exclude-newer",
    "exclude-newer-package",
    "no-build",
    "no-build-package",
    "allow-build",
    "dependency-metadata",
)
_KEPT = (*_KEPT_SETTINGS, "indexes")


class BuildRules(Struct, frozen=True, kw_only=True):
    """What a run says of what builds require."""

    requires_python: str | None = None
    """The Pythons of the run; None where nothing says which."""
    constraints: tuple[str, ...] = ()
    """Limits of the versions of what builds require."""
    extra: dict[str, list[str]] = field(default_factory=dict)
    """What the builds of packages require beside what they say."""
    without_isolation: frozenset[str | None] = frozenset()
    """Packages that are built in the active environment."""
    record: dict[str, Any] = field(default_factory=dict)
    """The keys of a manifest that hold for builds too."""
    root: Path = Path()
    """What relative paths of the record start from."""

    @classmethod
    def of(
        cls,
        manifest: bytes | None,
        root: Path,
        constraints: Sequence[str] = (),
        requires_python: str | None = None,
    ) -> BuildRules:
        """The rules of a run with this manifest, in MessagePack, whose paths start at `root`.

        `requires_python` are its Pythons, where the caller names some.
        """
        whole = {} if manifest is None else msgpack.decode(manifest)
        record = {key: whole[key] for key in _KEPT if key in whole}
        said = whole.get("command-line", {})
        if kept := {key: said[key] for key in _KEPT_SETTINGS if key in said}:
            record["command-line"] = kept
        # A package that the project takes from one index is taken from there for builds too.
        assigned = [source for source in whole.get("sources", ()) if set(source) == {"name", "index"}]
        if assigned:
            record["sources"] = assigned
        return cls(
            requires_python=requires_python or whole.get("requires-python"),
            constraints=(*constraints, *whole.get("build-constraints", ()), *said.get("build-constraints", ())),
            extra=whole.get("extra-build-dependencies", {}) | said.get("extra-build-dependencies", {}),
            without_isolation=frozenset(
                (*whole.get("no-build-isolation-package", ()), *said.get("no-build-isolation-package", ()))
            ),
            record=record,
            root=root,
        )

    def extra_requirements(self, package: str | None) -> list[str]:
        """What the build of a package requires beside what it says."""
        return self.extra.get(package or "", [])

    def manifest(self, requirements: Sequence[str], *, environment: str | None = None) -> bytes:
        """The manifest of some build requirements, for the Pythons of the run or for one environment."""
        members = [{"path": ".", "dependencies": sorted({requirement_text(text) for text in requirements})}]
        asked = {"schema": MANIFEST_SCHEMA, **self.record, "members": members}
        if self.constraints:
            asked["constraints"] = sorted({requirement_text(text) for text in self.constraints})
        if environment is not None:
            return msgpack.encode(asked | {"environments": [environment]})
        return msgpack.encode(asked | {"requires-python": self.requires_python})

    def admits(self, interpreter: Interpreter) -> bool:
        """Whether an interpreter is one of the Pythons of the run."""
        version = interpreter.marker_environment["python_full_version"].rstrip("+")
        return self.requires_python is not None and SpecifierSet(self.requires_python).contains(version, True)


class ResolvedRequirements(NamedTuple):
    """What a set of build requirements was resolved to; `is_universal` says whether for all Pythons of the run."""

    lock: Lock
    is_universal: bool


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
        self._resolved: dict[tuple[str, ...], ResolvedRequirements] = {}

    def wheels(self, requirements: Sequence[str], interpreter: Interpreter, chain: tuple[str, ...]) -> list[Wheel]:
        """The wheels that an interpreter needs for some requirements, of the last of `chain`.

        Raises BuildError, and the errors of the index.
        """
        if not requirements:
            return []
        environment = MarkerEnvironment.of(interpreter)
        try:
            resolved = self._resolve(requirements, interpreter, environment, chain)
            selected = select_for(resolved.lock, environment)
        except (ResolutionImpossible, LockError) as error:
            listed = ", ".join(requirements)
            message = f"{chain[-1]}: what its build requires ({listed}) cannot be had:\n{_reasons(error)}"
            raise BuildError("build-requirements", message, path=chain[-1]) from error
        return self._fetch(selected, chain)

    def _resolve(
        self,
        requirements: Sequence[str],
        interpreter: Interpreter,
        environment: MarkerEnvironment,
        chain: tuple[str, ...],
    ) -> ResolvedRequirements:
        key = tuple(sorted(set(requirements)))
        if key not in self._resolved:
            found = None
            if self._rules.admits(interpreter):
                try:
                    lock = self._lock(self._rules.manifest(requirements), chain)
                    found = ResolvedRequirements(lock, is_universal=True)
                except ResolutionImpossible:
                    pass  # There may be an answer for the Python that builds run on.
            if found is None:
                scope = scope_of(environment).environment
                lock = self._lock(self._rules.manifest(requirements, environment=scope), chain)
                found = ResolvedRequirements(lock, is_universal=False)
            self._resolved[key] = found
        return self._resolved[key]

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
        missing = [place for place in places if place.address is not None and not place.path.is_file()]
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
        # Without a hash the address alone says which file it is, and only for this run.
        folder = sha256 or hashlib.sha256(address.encode()).hexdigest()
        name = Path(urlsplit(address).path).name if source.url else file_name(source)
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


def _reasons(error: ResolutionImpossible | LockError) -> str:
    """Why build requirements cannot be had, without advice on a project that is none."""
    facts = error.facts if isinstance(error, ResolutionImpossible) else [error.message]
    shown = [fact for fact in facts if not fact.startswith(_OWN_FACTS)][:_SHOWN_FACTS]
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


_LONGEST_CHAIN = 8
_OWN_FACTS = "your project requires "
_SHOWN_FACTS = 8
