"""Reads pylock.toml: bytes to MessagePack to a Lock, with every way a lock can be unreadable as one LockError.

TOML is parsed by the extension; this module says where and why it failed, and what a person can do.
"""

from pathlib import Path
from typing import TypeVar

from msgspec import Raw, Struct, ValidationError, msgpack

from locktool._native import toml_to_messagepack
from locktool.exceptions import DocumentError, LockError
from locktool.lock.merge import first_conflict
from locktool.lock.model import LOCK_VERSION, Lock
from locktool.project.toml_source import place

LOCK_NAME = "pylock.toml"
T = TypeVar("T")


def read_content(path: Path) -> bytes:
    """Read the bytes of a lock.

    Raises LockError with the code `lock-missing` or `lock-unreadable`.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        message = f"{place(path)} does not exist"
        raise LockError("lock-missing", message, path=str(path), suggestion="run `locktool lock` to make it") from None
    except OSError as error:
        message = f"{place(path)} cannot be read: {error.strerror or error}"
        raise LockError("lock-unreadable", message, path=str(path)) from error


def parse_content(content: bytes, path: Path) -> bytes:
    """Turn the bytes of a lock into MessagePack.

    Raises LockError with the code `lock-conflicted` or `lock-unreadable`, with line and column.
    """
    try:
        return toml_to_messagepack(content)
    except DocumentError as error:
        line = first_conflict(content)
        if line is not None:
            message = f"{place(path, line)}: git left conflict markers in the lock"
            suggestion = "run `locktool lock`: it settles the conflict and keeps the versions of your side"
            raise LockError(
                "lock-conflicted", message, path=str(path), line=line, column=1, suggestion=suggestion
            ) from None
        raise LockError(
            "lock-unreadable",
            f"{place(path)}: {error.message}",
            path=str(path),
            line=error.line,
            column=error.column,
            suggestion="restore the file from version control, or delete it and run `locktool lock`",
        ) from None


class _Header(Struct, rename="kebab"):
    """The keys that every lock has; the packages are left as they are."""

    lock_version: str
    created_by: str
    packages: list[Raw]


def check_header(messagepack: bytes, path: Path) -> None:
    """Make sure that a document says it is a lock of a known version, at the price of its first keys.

    Raises LockError with the code `lock-invalid` or `lock-version-unsupported`.
    """
    _refuse_other_versions(_decode(messagepack, _Header, path).lock_version, path)


def _decode(messagepack: bytes, kind: type[T], path: Path) -> T:
    try:
        return msgpack.decode(messagepack, type=kind)
    except ValidationError as error:
        message = f"{place(path)} is not a lock as PEP 751 describes it: {error}"
        raise LockError("lock-invalid", message, path=str(path)) from None


def decode_lock(messagepack: bytes, path: Path) -> Lock:
    """Decode a lock document.

    Raises LockError with the code `lock-invalid` where it does not follow the standard, and
    `lock-version-unsupported` where it is of another major version.
    """
    lock = _decode(messagepack, Lock, path)
    _refuse_other_versions(lock.lock_version, path)
    return lock


def _refuse_other_versions(version: str, path: Path) -> None:
    if version.partition(".")[0] != LOCK_VERSION.partition(".")[0]:
        message = f"{place(path)} has lock-version {version}; this locktool reads {LOCK_VERSION.partition('.')[0]}.x"
        raise LockError("lock-version-unsupported", message, path=str(path))


def read_lock(path: Path) -> Lock:
    """Read a lock from a file. Raises LockError."""
    return decode_lock(parse_content(read_content(path), path), path)
