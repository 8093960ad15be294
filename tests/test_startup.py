"""`locktool check --frozen` loads the extension alone; what a check that has more to say loads is listed here.

A module that is missing from the list is a decision: either its import moves into the command that needs it, or the
list grows and the commit says why.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from build_backends import hooks, write_member

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

STANDARD = {
    # Arguments.
    "argparse",
    "gettext",
    "locale",
    # What pathlib loads before Python 3.12.
    "ipaddress",
    "urllib",
    # What named tuples are made of, and from Python 3.14 on their annotations.
    "annotationlib",
    "ast",
    "collections",
    "contextlib",
    "copy",
    "copyreg",
    "enum",
    "functools",
    "gc",
    "itertools",
    "keyword",
    "math",
    "operator",
    "reprlib",
    "types",
    "typing",
    "weakref",
    # Text and files.
    "errno",
    "fnmatch",
    "glob",
    "ntpath",
    "pathlib",
    "re",
    "string",
    "textwrap",
    "unicodedata",
    "zlib",
    # What `python -m` itself loads.
    "importlib",
    "pkgutil",
    "runpy",
    "warnings",
    "zipimport",
}
# argparse asks the width of the terminal as soon as it formats a usage line.
TERMINAL_WIDTH = {"bz2", "compression", "lzma", "shutil", "threading"}
# What takes a command longer to load than all that it does.
SLOW = {"msgspec", "typing", "pathlib", "argparse", "re", "enum", "urllib", "threading", "signal", "configparser"}


def imported(error_stream: str) -> set[str]:
    """The modules that PYTHONPROFILEIMPORTTIME lists."""
    rows = [line.rsplit("|", 1)[1].strip() for line in error_stream.splitlines() if line.startswith("import time:")]
    return {name for name in rows if name != "imported package"}


def modules_of_the_interpreter(command: Command) -> set[str]:
    variables = command.variables({"PYTHONPROFILEIMPORTTIME": "1"})
    finished = subprocess.run([sys.executable, "-c", ""], env=variables, capture_output=True, text=True, check=True)
    return imported(finished.stderr)


def loaded_by(run: Command, *arguments: str, code: int = 0) -> set[str]:
    """The modules of others that a run loads beside what every interpreter does."""
    finished = run(*arguments, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert finished.code == code, finished.err
    loaded = imported(finished.err) - modules_of_the_interpreter(run)
    # A name with an underscore is the accelerator of a module that is listed; `nt` is asked for everywhere.
    return {name.partition(".")[0] for name in loaded if not name.startswith(("_", "locktool", "nt"))}


def test_a_frozen_check_loads_only_what_is_listed(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter
) -> None:
    index.add("a", "1.0.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    for arguments in (["check"], ["check", "--frozen", "--project", "."]):
        # What `python -m` loads is not the command's to decide.
        assert not loaded_by(run_locktool, *arguments) & {"argparse", "enum", "locale", "pathlib", "re", "typing"}
    project.pyproject("a>=1")
    assert sorted(loaded_by(run_locktool, "check", "--frozen", code=1) - STANDARD - TERMINAL_WIDTH) == []


@pytest.mark.parametrize("command", ["lock", "why a", "tree", "export", "compile pyproject.toml -o requirements.txt"])
def test_a_command_loads_nothing_for_what_it_does_not_do(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter, command: str
) -> None:
    index.add("a", "1.0.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    if command == "lock":
        project.pyproject("a>=1")
    # HTTP, mail and TLS are the extension's; edits, builds and other tools' files are for other runs.
    unused = {"http", "email", "ssl", "tomlkit", "installer", "tomllib", "rich"}
    # A Python is described by what a process of it says, also the running one.
    unused |= {"subprocess", "shutil", "tempfile"} if command == "lock" else set()
    assert not loaded_by(run_locktool, *command.split()) & unused


def test_a_lock_of_a_plain_command_line_loads_next_to_nothing(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter
) -> None:
    """Neither msgspec nor what it loads, nor pathlib, typing or argparse: they take twice as long as the rest."""
    index.add("a", "1.0.0")
    index.add("a", "2.0.0")
    project.pyproject("a")
    run_locktool.environment["PIP_CONFIG_FILE"] = os.devnull
    commands = (["lock"], ["lock", "-q", "--project", "."], ["lock", "-q", "-U"], ["lock", "-q", "-P", "a"])
    for number, arguments in enumerate(commands):
        project.pyproject(f"a>={number % 2}")
        assert not loaded_by(run_locktool, *arguments) & SLOW, arguments


def test_a_lock_that_records_known_builds_loads_next_to_nothing(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter
) -> None:
    """What builds require is resolved without what builds load: nothing is built."""
    index.add("tool", "1", modules={"tool_backend.py": hooks("tool")})
    index.add(
        "demo",
        "1.0",
        sdist=True,
        wheel_tags=[],
        dynamic=["requires-dist"],
        build_requires=["tool"],
        build_backend="tool_backend",
    )
    project.pyproject("demo", name="app")
    run_locktool.environment["PIP_CONFIG_FILE"] = os.devnull
    run_locktool("lock").succeeded()
    built = project.read()
    (project.directory / "pylock.toml").unlink()
    assert not loaded_by(run_locktool, "lock") & {*SLOW, "atexit"}
    assert project.read() == built
    assert "build-requirements" in built


def test_a_build_loads_no_library_once_its_environments_are_made(
    index: LocalIndex, run_locktool: Command, project: ProjectWriter
) -> None:
    """Neither msgspec, which loads a good deal itself, nor typing, nor packaging to evaluate markers."""
    index.add("tool", "1.0", modules={"tool_backend.py": hooks("made", further="['further']")})
    for name in ("further", "made"):
        index.add(name, "1.0")
    run_locktool.environment["PIP_CONFIG_FILE"] = os.devnull
    for version in ("3.11", "3.10"):
        write_member(project, python=f">={version}")
        loaded = loaded_by(run_locktool, "lock", "--quiet")
    assert {"subprocess", "pathlib"} <= loaded
    unused = {"msgspec", "typing", "typing_extensions", "packaging", "installer", "dataclasses", "venv"}
    assert sorted(loaded & unused) == []


def test_importing_locktool_loads_no_extension_and_no_library(built: None) -> None:
    script = "import sys, locktool; print(*sys.modules)"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = finished.stdout.split()
    assert "locktool._native" not in loaded
    assert not {"msgspec", "tomlkit", "packaging", "rich", "pip", "typing", "re"} & set(loaded)


@pytest.mark.skipif(os.name != "posix", reason="the standard error of other platforms carries further lines")
def test_the_import_listing_is_read() -> None:
    finished = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import csv"], capture_output=True, text=True, check=True
    )
    assert {"csv", "_csv"} <= imported(finished.stderr)
