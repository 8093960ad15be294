"""The shortest way through `locktool check` and `locktool lock`: plain arguments, and a lock that holds.

Both stand in hooks and before installs, so the extension alone is imported. Whatever needs more words or work
(other arguments, reasons, warnings, errors, a lock of other choices) is left to the command itself; `locktool check`
takes over what was found, so that no lock is proved twice.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from locktool import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_QUIET = ("-q", "--quiet")

# What checks of this process found, by directory, for the command that has to tell it.
_found: dict[str, _native.CheckOutcome | Exception] = {}


def holds(words: Sequence[str]) -> bool:
    """Whether these are plain arguments and the lock holds without a warning; it is said on stderr then."""
    started = monotonic()
    command = words[0] if words else ""
    quiet = any(word in _QUIET for word in words)
    flags = ["--frozen", *_QUIET] if command == "check" else _QUIET
    directory = _directory(words[1:], flags)
    if command not in ("check", "lock") or directory is None:
        return False
    outcome = _proved(command, directory)
    if outcome is None:
        return False
    if quiet:
        return True
    path = _native.display_path(outcome.path)
    if command == "check":
        _say(f"{path} is up to date and sound\n")
    else:
        count = f"{outcome.packages} package" + ("" if outcome.packages == 1 else "s")
        _say(f"Resolved {count} in {(monotonic() - started) * 1000:.0f} ms\n{path} is up to date\n")
    return True


def _proved(command: str, directory: str) -> _native.CheckOutcome | None:
    """What was found of a lock that holds without a warning; None for the rest, which is left to the command."""
    try:
        if command == "lock" and not _is_locked(directory):
            return None
        outcome = _native.check(directory)
    except Exception as error:  # noqa: BLE001 - the command reports it
        _leave_to_command(command, directory, error)
        return None
    if outcome.reasons or outcome.warnings or outcome.unverified:
        _leave_to_command(command, directory, outcome)
        return None
    # A plain `lock` takes back what an earlier command line chose.
    return None if command == "lock" and outcome.has_command_line else outcome


def _is_locked(directory: str) -> bool:
    """Whether the project of a directory has a lock: it is not read twice where it has none."""
    from locktool.lock.file_name import LOCK_NAME

    return os.path.exists(os.path.join(_native.find_root(directory), LOCK_NAME))


def _leave_to_command(command: str, directory: str, found: _native.CheckOutcome | Exception) -> None:
    # A lock that does not hold is resolved, whatever the reasons against it are.
    if command == "check":
        _found[directory] = found


def take_found(directory: str) -> _native.CheckOutcome | None:
    """What `holds` found of the lock of a directory, once; raises the error that it met."""
    found = _found.pop(directory, None)
    if isinstance(found, Exception):
        raise found
    return found


def _directory(words: Sequence[str], flags: Sequence[str]) -> str | None:
    """The directory of `[FLAG...] [--project DIR]`; None for other arguments."""
    directory, rest = ".", list(words)
    while rest:
        word = rest.pop(0)
        if word == "--project" and rest and not rest[0].startswith("-"):
            directory = rest.pop(0) or "."
        elif word not in flags:
            return None
    return directory


def _say(text: str) -> None:
    """Write to stderr; a lock holds also where nobody can hear it."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        # Python would try once more when it ends, and call that a failure.
        sys.stderr = None
