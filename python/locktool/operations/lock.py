"""Locks a project or a script: its file in, a standard lock out, versions of the existing lock kept where possible.

What a plain run does not need is loaded by the run that does: builds, repositories, what another tool locked, and the
records of a lock.
"""

from __future__ import annotations

import os
from time import monotonic

from locktool._native import LockFile, Project, did_you_mean, display_path, find_root, normalize_name, resolve
from locktool.exceptions import LockError
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.replace import replace_file
from locktool.operations.deferred_builds import DeferredBuilds
from locktool.operations.first_lock import FirstVersions, first_versions
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.outcome import ExistingLock, LockOutcome, counters_of, moved_builds
from locktool.operations.repositories import Checkouts
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: the shortest runs lock.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from locktool.operations.progress import Progress

# How the core begins the first line of a compiled lock.
_COMPILED = "# Made by `locktool compile`"


def state_of(path: str) -> tuple[int, int, int] | None:
    """What differs where another run has replaced a file: its number, size and time; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class LockTarget(Record):
    """Where a lock is written, what stands there, and when the run began.

    `first` are the versions that another tool locked, which the first lock of a project begins with.
    """

    location: str
    existing: ExistingLock | None
    started: float
    first: FirstVersions = FirstVersions()
    state: tuple[int, int, int] | None = None
    """Which file stood there when it was read; None for none."""

    @classmethod
    def of(cls, location: str) -> LockTarget:
        """Read what stands at a path. Raises LockError where it cannot be read."""
        started = monotonic()
        state = state_of(location)
        return cls(location=location, existing=read_existing(location), started=started, state=state)

    @classmethod
    def of_project(cls, root: str, options: RunOptions) -> LockTarget:
        """Read what stands where the project of a root directory is locked. Raises LockError."""
        target = cls.of(os.path.join(root, LOCK_NAME))
        # Everything moves with an upgrade of all: then nothing is left to prefer.
        if target.existing or options.upgrade is True:
            return target
        return target._replace(first=first_versions(root))

    @classmethod
    def of_script(cls, script: Path) -> LockTarget:
        """Read what stands where a script is locked. Raises LockError where it cannot be read or is another lock."""
        from locktool.lock.file_name import lock_of_script

        target = cls.of(str(lock_of_script(script)))
        made_by = _other_maker(target.existing) if target.existing else None
        if made_by is not None:
            location, name = display_path(target.location), display_path(str(script))
            message = f"{location} is where the lock of {name} belongs, but {made_by}; it is left as it is"
            suggestion = "move it to the name of another lock, or delete it, and run the command again"
            raise LockError("other-lock", message, path=target.location, suggestion=suggestion)
        return target

    @property
    def path(self) -> Path:
        """The file of the lock."""
        from pathlib import Path

        return Path(self.location)

    @property
    def locked(self) -> LockFile | None:
        """The lock that stands there."""
        return self.existing.file if self.existing else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may be wrong with what stands there, in sentences."""
        return self.existing.warnings if self.existing else self.first.warnings


class LockRun(Record):
    """A resolution for a target and the text that records it, not yet written."""

    target: LockTarget
    file: LockFile
    text: str
    outcome: LockOutcome


