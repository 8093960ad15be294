"""Reads pylock.toml: bytes to MessagePack to a Lock, with every way a lock can be unreadable as one LockError.

The core reads the file and its TOML; the keys are decoded here.
"""

from pathlib import Path

from msgspec import ValidationError, msgpack

from locktool._native import display_path, parse_lock, read_lock_content
from locktool.exceptions import LockError
from locktool.lock.model import LOCK_VERSION, Lock


def read_content(path: Path) -> bytes:
    """Read the bytes of a lock.

    Raises LockError with the code `lock-missing` or `lock-unreadable`.
    """
    return read_lock_content(str(path))


def parse_content(content: bytes, path: Path) -> bytes:
    """Turn the bytes of a lock into MessagePack.

    Raises LockError with the code `lock-conflicted` or `lock-unreadable`, with line and column.
    """
    return parse_lock(content, str(path))


def decode_lock(messagepack: bytes, path: Path) -> Lock:
    """Decode a lock document.

    Raises LockError with the code `lock-invalid` where it does not follow the standard, and
    `lock-version-unsupported` where it is of another major version.
    """
    location = display_path(str(path))
    try:
        lock = msgpack.decode(messagepack, type=Lock)
        _ = lock.members
    except ValidationError as error:
        message = f"{location} is not a lock as PEP 751 describes it: {error}"
        raise LockError("lock-invalid", message, path=str(path)) from None
    major = LOCK_VERSION.partition(".")[0]
    if lock.lock_version.partition(".")[0] != major:
        message = f"{location} has lock-version {lock.lock_version}; this locktool reads {major}.x"
        raise LockError("lock-version-unsupported", message, path=str(path))
    return lock


def read_lock(path: Path) -> Lock:
    """Read a lock from a file. Raises LockError."""
    return decode_lock(parse_content(read_content(path), path), path)
