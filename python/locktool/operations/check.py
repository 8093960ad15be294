"""Checks locks: of one project, or all at and below some directories.

The proof itself is the extension's `check` and `check_lock`; here the locks are found. Imports are few on purpose: this
runs in hooks and before installs.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from locktool import _native
from locktool.exceptions import LockError, LocktoolError, ProjectError
from locktool.lock.file_name import LOCK_NAME, is_lock_name

_PROJECT_FILE = "pyproject.toml"
_ENVIRONMENT_FILE = "pyvenv.cfg"
_SKIPPED = frozenset({"node_modules", "__pycache__"})


class LockCheck(NamedTuple):
    """One lock: the outcome of its check, or the error that kept it from being checked.

    `with_inputs` is false for a lock that does not record its inputs: it is proved to be sound, and no more.
    """

    path: Path
    outcome: "_native.CheckOutcome | None" = None
    error: LocktoolError | None = None
    with_inputs: bool = True

    @property
    def holds(self) -> bool:
        """Whether there is no reason against the lock."""
        return self.outcome is not None and not self.outcome.reasons

    def as_json(self) -> dict[str, Any]:
        """The outcome as a JSON document."""
        if self.outcome is None:
            error = self.error and {"code": self.error.code, "message": self.error.message}
            return {"path": str(self.path), "holds": False, "error": error}
        return {
            "path": str(self.path),
            "holds": self.holds,
            "reasons": [_reason_as_json(reason) for reason in self.outcome.reasons],
            "unverified": list(self.outcome.unverified),
            "absent": list(self.outcome.absent),
        }


def check_project(directory: Path = Path(), *, absent_sources: bool = False) -> LockCheck:
    """Check the lock of the project in `directory`: the project's files are read, and nothing is written.

    With `absent_sources` required directories that are not there are believed as the lock records them. Raises
    ProjectError and LockError where a file cannot be read.
    """
    outcome = _native.check(str(directory), absent_sources=absent_sources)
    return LockCheck(Path(outcome.path), outcome)


def check_directories(directories: Iterable[Path], *, absent_sources: bool = False) -> list[LockCheck]:
    """Check every lock at and below some directories; one that cannot be read does not stop the others.

    Beside a pyproject.toml a `pylock.toml` is checked against the project, every other lock against what it records
    itself. Hidden directories and virtual environments are left out. A directory without a lock is an error among the
    results, with the code `lock-missing`.
    """
    checks: dict[Path, LockCheck] = {}
    for directory in directories:
        locks = list(_find_locks(directory.resolve()))
        if not locks:
            checks[directory] = LockCheck(directory, error=_nothing_found(directory))
        for lock in locks:
            if lock not in checks:
                checks[lock] = _check_found(lock, absent_sources=absent_sources)
    return list(checks.values())


def _nothing_found(directory: Path) -> LocktoolError:
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "does not exist"
        return ProjectError("missing-project", f"{directory} {what}", path=str(directory))
    message = f"there is no lock in {directory} or below it"
    return LockError("lock-missing", message, path=str(directory), suggestion="run `locktool lock` to make one")


def _find_locks(top: Path) -> Iterator[Path]:
    root = _root_with_lock(top)
    if root is not None:
        yield root / LOCK_NAME
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not _is_skipped(folder, name))
        for name in sorted(files):
            if name == LOCK_NAME and _PROJECT_FILE in files and not _is_root(folder):
                continue
            if is_lock_name(name):
                yield Path(folder, name)


def _root_with_lock(directory: Path) -> Path | None:
    """The root of the workspace that a directory belongs to, where it stands above the directory and has a lock."""
    try:
        root = Path(_native.find_root(str(directory)))
    except ProjectError:
        return None
    return root if root != directory and (root / LOCK_NAME).is_file() else None


def _is_root(folder: str) -> bool:
    """Whether a project is the root of its workspace; members have no lock of their own."""
    try:
        return Path(_native.find_root(folder)) == Path(folder)
    except ProjectError:
        # The check says what is wrong with the project.
        return True


def _is_skipped(folder: str, name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or Path(folder, name, _ENVIRONMENT_FILE).is_file()


def _check_found(path: Path, *, absent_sources: bool) -> LockCheck:
    with_inputs = path.name == LOCK_NAME and path.with_name(_PROJECT_FILE).is_file()
    try:
        if with_inputs:
            return check_project(path.parent, absent_sources=absent_sources)
        return LockCheck(path, _native.check_lock(str(path)), with_inputs=False)
    except LocktoolError as error:
        return LockCheck(path, error=error, with_inputs=with_inputs)


def _reason_as_json(reason: "_native.StaleReason") -> dict[str, str | None]:
    document: dict[str, str | None] = {
        "code": reason.code,
        "message": reason.message,
        "package": reason.package,
        "suggestion": reason.suggestion,
    }
    return document if reason.key is None else document | {"key": reason.key, "then": reason.then, "now": reason.now}