def lock_project(
    directory: str | os.PathLike[str] = ".",
    options: RunOptions | None = None,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> LockOutcome:
    """Resolve the project in `directory` and write its lock.

    Raises ProjectError, LockError, ResolutionImpossible and the errors of the index; the old lock then stays as it
    was. With `dry_run` nothing is written.
    """
    options = options or RunOptions()
    directory = os.fspath(directory)
    lock_target = LockTarget.of_project(find_root(directory), options)
    project = Project.read(directory, locked=lock_target.locked)
    return _written(resolve_lock(project, lock_target, options, progress=progress), dry_run=dry_run)


def lock_script(
    script: Path, options: RunOptions | None = None, *, dry_run: bool = False, progress: Progress | None = None
) -> LockOutcome:
    """Resolve the metadata block of a script (PEP 723) and write `pylock.<name>.toml` beside it.

    Raises what `lock_project` does, and ProjectError where the file has no such block.
    """
    from locktool.scripts.read import read_script

    project = read_script(script)
    lock_target = LockTarget.of_script(script)
    return _written(resolve_lock(project, lock_target, options or RunOptions(), progress=progress), dry_run=dry_run)


def resolve_lock(
    project: Project,
    lock_target: LockTarget,
    options: RunOptions,
    *,
    preferred: LockFile | None = None,
    progress: Progress | None = None,
) -> LockRun:
    """Resolve a project for a lock and write nothing.

    `preferred` is a lock whose versions are kept where they can be: unless given the existing one, or that of another
    tool.
    """
    existing = lock_target.existing
    settings = index_settings(options, project)
    root = os.path.dirname(lock_target.location) or "."
    kept = preferred or lock_target.locked
    builds = DeferredBuilds(options, settings, options.apply_to(project.rules()), root, kept)
    project = builds.complete(project)
    manifest = options.apply_to(project.manifest())
    kept = kept or lock_target.first.file
    with Checkouts(manifest, kept, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, root, checkouts=checkouts.trees),
            indexes=list(settings.indexes),
            locked=kept,
            builder=builds,
            checkout=checkouts.check_out,
            progress=progress,
            recorder=options.recorder,
        )
    file = builds.recorded(resolution.lock)
    # Where no fork was solved, the lock proved itself.
    stays = existing is not None and not resolution.forks and preferred is None
    text = unchanged_text(existing) if existing and stays else file.write(lock_target.locked)
    outcome = LockOutcome(
        location=lock_target.location,
        file=existing.file if existing and stays else file,
        existing=existing,
        first=existing is None,
        changed=existing is None or text != existing.text,
        written=False,
        seconds=monotonic() - lock_target.started,
        warnings=(
            *project.warnings,
            *settings.warnings,
            *lock_target.warnings,
            *builds.warnings,
            *resolution.warnings,
            *unknown_upgrades(options.upgrade, file),
        ),
        notes=(*lock_target.first.notes, *settings.notes, *builds.notes(), *moved_builds(lock_target.locked, file)),
        counters=counters_of(resolution),
    )
    return LockRun(target=lock_target, file=file, text=text, outcome=outcome)


def _other_maker(existing: ExistingLock) -> str | None:
    """Of what an existing lock is, in words, where it is not the lock of a script: a member without name or extras."""
    if not existing.lock.inputs:
        return f"it is a lock by {existing.lock.created_by} that records no script"
    if any(line.startswith(_COMPILED) for line in existing.text.splitlines()):
        return "`locktool compile` made it"
    members = existing.lock.members
    is_script = len(members) == 1 and members[0].name is None and not (members[0].extras or members[0].groups)
    return None if is_script else "it is the lock of a project"


def _written(run: LockRun, *, dry_run: bool) -> LockOutcome:
    if not run.outcome.changed or dry_run:
        return run.outcome
    replace_file(run.outcome.location, run.text.encode())
    return run.outcome.after_writing()


def unknown_upgrades(
    upgrade: bool | list[str],  # noqa: FBT001 - the type of the option
    file: LockFile,
) -> list[str]:
    """A sentence for each package that was to be upgraded by name, and that neither resolution nor builds have."""
    asked = upgrade if isinstance(upgrade, list) else []
    names = {*file.names, *(name for name, _ in file.build_pins)} if asked else set()
    return [
        f"{name} was to be upgraded, but nothing requires it{did_you_mean(normalize_name(name), sorted(names))}"
        for name in asked
        if normalize_name(name) not in names
    ]


def unchanged_text(existing: ExistingLock) -> str:
    """The text of a lock that stays: to the last comment, unless readers of TOML 1.0 or of any TOML refuse it."""
    if existing.file.is_conflicted or not existing.file.is_portable:
        return existing.file.write()
    return existing.text


def read_existing(location: str) -> ExistingLock | None:
    """Read the lock that is about to be replaced; None where there is none.

    Where git left conflict markers, the side of the checked-out branch is read. A lock that cannot be read
    otherwise is an error, because locking without it would move every version.
    """
    file = LockFile.read_replaced(location)
    if file is None:
        return None
    warnings: tuple[str, ...] = ()
    if file.is_conflicted:
        shown = display_path(location)
        warnings = (f"{shown} had git conflict markers in it; versions of your side are kept where they can be",)
    return ExistingLock(location=location, text=file.text or "", file=file, warnings=warnings)
