"""Edits the text of one TOML array: lines, comments, indentation and commas of the other elements stay.

In: the text from bracket to bracket. Out: the text with one element inserted, replaced or removed. A comment on an
element's line goes with it; comment lines above an element stay where they are.
"""

from __future__ import annotations

import re

from locktool._native import toml_extents

DEFAULT_INDENT = "    "
AFTER_ELEMENT = re.compile(r"[ \t]*,?[ \t]*(?:#[^\n]*?(?=\r?\n|$))?")
COMMA = re.compile(r"\s*(?:#[^\n]*\n\s*)*,")


class ArrayText:
    """The text of an array and where its elements stand in it."""

    def __init__(self, text: str) -> None:
        """Find the elements."""
        self.text = text
        prefix = "x="
        found = toml_extents(prefix + text)
        self.extents: list[tuple[int, int]] = []
        while ("x", len(self.extents)) in found:
            start, end = found["x", len(self.extents)]
            self.extents.append((start - len(prefix), end - len(prefix)))

    @property
    def newline(self) -> str:
        """The line ending that the array uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def own_line_indent(self, index: int) -> str | None:
        """The indentation of an element that begins its line, else None."""
        start = self.extents[index][0]
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return before if "\n" in self.text[:start] and not before.strip() else None

    def comma_after(self, index: int) -> int | None:
        """The offset just behind the comma that follows an element, or None."""
        match = COMMA.match(self.text, self.extents[index][1])
        return match.end() if match else None

    def insert(self, index: int, element: str) -> str:
        """Put an element before the one that has this index, or last."""
        if not self.extents:
            return self.fill_empty(element)
        if index < len(self.extents):
            return self.insert_before(index, element)
        return self.append(element)

    def fill_empty(self, element: str) -> str:
        """Put the first element into an array that has at most comments."""
        inside = self.text[1:-1].rstrip(" \t\r\n")
        return f"[{inside}{self.newline}{DEFAULT_INDENT}{element},{self.newline}]"

    def insert_before(self, index: int, element: str) -> str:
        """Put an element on its own line below what precedes it where lines have one element, else inline."""
        indent = self.own_line_indent(index)
        if indent is None:
            start = self.extents[index][0]
            return f"{self.text[:start]}{element}, {self.text[start:]}"
        previous_end = self.extents[index - 1][1] if index else 1
        match = AFTER_ELEMENT.match(self.text, previous_end)
        offset = match.end() if match else previous_end
        return f"{self.text[:offset]}{self.newline}{indent}{element},{self.text[offset:]}"

    def append(self, element: str) -> str:
        """Put an element last, with a comma behind it exactly if the last one had a comma."""
        last = len(self.extents) - 1
        end, comma = self.extents[last][1], self.comma_after(last)
        text = self.text if comma is not None else f"{self.text[:end]},{self.text[end:]}"
        tail = "," if comma is not None else ""
        behind = comma if comma is not None else end + 1
        indent = self.own_line_indent(last)
        if indent is None:
            return f"{text[:behind]} {element}{tail}{text[behind:]}"
        match = AFTER_ELEMENT.match(text, behind)
        offset = match.end() if match else behind
        offset = behind if not text[behind:offset].strip() else offset
        return f"{text[:offset]}{self.newline}{indent}{element}{tail}{text[offset:]}"

    def replace(self, index: int, element: str) -> str:
        """Put another element where one stands."""
        start, end = self.extents[index]
        return self.text[:start] + element + self.text[end:]

    def remove(self, index: int) -> str:
        """Take an element out, and its line where it has one of its own."""
        start, end = self.extents[index]
        is_last = index == len(self.extents) - 1
        match = AFTER_ELEMENT.match(self.text, end)
        line_end = match.end() if match else end
        if self.own_line_indent(index) is not None and self.text[line_end:].startswith(("\n", "\r\n")):
            line_start = self.text.rfind("\n", 0, start) + 1
            return self.text[:line_start] + self.text[self.text.index("\n", line_end) + 1 :]
        if not is_last:
            return self.text[:start] + self.text[self.extents[index + 1][0] :]
        if index:
            return self.text[: self.extents[index - 1][1]] + self.text[end:]
        comma = self.comma_after(index)
        return self.text[:start] + self.text[comma if comma is not None else end :]
