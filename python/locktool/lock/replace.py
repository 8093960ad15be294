"""Replaces the content of files, whole or not at all.

The bytes go to a file beside the target first and take its name once they are on the disk, so a reader, a
full disk or a killed process leave either the old content or the new. What a killed process leaves beside the target,
the next one takes away. A device or a pipe, such as /dev/null, is no file to replace: the bytes are written to it.
"""

import os
import signal
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

_LONGEST_WRITE = 3600.0
# Windows has neither O_CLOEXEC nor directories that can be opened; POSIX has no O_BINARY.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class _Replacement(NamedTuple):
    """A file that is on the disk beside its target; `previous` is what the target holds, None where there is none."""

    path: Path
    target: Path
    beside: Path
    previous: bytes | None


def replace_file(path: Path, content: bytes) -> bool:
    """Write `content` to `path` and say whether that changed anything.

    A file with these bytes already is not touched. Permissions are kept, and a symbolic link stays one:
    its target is replaced. Raises OSError, with the old file as it was.
    """
    return replace_files({path: content})


def replace_files(contents: Mapping[Path, bytes]) -> bool:
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
        with _uninterrupted():
            _rename(replacements)
    except BaseException:
        for replacement in replacements:
            with suppress(OSError):
                replacement.beside.unlink()
        raise
    for directory in {replacement.target.parent for replacement in replacements}:
        _sync_directory(directory)
    for path, content in streams.items():
        with path.open("wb", buffering=0) as stream:
            stream.write(content)
    return bool(replacements or streams)


@contextmanager
def exclusively(directory: Path) -> Iterator[None]:
    """Wait until no other run compares and replaces files of a directory, and keep others from it meanwhile.

    Where the system has no locks of directories, as Windows and some network file systems, two runs may still meet.
    """
    if os.name == "nt":
        yield
        return
    import fcntl

    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_stream(path: Path) -> bool:
    """Whether it is a device, a pipe or a socket, which has no content to keep."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _prepare(path: Path, content: bytes) -> _Replacement | None:
    """Write the content beside the target; None where the target has it already."""
    target = Path(os.path.realpath(path))
    _forget_abandoned(target)
    previous = None
    with suppress(FileNotFoundError):
        previous = target.read_bytes()
    if previous == content:
        return None
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        _write_through(beside, content)
        with suppress(FileNotFoundError):
            beside.chmod(target.stat().st_mode & 0o7777)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):
            raise _left(error, path) from error
        raise
    return _Replacement(path, target, beside, previous)


def _rename(replacements: list[_Replacement]) -> None:
    for number, replacement in enumerate(replacements):
        try:
            replacement.beside.replace(replacement.target)
        except OSError as error:
            for earlier in reversed(replacements[:number]):
                _restore(earlier)
            raise _left(error, replacement.path) from error


def _restore(replacement: _Replacement) -> None:
    if replacement.previous is None:
        replacement.target.unlink(missing_ok=True)
        return
    _write_through(replacement.beside, replacement.previous)
    replacement.beside.chmod(replacement.target.stat().st_mode & 0o7777)
    replacement.beside.replace(replacement.target)


def _left(error: OSError, path: Path) -> OSError:
    reason = f"{error.strerror or error}; the file is left as it was"
    return OSError(error.errno, reason, str(path))


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore an interrupt for a moment: it comes too late. In other threads none arrives anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        # None is a handler that was not set from Python and cannot be set again.
        if previous is not None:
            signal.signal(signal.SIGINT, previous)


def _write_through(path: Path, content: bytes) -> None:
    # A process of the same number that died here left this file behind.
    path.unlink(missing_ok=True)
    descriptor = os.open(path, _CREATE, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _forget_abandoned(target: Path) -> None:
    start, end = f".{target.name}.", ".tmp"
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            process = entry.name.removeprefix(start).removesuffix(end)
            if entry.name == f"{start}{process}{end}" and process.isdecimal() and _is_abandoned(entry, int(process)):
                Path(entry.path).unlink(missing_ok=True)


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


def _sync_directory(directory: Path) -> None:
    # The rename itself survives a power cut only when its directory is on the disk too.
    if os.name == "nt":
        return
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
