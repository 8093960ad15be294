"""Resolves an edited project and writes it together with its lock, or writes nothing.

In: the edited texts. Out: what changed of requirements, sources and the lock. The project is resolved from the texts,
so that a failure, an interrupt or a kill until then leaves every file as it was. Then both contents are on the disk
before the first file takes its name. The project comes first and the lock last: a process that is killed between the
two leaves a project with a stale lock, which `check` names and `lock` completes; the other way round the next `lock`
would silently undo the edit. A build reads what is on the disk, and may read what is edited: members that are built are
built again once their files are written, and if that fails, everything is written back.
"""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from msgspec import Struct

from locktool._native import Version, display_path
from locktool.edit.changes import Change, changes
from locktool.exceptions import ProjectError
from locktool.lock.replace import exclusively, replace_file, replace_files
from locktool.operations.editable import Editable, EditableProject
from locktool.operations.lock import LockRun, LockTarget, resolve_lock, state_of
from locktool.operations.options import RunOptions
from locktool.operations.outcome import LockOutcome
from locktool.operations.progress import Progress


class EditRun(Struct, frozen=True, kw_only=True):
    """How a command that edits runs. `dry_run` writes nothing; `frozen` edits without resolving and leaves the lock."""

    options: RunOptions = RunOptions()
    dry_run: bool = False
    frozen: bool = False
    progress: Progress | None = None


class EditedFile(NamedTuple):
    """One edited file and what changed in it."""

    path: Path
    changes: tuple[Change, ...]


class EditOutcome(Struct, frozen=True, kw_only=True):
    """What an edit did; `lock` is None where nothing was resolved, or where a script has no lock to write."""

    files: tuple[EditedFile, ...]
    lock: LockOutcome | None
    written: bool
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def lock_target_of(editable: Editable, options: RunOptions) -> LockTarget:
    """Where the lock of what is edited is, or would be."""
    if isinstance(editable, EditableProject):
        return LockTarget.of_project(str(editable.lock_path.parent), options)
    return (
        LockTarget.of_script(editable.file)
        if editable.writes_lock
        else LockTarget(location=str(editable.lock_path), existing=None, started=monotonic())
    )


def resolve_edited(
    editable: Editable,
    lock_target: LockTarget,
    run: EditRun,
    *,
    preferred: LockRun | None = None,
    builds_again: bool = False,
) -> LockRun:
    """Resolve the texts as they are now. After a first run, whose lock is `preferred`, nothing else may move.

    What a build of a member said in the first run holds in the second, unless it `builds_again`.
    """
    options = run.options
    if preferred is not None:
        # What the first run has told is not told again as "the lock has it".
        options = options._replace(upgrade=False, refresh=False, recorder=None)
    known = preferred.file if preferred else lock_target.locked
    project = editable.project(None if builds_again else known)
    resolved = resolve_lock(
        project,
        lock_target,
        options,
        preferred=preferred.file if preferred else None,
        progress=run.progress,
    )
    return resolved._replace(outcome=resolved.outcome.after(preferred.outcome)) if preferred else resolved


def write_edited(editable: Editable, run: EditRun, resolved: LockRun | None, started: float) -> EditOutcome:
    """Write the edited files and the lock, all or none. Raises OSError and ProjectError with the files as they were."""
    if resolved is None:
        # What is not resolved is at least read as the next run will read it.
        editable.project()
    lock = resolved.outcome if resolved and editable.writes_lock else None
    with exclusively(editable.lock_path.parent):
        contents = editable.files.contents()
        if resolved and lock and lock.changed:
            _refuse_other_lock(resolved)
            contents[lock.path] = resolved.text.encode()
        if not run.dry_run and contents:
            previous = {path: path.read_bytes() if path.exists() else None for path in contents}
            replace_files({str(path): content for path, content in contents.items()})
            if resolved and lock and _is_built(editable):
                resolved = _built_as_written(editable, run, resolved, previous)
                lock = resolved.outcome
            lock = lock and lock.after_writing()
    texts = sorted(editable.texts().items())
    return EditOutcome(
        files=tuple(EditedFile(path, tuple(changes(before, after))) for path, (before, after) in texts),
        lock=lock,
        written=bool(contents) and not run.dry_run,
        seconds=monotonic() - started,
        warnings=resolved.outcome.warnings if resolved else (),
        notes=resolved.outcome.notes if resolved else (),
    )


def _refuse_other_lock(run: LockRun) -> None:
    """Raise ProjectError where another run has written the lock since this one read it."""
    path = run.target.path
    if state_of(run.target.location) != run.target.state:
        message = f"{display_path(str(path))} was changed while its requirements were resolved; run the command again"
        raise ProjectError("changed-meanwhile", message, path=str(path))


def _is_built(editable: Editable) -> bool:
    """Whether the build system of an edited member knows something that its file leaves open."""
    edited = {path.parent for path in editable.files.texts()}
    return any(Path(directory) in edited for directory in editable.project().unbuilt)


def _built_as_written(
    editable: Editable, run: EditRun, resolved: LockRun, previous: Mapping[Path, bytes | None]
) -> LockRun:
    """The run with members built from what is written, its lock written. If that fails, the files are as before."""
    lock_path = resolved.target.path
    written = {path: path.read_bytes() for path in previous}
    try:
        again = resolve_edited(editable, resolved.target, run, preferred=resolved, builds_again=True)
        if again.outcome.changed:
            replace_file(lock_path, again.text.encode())
    except BaseException:
        for path, content in previous.items():
            if path.read_bytes() != written[path]:
                # Somebody else has saved it meanwhile.
                continue
            if content is None:
                path.unlink()
            else:
                replace_file(path, content)
        raise
    return again


def versions_of(resolved: LockRun, name: str) -> list[Version]:
    """The versions that an index serves of a package in a resolution; none where it comes from elsewhere."""
    return [
        Version(package.version)
        for package in resolved.outcome.lock.packages
        if package.name == name and package.version and not (package.vcs or package.directory or package.archive)
    ]
