"""Puts keys into tables of a TOML text and takes them out again; every other byte stays.

In: the text, the path of a table, a key and its value as TOML writes it. Out: the text with the key on a line of its
own below what the table holds, whatever way the table is written: under a header, by dotted keys, in braces. A table
that does not exist gets a header below its relatives. To take the key out again gives the text as it was.
"""

from __future__ import annotations

from typing import NamedTuple

from locktool.edit.document import FILE, extents_of, newline_of, parse_toml, values_at, written_key
from locktool.exceptions import ProjectError

Path = tuple[str | int, ...]


class Section(NamedTuple):
    """A header and the lines below it: from `start`, its entries between `body` and `end`. The first has no header."""

    path: Path
    start: int
    body: int
    end: int


class TableText:
    """The text of a document, and where its tables and their entries stand in it."""

    def __init__(self, text: str) -> None:
        """Find the sections. Raises ProjectError for a text that is not TOML."""
        self.text = text
        self.values = parse_toml(text)
        self.extents = extents_of(text)
        headers = sorted(
            (start, path)
            for path, (start, _) in self.extents.items()
            if text[start] == "[" and isinstance(values_at(self.values, path), dict)
        )
        starts = [(0, ()), *((self.line_start(start), path) for start, path in headers)]
        ends = [start for start, _ in starts[1:]] + [len(text)]
        self.sections = [
            Section(path, start, self.line_end(self.extents[path][1]) if path else 0, end)
            for (start, path), end in zip(starts, ends, strict=True)
        ]

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the next line begins, or the text ends."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def entries(self, section: Section) -> list[tuple[Path, int, int]]:
        """The values below a header: path and extent, the inner ones included."""
        return [
            (path, start, end)
            for path, (start, end) in self.extents.items()
            if section.body <= start < section.end and not isinstance(path[-1], int)
        ]

    def is_braced(self, path: Path) -> bool:
        """Whether a table is written in braces."""
        return path in self.extents and self.text[self.extents[path][0]] == "{"

    def put(self, table: tuple[str, ...], key: str, value: str, inline: str | None = None) -> str:
        """Write a key that the table lacks; in braces `inline` is written, a value of one line."""
        own = next((section for section in self.sections if section.path == table), None)
        if own is not None:
            return self.put_line(own, self.entries(own), f"{written_key((key,))} = {value}")
        for length in range(len(table), 0, -1):
            if self.is_braced(table[:length]):
                return self.put_in_braces(table[:length], written_key((*table[length:], key)), inline or value)
            dotted = self.dotted_entries(table[:length])
            if dotted is not None:
                section, related = dotted
                name = written_key((*table[len(section.path) :], key))
                return self.put_line(section, related, f"{name} = {value}")
        return self.put_block(table, f"[{written_key(table)}]", [f"{written_key((key,))} = {value}"])

    def dotted_entries(self, table: tuple[str, ...]) -> tuple[Section, list[tuple[Path, int, int]]] | None:
        """The section that writes a table by dotted keys, and its entries that do."""
        for section in self.sections:
            if len(section.path) < len(table) and section.path == table[: len(section.path)]:
                related = [each for each in self.entries(section) if each[0][: len(table)] == table]
                if related:
                    return section, related
        return None

    def put_in_braces(self, table: Path, key: str, value: str) -> str:
        """Write a key last between braces."""
        start, end = self.extents[table]
        ends = [end for path, (_, end) in self.extents.items() if path[: len(table)] == table and path != table]
        if not ends:
            return f"{self.text[:start]}{{ {key} = {value} }}{self.text[end:]}"
        return f"{self.text[: max(ends)]}, {key} = {value}{self.text[max(ends) :]}"

    def put_line(self, section: Section, entries: list[tuple[Path, int, int]], line: str) -> str:
        """Write a line below the last of these entries, indented as it is, or below the header."""
        last = max(entries, key=lambda each: each[2], default=None)
        offset = section.body if last is None else self.line_end(last[2])
        before = "" if last is None else self.text[self.line_start(last[1]) :]
        indent = before[: len(before) - len(before.lstrip(" \t"))]
        return self.insert_lines(offset, [indent + line])

    def put_block(self, table: tuple[str, ...], header: str, lines: list[str]) -> str:
        """Write a header with lines below it, after a blank line, under the last table that begins like this one."""
        relatives: list[Section] = []
        for length in range(len(table), 0, -1):
            relatives = relatives or [each for each in self.sections if each.path[:length] == table[:length]]
        offset = self.content_end(relatives[-1]) if relatives else self.content_end(self.sections[-1])
        return self.insert_lines(offset, [*([""] if self.text[:offset].strip() else []), header, *lines])

    def content_end(self, section: Section) -> int:
        """Where the lines of a section end, without the comments above the next header and blank lines."""
        lines = self.text[section.start : section.end].splitlines(keepends=True)
        if section.end < len(self.text):
            while lines and lines[-1].lstrip().startswith("#"):
                lines.pop()
        while lines and not lines[-1].strip():
            lines.pop()
        return max(section.start + sum(map(len, lines)), section.body)

    def insert_lines(self, offset: int, lines: list[str]) -> str:
        """Write lines at the beginning of a line; a last line without a line ending stays without one."""
        newline = newline_of(self.text)
        block = newline.join(lines)
        if offset and not self.text[:offset].endswith("\n"):
            return f"{self.text[:offset]}{newline}{block}{self.text[offset:]}"
        return f"{self.text[:offset]}{block}{newline}{self.text[offset:]}"

    def take(self, path: tuple[str, ...]) -> str:
        """The text without a key, its line where it has one, and without a header that then holds nothing."""
        if path not in self.extents:
            raise ProjectError("not-editable", f"cannot find where {'.'.join(path)} is written", path=FILE)
        start, end = self.extents[path]
        section = next((each for each in self.sections if each.path == path), None)
        if section is not None:
            return self.remove_lines(section.start, self.content_end(section), blank=True)
        if any(self.is_braced(path[:length]) for length in range(1, len(path))):
            return self.take_from_braces(path)
        if isinstance(values_at(self.values, path), dict) and not self.is_braced(path):
            return self.take_dotted(path)
        text = self.remove_lines(self.line_start(start), self.line_end(end))
        rest = TableText(text)
        emptied = next((each for each in rest.sections if each.path == path[:-1] and each.path), None)
        if emptied is None or text[emptied.body : emptied.end].strip():
            return text
        return rest.remove_lines(emptied.start, emptied.body, blank=True)

    def take_from_braces(self, path: tuple[str, ...]) -> str:
        """The text without a key between braces and the comma that belongs to it."""
        length = next(length for length in range(len(path) - 1, 0, -1) if self.is_braced(path[:length]))
        opening, closing = self.extents[path[:length]]
        end = self.extents[path][1]
        before = max(
            (
                last
                for each, (_, last) in self.extents.items()
                if len(each) > length and each[:length] == path[:length] and last <= self.extents[path][0]
                if self.is_braced(each) or not isinstance(values_at(self.values, each), dict)
            ),
            default=None,
        )
        if before is not None:
            return self.text[:before] + self.text[end:]
        comma = self.text.find(",", end, closing)
        if comma < 0:
            return f"{self.text[:opening]}{{}}{self.text[closing:]}"
        return f"{self.text[: opening + 1]}{self.text[comma + 1 :]}"

    def take_dotted(self, path: tuple[str, ...]) -> str:
        """The text without a table that dotted keys make, a line for each."""
        inner = [extent for each, extent in self.extents.items() if len(each) > len(path) and each[: len(path)] == path]
        text = self.text
        for start, end in sorted(inner, reverse=True):
            if all(not (one < start and end <= other) for one, other in inner):
                text = text[: self.line_start(start)] + text[self.line_end(end) :]
        return text

    def remove_lines(self, start: int, end: int, *, blank: bool = False) -> str:
        """The text without whole lines; with `blank` without a blank line above them as well."""
        before, after = self.text[:start], self.text[end:]
        newline = newline_of(self.text)
        if blank and before.endswith(newline * 2):
            before = before.removesuffix(newline)
        if not after and not self.text.endswith("\n"):
            before = before.removesuffix(newline)
        return before + after
