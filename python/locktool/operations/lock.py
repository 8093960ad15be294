"""Locks a project or a script: its file in, a standard lock out, versions of the existing lock kept where possible."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from msgspec import Struct, msgpack

from locktool._native import LockFile, Project, display_path, find_root, normalize_name, resolve
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME, lock_of_script
from locktool.lock.model import Lock
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.operations.metadata import source_builder, with_built_metadata
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.outcome import LockOutcome, counters_of
from locktool.operations.repositories import checked_out
from locktool.scripts.read import read_script

Progress = Callable[[Any], None]


class ExistingLock(Struct, frozen=True):
    """A lock found where one is to be written: the text that stands there, and what could be read of it."""

    text: str
    file: LockFile
    lock: Lock
    warnings: tuple[str, ...] = ()


class LockPlace(NamedTuple):
    """Where a lock is written, what stands there, and when the run began."""

    path: Path
    existing: ExistingLock | None
    started: float

    @classmethod
    def of(cls, path: Path) -> "LockPlace":
        """Read what stands at the path. Raises LockError where it cannot be read."""
        started = monotonic()
        return cls(path, read_existing(path), started)

    @property
    def locked(self) -> LockFile | None:
        """The lock that stands there."""
        return self.existing.file if self.existing else None


class LockRun(NamedTuple):
    """A resolution and the text that records it, not yet written."""

    file: LockFile
    text: str
    outcome: LockOutcome


def lock_project(
    directory: Path = Path(),
    options: RunOptions | None = None,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> LockOutcome:
    """Resolve the project in `directory` and write its lock.

    Raises ProjectError, LockError, ResolutionImpossible and the errors of the index; the old lock then stays as it
    was. With `dry_run` nothing is written.
    """
    place = LockPlace.of(Path(find_root(str(directory))) / LOCK_NAME)
    project = Project.read(str(directory), locked=place.locked)
    return _written(resolve_lock(project, place, options or RunOptions(), progress=progress), dry_run=dry_run)


def lock_script(
    script: Path, options: RunOptions | None = None, *, dry_run: bool = False, progress: Progress | None = None
) -> LockOutcome:
    """Resolve the metadata block of a script (PEP 723) and write `pylock.<name>.toml` beside it.

    Raises what `lock_project` does, and ProjectError where the file has no such block.
    """
    project = read_script(script)
    place = LockPlace.of(lock_of_script(script))
    return _written(resolve_lock(project, place, options or RunOptions(), progress=progress), dry_run=dry_run)


def resolve_lock(
    project: Project,
    place: LockPlace,
    options: RunOptions,
    *,
    preferred: LockFile | None = None,
    constraints: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> LockRun:
    """Resolve a project for a lock and write nothing.

    `preferred` is a lock whose versions are kept where they can be, the existing one unless given. `constraints` hold
    in this run beside those of the project, and are recorded with them.
    """
    existing = place.existing
    settings = index_settings(options, project)
    project = with_built_metadata(project, settings)
    manifest = options.apply_to(_constrained(project.manifest(), constraints))
    known = existing.lock if existing else None
    if preferred is not None:
        known = lock_of(preferred, place.path)
    with checked_out(manifest, known, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, place.path.parent, checkouts=checkouts),
            indexes=list(settings.indexes),
            locked=preferred or place.locked,
            builder=source_builder(settings),
            progress=progress,
        )
    if existing and not resolution.forks and preferred is None:
        # No fork was solved: the lock proved itself.
        lock, text = existing.lock, unchanged_text(existing)
    else:
        lock, text = lock_of(resolution.lock, place.path), resolution.lock.write(place.locked)
    outcome = LockOutcome(
        path=place.path,
        lock=lock,
        diff=compare_packages(existing.lock.packages if existing else (), lock.packages),
        first=existing is None,
        changed=existing is None or text != existing.text,
        written=False,
        seconds=monotonic() - place.started,
        warnings=(
            *project.warnings,
            *settings.warnings,
            *(existing.warnings if existing else ()),
            *resolution.warnings,
            *unknown_upgrades(options, lock),
        ),
        notes=settings.notes,
        counters=counters_of(resolution),
    )
    return LockRun(resolution.lock, text, outcome)


def _constrained(manifest: bytes, constraints: tuple[str, ...]) -> bytes:
    if not constraints:
        return manifest
    table = msgpack.decode(manifest)
    return msgpack.encode(table | {"constraints": [*table.get("constraints", ()), *constraints]})


def _written(run: LockRun, *, dry_run: bool) -> LockOutcome:
    if not run.outcome.changed or dry_run:
        return run.outcome
    replace_file(run.outcome.path, run.text.encode())
    return run.outcome.after_writing()


def unknown_upgrades(options: RunOptions, lock: Lock) -> list[str]:
    """A sentence for each package that was to be upgraded and is not part of the resolution."""
    upgraded = options.upgrade if isinstance(options.upgrade, list) else []
    names = {package.name for package in lock.packages}
    return [
        f"{name} was to be upgraded, but nothing requires it" for name in upgraded if normalize_name(name) not in names
    ]


def unchanged_text(existing: ExistingLock) -> str:
    """The text of a lock that stays: to the last comment, unless readers of TOML 1.0 or of any TOML refuse it."""
    if existing.file.is_conflicted or not existing.file.is_portable:
        return existing.file.write()
    return existing.text


def read_existing(path: Path) -> ExistingLock | None:
    """Read the lock that is about to be replaced; None where there is none.

    Where git left conflict markers, the side of the checked-out branch is read. A lock that cannot be read
    otherwise is an error, because locking without it would move every version.
    """
    file = LockFile.read_replaced(str(path))
    if file is None:
        return None
    warnings: tuple[str, ...] = ()
    if file.is_conflicted:
        location = display_path(str(path))
        warnings = (f"{location} had git conflict markers in it; versions of your side are kept where they can be",)
    return ExistingLock(file.text or "", file, lock_of(file, path), warnings)
