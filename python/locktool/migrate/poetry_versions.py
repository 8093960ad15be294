"""Translates Poetry's version constraints into specifiers (PEP 440).

^1.2.3  >=1.2.3,<2.0.0      ~1.2.3  >=1.2.3,<1.3.0      1.2.3   ==1.2.3
^0.2.3  >=0.2.3,<0.3.0      ~1.2    >=1.2,<1.3          1.2.*   ==1.2.*
^0.0.3  >=0.0.3,<0.0.4      ~1      >=1,<2              *       every version
^0.0    >=0.0,<0.1          >=1 <2  >=1,<2              ^1 || ^2   >=1,<3, since the two meet
"""

from __future__ import annotations

import re
from typing import NamedTuple

from locktool._native import Specifier, SpecifierSet, Version
from locktool.exceptions import InvalidSpecifier, InvalidVersion, ProjectError

PART = re.compile(r"\s*(?P<operator>\^|~=|~|===|==|!=|<=|>=|<|>|=|)\s*(?P<version>(?:\d+!)?[^\s,^~=!<>]+)\s*,?")
ALTERNATIVES = re.compile(r"\s*\|\|?\s*")


class Range(NamedTuple):
    """What one alternative allows: its specifiers, and its ends where they alone say it."""

    specifiers: tuple[str, ...]
    lower: str | None = None
    upper: str | None = None


def specifiers_of(constraint: str) -> str:
    """The specifiers that say the same; the empty text for every version.

    Raises ProjectError for a constraint that is none, and for alternatives with a gap between them.
    """
    ranges = [read_range(part) for part in ALTERNATIVES.split(constraint.strip())]
    if any(not one.specifiers for one in ranges):
        return ""
    found = ranges[0] if len(ranges) == 1 else joined(ranges, constraint)
    return ",".join(found.specifiers)


def read_range(text: str) -> Range:
    """Read one alternative. Raises ProjectError."""
    specifiers: list[str] = []
    position = 0
    while position < len(text):
        match = PART.match(text, position)
        if match is None:
            raise unknown(text)
        specifiers += translated(match["operator"], match["version"], text)
        position = match.end()
    lower = [one[2:] for one in specifiers if one.startswith(">=")]
    upper = [one[1:] for one in specifiers if one.startswith("<") and one[1] != "="]
    is_plain = len(lower) == 1 and len(specifiers) == len(lower) + len(upper) and len(upper) <= 1
    return Range(tuple(specifiers), lower[0] if is_plain else None, upper[0] if is_plain and upper else None)


def translated(operator: str, version: str, text: str) -> list[str]:
    """One comparison as specifiers. Raises ProjectError."""
    if version == "*":
        return []
    try:
        if operator in {"^", "~"}:
            lower = Version(version)
            return [f">={version}", f"<{above(lower, caret=operator == '^')}"]
        return [str(Specifier(f"{'==' if operator in {'', '='} else operator}{version}"))]
    except (InvalidVersion, InvalidSpecifier):
        raise unknown(text) from None


def above(version: Version, *, caret: bool) -> str:
    """The first version that `^` or `~` no longer allows, with as many numbers as were written."""
    release = list(version.release)
    if caret:
        # The first number that is not zero may not change; where all are, the last one.
        place = next((place for place, number in enumerate(release) if number), len(release) - 1)
    else:
        place = min(1, len(release) - 1)
    epoch = f"{version.epoch}!" if version.epoch else ""
    raised = [*release[:place], release[place] + 1, *([0] * (len(release) - place - 1))]
    return epoch + ".".join(map(str, raised))


def joined(ranges: list[Range], constraint: str) -> Range:
    """Alternatives as one range. Raises ProjectError where they leave a gap, which specifiers cannot say."""
    if any(one.lower is None for one in ranges):
        raise unknown(constraint, "its alternatives are not plain ranges")
    ordered = sorted(ranges, key=lambda one: Version(one.lower or "0"))
    lower, upper = ordered[0].lower, ordered[0].upper
    for one in ordered[1:]:
        if upper is None:
            break
        if Version(one.lower or "0") > Version(upper):
            raise unknown(constraint, f"it leaves out what lies from {upper} to {one.lower}")
        upper = None if one.upper is None else max(upper, one.upper, key=Version)
    specifiers = (f">={lower}",) if upper is None else (f">={lower}", f"<{upper}")
    return Range(specifiers, lower, upper)


def python_marker(constraint: str) -> str | None:
    """The marker of Poetry's `python = "..."` beside a dependency; None for every Python."""
    alternatives = []
    for text in ALTERNATIVES.split(constraint.strip()):
        parts = []
        for one in SpecifierSet(",".join(read_range(text).specifiers)):
            field = "python_full_version" if one.version.count(".") > 1 and "*" not in one.version else "python_version"
            parts.append(f"{field} {one.operator} '{one.version}'")
        if not parts:
            return None
        alternatives.append(" and ".join(sorted(parts, reverse=True)))
    return " or ".join(alternatives)


def unknown(text: str, reason: str = "that is no version constraint of Poetry") -> ProjectError:
    """The error for a constraint that cannot be translated."""
    return ProjectError("untranslatable-constraint", f"{text!r} cannot be written as specifiers: {reason}")
