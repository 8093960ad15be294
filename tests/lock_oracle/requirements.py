"""Requirements by meaning, and what the project's overrides, excludes and constraints make of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lock_oracle.grid import Grid
    from lock_oracle.project import Project

Meaning = tuple[str, tuple[str, ...], str, str | None, int]
Change = str | dict[str, Any]


@cache
def parsed(text: str) -> Requirement:
    """The requirement of a text."""
    return Requirement(text)


def name_of(text: str) -> str:
    """The normalised name of the package that is required."""
    return canonicalize_name(parsed(text).name)


def marker_of(text: str) -> str | None:
    """The text of a requirement's marker."""
    marker = parsed(text).marker
    return None if marker is None else str(marker)


def meaning_of(text: str, grid: Grid) -> Meaning:
    """What tells a requirement from another, however it is written."""
    found = parsed(text)
    extras = tuple(sorted(canonicalize_name(extra) for extra in found.extras))
    specifiers = ",".join(sorted(str(one) for one in found.specifier))
    return canonicalize_name(found.name), extras, specifiers, found.url, grid.mask(marker_of(text))


@dataclass(frozen=True)
class Parent:
    """Who requires something: a package or member; the project's groups are those of their member."""

    name: str | None
    version: str | None

    def is_meant(self, scope: dict[str, Any]) -> bool:
        """Whether a scope such as `{ name = "a", version = "1.0" }` names it."""
        if canonicalize_name(scope["name"]) != self.name:
            return False
        version = scope.get("version")
        return version is None or (self.version is not None and Version(version) == Version(self.version))


def changes_for(changes: Iterable[Change], parent: Parent) -> tuple[list[str], list[str]]:
    """What a list of changes says everywhere, and what it says under a parent."""
    everywhere, under = [], []
    for change in changes:
        if isinstance(change, str):
            everywhere.append(change)
        elif parent.is_meant(change["package"]):
            under += change["dependencies"]
    return everywhere, under


def effective(text: str, parent: Parent, settings: dict[str, Any]) -> list[str]:
    """The requirements that take the place of one: itself, its overrides, or none where it is excluded.

    An override's marker takes the place of that of the requirement; the extras that were asked for stay.
    """
    name = name_of(text)
    everywhere, under = changes_for(settings.get("excludes", []), parent)
    if name in {canonicalize_name(excluded) for excluded in [*everywhere, *under]}:
        return []
    return overrides(name, parent, settings) or [text]


def overrides(name: str, parent: Parent, settings: dict[str, Any]) -> list[str]:
    """What takes the place of a parent's requirements of a package: what is said of the parent, else of all."""
    everywhere, under = changes_for(settings.get("overrides", []), parent)
    return [one for one in under if name_of(one) == name] or [one for one in everywhere if name_of(one) == name]


def applies(text: str, extra: str, parent: Parent, grid: Grid, settings: dict[str, Any]) -> int:
    """Where a requirement applies when an extra of its parent is asked for, or none.

    Where an override takes its place its own marker says only whether the extra brings it.
    """
    marker = marker_of(text)
    mask = grid.mask(marker, extra)
    if not overrides(name_of(text), parent, settings):
        return mask
    return grid.everywhere if mask or "extra" not in (marker or "") else 0


def constraints(name: str, parent: Parent, settings: dict[str, Any]) -> list[str]:
    """The constraints on what a parent requires of a package."""
    everywhere, under = changes_for(settings.get("constraints", []), parent)
    return [text for text in [*everywhere, *under] if name_of(text) == name]


def decisive_names(project: Project, lock: dict[str, Any]) -> set[str]:
    """The packages whose version decides something: a requirement has specifiers for it, or a change names it."""
    described = [*project.members, *project.trees]
    texts = [text for member in described for text in member.dependencies]
    texts += [
        text for member in described for part in (member.extras, member.groups) for of in part.values() for text in of
    ]
    for entry in lock["packages"]:
        texts += entry.get("tool", {}).get("locktool", {}).get("requires", [])
    names = {name_of(text) for text in texts if parsed(text).specifier}
    for key in ("constraints", "overrides", "excludes"):
        for change in project.settings.get(key, []):
            scoped = isinstance(change, dict)
            if scoped:
                names.add(canonicalize_name(change["package"]["name"]))
            if key != "excludes":
                names |= {name_of(text) for text in (change["dependencies"] if scoped else [change])}
    return names
