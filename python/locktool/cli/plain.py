"""The shortest way through `locktool check` and `locktool lock`: plain arguments, and a lock that holds.

Both stand in hooks and before installs, so the extension alone is imported. Whatever needs more words or work
(other arguments, reasons, warnings, errors, a lock of other choices) is left to the command itself; `locktool check`
takes over what was found, so that no lock is proved twice. `locktool lock` is read here as far as its arguments are
plain, since argparse and what it loads take 7 ms (CPython 3.11, 2026-11-27).
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from locktool import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from locktool.cli.console import Console

_QUIET = ("-q", "--quiet")
# Options of `locktool lock` that may stand once, and their attributes; then those that collect values.
_SWITCHES = {
    "-U": "upgrade",
    "--upgrade": "upgrade",
    "--dry-run": "dry_run",
    "--offline": "offline",
    "--refresh": "refresh",
    "--no-cache": "no_cache",
}
_VALUES = {"--project": "project", "-i": "index_url", "--index-url": "index_url", "--cache-dir": "cache_dir"}
_LISTS = {
    "-P": "upgrade_package",
    "--upgrade-package": "upgrade_package",
    "--extra-index-url": "extra_index_url",
    "-f": "find_links",
    "--find-links": "find_links",
}


class PlainArguments:
    """The arguments of a command as argparse would give them, those of `locktool lock` that are not named left out."""

    verbose = 0
    json = False
    script = None
    trace = None
    dry_run = False
    upgrade = False
    index_url: str | None = None
    no_index = False
    offline = False
    refresh = False
    refresh_package: Sequence[str] = ()
    cache_dir: str | None = None
    no_cache = False

    def __init__(self, command: str) -> None:
        self.command = command
        self.project = "."
        self.quiet = 0
        self.upgrade_package: list[str] = []
        self.extra_index_url: list[str] = []
        self.find_links: list[str] = []
        self.choices: dict[str, Any] = {}

    def run(self, console: Console) -> int:
        """Run the command."""
        from locktool.cli.lock import run

        return run(self, console)


def plain_arguments(words: Sequence[str]) -> PlainArguments | None:
    """The arguments of a `locktool lock` in the directory of a project; None for what argparse has to read."""
    if not words or words[0] != "lock":
        return None
    arguments, rest = PlainArguments(words[0]), list(words[1:])
    is_named = False
    while rest:
        word = rest.pop(0)
        if word in _QUIET:
            arguments.quiet += 1
        elif word in _SWITCHES:
            setattr(arguments, _SWITCHES[word], True)
        elif (word in _VALUES or word in _LISTS) and rest and rest[0] and not rest[0].startswith("-"):
            is_named = is_named or word == "--project"
            if word in _VALUES:
                setattr(arguments, _VALUES[word], rest.pop(0))
            else:
                getattr(arguments, _LISTS[word]).append(rest.pop(0))
        else:
            return None
    # Without a name the project may be one above.
    return arguments if is_named or os.path.isfile("pyproject.toml") else None


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
    try:
        outcome = _native.check(directory)
    except Exception as error:  # noqa: BLE001 - the command reports it
        _leave_to_command(command, directory, error)
        return False
    if outcome.reasons or outcome.warnings or outcome.unverified:
        _leave_to_command(command, directory, outcome)
        return False
    if command == "lock" and outcome.has_command_line:
        # A plain `lock` takes back what an earlier command line chose.
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
