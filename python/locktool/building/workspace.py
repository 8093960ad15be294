"""Where builds work: each in a directory of its own below CACHE/builds, which is gone when the build ends.

One file system with what is cached, and not the system's temporary directory, which may be small or forbid programs.
What runs left that were killed is swept: a directory whose owner is gone, as the lock on a file in it tells.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from pathlib import Path

from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

BUILDS = "builds"
STALE_SECONDS = 24 * 60 * 60
_FRESH_SECONDS = 10
"""A directory that is younger may be one that its owner has yet to lock."""
_OWNER = ".owner"
_BOUNDARY = ".git"
"""An empty file of this name ends the search for a repository: a home directory may be one that no build is part of."""


class Swept(Record):
    """What a sweep removed."""

    files: int
    size: int


@contextlib.contextmanager
def build_directory(cache: Path | None) -> Iterator[Path]:
    """An empty directory for one build, removed with all that is in it.

    It lies below a cache directory, and without one, or where that cannot be written, among the temporary files.
    """
    directory = _new_directory(cache)
    owner = _owned(directory)
    try:
        yield directory
    finally:
        if owner is not None:
            owner.close()
        _remove(directory)


def sweep(cache: Path, older_than: float = STALE_SECONDS) -> Swept:
    """Remove the directories of builds that nobody owns and that are older than some seconds."""
    files = size = 0
    for directory in _directories(cache / BUILDS):
        with contextlib.suppress(OSError):
            if time.time() - directory.stat().st_mtime >= older_than and not _is_owned(directory):
                found = [entry.lstat().st_size for entry in directory.rglob("*") if not entry.is_dir()]
                _remove(directory)
                files, size = files + len(found), size + sum(found)
    return Swept(files=files, size=size)


def sweep_all(cache: Path) -> Swept:
    """Remove what no running build owns, and the directory of builds where nothing is left of it."""
    swept = sweep(cache, older_than=_FRESH_SECONDS)
    builds = cache / BUILDS
    if builds.is_dir() and not _directories(builds):
        (builds / _BOUNDARY).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            builds.rmdir()
    return swept


def new_directory(parent: Path, prefix: str = "") -> Path:
    """Make a directory that nobody else has, below one that is the user's own. Raises OSError."""
    directory = parent / f"{prefix}{os.urandom(8).hex()}"
    directory.mkdir(mode=0o700)
    return directory


def _new_directory(cache: Path | None) -> Path:
    if cache is not None:
        with contextlib.suppress(OSError):
            sweep(cache)
            builds = cache / BUILDS
            builds.mkdir(parents=True, exist_ok=True)
            (builds / _BOUNDARY).touch()
            return new_directory(builds)
    # It loads a good deal that a build has no other use for.
    import tempfile

    return Path(tempfile.mkdtemp(prefix="locktool-build-"))


def _directories(builds: Path) -> list[Path]:
    try:
        return [path for path in builds.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []


def _owned(directory: Path) -> IO[bytes] | None:
    """The open file that says that the directory is in use; it says so until it is closed, if only by our end."""
    try:
        file = (directory / _OWNER).open("wb")
    except OSError:
        return None
    _lock(file)
    return file


def _is_owned(directory: Path) -> bool:
    path = directory / _OWNER
    if sys.platform == "win32":
        # What is open cannot be removed there.
        try:
            path.unlink(missing_ok=True)
        except OSError:
            return True
        return False
    try:
        file = path.open("rb")
    except OSError:
        return False
    with file:
        return not _lock(file)


def _lock(file: IO[bytes]) -> bool:
    """Take the lock of a file, where the system has such locks; whether nobody else has it."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _remove(directory: Path) -> None:
    """Remove a directory, and what a build took the permissions from too; what stays is swept another time."""
    shutil.rmtree(directory, ignore_errors=True)
    if directory.exists():
        directory.chmod(0o700)
        for folder, names, _ in os.walk(directory):
            for name in names:
                path = Path(folder, name)
                if not path.is_symlink():
                    with contextlib.suppress(OSError):
                        path.chmod(0o700)
        shutil.rmtree(directory, ignore_errors=True)
