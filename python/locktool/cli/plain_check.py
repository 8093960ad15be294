"""The shortest way through `locktool check`: plain arguments, and a lock that holds.

It stands in hooks and before installs, so it imports the extension and nothing else. Whatever needs more words (other
arguments, reasons, warnings, errors) is left to the command itself, which asks again.
"""

import sys

from locktool import _native

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def holds(words: "Sequence[str]") -> bool:
    """Whether these are plain arguments of `check` and the lock holds without a warning; it is said on stderr then."""
    directory = _directory(words)
    if directory is None:
        return False
    try:
        outcome = _native.check(directory)
    except Exception:  # noqa: BLE001 - the command meets it again and reports it
        return False
    if outcome.reasons or outcome.warnings or outcome.unverified:
        return False
    _say(f"{_native.display_path(outcome.path)} is up to date and sound\n")
    return True


def _directory(words: "Sequence[str]") -> str | None:
    """The directory that `check [--frozen] [--project DIR]` is about; None for other arguments."""
    if not words or words[0] != "check":
        return None
    directory, rest = ".", list(words[1:])
    while rest:
        word = rest.pop(0)
        if word == "--project" and rest and not rest[0].startswith("-"):
            directory = rest.pop(0) or "."
        elif word != "--frozen":
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
