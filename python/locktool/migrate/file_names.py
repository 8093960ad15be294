"""Which files beside a project hold versions that another tool locked."""

from __future__ import annotations

import os

# What type checkers set; `typing` itself is not loaded: every first lock asks for these names.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

LOCKS_OF_OTHERS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock")
"""Locks of other tools; the first that has versions counts."""


def requirements_names(names: Iterable[str]) -> list[str]:
    """Those of some file names that requirements files usually have; `requirements.txt` comes first."""
    ranks = {name: _rank(name) for name in names}
    return sorted((name for name, rank in ranks.items() if rank is not None), key=lambda name: (ranks[name], name))


def _rank(name: str) -> int | None:
    if name == "requirements.txt":
        return 0
    if name.startswith("requirements") and name.endswith(".txt"):
        return 1
    return 2 if name.endswith("-requirements.txt") else None


def names_in(directory: str | os.PathLike[str]) -> list[str]:
    """The names of what is in a directory; none where it cannot be read."""
    try:
        return os.listdir(directory)
    except OSError:
        return []
