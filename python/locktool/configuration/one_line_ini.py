"""Reads INI files of which each value has a line of its own, as nearly all files of pip's configuration are.

In: the text of a file. Out: what `configparser.RawConfigParser` reads of it, or None for a text that is left to it:
values of several lines, the section DEFAULT, and whatever it refuses. To load it takes a twelfth of a lock with a
filled cache (instructions, callgrind, jupyterlab, 2026-11-27).
"""

from __future__ import annotations

_DEFAULTS = "DEFAULT"
"""The section whose values every other one has."""


def read_one_line_values(text: str) -> dict[tuple[str, str], str] | None:
    """The values by section and key, keys in lower case; None where one may have several lines, or is none."""
    values: dict[tuple[str, str], str] = {}
    sections: set[str] = set()
    section = ""
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace():
            return None
        if line[0] == "[":
            section = stripped[1:-1]
            if stripped[-1] != "]" or not section or "]" in section or section in {_DEFAULTS, *sections}:
                return None
            sections.add(section)
            continue
        end = min((place for place in map(line.find, "=:") if place >= 0), default=0)
        key = (section, line[:end].rstrip().lower())
        if not section or not key[1] or key in values:
            return None
        values[key] = line[end + 1 :].strip()
    return values
