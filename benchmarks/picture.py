"""Draws what was measured as SVG: bars of ratios, and curves over the size of a registry.

The colours and the font are plain, so that a picture reads on a light and on a dark page: it has a ground of its own.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from report import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from results import Results

# What a reader asks first; the other phases stand in the table.
DRAWN = ("check", "warm", "cold")
_LESS, _MORE, _GREY = "#2a7f62", "#b5651d", "#555"
_ROW, _BAR, _LEFT, _TOP, _MOST = 20, 380, 270, 70, 2.0
_WIDTH, _HEIGHT, _MARGIN = 420, 300, 55
_COLOURS = {"locktool": "#2a7f62", "uv": "#6a51a3"}


def _head(width: float, height: float, title: str, lines: Sequence[str]) -> list[str]:
    return [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            'font-family="sans-serif" font-size="12">'
        ),
        f'<rect width="100%" height="{height:.0f}" fill="white"/>',
        _text(10, 20, title, 'font-size="15" font-weight="bold"'),
        *(_text(10, 40 + 16 * number, line, f'fill="{_GREY}"') for number, line in enumerate(lines)),
    ]


def _text(x: float, y: float, text: str, attributes: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {attributes}>{escape(text)}</text>'


def ratios_picture(results: Results) -> str:
    """A bar for each project and drawn phase: the time of locktool as a share of uv's, which is the line at one."""
    found = [
        (ours, theirs)
        for ours, theirs in pairs(results.rows)
        if ours.phase in DRAWN and not (ours.failure or theirs.failure)
    ]
    height = _TOP + _ROW * len(found) + 30
    unit = _BAR / _MOST
    line = _LEFT + unit
    parts = _head(
        _LEFT + _BAR + 70,
        height,
        "time of locktool as a share of uv's",
        [f"medians; {results.machine}; a shorter bar is less time", results.command],
    )
    for number, (ours, theirs) in enumerate(found):
        share = ours.seconds / theirs.seconds
        top = _TOP + _ROW * number
        width = min(share, _MOST) * unit
        parts += [
            _text(_LEFT - 8, top + 13, f"{ours.project}, {ours.phase}", 'text-anchor="end"'),
            (
                f'<rect x="{_LEFT}" y="{top + 2}" width="{width:.0f}" height="14" '
                f'fill="{_LESS if share <= 1 else _MORE}"/>'
            ),
            _text(_LEFT + width + 5, top + 13, f"{share:.2f}"),
        ]
    parts += [
        f'<line x1="{line:.0f}" y1="{_TOP - 4}" x2="{line:.0f}" y2="{height - 26}" stroke="#999"/>',
        _text(line, height - 10, "uv", f'text-anchor="middle" fill="{_GREY}"'),
    ]
    return "\n".join([*parts, "</svg>\n"])


Curve = list[tuple[float, float]]


def curves_picture(title: str, lines: Sequence[str], panels: Mapping[str, Mapping[str, Curve]]) -> str:
    """A panel for each question, side by side, with a curve for each tool; both axes are logarithmic."""
    width = _WIDTH * len(panels)
    height = _TOP + _HEIGHT
    parts = _head(width, height, title, lines)
    for number, (name, curves) in enumerate(panels.items()):
        parts += _panel(name, curves, number * _WIDTH)
    return "\n".join([*parts, "</svg>\n"])


def _panel(name: str, curves: Mapping[str, Curve], left: float) -> list[str]:
    points = [point for curve in curves.values() for point in curve]
    sizes = sorted({size for size, _ in points})
    low = math.floor(math.log10(min(seconds for _, seconds in points)))
    high = math.ceil(math.log10(max(seconds for _, seconds in points)))
    inner, tall = _WIDTH - 2 * _MARGIN, _HEIGHT - _MARGIN

    def x(size: float) -> float:
        share = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 0.5
        return left + _MARGIN + inner * share

    def y(seconds: float) -> float:
        return _TOP + 15 + (tall - 15) * (high - math.log10(seconds)) / max(high - low, 1)

    parts = [_text(left + _MARGIN, _TOP + 4, name, 'font-weight="bold"')]
    for power in range(low, high + 1):
        height = y(10.0**power)
        parts.append(
            f'<line x1="{x(sizes[0]):.0f}" y1="{height:.0f}" x2="{x(sizes[-1]):.0f}" y2="{height:.0f}" stroke="#ddd"/>'
        )
        label = f"{10**power:g} s" if power >= 0 else f"{10 ** (power + 3):g} ms"
        parts.append(_text(left + _MARGIN - 6, height + 4, label, f'text-anchor="end" fill="{_GREY}"'))
    parts += [_text(x(size), _TOP + tall + 18, f"{size:g}", f'text-anchor="middle" fill="{_GREY}"') for size in sizes]
    for tool, curve in curves.items():
        colour = _COLOURS.get(tool, "#333")
        path = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(x(curve[-1][0]) + 5, y(curve[-1][1]) + 4, tool, f'fill="{colour}"'))
    return parts
