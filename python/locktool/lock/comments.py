"""Moves the comments of one piece of TOML text onto its rewritten form.

In: the old text, which a person may have commented, and the new text of the same tables. Out: the new text
with every comment of the old one, each at the key or array item it stood at; where that is gone, at the
nearest enclosing key, table, or the top. Only comments move: the values are those of the new text.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

# Strings come first, so that a `#`, a bracket or a line break inside them is not taken for TOML's own.
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n|[\[\]{}]|[^"\'#\n\[\]{}]+|.',
    re.DOTALL,
)


class _Anchor(NamedTuple):
    """What a comment is about: `("[[packages]] 0", "wheels", "{ url = ... }")`."""

    section: str
    key: str = ""
    item: str = ""


class _Line(NamedTuple):
    """One line of TOML; a value that spans lines as one string counts as one."""

    code: str
    comment: str
    anchor: _Anchor


def carry_comments(old: str, new: str, *, without: Collection[str] = ()) -> str:
    """Return `new` with the comments of `old`, except lines that are in `without`."""
    lines = _read_lines(new)
    lines_by_anchor: dict[_Anchor, int] = {}
    for number, line in enumerate(lines):
        if line.code:
            lines_by_anchor.setdefault(line.anchor, number)
    above: dict[int, list[str]] = {}
    beside: dict[int, str] = {}
    waiting: list[str] = []
    for line in _read_lines(old):
        if not line.code:
            if (line.comment and line.comment not in without) or (waiting and not line.comment):
                waiting.append(line.comment)
            continue
        number, exact = _find(line.anchor, lines_by_anchor)
        above.setdefault(number, []).extend(waiting)
        waiting = []
        if line.comment and exact and number not in beside:
            beside[number] = line.comment
        elif line.comment:
            above[number].append(line.comment)
    return _join(lines, above, beside, waiting)


def _find(anchor: _Anchor, lines_by_anchor: dict[_Anchor, int]) -> tuple[int, bool]:
    # From the item to its key, its table, the top; the flag says whether it is the very same anchor.
    for candidate in (anchor, anchor._replace(item=""), _Anchor(anchor.section)):
        if candidate in lines_by_anchor:
            return lines_by_anchor[candidate], candidate == anchor
    return min(lines_by_anchor.values(), default=0), False


def _join(lines: list[_Line], above: dict[int, list[str]], beside: dict[int, str], last: list[str]) -> str:
    result: list[str] = []
    for number, line in enumerate(lines):
        indentation = line.code[: len(line.code) - len(line.code.lstrip())]
        result += [indentation + comment if comment else "" for comment in above.get(number, [])]
        comment = line.comment or beside.get(number, "")
        result.append(f"{line.code}  {comment}" if line.code and comment else line.code or comment)
    while last and not last[-1]:
        last.pop()
    if last:
        while result and not result[-1]:
            result.pop()
        result += [*last, ""]
    return "\n".join(result)


def _read_lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    section, key, tables = "", "", 0
    code, comment, depth, depth_at_start = "", "", 0, 0
    for piece in [*_TOKEN.findall(text), None]:
        if piece is not None and piece != "\n":
            if piece.startswith("#"):
                comment = piece.rstrip()
                continue
            depth += (piece in ("[", "{")) - (piece in ("]", "}"))
            code += piece
            continue
        code = code.rstrip()
        stripped = code.strip()
        if depth_at_start:
            anchor = _Anchor(section, key, stripped.rstrip(","))
        elif stripped.startswith("["):
            tables += stripped.startswith("[[")
            section, key = f"{stripped} {tables}", ""
            anchor = _Anchor(section)
        else:
            key = stripped.partition("=")[0].rstrip()
            anchor = _Anchor(section, key)
        lines.append(_Line(code, comment, anchor))
        code, comment, depth_at_start = "", "", depth
    return lines
