"""What an edit changed of requirements and sources, entry by entry, for people and tools.

In: two texts of a document. Out: one record for each entry that came, went or was rewritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from locktool.edit.document import parse_toml, values_at
from locktool.edit.written import written_name

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTS = (("dependencies",), ("project", "dependencies"))
TABLES_OF_LISTS = (("project", "optional-dependencies"), ("dependency-groups",))
SOURCES = (("tool", "locktool", "sources"), ("tool", "uv", "sources"))
INDEXES = (("tool", "locktool", "index"), ("tool", "uv", "index"))


class Change(NamedTuple):
    """One entry: the key of its list or table, and what it was and is; None where it was not or is no longer."""

    key: str
    before: str | None
    after: str | None


def changes(before: str, after: str) -> list[Change]:
    """The changes between two texts, in the order of the keys."""
    then, now = entries(before), entries(after)
    return [
        change
        for key in sorted(then.keys() | now.keys())
        for change in paired(key, then.get(key, []), now.get(key, []))
    ]


def paired(key: str, then: list[str], now: list[str]) -> Iterator[Change]:
    """The changes of one list; an entry that went and one of its package that came are one change."""
    gone = [item for item in then if item not in now]
    for item in now:
        if item in then:
            continue
        previous = next((old for old in gone if written_name(old) == written_name(item)), None)
        if previous is not None:
            gone.remove(previous)
        yield Change(key, previous, item)
    yield from (Change(key, item, None) for item in gone)


def entries(text: str) -> dict[str, list[str]]:
    """Every requirement, source and index as text, by the key it stands at."""
    values = parse_toml(text)
    paths = [*LISTS, *((*table, key) for table in TABLES_OF_LISTS for key in values_at(values, table) or {})]
    found = {
        ".".join(path): [item for item in values_at(values, path) or [] if isinstance(item, str)] for path in paths
    }
    for path in SOURCES:
        for name, source in (values_at(values, path) or {}).items():
            found[".".join((*path, name))] = [shown(source)]
    for path in INDEXES:
        tables = values_at(values, path)
        found[".".join(path)] = [shown(table) for table in tables] if isinstance(tables, list) else []
    return found


def shown(value: Any) -> str:  # noqa: ANN401 - TOML values
    """A value as TOML has it, for people."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {shown(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
