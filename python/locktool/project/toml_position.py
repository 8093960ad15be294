"""Finds where the keys and values of an already parsed TOML text are written, for errors and for edits.

In: the text and a key path (array elements by index). Out: line and column from one, or offsets. Runs only when there
is an error to report or a file to edit, and assumes that the text is valid TOML 1.0.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locktool.project.toml_source import KeyPath

BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
BASIC_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
LITERAL_STRING = re.compile(r"'([^'\n]*)'")
MULTILINE_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}", re.DOTALL)
SCALAR = re.compile(r"[^,\]}#\n]+")


def position_of(text: str, key_path: KeyPath) -> tuple[int, int] | None:
    """Line and column of the key or element, else of the closest enclosing one that is written, else None."""
    scanner = Scanner(text)
    scanner.scan_document()
    for length in range(len(key_path), 0, -1):
        offset = scanner.offsets.get(key_path[:length])
        if offset is not None:
            start_of_line = text.rfind("\n", 0, offset) + 1
            return text.count("\n", 0, offset) + 1, offset - start_of_line + 1
    return None


class Scanner:
    """Walks a valid TOML text once and notes the offset of each key and element, and the extent of each value."""

    def __init__(self, text: str) -> None:
        """Stand at the start of the text with nothing noted."""
        self.text = text
        self.position = 0
        self.offsets: dict[KeyPath, int] = {}
        self.values: dict[KeyPath, tuple[int, int]] = {}
        self.array_lengths: dict[KeyPath, int] = {}

    def scan_document(self) -> None:
        """Read every header and every pair of key and value."""
        table: KeyPath = ()
        self.skip(BLANK)
        while self.position < len(self.text):
            start = self.position
            if self.take("[["):
                self.skip(SPACE)
                path = self.resolve(self.scan_key(), array=True)
                self.take("]]")
                table = path
                self.note(path[:-1], start)
                self.note(path, start)
            elif self.take("["):
                self.skip(SPACE)
                table = self.resolve(self.scan_key(), array=False)
                self.take("]")
                self.note(table, start)
            else:
                self.scan_pair(table)
            self.skip(BLANK)
            if self.position == start:  # not valid TOML after all: stop rather than loop
                return

    def note(self, path: KeyPath, offset: int) -> None:
        """Remember where a key begins; the first place counts, also for the tables around it."""
        for length in range(len(path), 0, -1):
            self.offsets.setdefault(path[:length], offset)

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass over what the pattern matches here."""
        match = pattern.match(self.text, self.position)
        if match:
            self.position = match.end()

    def take(self, literal: str) -> bool:
        """Pass over a literal if it stands here."""
        if self.text.startswith(literal, self.position):
            self.position += len(literal)
            return True
        return False

    def resolve(self, key: KeyPath, *, array: bool) -> KeyPath:
        """Turn the key of a header into a full path: each array of tables on the way means its last table."""
        path: KeyPath = ()
        for index, part in enumerate(key):
            path = (*path, part)
            last = index == len(key) - 1
            if last and array:
                self.array_lengths[path] = self.array_lengths.get(path, 0) + 1
            if path in self.array_lengths:
                path = (*path, self.array_lengths[path] - 1)
        return path

    def scan_key(self) -> KeyPath:
        """Read a dotted key."""
        parts: list[str] = []
        while True:
            for pattern in (BARE_KEY, BASIC_STRING, LITERAL_STRING):
                match = pattern.match(self.text, self.position)
                if match:
                    parts.append(match[match.lastindex or 0])
                    self.position = match.end()
                    break
            self.skip(SPACE)
            if not self.take("."):
                return tuple(parts)
            self.skip(SPACE)

    def scan_pair(self, table: KeyPath) -> None:
        """Read `key = value`."""
        start = self.position
        path = (*table, *self.scan_key())
        self.note(path, start)
        self.take("=")
        self.skip(SPACE)
        self.scan_value(path)

    def scan_value(self, path: KeyPath) -> None:
        """Read a value, noting where it begins and ends, and what arrays and inline tables hold."""
        start = self.position
        self.scan_any_value(path)
        self.values[path] = (start, self.position)

    def scan_any_value(self, path: KeyPath) -> None:
        """Read a string, an array, an inline table, or a scalar up to what ends it."""
        for pattern in (MULTILINE_STRING, BASIC_STRING, LITERAL_STRING):
            match = pattern.match(self.text, self.position)
            if match:
                self.position = match.end()
                return
        if self.take("["):
            self.scan_array(path)
        elif self.take("{"):
            self.scan_inline_table(path)
        else:
            self.skip(SCALAR)

    def scan_array(self, path: KeyPath) -> None:
        """Read the elements of an array up to its bracket."""
        index = 0
        self.skip(BLANK)
        while self.position < len(self.text) and not self.take("]"):
            start = self.position
            self.note((*path, index), start)
            self.scan_value((*path, index))
            self.skip(BLANK)
            self.take(",")
            self.skip(BLANK)
            index += 1
            if self.position == start:
                return

    def scan_inline_table(self, path: KeyPath) -> None:
        """Read the pairs of an inline table up to its brace."""
        self.skip(BLANK)
        while self.position < len(self.text) and not self.take("}"):
            start = self.position
            self.scan_pair(path)
            self.skip(BLANK)
            self.take(",")
            self.skip(BLANK)
            if self.position == start:
                return
