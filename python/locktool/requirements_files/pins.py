"""Reads the pins of a requirements.txt that a tool wrote: which version of which package, and where.

In: the bytes of a file. Out: one `Pin` for each line that names one version. Everything else is left out: a file of
pins is read for its versions, and a line that is none does no harm. Whoever writes over the file asks first whether it
is one of requirements at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from locktool._native import Requirement
from locktool.exceptions import InvalidText
from locktool.requirements_files.line import (
    COMMENT,
    OPTIONS,
    SPELLINGS,
    decode_text,
    join_continuations,
    line_error,
)
from locktool.requirements_files.local import ADDRESS, NAMED_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# What git leaves around both sides of a conflict.
CONFLICT = re.compile(r"^[<=>|]{7}(?: .*)?$", re.MULTILINE)
LONGEST_SHOWN = 60
LOCATION = re.compile(r"[./~]|[A-Za-z]:[\\/]")


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


def refuse_other_text(path: Path, data: bytes) -> None:
    """Raise ProjectError at the first line that no requirements file has; conflict markers of git are passed over."""
    for number, joined in join_continuations(CONFLICT.sub("", decode_text(path, data))):
        line = COMMENT.sub("", joined).strip()
        if line and not is_of_requirements(line):
            raise line_error(path, number, f"{line[:LONGEST_SHOWN]!r} is no requirement")


def is_of_requirements(line: str) -> bool:
    """Whether a line is a requirement, a path, an address or an option; what they name need not exist."""
    found = OPTIONS.search(line)
    text, written = (line[: found.start()].strip(), line[found.start() :].split()) if found else (line, [])
    option = written[0].partition("=")[0] if written else ""
    if option and option not in SPELLINGS and option[:2] not in SPELLINGS:
        return False
    if not text or LOCATION.match(text) or ADDRESS.match(text) or NAMED_ADDRESS.fullmatch(text):
        return True
    try:
        Requirement(text)
    except InvalidText:
        return False
    return True
