"""Locks a project: pyproject.toml in, pylock.toml out, versions of the existing lock kept where they can be."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct

from locktool._native import Project, display_path, find_root, is_newer_toml, normalize_name, resolve
from locktool.exceptions import LockError
from locktool.lock.build import build_lock
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.merge import first_conflict, take_ours
from locktool.lock.model import Lock
from locktool.lock.read import decode_lock, parse_content, read_content
from locktool.lock.replace import replace_file
from locktool.lock.write import render_lock
from locktool.operations.metadata import source_builder, with_built_metadata
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.outcome import LockOutcome, counters_of
from locktool.operations.repositories import checked_out

Progress = Callable[[Any], None]


class ExistingLock(Struct, frozen=True):
    """A lock found where one is to be written: its text as it stands, and what could be read of it."""

    text: str
    messagepack: bytes
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
    project = Project.read(str(directory), locked=existing.messagepack if existing else None)
    settings = index_settings(options, project)
    project = with_built_metadata(project, settings)
    manifest = options.apply_to(project.manifest())
    with checked_out(manifest, existing.lock if existing else None, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, path.parent, checkouts=checkouts),
            indexes=list(settings.indexes),
            locked=existing.messagepack if existing else None,
            builder=source_builder(settings),
            progress=progress,
        )
    if existing and not existing.warnings and not resolution.forks:
        # No fork was solved: the lock proved itself, and stays as it is to the last comment. What readers of TOML 1.0
        # refuse is laid out again.
        lock, text = existing.lock, existing.text
        if is_newer_toml(text):
            text = render_lock(lock)
    else:
        lock = build_lock(resolution.to_messagepack())
        text = render_lock(lock, existing.text if existing else None)
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
            *(existing.warnings if existing else ()),
            *resolution.warnings,
            *unknown_upgrades(options, lock),
        ),
        notes=settings.notes,
        counters=counters_of(resolution),
    )


def unknown_upgrades(options: RunOptions, lock: Lock) -> list[str]:
    """A sentence for each package that was to be upgraded and is not part of the resolution."""
    upgraded = options.upgrade if isinstance(options.upgrade, list) else []
    names = {package.name for package in lock.packages}
    return [
        f"{name} was to be upgraded, but nothing requires it" for name in upgraded if normalize_name(name) not in names
    ]


def read_existing(path: Path) -> ExistingLock | None:
    """Read the lock that is about to be replaced; None where there is none.

    Where git left conflict markers, the side of the checked-out branch is read. A lock that cannot be read
    otherwise is an error, because locking without it would move every version.
    """
    try:
        content = read_content(path)
    except LockError as error:
        if error.code == "lock-missing":
            return None
        raise
    warnings: tuple[str, ...] = ()
    readable = content
    if first_conflict(content) is not None:
        readable = take_ours(content)
        location = display_path(str(path))
        warnings = (f"{location} had git conflict markers in it; versions of your side are kept where they can be",)
    messagepack = parse_content(readable, path)
    # What stood between the markers is no text to keep blocks of, but it decides whether the file changes.
    text = content.decode(errors="replace")
    return ExistingLock(text, messagepack, decode_lock(messagepack, path), warnings)
