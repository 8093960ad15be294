"""Writes where packages come from: entries of `sources` and `[[index]]` tables, in the text of a pyproject.toml.

They are written to [tool.locktool], or to [tool.uv] where the file has them there alone: a table of [tool.locktool]
would take the place of uv's as a whole. Sources and indexes stay together, since uv knows no index of [tool.locktool].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locktool._native import normalize_name
from locktool.edit.array_text import ArrayText
from locktool.edit.document import checked, extents_of, parse_toml, quote, values_at, written_key
from locktool.edit.table_text import TableText
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

Source = dict[str, str | bool]


def table_of(values: dict[str, Any], key: str) -> tuple[str, ...]:
    """The path of `sources` or `index`, in [tool.locktool] or in [tool.uv]; the first of the two joins the other."""
    for one in (key, "index" if key == "sources" else "sources"):
        for tool in ("locktool", "uv"):
            if values_at(values, ("tool", tool, one)) is not None:
                return ("tool", tool, key)
    return ("tool", "locktool", key)


def source_path(values: dict[str, Any], name: str) -> tuple[str, ...]:
    """Where the source of a package is or would be written."""
    table = table_of(values, "sources")
    written = values_at(values, table) or {}
    return (*table, next((key for key in written if normalize_name(key) == name), name))


def source_of(text: str, name: str) -> Any:  # noqa: ANN401 - a table, or an array of them
    """The source that the file gives a package, or None."""
    values = parse_toml(text)
    return values_at(values, source_path(values, normalize_name(name)))


def set_source(text: str, name: str, source: Source) -> str:
    """Say where a package comes from, in the place of what the file says of it.

    Raises ProjectError where the source stands under a header of its own or is a list with conditions.
    """
    values = parse_toml(text)
    path = source_path(values, normalize_name(name))
    existing, written = values_at(values, path), inline_table(source)
    if existing == source:
        return text
    if existing is None:
        return checked(text, TableText(text).put(path[:-1], path[-1], written), path, source)
    start, end = extents_of(text)[path]
    if isinstance(existing, list) or text[start] != "{":
        message = f"{'.'.join(path)} is written already and cannot be replaced; edit or remove it"
        raise ProjectError("not-editable", message)
    return checked(text, text[:start] + written + text[end:], path, source)


def remove_source(text: str, name: str) -> str:
    """The text without the source of a package; the same text where it has none."""
    values = parse_toml(text)
    path = source_path(values, normalize_name(name))
    if values_at(values, path) is None:
        return text
    return checked(text, TableText(text).take(path), path, None)


def indexes_of(text: str) -> list[dict[str, Any]]:
    """The index tables of the file."""
    values = parse_toml(text)
    found = values_at(values, table_of(values, "index"))
    tables = found if isinstance(found, list) else [found]
    return [table for table in tables if isinstance(table, dict)]


def add_index(text: str, name: str, url: str, member: str | None = None) -> str:
    """Add an index that serves only what a source gives it; `member` is the text that has the source, where another."""
    values = parse_toml(text)
    path = table_of(values, "index")
    if member is not None and values_at(values, path) is None:
        path = (*table_of(parse_toml(member), "sources")[:2], "index")
    entry: Source = {"name": name, "url": url, "explicit": True}
    existing = values_at(values, path)
    extent = extents_of(text).get(path)
    if existing is not None and extent is not None and not text.startswith("[[", extent[0]):
        array = ArrayText(text[extent[0] : extent[1]])
        after = text[: extent[0]] + array.insert(len(array.extents), inline_table(entry)) + text[extent[1] :]
    else:
        lines = [f"{written_key((key,))} = {written_value(value)}" for key, value in entry.items()]
        after = TableText(text).put_block(path, f"[[{written_key(path)}]]", lines)
    return checked(text, after, path, [*(existing or ()), entry])


def inline_table(values: Mapping[str, str | bool]) -> str:
    """A table between braces."""
    return f"{{ {', '.join(f'{written_key((key,))} = {written_value(value)}' for key, value in values.items())} }}"


def written_value(value: str | bool) -> str:  # noqa: FBT001 - a value of TOML
    """A value as TOML writes it."""
    return quote(value) if isinstance(value, str) else str(value).lower()
