"""Directories and addresses that nothing can be done with: exit code 2 and the reason, whatever the command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter

HALF = "http://[::1/simple"
PROJECT = '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["a"]\n'
COMMANDS = [["lock"], ["check"], ["check", "--strict"], ["why", "a"], ["why", "a", "--latest"], ["export"]]


@pytest.fixture
def odd(project: ProjectWriter) -> Path:
    """The directory of a locked project whose name is not UTF-8."""
    path = Path(os.fsdecode(os.fsencode(project.directory) + b"/caf\xe9"))
    try:
        path.mkdir()
    except OSError:
        pytest.skip("this file system has names in UTF-8 only")
    for name, text in (("pyproject.toml", PROJECT), ("requirements.in", ""), ("pylock.toml", "not a lock")):
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="names of files are Unicode")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_project_whose_path_is_not_utf_8(odd: Path, run_locktool: Command, words: list[str]) -> None:
    finished = run_locktool(*words, "--project", odd).failed(2)
    assert "caf\\xe9: a path that is not UTF-8 is not supported" in finished.err
    finished = run_locktool(*words, cwd=odd).failed(2)
    assert "locktool has a bug" not in finished.err
    assert "UTF-8" in finished.err or "pylock.toml" in finished.err


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="names of files are Unicode")
def test_other_paths_that_are_not_utf_8(odd: Path, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("pyproject.toml", PROJECT)
    commands: list[list[str | Path]] = [
        ["check", odd],
        ["lock", "--cache-dir", odd],
        ["cache", "info", "--cache-dir", odd],
        ["compile", odd / "pyproject.toml"],
    ]
    for command in commands:
        finished = run_locktool(*command).failed(2)
        assert "is not UTF-8" in finished.err
    finished = run_locktool("check", ".").failed(2)
    assert "is not UTF-8" in finished.err
    for words in (["compile", "requirements.in"], ["compile", "pyproject.toml", "-o", "pylock.one.toml"]):
        assert "is not UTF-8" in run_locktool(*words, cwd=odd).failed(2).err


@pytest.mark.parametrize("option", ["--index-url", "--extra-index-url", "--find-links"])
def test_half_an_ipv6_address_as_an_option(project: ProjectWriter, run_locktool: Command, option: str) -> None:
    project.write("pyproject.toml", PROJECT)
    for words in (["lock"], ["why", "a", "--latest"], ["compile", "pyproject.toml"]):
        finished = run_locktool(*words, option, HALF).failed(2)
        assert "invalid IPv6 address" in finished.err


@pytest.mark.parametrize(
    "table",
    [
        f'[[tool.locktool.index]]\nurl = "{HALF}"\n',
        f'[[tool.locktool.index]]\nurl = "http://127.0.0.1:1/"\nmirror-of = "{HALF}"\n',
        f'[tool.locktool]\nfind-links = ["{HALF}"]\n',
        f'[tool.locktool.sources]\na = {{ url = "{HALF}/a-1.zip" }}\n',
        f'[tool.locktool]\nconstraints = ["a @ {HALF}/a-1.zip"]\n',
    ],
)
def test_half_an_ipv6_address_in_a_project(project: ProjectWriter, run_locktool: Command, table: str) -> None:
    project.write("pyproject.toml", PROJECT + table)
    project.write("pylock.toml", "not a lock")
    for words in (["compile", "pyproject.toml"], ["check"], ["check", "."], ["why", "a"], ["export"]):
        assert "locktool has a bug" not in run_locktool(*words).failed(2).err
    (project.directory / "pylock.toml").unlink()
    assert "invalid IPv6 address" in run_locktool("lock").failed(2).err


@pytest.mark.parametrize(
    "line", [f"a @ {HALF}/a-1.zip", f"{HALF}/a-1.zip", "file://[::1/a-1.zip", f"-e git+{HALF}", f"-i {HALF}\na"]
)
def test_half_an_ipv6_address_in_a_requirements_file(project: ProjectWriter, run_locktool: Command, line: str) -> None:
    project.write("requirements.in", line + "\n")
    finished = run_locktool("compile", "requirements.in").failed(2)
    assert "locktool has a bug" not in finished.err
    assert "IPv6" in finished.err
