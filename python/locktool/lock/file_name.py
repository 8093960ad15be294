"""Which file names are those of locks (PEP 751)."""

import re

LOCK_NAME = "pylock.toml"
_LOCK_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")


def is_lock_name(name: str) -> bool:
    """Whether the standard has a lock under this file name: `pylock.toml` or `pylock.NAME.toml`."""
    return _LOCK_NAME.fullmatch(name) is not None
