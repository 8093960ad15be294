"""The grid on which a lock is proved: environments times choices of extras and groups, with markers as bit masks.

Each point is one bit, so that `and`, `or` and `not` of markers are those of integers, and what a lock selects anywhere
is proved in one walk.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.markers import Marker, UndefinedComparison, UndefinedEnvironmentName

from lock_oracle.environments import Environment, environments_for

if TYPE_CHECKING:
    from collections.abc import Iterable

Choice = tuple[str, str]
"""`("extra", name)` or `("group", name)`."""


class Grid:
    """The points, and the mask of every marker text that was asked for."""

    def __init__(self, environments: list[Environment], choices: tuple[Choice, ...]) -> None:
        self.environments = environments
        self.selections = [
            frozenset(chosen)
            for count in range(len(choices) + 1)
            for chosen in itertools.combinations(sorted(choices), count)
        ]
        self.everywhere = (1 << (len(environments) * len(self.selections))) - 1
        self._row = (1 << len(self.selections)) - 1
        self._places = {selection: place for place, selection in enumerate(self.selections)}
        self._known: dict[tuple[str, str], int] = {}

    def mask(self, text: str | None, extra: str = "") -> int:
        """Where a marker holds; `extra` is what the variable of that name is.

        A marker that nobody can evaluate holds nowhere.
        """
        if text is None:
            return self.everywhere
        key = (text, extra)
        if key not in self._known:
            try:
                self._known[key] = self._evaluated(Marker(text), extra)
            except (UndefinedComparison, UndefinedEnvironmentName):
                self._known[key] = 0
        return self._known[key]

    def chosen(self, choice: Choice) -> int:
        """Where an extra or group is chosen."""
        row = sum(1 << place for selection, place in self._places.items() if choice in selection)
        return self._repeated(row)

    def in_conflict(self, conflicts: Iterable[frozenset[Choice]]) -> int:
        """Where two of what may not be chosen together are."""
        sets = list(conflicts)
        row = 0
        for selection, place in self._places.items():
            if any(len(conflict & selection) > 1 for conflict in sets):
                row |= 1 << place
        return self._repeated(row)

    def selected_by_part(self, needed: int, items: frozenset[Choice]) -> int:
        """Where an entry is needed by part of what is chosen: with some of `items` left out, and one of them kept."""
        found = 0
        for selection, place in self._places.items():
            kept = sorted(selection & items)
            for count in range(1, len(kept) + 1):
                for part in itertools.combinations(kept, count):
                    smaller = self._places[(selection - items) | frozenset(part)]
                    column = self._repeated(1 << smaller) & needed
                    found |= column << (place - smaller) if place >= smaller else column >> (smaller - place)
        return found

    def environments_of(self, mask: int) -> list[Environment]:
        """The environments of a mask's points."""
        width = len(self.selections)
        return [
            environment for place, environment in enumerate(self.environments) if (mask >> (place * width)) & self._row
        ]

    def _repeated(self, row: int) -> int:
        width = len(self.selections)
        return sum(row << (place * width) for place in range(len(self.environments)))

    def _evaluated(self, marker: Marker, extra: str) -> int:
        width = len(self.selections)
        text = str(marker)
        found = 0
        is_of_choices = "extras" in text or "dependency_groups" in text
        for number, environment in enumerate(self.environments):
            if not is_of_choices:
                found |= self._row << (number * width) if marker.evaluate({**environment, "extra": extra}) else 0
                continue
            for selection, place in self._places.items():
                extras = {name for kind, name in selection if kind == "extra"}
                groups = {name for kind, name in selection if kind == "group"}
                values: dict[str, str | set[str]] = {**environment, "extra": extra}
                values |= {"extras": extras, "dependency_groups": groups}
                if marker.evaluate(values, context="lock_file"):
                    found |= 1 << (number * width + place)
        return found


@lru_cache(maxsize=64)
def grid_for(
    markers: frozenset[str], requires_python: str | None, environments: frozenset[str], choices: tuple[Choice, ...]
) -> Grid:
    """The grid of the usual environments and those that the markers name, within what a project supports."""
    found = environments_for(sorted(markers), requires_python)
    declared = [Marker(text) for text in sorted(environments)]
    if declared:
        found = [environment for environment in found if any(marker.evaluate({**environment}) for marker in declared)]
    return Grid(found, choices)
