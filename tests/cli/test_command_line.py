"""The command line itself: help, versions, usage, and how errors are told."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from locktool.cli.commands import COMMANDS

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=lambda words: " ".join(words) or "none")
def test_every_command_has_help_with_examples(isolated_command: Command, command: list[str]) -> None:
    finished = isolated_command(*command, "--help").succeeded()
    assert "examples:" in finished.out
    assert "locktool" in finished.out
    assert finished.err == ""


def test_check_help_says_what_frozen_means(isolated_command: Command) -> None:
    out = isolated_command("check", "--help").succeeded().out
    assert "cargo" in out
    assert "must be up to date" in out
    assert 'NOT mean "skip the check"' in out


def test_the_version_is_told(isolated_command: Command) -> None:
    assert isolated_command("--version").succeeded().out.startswith("locktool 0.")


@pytest.mark.parametrize("words", [[], ["-h"], ["-q", "--help"]], ids=" ".join)
def test_without_a_command_the_commands_are_listed(isolated_command: Command, words: list[str]) -> None:
    out = isolated_command(*words).succeeded().out
    listed = out.partition("commands:")[2].partition("options:")[0]
    assert re.findall(r"^  (\w+)  +\w", listed, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        ["chek"],
        ["--quiet"],
        ["lock", "--upgrad"],
        ["lock", "extra"],
        ["cache", "burn"],
        ["compile", "--annotation-style", "wide"],
        ["--no-such"],
    ],
)
def test_wrong_usage_is_two(isolated_command: Command, words: list[str]) -> None:
    finished = isolated_command(*words).failed(2)
    assert re.fullmatch(r"error: .+\nhint: `locktool( \w+)? --help` says what it takes\n", finished.err)


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        (["check", "--frozn"], ["--frozn is not an option of `locktool check`; did you mean '--frozen'?"]),
        (["add", "-r", "x"], ["-r is not an option of `locktool add`", "`locktool add --help`"]),
        (["lock", "--no-build=x", "extra"], ["locktool lock"]),
        (["lock", "extra"], ["`locktool lock` does not take 'extra'"]),
        (["ad"], ["'ad' is not a command; did you mean 'add'?", "`locktool --help`"]),
        (["cache"], ["the following arguments are required: action\n"]),
    ],
    ids=" ".join,
)
def test_wrong_usage_names_what_is_wrong_and_the_command(
    isolated_command: Command, words: list[str], messages: list[str]
) -> None:
    error = isolated_command(*words).failed(2).err
    assert all(message in error for message in messages), error


@pytest.mark.parametrize("command", COMMANDS)
def test_a_description_fits_a_terminal_of_eighty_columns(isolated_command: Command, command: str) -> None:
    text = isolated_command(command, "--help", env={"COLUMNS": "80"}).succeeded().out
    assert [line for line in text.partition("\n\n")[2].partition("options:")[0].splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("command", ["lock", "check", "export"])
def test_a_missing_project_is_told_in_a_line(isolated_command: Command, command: str) -> None:
    finished = isolated_command(command).failed(2)
    assert finished.err.startswith("error: ")
    assert "pyproject.toml" in finished.err
    assert len(finished.err.splitlines()) <= 2


def test_a_directory_that_does_not_exist_is_told(isolated_command: Command) -> None:
    assert "nowhere" in isolated_command("lock", "--project", "nowhere").failed(2).err


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[project]\nname = "demo"\nversion = \n', "3:"),
        ('[project]\nname = "demo"\nversion = "1"\ndependencies = ["ok", "not ok ok"]\n', "4:"),
        ('[project]\nname = 3\nversion = "1"\n', "2:"),
        ('[project]\nname = "demo"\nversion = "1"\n[dependency-groups]\ndev = [{ include-group = "x" }]\n', "5:"),
    ],
)
def test_a_broken_project_is_told_with_line_and_column(
    isolated_command: Command, project: ProjectWriter, text: str, place: str
) -> None:
    project.write("pyproject.toml", text)
    for command in ("lock", "check"):
        finished = isolated_command(command).failed(2)
        assert f"pyproject.toml:{place}" in finished.err
        assert finished.out == ""


def test_json_tells_an_error_as_a_document(isolated_command: Command) -> None:
    finished = isolated_command("lock", "--json").failed(2)
    error = json.loads(finished.out)["error"]
    assert error["code"] == "missing-project"
    assert "pyproject.toml" in error["message"]
    assert finished.err


def test_a_traceback_is_shown_only_when_asked_for(isolated_command: Command) -> None:
    finished = isolated_command("lock", env={"LOCKTOOL_TRACEBACK": "1"})
    assert finished.code == 2
    assert "Traceback" in finished.err


def test_the_cache_directory_is_told(isolated_command: Command) -> None:
    assert isolated_command("cache", "dir").succeeded().out.strip() == str(isolated_command.home / "cache")
    given = isolated_command("cache", "dir", "--cache-dir", "here").succeeded().out.strip()
    assert given == str(isolated_command.directory / "here")


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["lock"], "pylock.toml"),
        (["check"], "pylock.toml"),
        (["compile", "pyproject.toml", "-o", "out.txt"], "out.txt"),
        (["export", "-o", "out.txt"], "out.txt"),
        (["import", "--project", "poetry"], "poetry/pyproject.toml"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_the_paths_of_json_are_absolute(
    words: list[str], written: str, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject()
    (project.directory / "poetry").mkdir()
    project.write("poetry/pyproject.toml", '[tool.poetry]\nname = "web"\nversion = "1.0"\n')
    run_locktool("lock").succeeded()
    document = json.loads(run_locktool(*words, "--json").succeeded().out)
    assert document["path"] == str(project.directory / written)
