"""`locktool python`: the Pythons of a machine, the one that a request means, and what is known of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from packaging.tags import sys_tags

from stand_in_interpreters import POSIX_ONLY, program, stand_in

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command

VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def machine(isolated_command: Command, tmp_path: Path) -> Command:
    """A command on whose PATH are some interpreters and nothing else."""
    stand_in(tmp_path / "bin" / "python3.97", "3.97.4")
    stand_in(tmp_path / "bin" / "python3.98t", "3.98.0", free_threaded=True)
    stand_in(tmp_path / "bin" / "pypy3", "3.96.1", "pypy")
    program(tmp_path / "bin" / "python2", "exit 1")
    isolated_command.environment |= {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv")}
    return isolated_command


pytestmark = POSIX_ONLY


def test_pythons_are_listed_nearest_first(machine: Command, tmp_path: Path) -> None:
    finished = machine("python", "list").succeeded()
    paths = [line.split()[-1] for line in finished.out.splitlines()]
    names = ("pypy3", "python3.98t", "python3.97")
    assert paths[0] == sys.executable
    assert sorted(paths[1:]) == sorted(str(tmp_path / "bin" / name) for name in names)
    assert "free-threaded" in finished.out
    assert finished.err == "4 Pythons on this machine\n"
    rows = json.loads(machine("python", "list", "--json", "-q", ">=3.97").succeeded().out)
    assert {(row["version"], row["free_threaded"]) for row in rows} == {("3.97.4", False), ("3.98.0", True)}


def test_a_python_is_found(machine: Command, tmp_path: Path) -> None:
    for request, name in (("3.97", "python3.97"), ("3.98t", "python3.98t"), (">=3.96,<3.97", "pypy3")):
        assert machine("python", "find", request).succeeded().out == f"{tmp_path / 'bin' / name}\n"
    assert machine("python", "find").succeeded().out == f"{sys.executable}\n"
    found = json.loads(machine("python", "find", "pypy", "--json").succeeded().out)
    assert (found["implementation"], found["version"]) == ("pypy", "3.96.1")


def test_what_is_known_of_a_python_is_shown(machine: Command) -> None:
    shown = json.loads(machine("python", "show", "--json").succeeded().out)
    assert shown["tags"] == [str(tag) for tag in sys_tags()]
    assert shown["marker_environment"]["python_full_version"] == VERSION
    assert {"libc", "paths", "scheme", "externally_managed", "architecture", "pointer_size"} <= shown.keys()
    text = machine("python", "show").succeeded().out
    assert f"python       CPython {VERSION}\n" in text
    assert shown["tags"][0] in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["find", "3.98"], 1, "no Python 3.98 on this machine"),
        (["find", "snake"], 1, "snake is neither a Python version, nor a path, nor a program on PATH"),
        (["show", "<3"], 1, "no Python <3 on this machine"),
        (["list", "3.90"], 1, "0 Pythons for 3.90 on this machine"),
        (["list", "snake"], 2, "'snake' is neither a version nor specifiers"),
        (["find", ">=3.x"], 2, "3.x"),
        (["find", "python2"], 1, "no Python python2 on this machine"),
        ([], 2, "the following arguments are required: action"),
    ],
)
def test_what_is_not_found_is_told(machine: Command, arguments: list[str], code: int, message: str) -> None:
    finished = machine("python", *arguments).failed(code)
    assert message in finished.err
    assert "Traceback" not in finished.err


def test_a_path_that_is_no_python_cannot_be_asked(machine: Command, tmp_path: Path) -> None:
    path = tmp_path / "bin" / "python2"
    finished = machine("python", "show", str(path), "--json").failed(2)
    assert finished.err == f"error: {path} cannot be used as a Python: it ended with code 1\n"
    assert json.loads(finished.out)["error"]["code"] == "not-an-interpreter"


def test_answers_are_remembered_in_the_cache(machine: Command, tmp_path: Path) -> None:
    counted = tmp_path / "bin" / "python3.95"
    stand_in(counted, "3.95.0")
    counted.write_text(counted.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\necho asked >> {tmp_path / 'count'}\n"))
    for _ in range(3):
        machine("python", "find", "3.95").succeeded()
    assert (tmp_path / "count").read_text() == "asked\n"
    machine("python", "find", "3.95", "--no-cache").succeeded()
    machine("python", "find", "3.95", "--cache-dir", str(tmp_path / "other")).succeeded()
    assert (tmp_path / "count").read_text() == "asked\n" * 3
    assert list((tmp_path / "other" / "interpreters").iterdir())


def test_the_answers_of_pythons_that_are_gone_are_pruned_and_all_are_cleaned(machine: Command, tmp_path: Path) -> None:
    records = machine.home / "cache" / "interpreters"
    machine("python", "list").succeeded()
    (records / ".probe-left").write_bytes(b"half")
    (records / "not-ours").touch()
    before = len(list(records.iterdir()))
    (tmp_path / "bin" / "python3.97").unlink()
    assert "Removed 2 files" in machine("cache", "prune").succeeded().err
    assert len(list(records.iterdir())) == before - 2
    machine("cache", "clean", "numpy").succeeded()
    assert len(list(records.iterdir())) == before - 2
    machine("cache", "clean").succeeded()
    assert [path.name for path in records.iterdir()] == ["not-ours"]
