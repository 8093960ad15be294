"""Draws terminals as SVG, from what the commands print on the example index with colours on.

A picture is a list of steps: a file to write, or a command to show with its output. Nothing of it is written by hand.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documentation.sessions import Sessions

_COLUMNS = 104
_CHARACTER, _LINE, _MARGIN, _BAR = 8.4, 20, 18, 34
_BACKGROUND, _FOREGROUND, _FRAME = "#16181d", "#d8dee9", "#2a2e37"
# Contrast with the background is above 4.5 for each.
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff", "2": "#9aa4b2"}
_ESCAPE = re.compile(r"\x1b\[([\d;]*)m")

_PROJECT = """\
[project]
name = "demo"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [{requirements}]
"""

Step = tuple[str, str]
"""`("write", requirements)`, `("show", command)`, or `("run", command)` for what is not shown."""

PICTURES: dict[str, tuple[str, list[Step]]] = {
    "check": (
        "A check that holds, and one after the project changed",
        [
            ("write", '"httpx"'),
            ("run", "locktool lock"),
            ("show", "locktool check --frozen"),
            ("write", '"httpx", "rich>=13"'),
            ("comment", "# a requirement was added, and the project not locked"),
            ("show", "locktool check --frozen"),
            ("run", "locktool lock && sed 's/1.0.9\"$/1.0.7\"/' pylock.toml > new && mv new pylock.toml"),
            ("comment", "# the version of httpcore was edited in the lock"),
            ("show", "locktool check --frozen"),
        ],
    ),
    "failure": (
        "A resolution that fails, with two changes that work",
        [("write", '"django>=5.1", "wagtail==5.2.8"'), ("show", "locktool lock")],
    ),
}


def picture(name: str, sessions: Sessions) -> str:
    """The SVG of a picture."""
    title, steps = PICTURES[name]
    lines: list[str] = []
    with sessions.session() as session:
        for kind, text in steps:
            if kind == "write":
                session.write("pyproject.toml", _PROJECT.format(requirements=text))
            elif kind == "comment":
                lines.append(f"\x1b[2m{text}\x1b[0m")
            else:
                output = session.output(f"FORCE_COLOR=1 NO_COLOR= {text}" if kind == "show" else text)
                lines += [f"\x1b[32m$\x1b[0m {text}", *output.splitlines(), ""] if kind == "show" else []
    return _draw(title, [row for line in lines[:-1] for row in _wrapped(line)])


def _wrapped(line: str) -> Iterator[list[tuple[str, str]]]:
    """The rows of a line, each of spans with their style, broken where a terminal breaks them."""
    row: list[tuple[str, str]] = []
    width, style, position = 0, "", 0
    pieces = [*_ESCAPE.finditer(line), None]
    for piece in pieces:
        text = line[position : piece.start() if piece else len(line)]
        while width + len(text) > _COLUMNS:
            row.append((text[: _COLUMNS - width], style))
            yield row
            row, text, width = [], text[_COLUMNS - width :], 0
        if text:
            row.append((text, style))
            width += len(text)
        if piece:
            style, position = piece[1], piece.end()
    yield row


def _draw(title: str, rows: list[list[tuple[str, str]]]) -> str:
    width = round(2 * _MARGIN + _COLUMNS * _CHARACTER)
    height = _BAR + _MARGIN + len(rows) * _LINE
    texts = "\n".join(_text(row, _BAR + _LINE * number + 16) for number, row in enumerate(rows) if row)
    dots = "".join(f'<circle cx="{20 + 18 * number}" cy="17" r="5" fill="#4b5263"/>' for number in range(3))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{escape(title)}</title>
<rect width="{width}" height="{height}" rx="8" fill="{_BACKGROUND}" stroke="{_FRAME}"/>
{dots}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="{_FOREGROUND}">
{texts}
</g>
</svg>
"""


def _text(row: list[tuple[str, str]], y: int) -> str:
    """A row; each span has its place and its length, so that it fits whatever font there is."""
    spans, column = [], 0
    for text, style in row:
        codes = style.split(";")
        colour = next((_COLOURS[code] for code in codes if code in _COLOURS), "")
        attributes = (f' fill="{colour}"' if colour else "") + (' font-weight="bold"' if "1" in codes else "")
        # Browsers drop blanks at the start of a span.
        blanks = len(text) - len(text.lstrip())
        x, length = _MARGIN + (column + blanks) * _CHARACTER, (len(text) - blanks) * _CHARACTER
        spans.append(
            f'<tspan x="{x:.1f}" textLength="{length:.1f}"{attributes}>{escape(text.lstrip(), quote=False)}</tspan>'
        )
        column += len(text)
    return f'<text y="{y}">{"".join(spans)}</text>'
