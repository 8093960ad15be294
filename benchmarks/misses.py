"""Why targets are missed: where the profile shows that the time or the memory goes, and what was tried.

In: misses.toml and what targets.py, growth.py and values.py judge. Out: a line for each entry of the file that is still
true, and what nobody has explained.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import growth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from results import Measured
    from targets import Judgement
    from values import Values

MISSES = Path(__file__).with_name("misses.toml")


@cache
def declared() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(MISSES.read_text(encoding="utf-8"))


def of_projects(judgements: Sequence[Judgement]) -> list[str]:
    """A line for each entry, with the figures of the targets that it explains."""
    lines = []
    for entry in declared()["miss"]:
        if explained := [each for each in judgements if not each.reached and _speaks_of(entry, each)]:
            figures = ", ".join(map(str, explained))
            lines.append(f"{figures}. {entry['because']}")
    return lines


def of_values(values: Values) -> list[str]:
    """A line for each operation that misses its target."""
    because = declared()["values"]
    return [f"{group}: {because[group]}" for group in values.missed() if group in because]


def of_growth(rows: Sequence[Measured]) -> list[str]:
    """A line for each curve that is steeper than the target."""
    because = declared()["growth"]
    return [f"{each}. {because[_curve(each)]}" for each in growth.missed(rows) if _curve(each) in because]


def unexplained(judgements: Sequence[Judgement], rows: Sequence[Measured], values: Values) -> list[str]:
    """The misses that the file says nothing of: targets, curves and operations."""
    entries = declared()["miss"]
    targets = [each for each in judgements if not each.reached and not any(_speaks_of(one, each) for one in entries)]
    return [
        *map(str, targets),
        *(each for each in growth.missed(rows) if _curve(each) not in declared()["growth"]),
        *(group for group in values.missed() if group not in declared()["values"]),
    ]


def outdated(judgements: Sequence[Judgement], rows: Sequence[Measured], values: Values) -> list[str]:
    """What the file explains and is not missed: projects of its entries with the phase, curves and operations."""
    missed = [each for each in judgements if not each.reached]
    steep = [_curve(each) for each in growth.missed(rows)]
    return [
        *(
            f"{project}, {entry['phase']}: {entry['quantity']}"
            for entry in declared()["miss"]
            for project in entry["projects"]
            if not any(_speaks_of({**entry, "projects": [project]}, each) for each in missed)
        ),
        *(curve for curve in declared()["growth"] if curve not in steep),
        *(group for group in declared()["values"] if group not in values.missed()),
    ]


def _curve(text: str) -> str:
    return text.partition(":")[0]


def _speaks_of(entry: dict[str, Any], judgement: Judgement) -> bool:
    is_named = judgement.project.partition(" ")[0] in entry["projects"]
    return is_named and (judgement.phase, judgement.quantity) == (entry["phase"], entry["quantity"])
