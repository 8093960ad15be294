"""The tables that an import writes, built with tomlkit: values, lists of requirements, and the comments of both."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import tomlkit
from tomlkit.items import Comment, Trivia

# A header directly below a line; items of arrays are indented.
HEADER = re.compile(r"(?<!\n)\n\[")


class Listed(NamedTuple):
    """One requirement of a list, with the comment lines above it and the comment behind it."""

    text: str
    above: tuple[str, ...] = ()
    behind: str = ""


class NewTables:
    """A document that grows by tables in the order in which they are first written to."""

    def __init__(self) -> None:
        """Begin empty."""
        self.document = tomlkit.document()

    def set(self, path: tuple[str, ...], value: Any, above: tuple[str, ...] = (), behind: str = "") -> None:  # noqa: ANN401 - a TOML value
        """Write a value under a key path, with its comments."""
        table = self._table(path[:-1])
        self._comment(table, above)
        item = inline(value)
        if behind:
            item.trivia.comment_ws, item.trivia.comment = "  ", behind
        table.add(path[-1], item)

    def requirements(
        self, path: tuple[str, ...], items: list[Any], above: tuple[str, ...] = (), tail: tuple[str, ...] = ()
    ) -> None:
        """Write a list, one item a line; an item is a `Listed` or any other value."""
        table = self._table(path[:-1])
        self._comment(table, above)
        array = tomlkit.array()
        for item in items:
            listed = item if isinstance(item, Listed) else Listed(item)
            for line in listed.above:
                array.add_line(comment=plain(line))
            array.add_line(listed.text, comment=plain(listed.behind) or None)
        for line in tail:
            array.add_line(comment=plain(line))
        if items or tail:
            array.add_line(indent="")
        table.add(path[-1], array)

    def append(self, path: tuple[str, ...], values: dict[str, Any], above: tuple[str, ...] = ()) -> None:
        """Add one table to an array of tables, its comments first."""
        table = self._table(path[:-1])
        if path[-1] not in table:
            table.add(path[-1], tomlkit.aot())
        entry = tomlkit.table()
        self._comment(entry, above)
        for key, value in values.items():
            entry.add(key, value)
        table[path[-1]].append(entry)

    def text(self) -> str:
        """The document, a blank line at its end."""
        text = HEADER.sub(r"\n\n[", tomlkit.dumps(self.document))
        return text.strip("\n") + "\n\n"

    def _table(self, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a table of tomlkit
        table: Any = self.document
        for depth, key in enumerate(path):
            if key not in table:
                # [tool] and [tool.locktool] have nothing of their own.
                table.add(key, tomlkit.table(is_super_table=path[0] == "tool" and depth < len(path) - 1))
            table = table[key]
        return table

    def _comment(self, table: Any, lines: tuple[str, ...]) -> None:  # noqa: ANN401 - a table of tomlkit
        for line in lines:
            table.add(Comment(Trivia(comment_ws="", comment=line)))


def plain(comment: str) -> str:
    """A comment without its sign."""
    return comment.removeprefix("#").strip()


def inline(value: Any) -> Any:  # noqa: ANN401 - a TOML value
    """A value on one line, a list of tables on a line for each."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: inline(item) for key, item in value.items()})
        return table
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        array = tomlkit.array()
        for item in value:
            array.add_line(inline(item))
        array.add_line(indent="")
        return array
    return tomlkit.item(value)


def as_written(value: str) -> Any:  # noqa: ANN401 - an item of tomlkit
    """The text of a value as an item that is written like it, comments and lines included."""
    return tomlkit.parse(f"value = {value}\n")["value"]
