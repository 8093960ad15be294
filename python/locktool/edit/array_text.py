"""Edits the text of one TOML array: lines, comments, indentation and commas of the other elements stay.

In: the text from bracket to bracket. Out: the text with one element inserted, replaced or removed. A comment on an
element's line goes with it; comment lines above an element stay where they are. To remove what was inserted gives the
text as it was.
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

    def element(self, index: int) -> str:
        """An element as it is written."""
        start, end = self.extents[index]
        return self.text[start:end]

    def quotes(self) -> str:
        """A string of the array, for its quotes; basic ones where there is none or where they are mixed."""
        strings = [text for text in map(self.element, range(len(self.extents))) if text[0] in "\"'"]
        return strings[0] if len({text[0] for text in strings}) == 1 else '"'

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
        """Put the first element into an array that has at most comments, on a line of its own or between its spaces."""
        inside = self.text[1:-1]
        if inside and not inside.strip(" \t"):
            return f"[{inside}{element}{inside}]"
        content = inside.rstrip()
        # Without a comment nothing but the indentation tells `[]` from brackets on two lines.
        indent = DEFAULT_INDENT if content or not inside else ""
        return f"[{content}{self.newline}{indent}{element},{inside[len(content) :] or self.newline}]"

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
        if len(self.extents) == 1:
            return self.remove_only(start)
        if index < len(self.extents) - 1:
            return self.without_line(self.text, index) if self.line_of(index) else self.remove_inline(index)
        previous = self.extents[index - 1][1]
        comma = self.comma_after(index - 1) or previous
        text, moved = self.text, 0
        if self.comma_after(index) is None:
            # The element before it becomes the last one, without a comma again.
            text, moved = text[: comma - 1] + text[comma:], 1
        if self.line_of(index):
            return self.without_line(text, index, moved)
        between = text[previous : start - moved]
        if "#" in between:
            return text[: start - moved] + text[(self.comma_after(index) or end) - moved :].lstrip(" \t")
        kept = self.text[previous:comma] if not moved else ""
        return text[:previous] + kept + text[(self.comma_after(index) or end) - moved :]

    def remove_inline(self, index: int) -> str:
        """The array without an element that has no line of its own, and is not the last one."""
        start, end = self.extents[index]
        following = self.extents[index + 1][0]
        if "\n" not in self.text[end:following]:
            return self.text[:start] + self.text[following:]
        if index and "\n" not in self.text[self.extents[index - 1][1] : start]:
            # The last one of its line: blanks, comment and line ending are those of the elements that stay.
            comma = self.comma_after(index) or end
            return self.text[:start].rstrip(" \t") + self.text[end : comma - 1] + self.text[comma:]
        match = AFTER_ELEMENT.match(self.text, end)
        line_end = match.end() if match else end
        has_comments = "#" in self.text[line_end:following]
        return self.text[:start] + self.text[line_end if has_comments else following :]

    def remove_only(self, start: int) -> str:
        """The array without its one element: `[]`, unless comments or spaces of its own are left."""
        indent, line = self.own_line_indent(0), self.line_of(0)
        rest = self.without_line(self.text, 0) if line else self.text[:start] + self.text[self.last_end() :]
        if "#" in rest or (line and indent == ""):
            return rest
        if line or "\n" in self.text:
            return "[]"
        return f"[{self.text[1:start]}]"

    def last_end(self) -> int:
        """Where the last element ends, its comma included."""
        last = len(self.extents) - 1
        return self.comma_after(last) or self.extents[last][1]

    @property
    def is_made(self) -> bool:
        """Whether it has the form in which a list is made: one element on a line of its own, without a comma."""
        if len(self.extents) != 1 or self.own_line_indent(0) is None:
            return False
        start, end = self.extents[0]
        return self.text[1:start].strip() == "" and self.text[end:].strip() == "]" and "\n" in self.text[end:]

    def line_of(self, index: int) -> tuple[int, int] | None:
        """The line of an element that has one of its own, its comment and line ending included."""
        if self.own_line_indent(index) is None:
            return None
        start, end = self.extents[index]
        match = AFTER_ELEMENT.match(self.text, end)
        line_end = match.end() if match else end
        if not self.text[line_end:].startswith(("\n", "\r\n")):
            return None
        return self.text.rfind("\n", 0, start) + 1, self.text.index("\n", line_end) + 1

    def without_line(self, text: str, index: int, moved: int = 0) -> str:
        """The text without the line of an element; before it the text lacks `moved` characters of the array."""
        start, end = self.line_of(index) or self.extents[index]
        return text[: start - moved] + text[end - moved :]


def made_list(element: str, newline: str) -> str:
    """The text of a list that did not exist, in the form that `ArrayText.is_made` knows."""
    return f"[{newline}{DEFAULT_INDENT}{element}{newline}]"
