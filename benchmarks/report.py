"""Shows what was measured of two tools: as a table, and as a picture of the ratios.

In: the rows of side_by_side.py. Out: texts. A ratio below one means that locktool takes less.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = "{:<28} {:<8} {:>9} {:>9} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}"
_ROW, _BAR, _LEFT, _TOP, _MOST = 20, 380, 270, 70, 2.0


@dataclass(frozen=True)
class Measured:
    """The medians of the runs of one phase; a failure has its last line. What is sent counts for cold runs alone."""

    project: str
    tool: str
    phase: str
    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    packages: int
    cache_bytes: int
    requests: int
    bytes_sent: int
    failure: str = ""


def pairs(rows: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    """The rows of both tools on the same phase of the same project."""
    by_tool = {(row.project, row.phase, row.tool): row for row in rows}
    keys = dict.fromkeys((row.project, row.phase) for row in rows)
    return [(by_tool[(*key, "locktool")], by_tool[(*key, "uv")]) for key in keys]


def ratio(ours: float, theirs: float) -> str:
    """The share of the other tool's figure, or a dash where there is none."""
    return f"{ours / theirs:.2f}" if ours and theirs else "-"


def table(rows: Sequence[Measured]) -> str:
    """A line for each phase: seconds of both, and ratios of time, processor time, memory, cache and bytes sent."""
    lines = [_COLUMNS.format("project", "phase", "locktool", "uv", "time", "CPU", "memory", "cache", "sent", "asked")]
    for ours, theirs in pairs(rows):
        failure = next((f"    {row.tool}: {row.failure.splitlines()[-1]}" for row in (ours, theirs) if row.failure), "")
        lines.append(
            _COLUMNS.format(
                ours.project[:28],
                ours.phase,
                f"{ours.seconds * 1000:.0f} ms",
                f"{theirs.seconds * 1000:.0f} ms",
                "-" if failure else ratio(ours.seconds, theirs.seconds),
                ratio(ours.cpu_seconds, theirs.cpu_seconds),
                ratio(ours.peak_megabytes, theirs.peak_megabytes),
                ratio(ours.cache_bytes, theirs.cache_bytes),
                ratio(ours.bytes_sent, theirs.bytes_sent),
                ratio(ours.requests, theirs.requests),
            )
        )
        lines += [failure] if failure else []
    return "\n".join(lines)


def machine() -> str:
    """What the figures were measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}"


def draw(rows: Sequence[Measured], command: str) -> str:
    """An SVG with a bar for each phase: the time of locktool as a share of uv's, whose time is the line at one."""
    found = [(ours, theirs) for ours, theirs in pairs(rows) if not (ours.failure or theirs.failure)]
    height = _TOP + _ROW * len(found) + 30
    unit = _BAR / _MOST
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _BAR + 70}" height="{height}" '
            'font-family="sans-serif" font-size="12">'
        ),
        f'<rect width="100%" height="{height}" fill="white"/>',
        '<text x="10" y="20" font-size="15" font-weight="bold">time of locktool as a share of uv\'s</text>',
        f'<text x="10" y="40" fill="#555">medians; {escape(machine())}; a shorter bar is less time</text>',
        f'<text x="10" y="56" fill="#555">{escape(command)}</text>',
        f'<line x1="{_LEFT + unit:.0f}" y1="{_TOP - 4}" x2="{_LEFT + unit:.0f}" y2="{height - 26}" stroke="#999"/>',
        f'<text x="{_LEFT + unit:.0f}" y="{height - 10}" text-anchor="middle" fill="#555">uv</text>',
    ]
    for number, (ours, theirs) in enumerate(found):
        share = ours.seconds / theirs.seconds
        top = _TOP + _ROW * number
        colour = "#2a7f62" if share <= 1 else "#b5651d"
        parts += [
            f'<text x="{_LEFT - 8}" y="{top + 13}" text-anchor="end">{escape(ours.project)}, {ours.phase}</text>',
            f'<rect x="{_LEFT}" y="{top + 2}" width="{min(share, _MOST) * unit:.0f}" height="14" fill="{colour}"/>',
            f'<text x="{_LEFT + min(share, _MOST) * unit + 5:.0f}" y="{top + 13}">{share:.2f}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
