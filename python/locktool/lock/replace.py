"""Replaces the content of files, whole or not at all.

The bytes go to a file beside the target first and take its name once they are on the disk, so a reader, a full disk,
a killed process or a power cut leave either the old content or the new. Nobody waits until the new name is on the disk
too, which takes as long as the content: a power cut in the next seconds may bring the old file back. What a killed
process leaves beside the target, the next one takes away. A device or a pipe, such as /dev/null, is no file to replace:
the bytes are written to it.
"""

from __future__ import annotations

import os
import stat
import time
from _signal import SIG_IGN, SIGINT, signal  # type: ignore[import-not-found]

from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock is written here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    _Path = str | os.PathLike[str]

_LONGEST_WRITE = 3600.0
# Windows has neither O_CLOEXEC nor directories that can be opened; POSIX has no O_BINARY.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class _Replacement(Record):
    """A file that is on the disk beside its target; `previous` is what the target holds, None where there is none."""

    path: str
    target: str
    beside: str
    previous: bytes | None


def replace_file(path: _Path, content: bytes) -> bool:
    """Write `content` to `path` and say whether that changed anything.

    A file with these bytes already is not touched. Permissions are kept, and a symbolic link stays one:
    its target is replaced. Raises OSError, with the old file as it was.
    """
    return replace_files({os.fspath(path): content})


def replace_files(contents: Mapping[str, bytes]) -> bool:
    """Write several files, all of them or none, and say whether that changed anything.

    Every content is on the disk before the first file takes its name, and an interrupt waits until the last one has.
    Where one cannot be replaced, those before it get their old content back. Only a process that is killed between two
    of the renames leaves some files replaced: those that come first. Raises OSError, with the old files as they were.
    """
    replacements: list[_Replacement] = []
    streams = {path: content for path, content in contents.items() if is_stream(path)}
    try:
        for path, content in contents.items():
            if path in streams:
                continue
            replacement = _prepare(path, content)
            if replacement is not None:
                replacements.append(replacement)
        with _Uninterrupted():
            _rename(replacements)
    except BaseException:
        for replacement in replacements:
            _remove(replacement.beside)
        raise
    for path, content in streams.items():
        with open(path, "wb", buffering=0) as stream:
            stream.write(content)
    return bool(replacements or streams)


class exclusively:  # noqa: N801 - used as `contextlib.contextmanager` makes them, which would have to be loaded
    """Waits until no other run compares and replaces files of a directory, and keeps others from it in the `with`.

    Where the system has no locks of directories, as Windows and some network file systems, two runs may still meet.
    """

    def __init__(self, directory: _Path) -> None:
        self._directory = directory
        self._descriptor: int | None = None

    def __enter__(self) -> None:
        if os.name == "nt":
            return
        import fcntl

        self._descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError:
            return
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def is_stream(path: _Path) -> bool:
    """Whether it is a device, a pipe or a socket, which has no content to keep."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _prepare(path: str, content: bytes) -> _Replacement | None:
    """Write the content beside the target; None where the target has it already."""
    target = os.path.realpath(path)
    _forget_abandoned(target)
    previous = _content(target)
    if previous == content:
        return None
    beside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.{os.getpid()}.tmp")
    try:
        _write_through(beside, content)
        if previous is not None:
            os.chmod(beside, os.stat(target).st_mode & 0o7777)
    except BaseException as error:
        _remove(beside)
        if isinstance(error, OSError):
            raise _left(error, path) from error
        raise
    return _Replacement(path=path, target=target, beside=beside, previous=previous)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _rename(replacements: list[_Replacement]) -> None:
    for number, replacement in enumerate(replacements):
        try:
            os.replace(replacement.beside, replacement.target)
        except OSError as error:
            for earlier in reversed(replacements[:number]):
                _restore(earlier)
            raise _left(error, replacement.path) from error


def _restore(replacement: _Replacement) -> None:
    if replacement.previous is None:
        _remove(replacement.target)
        return
    _write_through(replacement.beside, replacement.previous)
    os.chmod(replacement.beside, os.stat(replacement.target).st_mode & 0o7777)
    os.replace(replacement.beside, replacement.target)


def _remove(path: str) -> None:
    """Remove a file if it is there and can be removed."""
    try:
        os.unlink(path)
    except OSError:
        pass


def _left(error: OSError, path: str) -> OSError:
    reason = f"{error.strerror or error}; the file is left as it was"
    return OSError(error.errno, reason, path)


class _Uninterrupted:
    """Ignores an interrupt for a moment: it comes too late."""

    def __enter__(self) -> None:
        try:
            self._previous = signal(SIGINT, SIG_IGN)
        except ValueError:
            # In other threads than the main one handlers cannot be set, and no interrupt arrives.
            self._previous = None

    def __exit__(self, *_: object) -> None:
        # None is also a handler that was not set from Python and cannot be set again.
        if self._previous is not None:
            signal(SIGINT, self._previous)


def _write_through(path: str, content: bytes) -> None:
    # A process of the same number that died here left this file behind.
    _remove(path)
    descriptor = os.open(path, _CREATE, 0o666)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _forget_abandoned(target: str) -> None:
    """Remove what processes left beside a target that ended before they could rename it."""
    try:
        for entry in _abandoned(target):
            _remove(entry)
    except OSError:
        # Who cannot list the directory leaves it as it is.
        return


def _abandoned(target: str) -> Iterator[str]:
    start, end = f".{os.path.basename(target)}.", ".tmp"
    with os.scandir(os.path.dirname(target)) as entries:
        for entry in entries:
            process = entry.name.removeprefix(start).removesuffix(end)
            if entry.name == f"{start}{process}{end}" and process.isdecimal() and _is_abandoned(entry, int(process)):
                yield entry.path


def _is_abandoned(entry: os.DirEntry[str], process: int) -> bool:
    if os.name == "nt":
        # Asking whether a process lives would interrupt it there; a write takes no hour.
        return time.time() - entry.stat().st_mtime > _LONGEST_WRITE
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return False
