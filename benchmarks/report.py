"""Shows what was measured as tables of text: both tools with ratios and targets, and seconds of further tools.

In: rows of results.py. Out: texts. A ratio below one means that locktool takes less; behind it stands the target, if
there is one, with `!` where it is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets import Judgement, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from results import Measured

COLUMNS = ("project", "phase", "locktool", "uv", "time", "CPU", "memory", "cache", "sent", "asked")
_WIDTHS = "{:<28} {:<8} {:>9} {:>9} {:>11} {:>6} {:>11} {:>11} {:>6} {:>6}"


def pairs(rows: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    """The rows of both tools on the same phase of the same project."""
    by_tool = {(row.project, row.phase, row.tool): row for row in rows}
    keys = dict.fromkeys((row.project, row.phase) for row in rows)
    both = [(by_tool.get((*key, "locktool")), by_tool.get((*key, "uv"))) for key in keys]
    return [(ours, theirs) for ours, theirs in both if ours and theirs]


def ratio(ours: float, theirs: float) -> str:
    """The share of the other tool's figure, or a dash where there is none."""
    return f"{ours / theirs:.2f}" if ours and theirs else "-"


def cells(rows: Sequence[Measured]) -> list[tuple[str, ...]]:
    """A row of texts for each phase, under COLUMNS."""
    judged = {(each.project, each.phase, each.quantity): each for each in judge(rows)}

    def judged_ratio(ours: Measured, quantity: str, figure: str) -> str:
        target = judged.get((ours.project, ours.phase, quantity))
        return f"{figure} {_target(target)}" if target else figure

    return [
        (
            ours.project,
            ours.phase,
            milliseconds(ours),
            milliseconds(theirs),
            judged_ratio(ours, "time", "-" if ours.failure or theirs.failure else ratio(ours.seconds, theirs.seconds)),
            ratio(ours.cpu_seconds, theirs.cpu_seconds),
            judged_ratio(ours, "memory", ratio(ours.peak_megabytes, theirs.peak_megabytes)),
            judged_ratio(ours, "cache", ratio(ours.cache_bytes, theirs.cache_bytes)),
            ratio(ours.bytes_sent, theirs.bytes_sent),
            ratio(ours.requests, theirs.requests),
        )
        for ours, theirs in pairs(rows)
    ]


def summary_cells(rows: Sequence[Measured]) -> list[tuple[str, ...]]:
    """A heading, and a row for each project: the time ratios of its phases, then memory and the cache."""
    time, memory, cache = (COLUMNS.index(name) for name in ("time", "memory", "cache"))
    found = {row[:2]: row for row in cells(rows)}
    phases = list(dict.fromkeys(phase for _, phase in found))
    columns = [(phase, phase, time) for phase in phases]
    columns += [(f"memory, {phase}", phase, memory) for phase in ("warm", "cold") if phase in phases]
    columns += [("cache", "cold", cache)] if "cold" in phases else []

    def cell(project: str, phase: str, column: int) -> str:
        row = found.get((project, phase))
        return row[column] if row else "-"

    projects = dict.fromkeys(project for project, _ in found)
    return [
        ("project", *(title for title, _, _ in columns)),
        *((project, *(cell(project, phase, column) for _, phase, column in columns)) for project in projects),
    ]


def _target(judgement: Judgement) -> str:
    return f"≤{judgement.at_most:g}" + ("" if judgement.reached else "!")


def milliseconds(row: Measured) -> str:
    """The median in milliseconds, or that the run failed."""
    return "failed" if row.failure else f"{row.seconds * 1000:.0f} ms"


def other_judgements(rows: Sequence[Measured]) -> list[Judgement]:
    """The judgements that are no ratio to uv: above the interpreter alone, and beside a sister project."""
    return [each for each in judge(rows) if each.quantity in {"above-baseline", "sister"}]


def table(rows: Sequence[Measured]) -> str:
    """A line for each phase, then what failed and the targets that are no ratio to uv."""
    lines = [_WIDTHS.format(*COLUMNS)]
    lines += [_WIDTHS.format(row[0][:28], *row[1:]) for row in cells(rows)]
    lines += [f"    {each}" + ("" if each.reached else " (missed)") for each in other_judgements(rows)]
    return "\n".join([*lines, *failures(rows)])


def failures(rows: Sequence[Measured]) -> list[str]:
    """The last line of each failed phase."""
    return [
        f"    {row.tool}, {row.project}, {row.phase}: {row.failure.splitlines()[-1]}" for row in rows if row.failure
    ]


def others_cells(rows: Sequence[Measured]) -> list[tuple[str, ...]]:
    """A heading and a row for each project and phase: the seconds of each tool, and how many entries its lock has."""
    tools = list(dict.fromkeys(row.tool for row in rows))
    by_key = {(row.project, row.phase, row.tool): row for row in rows}
    keys = dict.fromkeys((row.project, row.phase) for row in rows)

    def seconds(row: Measured | None) -> str:
        if row is None:
            return "-"
        over = row.failure.startswith("no answer in")
        taken = f"{row.seconds:.2f} s ({row.packages})"
        return row.failure.replace("no answer in", ">") if over else "failed" if row.failure else taken

    return [
        ("project", "phase", *tools),
        *((*key, *(seconds(by_key.get((*key, tool))) for tool in tools)) for key in keys),
    ]


def others_table(rows: Sequence[Measured]) -> str:
    """The seconds of each tool, a line for each project and phase."""
    lines = [f"{row[0]:<28} {row[1]:<6}" + "".join(f" {cell:>14}" for cell in row[2:]) for row in others_cells(rows)]
    return "\n".join([*lines, *failures(rows)])
