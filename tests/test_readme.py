"""What README.md shows works: its tables are read, its Python holds, its commands exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_both_commands_are_one_line_each() -> None:
    first, second, *_ = blocks("console")
    assert first.count("\n") == second.count("\n") == 1
    assert first.startswith("python3 -m venv")
    assert second.endswith("pytest -n auto --dist worksteal\n")


@pytest.mark.parametrize("number", range(len(blocks("toml"))))
def test_tables_are_read(number: int, project: ProjectWriter, built: None) -> None:
    from locktool._native import Project

    extras = {"cpu": ["torch"], "cuda": ["torch"]}
    path = project.pyproject("company-models", extras=extras)
    text = blocks("toml")[number]
    assert "tool" in tomllib.loads(text)
    path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    Project.read(str(project.directory)).manifest()


def test_python_holds(built: None) -> None:
    (code,) = blocks("python")
    names: dict[str, object] = {}
    for line in code.splitlines():
        expression, _, expected = line.partition("#")
        if expected.strip():
            assert eval(expression, names) == eval(expected), line  # noqa: S307 - our own text
        else:
            exec(line, names)  # noqa: S102 - our own text


def test_commands_and_their_options_exist(isolated_command: Command) -> None:
    lines = [line for block in blocks("console") for line in block.splitlines() if line.startswith("locktool ")]
    assert lines
    for line in lines:
        command, *words = line.partition("#")[0].split()[1:]
        text = isolated_command(command, "--help").succeeded().out
        for option in (word for word in words if word.startswith("-")):
            assert option in text, line


def rows() -> list[list[tuple[str, str]]]:
    """The reference of keys: for each of its tables the keys and what is said of them."""
    reference = README.split("## Keys of `[tool.locktool]`")[1]
    tables = re.findall(r"^\| key \|.*\n\|[-|]*\n((?:\|.*\n)+)", reference, flags=re.MULTILINE)
    return [re.findall(r"^\| `([^`]*)` \|(.*)$", table, flags=re.MULTILINE) for table in tables]


@pytest.mark.parametrize(("table", "number"), [("", 0), ("index", 1), ("sources", 2)])
def test_every_key_has_a_row_that_says_whether_it_is_recorded(table: str, number: int, built: None) -> None:
    from locktool._native import setting_keys

    keys = [key for key in setting_keys() if key.table == table]
    documented = dict(rows()[number])
    assert sorted(documented) == sorted(key.name for key in keys)
    for key in keys:
        assert ("Machine-only" in documented[key.name]) == (key.role == "machine-only"), key.name
        assert all(f"`{name}`" in README for name in key.other_spellings), key.name


def test_every_table_of_keys_is_documented(built: None) -> None:
    from locktool._native import setting_keys

    assert {key.table for key in setting_keys()} == {"", "index", "sources"}
    assert len(rows()) == 3


def test_links_lead_to_headings() -> None:
    headings = re.findall(r"^#+ (.*)$", README, flags=re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]*)\)", README)
    assert links
    assert set(links) <= anchors
