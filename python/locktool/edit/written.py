"""A requirement as a person wrote it: its parts, and the same text with other extras, versions or bounds.

In: texts of requirements. Out: texts in which only the part that is meant differs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from locktool._native import Marker, Requirement, Version, normalize_name, requirement_text

if TYPE_CHECKING:
    from collections.abc import Sequence

BOUNDS = ("lower", "exact", "major", "minor", "none")
LEADING_NAME_END = " \t[(<>=!~;@,"
# A marker ends an address only behind white space.
PARTS = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*"
    r"(?P<rest>@\s*\S+|[^;]*?)\s*(?:;\s*(?P<marker>.*))?",
    re.DOTALL,
)
LOWER_BOUND = re.compile(r"(?P<operator>>=|~=)(?P<space>\s*)(?P<version>[^\s,;()]+)")


class Written(NamedTuple):
    """The parts of a requirement as written; `rest` is its specifiers, its address with the `@`, or nothing."""

    head: str
    extras: tuple[str, ...]
    rest: str
    marker: str | None

    @classmethod
    def of(cls, text: str) -> Written:
        """Take a requirement apart. Raises InvalidRequirement for a text that is none."""
        requirement_text(text)
        found = PARTS.fullmatch(text)
        if found is None:
            # Whatever is written in an unusual way has a canonical form that is not.
            return cls.of(requirement_text(text))
        extras = (extra.strip() for extra in (found["extras"] or "").split(","))
        return cls(found["name"], tuple(extra for extra in extras if extra), found["rest"], found["marker"])

    def __str__(self) -> str:
        """The requirement without superfluous spaces."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        is_address = self.rest.startswith("@")
        rest = f" {self.rest}" if is_address else self.rest
        marker = f"{' ' if is_address else ''}; {self.marker}" if self.marker else ""
        return f"{self.head}{extras}{rest}{marker}"


def written_name(requirement: str) -> str:
    """The normalised name at the head of a requirement as written."""
    end = next((index for index, character in enumerate(requirement) if character in LEADING_NAME_END), None)
    head = requirement.strip() if end is None else requirement[:end]
    try:
        return normalize_name(head.strip())
    except ValueError:
        return head


def is_same_entry(written: str, requirement: str) -> bool:
    """Whether two requirements are about the same package under the same condition."""
    one, other = Requirement(requirement_text(written)), Requirement(requirement_text(requirement))
    always = Marker.always()
    return one.name == other.name and (one.marker or always) == (other.marker or always)


def merged(written: str, requirement: str) -> str:
    """What one entry becomes when a requirement with its condition is added.

    It keeps its extras and gets those of the requirement as well; versions or an address that the requirement names
    take the place of its own. The requirement is written as it is where nothing of the entry remains.
    """
    old, new = Written.of(written), Written.of(requirement)
    own = {normalize_name(extra) for extra in new.extras}
    kept = [extra for extra in old.extras if normalize_name(extra) not in own]
    if new.rest and not kept:
        return requirement
    if not new.rest and own <= {normalize_name(extra) for extra in old.extras}:
        return written
    extras = tuple(sorted({normalize_name(extra): extra for extra in (*kept, *new.extras)}.values()))
    return str(old._replace(extras=extras, rest=new.rest or old.rest))


def with_bound(requirement: str, versions: Sequence[Version], bounds: str) -> str:
    """A requirement that names no version, with bounds from the versions that were resolved for it.

    `lower` is `>=1.4.2`; `exact` `==1.4.2`; `minor` `>=1.4.2,<1.5`; `major` `>=1.4.2,<2`, where leading zeros count as
    parts of the major version: `>=0.4.2,<0.5`. Several versions, of several environments, are all within the bounds.
    """
    written = Written.of(requirement)
    if not versions or written.rest or bounds == "none":
        return requirement
    lowest, highest = min(versions), max(versions)
    specifier = f">={lowest.public}"
    if bounds == "exact":
        specifier = f"=={lowest.public}" if lowest == highest else f"{specifier},<={highest.public}"
    elif bounds == "minor":
        specifier += f",<{next_release(highest, 1)}"
    elif bounds == "major":
        zeros = next((index for index, number in enumerate(highest.release) if number), 0)
        specifier += f",<{next_release(highest, zeros)}"
    return str(written._replace(rest=specifier))


def next_release(version: Version, place: int) -> str:
    """The first release in which the number at a place of the version is higher: after 1.4.2 `2` at 0, `1.5` at 1."""
    numbers = [*version.release[: place + 1], *([0] * (place + 1 - len(version.release)))]
    numbers[place] += 1
    epoch = f"{version.epoch}!" if version.epoch else ""
    return epoch + ".".join(map(str, numbers))


def raised(requirement: str, version: Version) -> str:
    """A requirement with its lower bound (`>=`, `~=`) raised to a version; one that is as high already stays.

    `~=` keeps how many numbers it names, since they say how far it reaches.
    """
    written = Written.of(requirement)
    if written.rest.startswith("@"):
        return requirement

    def raise_bound(found: re.Match[str]) -> str:
        bound = Version(found["version"])
        target = version.public
        if found["operator"] == "~=":
            length = len(bound.release)
            numbers = [*version.release, *([0] * length)][:length]
            target = (f"{version.epoch}!" if version.epoch else "") + ".".join(map(str, numbers))
        if not bound < Version(target) <= version:
            return found[0]
        return f"{found['operator']}{found['space']}{target}"

    rest = LOWER_BOUND.sub(raise_bound, written.rest)
    return requirement if rest == written.rest else requirement.replace(written.rest, rest, 1)
