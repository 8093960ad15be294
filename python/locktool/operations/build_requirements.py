"""What builds install: the wheels of what they require, fetched into the cache, or built in turn.

In: requirements, and the interpreter that builds run on. Out: wheels on disk, those of the lock of the requirements.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from locktool._native import fetch_files
from locktool.building.environment import Wheel
from locktool.exceptions import BuildError, LockError, ResolutionImpossible
from locktool.operations.build_locks import OTHER_INDEX
from locktool.operations.options import RunOptions, resolve_options
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: most builds require something.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from locktool._native import SelectedEntry
    from locktool.configuration.indexes import IndexSettings
    from locktool.interpreter.facts import Interpreter
    from locktool.operations.build_locks import BuildLocks
    from locktool.operations.build_rules import BuildRules, RequiredByBuild

WHEELS = "wheels"
"""The directory, below that of the cache, of wheels that builds require, each below its SHA-256."""

_OWN_FACTS = "your project requires "
_SHOWN_FACTS = 8


class BuildRequirements:
    """Fetches what the builds of one run require, and builds what has no wheel, each once.

    A chain names what is being built that something is required for.
    """

    def __init__(
        self, options: RunOptions, settings: IndexSettings, rules: BuildRules, directory: Path, locks: BuildLocks
    ) -> None:
        """Keep wheels below `directory`."""
        self._options = RunOptions(
            cache_dir=options.cache_dir, cache=options.cache, offline=options.offline, refresh=options.refresh
        )
        self._settings = settings
        self._rules = rules
        self._directory = directory
        self._locks = locks
        self._wheels: dict[Path, Wheel] = {}
        self._checkouts: dict[tuple[str, str, str | None], Path] = {}

    def wheels(self, required: RequiredByBuild, interpreter: Interpreter, chain: tuple[str, ...]) -> list[Wheel]:
        """The wheels that an interpreter needs for what the last of `chain` requires.

        Raises BuildError, and the errors of the index.
        """
        try:
            lock = self._locks.of_interpreter(self._rules, required, interpreter, chain)
            selected = lock.select(interpreter.marker_environment, interpreter.tags())
        except (ResolutionImpossible, LockError) as error:
            if error.code == OTHER_INDEX:
                raise
            listed = ", ".join((*required.static, *required.further))
            message = f"{chain[-1]}: what its build requires ({listed}) cannot be had:\n{_reasons(error)}"
            raise BuildError("build-requirements", message, path=chain[-1]) from error
        return self._fetch(selected, chain)

    def _fetch(self, selected: Sequence[SelectedEntry], chain: tuple[str, ...]) -> list[Wheel]:
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

    def _place(self, entry: SelectedEntry, chain: tuple[str, ...]) -> _Place:
        """Where the file of an entry is or will be."""
        if entry.commit is not None:
            if entry.commit not in self._checkouts:
                self._checkouts[entry.commit] = self._locks.builder.checked_out(*entry.commit)
            return _Place(package=entry.name, path=self._checkouts[entry.commit])
        if entry.source is None:
            message = f"{chain[-1]}: its build requires {entry.name}, of which no file is for this Python"
            raise BuildError("build-requirements", message, path=chain[-1])
        if entry.path is not None:
            path = Path(self._rules.root, entry.path)
            is_tree = entry.source == "directory"
            return _Place(package=entry.name, path=path.resolve() if is_tree else path, sha256=entry.sha256)
        address = entry.url or ""
        folder = entry.sha256 or _sha256_of(address.encode())
        name = unquote(Path(urlsplit(address).path).name)
        path = self._directory / WHEELS / folder / name
        return _Place(package=entry.name, path=path, address=address, sha256=entry.sha256)

    def _refuse_build(self, place: _Place, chain: tuple[str, ...]) -> None:
        if self._rules.allowed and place.package not in self._rules.allowed:
            why = f"allow-build does not name {place.package}, which it requires and which has no wheel here"
            raise BuildError("build-requirements", f"{chain[-1]}: {why}", path=chain[-1])

    def _built(self, place: _Place, chain: tuple[str, ...]) -> Wheel:
        if place.address is not None:
            with suppress(OSError):
                os.utime(place.path.parent)
        if place.path.suffix == ".whl":
            return Wheel(path=place.path, sha256=place.sha256 or _sha256(place.path))
        if place.path not in self._wheels:
            self._refuse_build(place, chain)
            path = self._locks.builder.wheel(place.path, chain)
            self._wheels[place.path] = Wheel(path=path, sha256=_sha256(path))
        return self._wheels[place.path]


class _Place(Record):
    """A distribution on disk, and the address that it is fetched from; None for one that is there anyway."""

    package: str
    path: Path
    address: str | None = None
    sha256: str | None = None

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


def _sha256_of(content: bytes) -> str:
    # It loads OpenSSL, which only what has no hash on its index needs.
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
