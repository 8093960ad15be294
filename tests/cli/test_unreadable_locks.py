"""A pylock.toml that cannot be read: every command names the file, what is wrong and where, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

COMMANDS = {
    "lock": ("lock",),
    "export": ("export",),
    "why": ("why", "a"),
    "compile": ("compile", "requirements.in", "--universal", "-o", "pylock.toml"),
}
START = 'lock-version = "1.0"\ncreated-by = "x"\n'
DAMAGED = {
    "no TOML": ("broken [", "line 1, column 8"),
    "an integer for a name": (f"{START}[[packages]]\nname = 4\n", "`packages[0].name` is an integer where a string"),
    "no list of packages": (f"{START}packages = 5\n", "`packages` is an integer where an array is expected"),
    "an empty file": ("", "`lock-version` is missing"),
    "no list of members": (
        f"{START}packages = []\ntool.locktool.members = [{{ path = 4 }}]\n",
        "`tool.locktool.members[0].path` is an integer where a string is expected",
    ),
    "a time in quotes": (
        (
            f"{START}[[packages]]\nname = 'b'\n[[packages]]\nname = 'a'\nwheels = [\n"
            "  { url = 'u', hashes = {}, upload-time = 2026-01-01T00:00:00Z },\n"
            "  { url = 'v', hashes = {}, upload-time = '2026-01-01T00:00:00Z' },\n]\n"
        ),
        "`packages[1].wheels[1].upload-time` is a string where a date-time is expected",
    ),
    "no table of inputs": (
        f"{START}packages = []\n[tool]\nlocktool = 3\n",
        "`tool.locktool` is an integer where a table",
    ),
}


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    index.add("a", "1.0")
    project.pyproject("a")
    project.write("requirements.in", "a\n")
    run_locktool("lock").succeeded()
    return run_locktool


@pytest.mark.parametrize("command", [*COMMANDS.values(), ("check",)], ids=[*COMMANDS, "check"])
@pytest.mark.parametrize(("text", "expected"), DAMAGED.values(), ids=DAMAGED)
def test_file_key_and_remedy_are_named(
    locked: Command, project: ProjectWriter, command: tuple[str, ...], text: str, expected: str
) -> None:
    project.write("pylock.toml", text)
    finished = locked(*command).failed(2)
    assert finished.err.startswith("error: pylock.toml")
    assert expected in finished.err
    assert "hint: restore the file from version control" in finished.err
    assert project.read() == text


@pytest.mark.parametrize("command", [*COMMANDS.values(), ("check",)], ids=[*COMMANDS, "check"])
def test_bytes_that_are_not_utf_8_are_located(
    locked: Command, project: ProjectWriter, command: tuple[str, ...]
) -> None:
    (project.directory / "pylock.toml").write_bytes(START.encode() + b'note = "\xff"\n')
    finished = locked(*command).failed(2)
    assert "pylock.toml: line 3, column 9" in finished.err
    assert "not UTF-8" in finished.err


@pytest.mark.parametrize("command", [*COMMANDS.values(), ("check",)], ids=[*COMMANDS, "check"])
def test_a_directory_of_that_name_is_no_lock(locked: Command, project: ProjectWriter, command: tuple[str, ...]) -> None:
    path = project.directory / "pylock.toml"
    path.unlink()
    path.mkdir()
    assert "error: pylock.toml" in locked(*command).failed(2).err


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_lock_of_a_newer_release_is_left_as_it_is(
    locked: Command, project: ProjectWriter, command: tuple[str, ...]
) -> None:
    text = re.sub(r"^schema = \d+$", "schema = 99", project.read(), flags=re.MULTILINE)
    project.write("pylock.toml", text)
    finished = locked(*command).failed(2)
    assert "pylock.toml was written by a newer release of locktool: its inputs have schema 99" in finished.err
    assert "hint: upgrade locktool, or delete the file" in finished.err
    assert project.read() == text
