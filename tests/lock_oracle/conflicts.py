"""Extras and groups that may not be chosen together: those that the project declares, and those that follow.

`all = ["demo[one]"]` brings `one`, and a group brings those that it includes. Two that bring two sides of a conflict in
the same environment are a conflict as well.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from lock_oracle.requirements import marker_of, name_of, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lock_oracle.grid import Grid
    from lock_oracle.project import Project

Side = dict[str, str]
Choice = tuple[str, str]
Node = tuple[str | None, Choice]
"""An extra or group of a member."""


def conflicts_of(project: Project, grid: Grid) -> list[list[Side]]:
    """Every set, each side as a lock records it."""
    declared = [[_normalised(side) for side in sides] for sides in project.settings.get("conflicts", [])]
    edges = list(_edges(project, grid))
    found: dict[tuple[Choice, ...], list[Side]] = {}
    sets = choices_of(declared)
    for sides in declared:
        for one, other in itertools.combinations(sides, 2):
            ones, others = (_bringers(side, project, grid, edges) for side in (one, other))
            both = ones.keys() & others.keys()
            for first, second in itertools.product(ones.keys() - both, others.keys() - both):
                pair = tuple(sorted((first, second)))
                if ones[first] & others[second] and not any(set(pair) <= known for known in sets):
                    found[pair] = [{kind: name} for kind, name in pair]
    return declared + list(found.values())


def choices_of(conflicts: Iterable[Iterable[Side]]) -> list[frozenset[Choice]]:
    """The sets as what is chosen, whichever member has it."""
    return [frozenset(_choice(side) for side in sides) for sides in conflicts]


def _normalised(side: Side) -> Side:
    return {"member" if key == "package" else key: canonicalize_name(name) for key, name in side.items()}


def _choice(side: Side) -> Choice:
    return next((kind, side[kind]) for kind in ("extra", "group") if kind in side)


def _edges(project: Project, grid: Grid) -> Iterable[tuple[Node, Node, int]]:
    names = {member.name for member in project.members if member.name}
    for member in project.members:
        parts: dict[Choice, tuple[str, ...]] = {("extra", name): texts for name, texts in member.extras.items()}
        parts |= {("group", name): texts for name, texts in member.groups.items()}
        for part, texts in parts.items():
            for text in texts:
                if name_of(text) in names:
                    for extra in parsed(text).extras:
                        target = (name_of(text), ("extra", canonicalize_name(extra)))
                        yield (member.name, part), target, grid.mask(marker_of(text))
        for group, included in member.includes.items():
            for one in included:
                masks = [grid.mask(marker_of(text)) for text in member.groups[one]]
                if masks:
                    where = masks[0]
                    for mask in masks[1:]:
                        where |= mask
                    yield (member.name, ("group", group)), (member.name, ("group", one)), where


def _bringers(side: Side, project: Project, grid: Grid, edges: list[tuple[Node, Node, int]]) -> dict[Choice, int]:
    named = [member for member in project.members if member.name and member.name == side.get("member")]
    reach: dict[Any, int] = {(member.name, _choice(side)): grid.everywhere for member in named or project.members}
    while True:
        before = dict(reach)
        for source, target, mask in edges:
            if mask & reach.get(target, 0):
                reach[source] = reach.get(source, 0) | (mask & reach[target])
        if reach == before:
            break
    found: dict[Choice, int] = {}
    for (_, choice), mask in reach.items():
        found[choice] = found.get(choice, 0) | mask
    return found
