"""What is read of an INI file without configparser is what configparser reads."""

from __future__ import annotations

import configparser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from locktool.configuration.one_line_ini import read_one_line_values

_pieces = st.sampled_from(
    ["[", "]", "=", ":", "#", ";", " ", "\t", "\n", "\n\n", "a", "A", "DEFAULT", "%", "é", "\x0c", "\x85"]
)
_lines = st.sampled_from(
    [
        "[global]",
        "[ b ]",
        "[DEFAULT]",
        "[a]b]",
        "x = 1",
        "X=2",
        "y : 3 = 4",
        "-z=",
        "= 5",
        "no value",
        " more",
        "",
        "# c",
        "  ; c",
    ]
)
_texts = st.lists(_pieces).map("".join) | st.lists(_lines).map("\n".join)


def read_by_configparser(text: str) -> dict[tuple[str, str], str] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return {(section, key): value for section in parser.sections() for key, value in parser.items(section)}


@given(_texts)
@example("[global]\nx = 1\n\n[b]\nx = 2")
@example("\ufeff[global]\nx = 1")
def test_what_is_read_is_what_configparser_reads(text: str) -> None:
    values = read_one_line_values(text)
    if values is not None:
        assert values == read_by_configparser(text)


@pytest.mark.parametrize(
    "text",
    ["[global]\nindex-url = https://index.example/simple/\n", "; one\n[global]\n\ncert=/a.pem\n[install]\ncert: b\n"],
)
def test_files_as_people_write_them_do_without_configparser(text: str) -> None:
    assert read_one_line_values(text) is not None


@pytest.mark.parametrize(
    "text", ["[a]\nx = 1\n  2", "[DEFAULT]\nx = 1", "[a]\n[a]", "[a]\nx=1\nX=2", "x = 1", "[a]\nx", "[]\nx=1"]
)
def test_what_takes_more_is_left_to_configparser(text: str) -> None:
    assert read_one_line_values(text) is None
