"""A lock whose record of its inputs was edited by hand is refused, also where no file of the project says it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import HEAD, PLAIN, locked_versions, reasons_of

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

# No requires-python, so that one is assumed; a span, so that the run gives it an instant; a required directory.
TEXT = f"""{HEAD}dependencies = ["a", "b", "part"]
[tool.locktool]
exclude-newer = "7 days"
sources.part = {{ path = "part" }}
"""

LOCK_OPTIONS = ("--prerelease-package", "a=allow")


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with everything that only the run itself says, locked."""
    for name in ("a", "b"):
        index.add(name, "1.0")
    project.write("pyproject.toml", TEXT)
    project.write("part/pyproject.toml", '[project]\nname = "part"\nversion = "1.0"\n')
    run_locktool("lock", *LOCK_OPTIONS).succeeded()
    run_locktool("check", "--frozen").succeeded()
    return run_locktool


EDITS = {
    "an option that the command line did not give": (
        "command-line.",
        'command-line.resolution = "lowest"\ncommand-line.',
    ),
    "another option of the command line": ('{ a = "allow" }', '{ b = "allow" }'),
    "another instant of a span": ('.at = "20', '.at = "19'),
    "other assumed Pythons": ('requires-python = ">=3.11"', 'requires-python = ">=3.10"'),
}


def edited(text: str, before: str, after: str) -> str:
    """A lock with every occurrence of a text in its record replaced."""
    assert before in text, text
    return text.replace(before, after)


@pytest.mark.parametrize("kind", EDITS)
def test_what_only_the_run_said_cannot_be_edited(locked: Command, project: ProjectWriter, kind: str) -> None:
    before, after = EDITS[kind]
    project.write("pylock.toml", edited(project.read(), before, after))
    assert "run-changed" in [reason["code"] for reason in reasons_of(locked)]
    locked("lock").succeeded()
    assert after not in project.read()


def test_a_key_that_no_release_writes_is_a_reason(locked: Command, project: ProjectWriter) -> None:
    project.write("pylock.toml", edited(project.read(), "schema = ", "flavour = 1\nschema = "))
    assert "flavour-changed" in [reason["code"] for reason in reasons_of(locked)]


def test_a_directory_that_nothing_comes_from_cannot_be_recorded(locked: Command, project: ProjectWriter) -> None:
    text, tree = project.read(), '  { name = "part", path = "part" },\n]\ndigest'
    project.write("other/pyproject.toml", '[project]\nname = "other"\nversion = "1.0"\n')
    for name in ("part", "other"):
        more = '  { name = "NAME", path = "NAME" },\n'.replace("NAME", name)
        project.write("pylock.toml", edited(text, tree, more + tree))
        assert "tree-unrequired" in [reason["code"] for reason in reasons_of(locked)], name


@pytest.mark.parametrize("table", ["[[tool.locktool.members]]\n", "sources = [\n  { ", "trees = [\n  { "])
def test_an_unknown_key_of_a_recorded_table_is_refused_by_name(
    locked: Command, project: ProjectWriter, table: str
) -> None:
    end = "\n" if table.endswith("\n") else ", "
    project.write("pylock.toml", edited(project.read(), table, f"{table}flavour = 1{end}"))
    refused = locked("check", "--frozen").failed(2)
    assert "flavour" in refused.err
    assert "pylock.toml" in refused.err


@pytest.mark.parametrize("command", ["check", "lock"])
def test_a_record_of_a_newer_release_is_refused_as_one(locked: Command, project: ProjectWriter, command: str) -> None:
    text = edited(project.read(), "schema = 2\n", "schema = 9\nflavour = 1\n")
    text = edited(text, "[[tool.locktool.members]]\n", "[[tool.locktool.members]]\nflavour = 1\n")
    project.write("pylock.toml", text)
    refused = locked(command).failed(2)
    assert "newer release" in refused.err
    assert project.read() == text


def test_an_upgrade_of_one_package_under_a_span_moves_no_other(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for name in ("a", "b"):
        index.add(name, "1.0")
    project.write("pyproject.toml", f'{HEAD}{PLAIN}[tool.locktool]\nexclude-newer = "7 days"\n')
    run_locktool("lock").succeeded()
    for name in ("a", "b"):
        index.add(name, "2.0")
    run_locktool("lock", "-P", "a", "--refresh").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0"}
    run_locktool("check", "--frozen").succeeded()
