"""Which file names are those of locks (PEP 751)."""

import re

LOCK_NAME = "pylock.toml"
_LOCK_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")


def lock_name_of_script(script: str) -> str:
    """The name of a script's lock: `pylock.tool.toml` of `tool.py`.

    The standard has no dots between the two of a lock's name, so `a.b.py` has `pylock.a-b.toml`.
    """
    stem = script.removesuffix(".py").removesuffix(".pyw").strip(".")
    return f"pylock.{stem.replace('.', '-')}.toml"


def is_lock_name(name: str) -> bool:
    """Whether the standard has a lock under this file name: `pylock.toml` or `pylock.NAME.toml`."""
    return _LOCK_NAME.fullmatch(name) is not None
