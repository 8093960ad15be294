"""Finds the locks at and below a directory, and the project or script that each of them belongs to.

In: a directory, or a lock. Out: a `FoundLock` for each lock, and an error for each directory or project that hides
what is in it. The root of a workspace is looked up once, not once for each of its members.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from locktool import _native
from locktool.exceptions import LockError, LocktoolError, ProjectError
from locktool.lock.file_name import LOCK_NAME, is_lock_name, lock_name_of_script, lock_of_script

_PROJECT_FILE = "pyproject.toml"
_ENVIRONMENT_FILE = "pyvenv.cfg"
_SCRIPTS = (".py", ".pyw")
_COMPILED = "# Made by `locktool compile`"
_SKIPPED = frozenset({"node_modules", "__pycache__"})


class FoundLock(NamedTuple):
    """A lock on disk. `root` is the root of the workspace where the lock lies in the directory of a member.

    `script` is the script beside it that it is the lock of.
    """

    path: Path
    has_project: bool = False
    root: Path | None = None
    script: Path | None = None


class UnreadableDirectory(NamedTuple):
    """A directory whose content is unknown, and why."""

    path: Path
    error: LocktoolError


def root_of_lock(directory: Path) -> Path:
    """Where the lock of the project in `directory` lies: the root of its workspace.

    Where no project can be read it is the directory itself, if it has a lock. Raises ProjectError.
    """
    try:
        return Path(_native.find_root(str(directory)))
    except ProjectError:
        if (directory / LOCK_NAME).is_file():
            return directory
        raise


def path_of_lock(directory: Path, script: Path | None = None) -> Path:
    """The lock of the project in `directory`, or of a script. Raises ProjectError, and LockError for a missing one."""
    if script is None:
        return root_of_lock(directory) / LOCK_NAME
    path = lock_of_script(script)
    if not path.exists():
        message = f"{_native.display_path(str(path))} does not exist"
        command = f"`locktool lock --script {_native.display_path(str(script.resolve()))}`"
        raise LockError("lock-missing", message, path=str(path), suggestion=f"run {command} to make it")
    return path


def find_locks(top: Path) -> Iterator[FoundLock | UnreadableDirectory]:
    """Every lock at and below `top`, and the lock of each workspace that `top` or a project below it belongs to.

    Hidden directories and virtual environments are left out. A lock may come more than once.
    """
    roots = _WorkspaceRoots()
    yield from _lock_of_root(roots.root_of(top))
    unreadable: list[OSError] = []
    for folder, folders, files in os.walk(top, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not _is_skipped(folder, name))
        root = roots.root_of(Path(folder)) if _PROJECT_FILE in files else None
        member_root = root if root != Path(folder) else None
        if member_root is not None:
            yield from _lock_of_root(member_root)
        for name in sorted(filter(is_lock_name, files)):
            yield _found(Path(folder, name), files, member_root)
    for error in unreadable:
        yield _unreadable(error, top)


def find_lock(path: Path) -> FoundLock:
    """One lock, with the project or script that it belongs to."""
    folder = path.parent
    files = [each.name for each in folder.iterdir()]
    root = _WorkspaceRoots().root_of(folder) if _PROJECT_FILE in files else None
    return _found(path, files, root if root != folder else None)


def _found(path: Path, files: list[str], member_root: Path | None) -> FoundLock:
    """A lock among the files of its directory; `member_root` is the root of the workspace that has the directory."""
    if path.name != LOCK_NAME:
        return FoundLock(path, script=_script_of(path, files))
    has_project = _PROJECT_FILE in files
    return FoundLock(path, has_project and member_root is None, member_root if has_project else None)


def _script_of(path: Path, files: list[str]) -> Path | None:
    """The script whose lock has this name, unless the lock was compiled or exported."""
    names = [name for name in files if name.endswith(_SCRIPTS) and lock_name_of_script(name) == path.name]
    # A pipe would be waited for.
    scripts = [script for script in map(path.with_name, sorted(names)) if script.is_file()]
    if not scripts or not path.is_file() or _is_made_of_something_else(path):
        return None
    from locktool.scripts.read import OPENING

    for script in scripts:
        try:
            lines = script.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            # The check of the lock says so.
            return script
        if any(found is not None and found["type"] == "script" for found in map(OPENING.fullmatch, lines)):
            return script
    return None


def _is_made_of_something_else(path: Path) -> bool:
    from locktool.export.pylock import HEADER

    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline()
    except OSError:
        # The check of the lock says so.
        return False
    return first == HEADER or first.startswith(_COMPILED)


def _lock_of_root(root: Path | None) -> Iterator[FoundLock]:
    if root is not None and os.path.isfile(root / LOCK_NAME):  # noqa: PTH113 - pathlib raises PermissionError
        yield FoundLock(root / LOCK_NAME, has_project=True)


def _is_skipped(folder: str, name: str) -> bool:
    if name.startswith(".") or name in _SKIPPED:
        return True
    # A directory that may not be searched is no environment; the walk reports it.
    return os.path.isfile(os.path.join(folder, name, _ENVIRONMENT_FILE))  # noqa: PTH113, PTH118 - as above


def _unreadable(error: OSError, top: Path) -> UnreadableDirectory:
    path = Path(error.filename or top)
    message = f"{_native.display_path(str(path))} cannot be listed: {error.strerror or error}"
    suggestion = "make it readable, or name only the directories whose locks are to be checked"
    return UnreadableDirectory(
        path, ProjectError("directory-unreadable", message, path=str(path), suggestion=suggestion)
    )


class _WorkspaceRoots:
    """The root of the workspace of each project, with all members of a workspace learnt at once."""

    def __init__(self) -> None:
        self._known: dict[Path, Path] = {}

    def root_of(self, directory: Path) -> Path | None:
        """The root; None where the directory belongs to no project that can be read."""
        if directory not in self._known:
            try:
                root = Path(_native.find_root(str(directory)))
            except ProjectError:
                # The check of a lock that is found there says what is wrong with the project.
                return None
            self._known[directory] = root
            if root not in self._known or root == directory:
                self._learn_members(root)
        return self._known[directory]

    def _learn_members(self, root: Path) -> None:
        self._known[root] = root
        try:
            members = _native.Project.read(str(root)).members
        except ProjectError:
            return
        for member in members:
            self._known[Path(os.path.normpath(root / member.path))] = root
