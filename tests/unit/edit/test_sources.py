"""Sources and indexes are written where the file has them, and what is there already is not lost."""

from __future__ import annotations

import tomllib

import pytest

from locktool.edit.sources import add_index, indexes_of, remove_source, set_source, source_of
from locktool.exceptions import ProjectError

UV = (
    '[project]\nname = "x"\n\n[tool.uv]\npackage = false\n'
    'index = [{ name = "a", url = "u" }] # one\nsources.One = { git = "g" }\n'
)
OWN = (
    '[project]\nname = "x"\n\n[tool.locktool.sources]\n# why\none = { git = "g" } # here\n\n'
    '[tool.locktool.sources.two]\npath = "../two" # there\neditable = true\n\n# next\n[tool.z]\na = 1\n'
)


def test_uv_tables_are_used_where_the_file_has_them() -> None:
    text = set_source(add_index(UV, "b", "v"), "two", {"index": "b"})
    assert (
        text
        == UV.replace(
            '{ name = "a", url = "u" }]', '{ name = "a", url = "u" }, { name = "b", url = "v", explicit = true }]'
        )
        + 'sources.two = { index = "b" }\n'
    )
    assert [index["name"] for index in indexes_of(text)] == ["a", "b"]
    assert source_of(text, "ONE") == {"git": "g"}
    assert remove_source(remove_source(text, "one"), "two") == add_index(UV, "b", "v").replace(
        'sources.One = { git = "g" }\n', ""
    )


@pytest.mark.parametrize("tool", ["uv", "locktool"])
def test_sources_and_indexes_stay_in_the_tables_of_one_tool(tool: str) -> None:
    project, other = '[project]\nname = "x"\n', "locktool" if tool == "uv" else "uv"
    sourced = add_index(f'{project}[tool.{tool}.sources]\na = {{ git = "g" }}\n', "b", "v")
    indexed = set_source(f'{project}[[tool.{tool}.index]]\nname = "b"\nurl = "v"\n', "a", {"index": "b"})
    for text in (sourced, indexed, add_index(project, "b", "v", sourced)):
        table = tomllib.loads(text)["tool"]
        assert table[tool]["index"][0]["name"] == "b"
        assert other not in table
    assert source_of(indexed, "a") == {"index": "b"}


def test_a_source_is_replaced_in_its_place() -> None:
    assert set_source(OWN, "One", {"path": "lib"}) == OWN.replace('{ git = "g" }', '{ path = "lib" }')
    assert set_source(OWN, "one", {"git": "g"}) == OWN


def test_a_source_under_a_header_goes_with_its_lines() -> None:
    assert remove_source(OWN, "two") == OWN.replace(
        '\n[tool.locktool.sources.two]\npath = "../two" # there\neditable = true\n', ""
    )
    assert remove_source(OWN, "one") == OWN.replace('one = { git = "g" } # here\n', "")
    assert remove_source(OWN, "absent") == OWN
    with pytest.raises(ProjectError, match="cannot be replaced"):
        set_source(OWN, "two", {"git": "g"})


def test_a_list_of_sources_is_not_replaced() -> None:
    text = '[tool.locktool.sources]\na = [\n  { index = "x", marker = "os_name == \'nt\'" },\n]\n'
    with pytest.raises(ProjectError, match=r"tool\.locktool\.sources\.a is written already"):
        set_source(text, "a", {"index": "y"})
    assert tomllib.loads(remove_source(text, "a")) == {}


def test_index_tables_follow_one_another() -> None:
    one = add_index('[project]\nname = "x"\n', "a", "u")
    text = add_index(one + "\n[tool.z]\n", "b", "v")
    assert tomllib.loads(text)["tool"]["locktool"]["index"][1] == {"name": "b", "url": "v", "explicit": True}
    assert text.index('"b"') < text.index("[tool.z]")
