"""Where the statements of a TOML text stand, with the comments that belong to them, so that they can be moved.

In: a text. Out: for a table each of its keys with the comment lines above and the comment behind it, and the extents of
whole tables.
"""

from __future__ import annotations

from typing import NamedTuple

from locktool._native import toml_extents

Path = tuple[str | int, ...]


class Statement(NamedTuple):
    """One key of a table: from the first comment line above it to the end of its last line.

    `value` is the text of its value, with the comments that stand in it.
    """

    key: str
    value: str
    start: int
    end: int
    above: tuple[str, ...]
    behind: str


class Section(NamedTuple):
    """A header and what stands below it, up to the comment lines of the next header.

    `above` are the comments of the header itself, `tail` the comment lines behind the last key.
    """

    path: Path
    start: int
    end: int
    above: tuple[str, ...]
    statements: tuple[Statement, ...]
    tail: tuple[str, ...]


class TomlStatements:
    """The sections of a text in their order."""

    def __init__(self, text: str) -> None:
        """Find them. Raises DocumentError where the text is no TOML."""
        self.text = text
        self._extents = toml_extents(text)
        headers = sorted((self._extents[path][0], -len(path), path) for path in self._extents if self._is_header(path))
        starts: dict[int, Path] = {}
        for start, _, path in headers:
            starts.setdefault(start, path)
        lines = [(self._line_start(start), path) for start, path in starts.items()]
        begins = [self._above(line) for line, _ in lines]
        ends = [*begins[1:], len(text)]
        self.sections = [
            self._section(path, begin, line, end) for (line, path), begin, end in zip(lines, begins, ends, strict=True)
        ]

    def section(self, path: Path) -> Section | None:
        """The table with this header."""
        return next((section for section in self.sections if section.path == path), None)

    def below(self, path: Path) -> list[Section]:
        """The tables whose headers begin with a path, its own among them."""
        return [section for section in self.sections if section.path[: len(path)] == path]

    def _is_header(self, path: Path) -> bool:
        start, end = self._extents[path]
        if self.text[start] != "[" or self.text[self._line_start(start) : start].strip():
            return False
        parents = (self._extents.get(path[:length]) for length in range(1, len(path)))
        return not any(parent and parent[0] < start and end <= parent[1] for parent in parents)

    def _section(self, path: Path, begin: int, line: int, end: int) -> Section:
        depth = len(path) + 1
        body = self._line_end(line)
        values = sorted(
            (extent, key[-1])
            for key, extent in self._extents.items()
            if len(key) == depth and key[:-1] == path and body <= extent[0] < end and isinstance(key[-1], str)
        )
        statements, previous = [], body
        for (start, stop), key in values:
            own, last = self._line_start(start), self._line_end(stop)
            comment = self.text[stop:last].strip()
            above = comments(self.text[previous:own])
            statements.append(
                Statement(
                    str(key), self.text[start:stop], previous, last, above, comment if comment.startswith("#") else ""
                )
            )
            previous = last
        tail = comments(self.text[previous:end])
        above = (*comments(self.text[begin:line]), *comments(self.text[self._extents[path][1] : body]))
        return Section(path, begin, end, above, tuple(statements), tail)

    def _above(self, line: int) -> int:
        """Where the comment lines begin that stand directly above a line."""
        while line:
            start = self._line_start(line - 1)
            if not self.text[start:line].lstrip().startswith("#"):
                break
            line = start
        return line

    def _line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        end = self.text.find("\n", position)
        return len(self.text) if end < 0 else end + 1


def comments(text: str) -> tuple[str, ...]:
    """The comment lines of a text between statements."""
    return tuple(line.strip() for line in text.splitlines() if line.strip().startswith("#"))
