"""Reads the pins of a requirements.txt that a tool wrote: which version of which package, and where.

In: the bytes of a file. Out: one `Pin` for each line that names one version. Everything else is left out: a file of
pins is read for its versions, and a line that is none does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from locktool._native import Requirement
from locktool.exceptions import InvalidText
from locktool.requirements_files.line import COMMENT, OPTIONS, decode_text, join_continuations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Pin(NamedTuple):
    """One version of a package; `marker` says where it holds, None everywhere."""

    name: str
    version: str
    marker: str | None = None


def read_pins(path: Path, data: bytes) -> tuple[Pin, ...]:
    """The pins of a file. Raises ProjectError where it is no text."""
    return tuple(pins_of(decode_text(path, data)))


def pins_of(text: str) -> Iterator[Pin]:
    """The pins of a text."""
    for _, joined in join_continuations(text):
        line = COMMENT.sub("", joined).strip()
        try:
            requirement = Requirement(OPTIONS.split(line, maxsplit=1)[0].strip())
        except InvalidText:
            continue
        specifiers = list(requirement.specifier)
        if len(specifiers) == 1 and specifiers[0].operator in {"==", "==="} and "*" not in specifiers[0].version:
            marker = None if requirement.marker is None else str(requirement.marker)
            yield Pin(requirement.name, specifiers[0].version, marker)
