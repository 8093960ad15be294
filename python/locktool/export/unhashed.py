"""What pip has to be given where some entries of a file have no hash, and which pip reads a lock.

pip refuses directories and repositories beside entries that have hashes. In: a lock. Out: a sentence, or None.
"""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded: a first lock says which pip reads it.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from locktool.lock.model import Lock, Package

PIP_OF_LOCKS = "pip from 26.3 on"
"""The versions of pip that read a lock, and that have the option `--no-require-hashes`."""

_NAMED = 3


def unhashed_note(lock: Lock, leaving_out: Iterable[str], *, is_lock: bool) -> str | None:
    """What to do with the entries that have no hash beside those that have one; None where all or none have one.

    `leaving_out` are options that leave such entries out; `is_lock` says that a lock is written, whose hashes stay.
    """
    names = [package.name for package in unhashed(lock)]
    if not names or len(names) == len(lock.packages):
        return None
    verb, them = "is a directory or repository and has", "it"
    if len(names) > 1:
        verb, them = "are directories or repositories and have", "them"
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    ways = [f"leave {them} out ({flags})"] if (flags := ", ".join(leaving_out)) else []
    ways += [] if is_lock else ["write no hashes (--no-hashes)"]
    ways.append(f"give {PIP_OF_LOCKS} the option --no-require-hashes")
    return f"{listed} {verb} no hash, which pip refuses beside those that have one: {', or '.join(ways)}"


def unhashed(lock: Lock) -> list[Package]:
    """The entries without a hash."""
    return [package for package in lock.packages if not any(file.hashes for file in package.files())]
