"""Typed reading of one table of a TOML file: each getter returns the type it names or says what is wrong and where.

An absent key is an empty answer, never an error; what must be there is asked for with `required_string`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from locktool.exceptions import ProjectError
    from locktool.project.toml_source import KeyPath, TomlSource

TYPE_NAMES = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array", dict: "a table"}


class Table:
    """A table within a TOML file, or the absence of one, which reads as an empty table."""

    __slots__ = ("path", "source", "values")

    def __init__(self, source: TomlSource, path: KeyPath = (), values: dict[str, Any] | None = None) -> None:
        """Look at the table of `source` at `path`; without `values` it is the document itself."""
        self.source = source
        self.path = path
        self.values = source.values if values is None else values

    def __contains__(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self.values

    def __iter__(self) -> Iterator[str]:
        """The keys as written, in the order of the file."""
        return iter(self.values)

    def error(self, code: str, message: str, *key: str | int, **fields: object) -> ProjectError:
        """Build an error placed at a key of this table."""
        return self.source.error(code, message, (*self.path, *key), **fields)

    def name_of(self, *key: str | int) -> str:
        """Write a key of this table for people: `[tool.locktool] workspace.members[2]` as one dotted name."""
        text = ""
        for part in (*self.path, *key):
            text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
        return text or "the file"

    def wrong_type(self, expected: str, found: object, *key: str | int) -> ProjectError:
        """Build the error for a value of another type than the format asks for."""
        kind = TYPE_NAMES.get(type(found), f"a {type(found).__name__}")
        shown = f" ({found!r})" if isinstance(found, (bool, int, float, str)) else ""
        return self.error(
            "wrong-type",
            f"{self.name_of(*key)} must be {expected}, but it is {kind}{shown}",
            *key,
            key=self.name_of(*key),
        )

    def string(self, key: str) -> str | None:
        """Read a string."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong_type("a string", value, key)

    def required_string(self, key: str, reason: str) -> str:
        """Read a string that the format requires; `reason` says what to do when it is absent."""
        value = self.string(key)
        if value is None:
            raise self.error("missing-key", f"{self.name_of(key)} is missing: {reason}", key=self.name_of(key))
        return value

    def moment(self, key: str) -> str | None:
        """Read a date, a date-time or a text that stands for one, as text."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        if hasattr(value, "isoformat"):
            return str(value.isoformat())
        raise self.wrong_type('a date or a span such as "7 days"', value, key)

    def moment_or_never(self, key: str) -> str | None:
        """Read a moment, or `false`, which lifts a common cutoff, as text."""
        return "false" if self.values.get(key) is False else self.moment(key)

    def boolean(self, key: str) -> bool | None:
        """Read a boolean."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong_type("true or false", value, key)

    def strings(self, key: str) -> list[str]:
        """Read an array of strings."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong_type("an array of strings", value, key)
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise self.wrong_type("a string", item, key, index)
        return value

    def items(self, key: str) -> list[Any]:
        """Read an array whose elements the caller checks."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong_type("an array", value, key)
        return value

    def table(self, key: str) -> Table:
        """Read a table; an absent one is empty."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong_type("a table", value, key)
        return Table(self.source, (*self.path, key), value)

    def tables(self, key: str) -> list[Table]:
        """Read an array of tables; a single table counts as an array of one."""
        value = self.values.get(key, [])
        if isinstance(value, dict):
            return [Table(self.source, (*self.path, key), value)]
        return [self.element_table(item, key, index) for index, item in enumerate(self.items(key))]

    def element_table(self, item: object, *key: str | int) -> Table:
        """Take one element of an array as a table."""
        if not isinstance(item, dict):
            raise self.wrong_type("a table", item, *key)
        return Table(self.source, (*self.path, *key), item)

    def one_of(self, key: str, choices: Iterable[str]) -> str | None:
        """Read a string that must be one of a few words."""
        value = self.string(key)
        words = list(choices)
        if value is None or value in words:
            return value
        raise self.error(
            "unknown-value",
            f"{self.name_of(key)} is {value!r}; it can be {', '.join(words)}{nearest(value, words)}",
            key,
            key=self.name_of(key),
        )

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Refuse keys that locktool does not read, so that a slip of the pen cannot pass for a setting."""
        words = sorted(known)
        for key in self.values:
            if key not in words:
                raise self.error(
                    "unknown-key",
                    f"{self.name_of(key)} is not a key that locktool knows{nearest(key, words)}",
                    key,
                    key=self.name_of(key),
                )


def nearest(word: str, choices: Iterable[str]) -> str:
    """Write `; did you mean ...?` for the most similar choice, or nothing where none is similar."""
    import difflib

    matches = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""
