"""Reads pylock.toml: bytes to MessagePack to a Lock, with every way a lock can be unreadable as one LockError.

The core reads the file and its TOML; the keys are decoded here.
"""

import re
from pathlib import Path

from msgspec import ValidationError, msgpack

from locktool._native import MANIFEST_SCHEMA, display_path, parse_lock, read_lock_content
from locktool.exceptions import LockError
from locktool.lock.model import LOCK_VERSION, Lock

_RESTORE = "restore the file from version control, or delete it and make it again"
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_TYPES = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_TOML_TYPES = {
    "str": "a string",
    "int": "an integer",
    "float": "a float",
    "bool": "a boolean",
    "array": "an array",
    "object": "a table",
    "datetime": "a date-time",
}


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
    `lock-version-unsupported` where it is of another major version or its inputs are of a later schema.
    """
    location = display_path(str(path))
    record = ""
    try:
        lock = msgpack.decode(messagepack, type=Lock)
        record = "tool.locktool.members"
        _ = lock.members
    except ValidationError as error:
        message = f"{location} is not a lock as PEP 751 describes it: {_in_words(error, record)}"
        raise LockError("lock-invalid", message, path=str(path), suggestion=_RESTORE) from None
    major = LOCK_VERSION.partition(".")[0]
    if lock.lock_version.partition(".")[0] != major:
        message = f"{location} has lock-version {lock.lock_version}; this locktool reads {major}.x"
        raise LockError("lock-version-unsupported", message, path=str(path))
    _refuse_later_schema(lock, path)
    return lock


def _refuse_later_schema(lock: Lock, path: Path) -> None:
    """Raise LockError for inputs that this release would drop if it wrote the lock again."""
    schema = lock.inputs.get("schema")
    if isinstance(schema, int) and schema > MANIFEST_SCHEMA:
        message = (
            f"{display_path(str(path))} was written by a newer release of locktool: its inputs have schema {schema}, "
            f"this release reads schemas up to {MANIFEST_SCHEMA}"
        )
        suggestion = "upgrade locktool, or delete the file and lock again with this release"
        raise LockError("lock-version-unsupported", message, path=str(path), suggestion=suggestion)


def _in_words(error: ValidationError, record: str) -> str:
    """What msgspec found in a record, with the types of TOML: "`packages[0].name` is an integer where a string is
    expected".
    """
    text = str(error)
    reason, _, position = text.partition(" - at ")
    key = f"{record}{position.strip('`').removeprefix('$')}".removeprefix(".")
    missing = _MISSING.fullmatch(reason)
    if missing is not None:
        return f"`{key}.{missing[1]}` is missing" if key else f"`{missing[1]}` is missing"
    types = _TYPES.fullmatch(reason)
    if types is None:
        return text
    expected = next(name for name in types[1].split(" | ") if name != "null")
    found = f"{_TOML_TYPES.get(types[2], types[2])} where {_TOML_TYPES.get(expected, expected)} is expected"
    return f"`{key}` is {found}" if key else f"it has {found}"


def read_lock(path: Path) -> Lock:
    """Read a lock from a file. Raises LockError."""
    return decode_lock(parse_content(read_content(path), path), path)
