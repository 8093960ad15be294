"""What refutes a lock: the entry or key, and a sentence."""

from __future__ import annotations

from typing import Any, NamedTuple


class Refutation(NamedTuple):
    """One thing that cannot be derived from lock and project, or that the standard forbids."""

    subject: str
    sentence: str


def title(entry: dict[str, Any]) -> str:
    """An entry as messages name it."""
    return f"{entry['name']} {entry['version']}" if "version" in entry else str(entry["name"])
