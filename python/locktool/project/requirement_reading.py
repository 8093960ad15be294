"""Reads requirement, specifier and marker strings out of TOML tables, canonical or with an error at their line.

In: tables and keys. Out: canonical texts. What the grammar refuses becomes a ProjectError that shows the text with
a caret and says which key it stands under.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from locktool.exceptions import InvalidText
from locktool.project.canonical import (
    canonical_marker,
    canonical_name,
    canonical_requirement,
    canonical_specifiers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from locktool.project.table import Table


def read_canonical(table: Table, text: str, canonical: Callable[[str], str], *key: str | int) -> str:
    """Put one text into canonical form, or raise ProjectError at its place."""
    try:
        return canonical(text)
    except InvalidText as error:
        raise table.error(
            error.code, f"{table.name_of(*key)}: {error.message}", *key, key=table.name_of(*key)
        ) from error


def read_requirements(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of requirement strings, sorted and without repetitions."""
    return tuple(
        sorted(
            {
                read_canonical(table, text, canonical_requirement, key, index)
                for index, text in enumerate(table.strings(key))
            }
        )
    )


def read_specifiers(table: Table, key: str) -> str | None:
    """Read an optional set of version specifiers."""
    text = table.string(key)
    return None if text is None else read_canonical(table, text, canonical_specifiers, key)


def read_markers(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of markers, or a single one, sorted and without repetitions.

    One that holds everywhere makes the list say nothing, so the answer is empty.
    """
    single = table.values.get(key)
    if isinstance(single, str):
        marker = read_canonical(table, single, canonical_marker, key)
        return (marker,) if marker else ()
    texts = enumerate(table.strings(key))
    markers = {read_canonical(table, text, canonical_marker, key, index) for index, text in texts}
    return () if "" in markers else tuple(sorted(markers))


def read_names(table: Table, key: str) -> tuple[str, ...]:
    """Read an array of package names, normalised, sorted and without repetitions."""
    return tuple(
        sorted({read_canonical(table, text, canonical_name, key, i) for i, text in enumerate(table.strings(key))})
    )


def normalised_keys(table: Table, what: str) -> dict[str, str]:
    """Map the normalised form of each key to the key as written; two spellings of one name are an error."""
    written: dict[str, str] = {}
    for key in table:
        name = read_canonical(table, key, canonical_name, key)
        if name in written:
            raise table.error(
                "duplicate-name",
                f"{what} {key!r} and {written[name]!r} are the same name ({name}); keep one of them",
                key,
                key=table.name_of(key),
            )
        written[name] = key
    return written
