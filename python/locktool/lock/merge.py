"""Git conflict markers in a lock: finding them, and taking one side.

A conflicted lock is no reason to lose the versions in it: the side of the checked-out branch is a lock
again, and locking anew with it as preference gives what both branches need.
"""

import re

# Seven signs at the start of a line, as git writes them; a TOML line cannot start with any of the three.
_CONFLICT = re.compile(
    rb"^<{7}(?: [^\n]*)?\n(?P<ours>.*?)(?:^\|{7}(?: [^\n]*)?\n.*?)?^={7}\r?\n.*?^>{7}(?: [^\n]*)?(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_MARKER = re.compile(rb"^(?:<{7}|>{7}|\|{7})(?: |\r?$)", re.MULTILINE)


def first_conflict(content: bytes) -> int | None:
    """The line, counted from one, of the first conflict marker, or None."""
    found = _MARKER.search(content)
    return None if found is None else content.count(b"\n", 0, found.start()) + 1


def take_ours(content: bytes) -> bytes:
    """The content with each conflict replaced by the side of the branch that is checked out."""
    return _CONFLICT.sub(lambda conflict: conflict["ours"], content)
