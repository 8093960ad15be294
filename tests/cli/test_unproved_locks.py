"""Locks of which nothing can be proved: the reason names what is missing, not a value that nobody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def test_a_table_without_a_schema_is_said_to_have_none(isolated_command: Command, project: ProjectWriter) -> None:
    project.write(
        "pylock.x.toml", 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n[tool.locktool]\nmembers = []\n'
    )
    error = isolated_command("check", ".").failed().err
    assert "names no schema" in error
    assert "schema 0" not in error


def test_an_entry_without_a_name_is_called_one(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    project.write("pylock.toml", project.read().replace('name = "a"', 'name = ""'))
    error = run_locktool("check").failed().err
    assert "the block of  " not in error
    assert "a package without a name" in error


def test_a_script_is_not_told_of_a_table_that_it_lacks(run_locktool: Command, project: ProjectWriter) -> None:
    project.write("tool.py", "# /// script\n# dependencies = []\n# ///\n")
    error = run_locktool("lock", "--script", "tool.py").succeeded().err
    assert "write it beside the dependencies" in error
    assert "[project]" not in error
