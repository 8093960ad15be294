"""Places of keys: every key and element of a TOML text is found where it is written."""

import tomllib
from typing import Any

import pytest

from locktool.project.toml_position import position_of

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
  "x", # ], two
  { k = [1, 2], "l" = {} },
]
date = 2026-01-01 10:00:00
[[t]]
n = 1
[[t.u]]
[[t]]
n = 2
[t.v]
w = 3
'''


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        (("top",), "top ="),
        (("quoted key", "x"), '"quoted key"'),
        (("multi",), "multi"),
        (("literal",), "literal"),
        (("a", "b"), "[a . b]"),
        (("a", "b", "list", 0), '"x", #'),
        (("a", "b", "list", 1), "{ k"),
        (("a", "b", "list", 1, "k", 1), "2], "),
        (("a", "b", "list", 1, "l"), '"l" ='),
        (("a", "b", "date"), "date"),
        (("t", 0, "n"), "n = 1"),
        (("t", 0, "u", 0), "[[t.u]]"),
        (("t", 1), "[[t]]\nn = 2"),
        (("t", 1, "v", "w"), "w = 3"),
        (("t", 1, "v", "absent"), "[t.v]"),
    ],
)
def test_a_key_is_found_where_it_is_written(path: tuple[str | int, ...], starts: str) -> None:
    place = position_of(TEXT, path)
    assert place is not None
    line, column = place
    assert "\n".join(TEXT.split("\n")[line - 1 :])[column - 1 :].startswith(starts)


def test_every_key_of_a_parsed_document_has_a_place() -> None:
    def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - TOML
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [path, *(found for key, item in pairs for found in paths(item, (*path, key)))]

    everything = paths(tomllib.loads(TEXT))[1:]
    assert len(everything) == 24
    assert [path for path in everything if position_of(TEXT, path) is None] == []


def test_a_text_that_is_not_toml_ends_the_search() -> None:
    assert position_of("]]]", ("a",)) is None
    assert position_of('a = ["', ("b",)) is None
