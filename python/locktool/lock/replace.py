"""Replaces the content of a file, whole or not at all.

The bytes go to a file beside the target first and take its name once they are on the disk, so a reader, a
full disk or a killed process leave either the old content or the new. What a killed process leaves beside the target,
the next one takes away.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

_LONGEST_WRITE = 3600.0
# Windows has neither O_CLOEXEC nor directories that can be opened; POSIX has no O_BINARY.
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def replace_file(path: Path, content: bytes) -> bool:
    """Write `content` to `path` and say whether that changed anything.

    A file with these bytes already is not touched. Permissions are kept, and a symbolic link stays one:
    its target is replaced. Raises OSError, with the old file as it was.
    """
    target = Path(os.path.realpath(path))
    _forget_abandoned(target)
    with suppress(FileNotFoundError):
        if target.read_bytes() == content:
            return False
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        _write_through(beside, content)
        with suppress(FileNotFoundError):
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            reason = f"{error.strerror or error}; the file is left as it was"
            raise OSError(error.errno, reason, str(path)) from error
        raise
    _sync_directory(target.parent)
    return True


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
