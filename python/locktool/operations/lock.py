"""Locks a project: pyproject.toml in, pylock.toml out, versions of the existing lock kept where they can be."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct

from locktool._native import LockFile, Project, display_path, find_root, normalize_name, resolve
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.model import Lock
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.operations.first_lock import FirstVersions, first_versions
from locktool.operations.metadata import source_builder, with_built_metadata
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.outcome import LockOutcome, counters_of
from locktool.operations.repositories import checked_out

Progress = Callable[[Any], None]


class ExistingLock(Struct, frozen=True):
    """A lock found where one is to be written: the text that stands there, and what could be read of it."""

    text: str
    file: LockFile
    lock: Lock
    warnings: tuple[str, ...] = ()


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
    started = monotonic()
    options = options or RunOptions()
    path = Path(find_root(str(directory))) / LOCK_NAME
    existing = read_existing(path)
    # Everything moves with an upgrade of all: then nothing is left to prefer.
    first = FirstVersions() if existing or options.upgrade is True else first_versions(path.parent)
    project = Project.read(str(directory), locked=existing.file if existing else None)
    settings = index_settings(options, project)
    project = with_built_metadata(project, settings)
    manifest = options.apply_to(project.manifest())
    with checked_out(manifest, existing.lock if existing else first.lock, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, path.parent, checkouts=checkouts),
            indexes=list(settings.indexes),
            locked=existing.file if existing else first.file,
            builder=source_builder(settings),
            progress=progress,
        )
    if existing and not resolution.forks:
        # No fork was solved: the lock proved itself.
        lock, text = existing.lock, unchanged_text(existing)
    else:
        lock = lock_of(resolution.lock, path)
        text = resolution.lock.write(existing.file if existing else None)
    changed = existing is None or text != existing.text
    if changed and not dry_run:
        replace_file(path, text.encode())
    return LockOutcome(
        path=path,
        lock=lock,
        diff=compare_packages(existing.lock.packages if existing else (), lock.packages),
        first=existing is None,
        changed=changed,
        written=changed and not dry_run,
        seconds=monotonic() - started,
        warnings=(
            *project.warnings,
            *settings.warnings,
            *(existing.warnings if existing else first.warnings),
            *resolution.warnings,
            *unknown_upgrades(options, lock),
        ),
        notes=(*first.notes, *settings.notes),
        counters=counters_of(resolution),
    )


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
