"""Locks a project or a script: its file in, a standard lock out, versions of the existing lock kept where possible."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from msgspec import Struct

from locktool._native import LockFile, Project, did_you_mean, display_path, find_root, normalize_name, resolve
from locktool.exceptions import LockError
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME, lock_of_script
from locktool.lock.model import Lock
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.operations.builds import Builds, BuildsAsked
from locktool.operations.first_lock import FirstVersions, first_versions
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.outcome import LockOutcome, counters_of, moved_builds
from locktool.operations.repositories import checked_out
from locktool.scripts.read import read_script

Progress = Callable[[Any], None]

# How the core begins the first line of a compiled lock.
_COMPILED = "# Made by `locktool compile`"


class ExistingLock(Struct, frozen=True):
    """A lock found where one is to be written: the text that stands there, and what could be read of it."""

    text: str
    file: LockFile
    lock: Lock
    warnings: tuple[str, ...] = ()


def state_of(path: Path) -> tuple[int, int, int] | None:
    """What differs where another run has replaced a file: its number, size and time; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


class LockTarget(NamedTuple):
    """Where a lock is written, what stands there, and when the run began.

    `first` are the versions that another tool locked, which the first lock of a project begins with.
    """

    path: Path
    existing: ExistingLock | None
    started: float
    first: FirstVersions = FirstVersions()
    state: tuple[int, int, int] | None = None
    """Which file stood there when it was read; None for none."""

    @classmethod
    def of(cls, path: Path) -> "LockTarget":
        """Read what stands at the path. Raises LockError where it cannot be read."""
        started = monotonic()
        state = state_of(path)
        return cls(path, read_existing(path), started, state=state)

    @classmethod
    def of_project(cls, root: Path, options: RunOptions) -> "LockTarget":
        """Read what stands where the project of a root directory is locked. Raises LockError."""
        target = cls.of(root / LOCK_NAME)
        # Everything moves with an upgrade of all: then nothing is left to prefer.
        if target.existing or options.upgrade is True:
            return target
        return target._replace(first=first_versions(root))

    @classmethod
    def of_script(cls, script: Path) -> "LockTarget":
        """Read what stands where a script is locked. Raises LockError where it cannot be read or is another lock."""
        target = cls.of(lock_of_script(script))
        made_by = _other_maker(target.existing) if target.existing else None
        if made_by is not None:
            location, name = display_path(str(target.path)), display_path(str(script))
            message = f"{location} is where the lock of {name} belongs, but {made_by}; it is left as it is"
            suggestion = "move it to the name of another lock, or delete it, and run the command again"
            raise LockError("other-lock", message, path=str(target.path), suggestion=suggestion)
        return target

    @property
    def locked(self) -> LockFile | None:
        """The lock that stands there."""
        return self.existing.file if self.existing else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may be wrong with what stands there, in sentences."""
        return self.existing.warnings if self.existing else self.first.warnings


class LockRun(NamedTuple):
    """A resolution for a target and the text that records it, not yet written."""

    target: LockTarget
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
    options = options or RunOptions()
    lock_target = LockTarget.of_project(Path(find_root(str(directory))), options)
    project = Project.read(str(directory), locked=lock_target.locked)
    return _written(resolve_lock(project, lock_target, options, progress=progress), dry_run=dry_run)


def lock_script(
    script: Path, options: RunOptions | None = None, *, dry_run: bool = False, progress: Progress | None = None
) -> LockOutcome:
    """Resolve the metadata block of a script (PEP 723) and write `pylock.<name>.toml` beside it.

    Raises what `lock_project` does, and ProjectError where the file has no such block.
    """
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
    root = lock_target.path.parent
    rules, locked = options.apply_to(project.rules()), preferred or lock_target.locked
    builds = Builds(options, settings, BuildsAsked(rules, root, locked=locked))
    project = builds.complete(project)
    manifest = options.apply_to(project.manifest())
    known = existing.lock if existing else lock_target.first.lock
    if preferred is not None:
        known = lock_of(preferred, lock_target.path)
    with checked_out(manifest, known, options) as checkouts:
        resolution = resolve(
            manifest,
            resolve_options(options, settings, root, checkouts=checkouts.trees),
            indexes=list(settings.indexes),
            locked=locked or lock_target.first.file,
            builder=builds,
            checkout=checkouts.check_out,
            progress=progress,
            recorder=options.recorder,
        )
    file = builds.recorded(resolution.lock)
    if existing and not resolution.forks and preferred is None:
        # No fork was solved: the lock proved itself.
        lock, text = existing.lock, unchanged_text(existing)
    else:
        lock, text = lock_of(file, lock_target.path), file.write(lock_target.locked)
    outcome = LockOutcome(
        path=lock_target.path,
        lock=lock,
        diff=compare_packages(existing.lock.packages if existing else (), lock.packages),
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
            *unknown_upgrades(options.upgrade, lock, file),
        ),
        notes=(*lock_target.first.notes, *settings.notes, *builds.notes(), *moved_builds(lock_target.locked, file)),
        counters=counters_of(resolution),
    )
    return LockRun(lock_target, file, text, outcome)


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
    replace_file(run.outcome.path, run.text.encode())
    return run.outcome.after_writing()


def unknown_upgrades(
    upgrade: bool | list[str],  # noqa: FBT001 - the type of the option
    lock: Lock,
    file: LockFile,
) -> list[str]:
    """A sentence for each package that was to be upgraded by name, and that neither resolution nor builds have."""
    names = {package.name for package in lock.packages}
    names.update(name for name, _ in file.build_pins)
    asked = upgrade if isinstance(upgrade, list) else []
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
