"""Says what has changed between two locks, each a file or the lock of a git revision.

In: a project, and what to compare. Out: the changes, and what the two are called. Nothing is written.
"""

import subprocess
from pathlib import Path

from msgspec import Struct

from locktool._native import LockFile, Version, display_path
from locktool.building.git import run_git
from locktool.exceptions import LockError, ProjectError
from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.file_name import LOCK_NAME, lock_of_script
from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock
from locktool.lock.read import lock_of
from locktool.operations.find_locks import path_of_lock, root_of_lock

_HEAD = "HEAD"
_NAME_FILES = "name files: `locktool diff OLD [NEW]`"


class ComparedLocks(Struct, frozen=True, kw_only=True):
    """The changes from one lock to the other; `differ` says whether the texts differ, whatever moved."""

    before: str
    after: str
    diff: LockDiff
    differ: bool
    notes: tuple[str, ...] = ()


class _Side(Struct, frozen=True):
    label: str
    text: str | None
    lock: Lock


def diff_locks(
    directory: Path = Path(), old: str | None = None, new: str | None = None, *, script: Path | None = None
) -> ComparedLocks:
    """Compare two locks: `old`, by default that of HEAD, and `new`, by default the lock of the project, or of a script.

    Each is a file, a directory with a lock, or a git revision. In a revision that has no lock yet, nothing is locked.
    Raises LockError.
    """
    current = path_of_lock(directory, script) if new is None else None
    where = directory / LOCK_NAME if script is None else lock_of_script(script)
    before = _side(where, _HEAD if old is None else old)
    after = _of_file(current) if current else _side(where, str(new))
    return ComparedLocks(
        before=before.label,
        after=after.label,
        diff=compare_packages(before.lock.packages, after.lock.packages),
        differ=before.text != after.text,
        notes=tuple(f"{side.label} has no {where.name}" for side in (before, after) if side.text is None),
    )


def moves_back(change: PackageChange) -> bool:
    """Whether the newest version of a name is an older one than before."""
    if not all((*change.before, *change.after)):
        return False
    return max(map(Version, change.after)) < max(map(Version, change.before))


def _side(where: Path, name: str) -> _Side:
    """A side by its name; `where` is the lock that is meant of a directory or a revision."""
    path = Path(name)
    if path.is_dir():
        return _of_file(path / where.name)
    if path.exists():
        return _of_file(path)
    if where.name != LOCK_NAME:
        return _of_revision(where, name)
    try:
        root = root_of_lock(where.parent)
    except ProjectError:
        # A project of today that cannot be read says nothing about a revision.
        root = where.parent
    return _of_revision(root / LOCK_NAME, name)


def _of_file(path: Path) -> _Side:
    file = LockFile.read(str(path))
    return _Side(display_path(str(path)), file.text, lock_of(file, path))


def _of_revision(lock: Path, revision: str) -> _Side:
    root = lock.parent
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise _nothing(root, revision, found.stderr.decode(errors="replace").strip())
    shown = _git(root, "show", f"{found.stdout.decode().strip()}:./{lock.name}")
    if shown.returncode:
        return _Side(revision, None, Lock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=()))
    label = f"{revision}:{lock.name}"
    file = LockFile.parse(shown.stdout, label)
    return _Side(revision, file.text, lock_of(file, Path(label)))


def _nothing(root: Path, revision: str, reason: str) -> LockError:
    """The error for what names no revision."""
    message = f"{revision} is neither a file nor a git revision"
    if "not a git repository" in reason:
        reason = f"{display_path(str(root))} is in no git repository"
        if revision == _HEAD:
            message, reason = f"{reason}, so there is no last commit to compare with", ""
    text = f"{message}: {reason}" if reason else message
    return LockError("nothing-to-compare", text, path=revision, suggestion=_NAME_FILES)


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return run_git(root, *words)
    except FileNotFoundError:
        message = "git is not installed, so only files can be compared"
        raise LockError("no-git", message, suggestion=_NAME_FILES) from None
