"""Reads pylock.toml into records: the core reads the file, and what a record must have is checked here."""

import re
from pathlib import Path

from msgspec import ValidationError, msgpack, structs

from locktool._native import LockFile, display_path
from locktool.exceptions import LockError
from locktool.lock.model import Lock

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


def read_lock(path: Path, script: Path | None = None) -> Lock:
    """Read a lock from a file; in that of a script the member has the name of the script. Raises LockError."""
    lock = lock_of(LockFile.read(str(path)), path)
    return lock if script is None else _named(lock, script.name)


def _named(lock: Lock, script: str) -> Lock:
    """The lock of a script with its name, which is never that of a package: those have no dots and no slashes."""
    if lock.tool is None or lock.tool.locktool is None:
        return lock
    name = script if "." in script else f"./{script}"
    inputs = lock.tool.locktool
    members = [{**member, "name": member.get("name") or name} for member in inputs.get("members", ())]
    return structs.replace(lock, tool=structs.replace(lock.tool, locktool={**inputs, "members": members}))


def lock_of(file: LockFile, path: Path) -> Lock:
    """What a lock says, as records; `path` is for messages.

    Raises LockError with the code `lock-invalid` where it does not follow the standard.
    """
    record = ""
    try:
        lock = msgpack.decode(file.to_messagepack(), type=Lock)
        record = "tool.locktool.members"
        _ = lock.members
    except ValidationError as error:
        message = f"{display_path(str(path))} is not a lock as PEP 751 describes it: {_in_words(error, record)}"
        raise LockError("lock-invalid", message, path=str(path), suggestion=_RESTORE) from None
    return lock


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
