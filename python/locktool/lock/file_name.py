"""Which file names are those of locks (PEP 751)."""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded: every lock has a name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

LOCK_NAME = "pylock.toml"


def lock_of_script(script: Path) -> Path:
    """Where the lock of a script is: `pylock.tool.toml` beside `tool.py`.

    The standard has no further dots in the name of a lock, so that of `a.b.py` is `pylock.a-b.toml`.
    """
    script = script.resolve()
    return script.with_name(lock_name_of_script(script.name))


def lock_name_of_script(name: str) -> str:
    """The file name of the lock of a script with this file name."""
    stem = name.removesuffix(".py").removesuffix(".pyw").strip(".")
    return f"pylock.{stem.replace('.', '-')}.toml"


def is_lock_name(name: str) -> bool:
    """Whether the standard has a lock under this file name: `pylock.toml` or `pylock.NAME.toml`."""
    first, *middle, last = name.split(".") if "." in name else (name, "")
    return (first, last) == ("pylock", "toml") and (not middle or (len(middle) == 1 and middle[0] != ""))
