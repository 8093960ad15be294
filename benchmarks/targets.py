"""Which targets of targets.toml the measured rows reach."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import BASELINE, Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGETS = Path(__file__).with_name("targets.toml")


@dataclass(frozen=True)
class Judgement:
    """A figure beside its target. Where a run failed there is no figure, and the target is not reached."""

    project: str
    phase: str
    quantity: str
    figure: float | None
    at_most: float

    @property
    def reached(self) -> bool:
        """Whether the figure, rounded as it is shown, is not above the target."""
        return self.figure is not None and round(self.figure, 2) <= self.at_most

    def __str__(self) -> str:
        figure = "not measured" if self.figure is None else f"{self.figure:.2f}"
        return f"{self.project}, {self.phase}: {self.quantity} {figure}, at most {self.at_most:g}"


@cache
def declared() -> dict[str, Any]:
    """The file."""
    return tomllib.loads(TARGETS.read_text(encoding="utf-8"))


def judge(rows: Sequence[Measured]) -> list[Judgement]:
    """Each target that speaks of a measured phase of both tools, and of what the rows have."""
    found: dict[tuple[str, str, str], tuple[bool, Judgement]] = {}
    by_key = {(row.name, row.phase, row.tool): row for row in rows}
    for target in declared()["target"]:
        for ours in rows:
            named = ours.name in target.get("projects", [])
            speaks = ours.phase in target["phases"] and (named or "projects" not in target)
            if ours.tool != "locktool" or not speaks:
                continue
            measured, figure = _figure(target, ours, by_key)
            key = (ours.project, ours.phase, target["quantity"])
            if measured and (named or key not in found):
                found[key] = named, Judgement(*key, figure, target["at_most"])
    return [judgement for _, judgement in found.values()]


def _figure(
    target: dict[str, Any], ours: Measured, by_key: dict[tuple[str, str, str], Measured]
) -> tuple[bool, float | None]:
    """Whether both sides were measured, and the figure; None where a run failed."""
    quantity = target["quantity"]
    project = target.get("sister", ours.name)
    tool = {"above-baseline": BASELINE, "sister": "locktool"}.get(quantity, "uv")
    other = by_key.get((project, ours.phase, tool))
    if other is None:
        return False, None
    if ours.failure or other.failure:
        return True, None
    if quantity == "above-baseline":
        return True, (ours.seconds - other.seconds) * 1000
    attribute = {"memory": "peak_megabytes", "cache": "cache_bytes"}.get(quantity, "seconds")
    return True, getattr(ours, attribute) / max(getattr(other, attribute), 1e-9)
