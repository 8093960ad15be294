"""Extents of values: every value of a TOML text is found where it is written."""

import tomllib
from typing import Any

import pytest

from locktool._native import toml_extents
from locktool.exceptions import DocumentError

TEXT = '''# comment with [brackets] and "quotes"
top = "a # b" # why
"quoted key".'x' = 1
multi = """
[not.a.table]
\\""" still"""

literal = \'\'\'
x = 1\'\'\'
[a . b]
list = [ # one
  "ä", # ], two
  { k = [1, [2, 3]], "l" = {} },
]
date = 2026-01-01 10:00:00
after.dots = true
[[t]]
n = 1
[[t.u]]
[[t]]
n = 2
[t.v]
w = 3.5
'''


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("top",), '"a # b"'),
        (("quoted key", "x"), "1"),
        (("multi",), '"""\n[not.a.table]\n\\""" still"""'),
        (("literal",), "'''\nx = 1'''"),
        (("a", "b", "list", 0), '"ä"'),
        (("a", "b", "list", 1), '{ k = [1, [2, 3]], "l" = {} }'),
        (("a", "b", "list", 1, "k"), "[1, [2, 3]]"),
        (("a", "b", "list", 1, "k", 1, 1), "3"),
        (("a", "b", "list", 1, "l"), "{}"),
        (("a", "b", "date"), "2026-01-01 10:00:00"),
        (("a", "b", "after", "dots"), "true"),
        (("t", 0, "n"), "1"),
        (("t", 1, "n"), "2"),
        (("t", 1, "v", "w"), "3.5"),
    ],
)
def test_a_value_is_found_from_its_first_character_to_its_last(path: tuple[str | int, ...], expected: str) -> None:
    start, end = toml_extents(TEXT)[path]
    assert TEXT[start:end] == expected


def test_an_array_reaches_from_bracket_to_bracket() -> None:
    start, end = toml_extents(TEXT)["a", "b", "list"]
    assert TEXT[start:end].startswith("[ # one")
    assert TEXT[start:end].endswith("},\n]")


def test_every_value_of_a_parsed_document_that_is_no_table_has_an_extent() -> None:
    def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - TOML
        if isinstance(value, dict):
            return [found for key, item in value.items() for found in leaves(item, (*path, key))]
        if isinstance(value, list):
            return [found for index, item in enumerate(value) for found in leaves(item, (*path, index))]
        return [path]

    extents = toml_extents(TEXT)
    assert [path for path in leaves(tomllib.loads(TEXT)) if path not in extents] == []


def test_line_endings_of_windows_count_as_the_characters_they_are() -> None:
    text = 'a = [\r\n  "x",\r\n  "y",\r\n]\r\n'
    extents = toml_extents(text)
    assert [text[slice(*extents["a", index])] for index in (0, 1)] == ['"x"', '"y"']


@pytest.mark.parametrize(("text", "line"), [("]]]", 1), ('a = ["', 1), ("a = 1\na = 2\n", 2), ("a = 1\nb\n", 2)])
def test_a_text_that_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        toml_extents(text)
    assert caught.value.line == line
