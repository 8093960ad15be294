"""`locktool import`: a project of Poetry is locked with its versions, and translated."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

POETRY = """\
[tool.poetry]
name = "demo"
version = "0.1.0"

[tool.poetry.dependencies]
python = "^3.11"
web = "^1.0"  # not 2

[tool.poetry.group.dev.dependencies]
num = "*"
"""


def test_an_import_says_what_poetrys_tables_said(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for name in ("web", "num"):
        for version in ("1.0", "1.1", "2.0"):
            index.add(name, version)
    project.write("pyproject.toml", POETRY)
    project.write("poetry.lock", '[[package]]\nname = "web"\nversion = "1.0"\n')
    assert "versions that poetry.lock has of 1 package" in run_locktool("lock").succeeded().err
    packages = {package["name"]: package["version"] for package in tomllib.loads(project.read())["packages"]}
    assert packages == {"web": "1.0", "num": "2.0"}
    printed = run_locktool("import", "--dry-run").succeeded().out
    assert project.read("pyproject.toml") == POETRY
    run_locktool("import").succeeded()
    assert project.read("pyproject.toml") == printed
    assert '"web>=1.0,<2.0", # not 2' in printed
    run_locktool("check", "--frozen").succeeded()


def test_an_import_leaves_out_a_byte_order_mark(project: ProjectWriter, run_locktool: Command) -> None:
    project.write("pyproject.toml", "\ufeff" + POETRY)
    mark = "pyproject.toml:1:1: not TOML: The file begins with a byte order mark: save it as UTF-8 without one."
    assert run_locktool("lock").failed(2).err == f"error: {mark}\n"
    run_locktool("import").succeeded()
    assert project.read("pyproject.toml").startswith("[project]")
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["name"] == "demo"


def test_what_cannot_be_imported_leaves_the_file_as_it_was(project: ProjectWriter, run_locktool: Command) -> None:
    assert "there is no such file" in run_locktool("import").failed(2).err
    text = POETRY.replace('"^1.0"', '"^1.0 || ^2000"')
    project.write("pyproject.toml", text)
    finished = run_locktool("import", "--json").failed(2)
    assert "pyproject.toml: web: '^1.0 || ^2000' cannot be written as specifiers" in finished.err
    assert json.loads(finished.out)["error"]["code"] == "untranslatable-constraint"
    assert project.read("pyproject.toml") == text
    project.write("pyproject.toml", "[tool.poetry]\nname = demo\n")
    assert run_locktool("import").failed(2).err.startswith("error: pyproject.toml:2:8: not TOML: ")
    (project.directory / "pyproject.toml").write_bytes(b"\xff")
    assert "is not UTF-8" in run_locktool("import").failed(2).err
