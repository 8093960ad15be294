"""tox and nox install what a lock has, by the documentation's recipes, also where the index has something newer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from documentation import markdown, pages

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PAGE = markdown.blocks(pages.read("how-to/tox-and-nox.md"))
LIST = ("python", "-m", "pip", "list", "--format", "freeze")


def recipe(name: str, command: str, instead: str) -> str:
    """A file of the page, with another command in the place of pytest."""
    (text,) = (block.content for block in PAGE if block.title == name)
    assert command in text
    return text.replace(command, instead)


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project with a group; afterwards the index has something newer."""
    index.add("a", "1.0")
    index.add("b", "1.0")
    project.pyproject("a", groups={"test": ["b"]}, tool={"package": False})
    run_locktool("lock").succeeded()
    index.add("a", "2.0")
    index.add("b", "2.0")
    return run_locktool


def listed(command: Command, index: LocalIndex, *words: str) -> set[str]:
    """The packages that a run of a tool lists."""
    tools = Path(sys.executable).parent
    variables = command.variables() | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "PIP_INDEX_URL": index.url,
        "VIRTUALENV_SYSTEM_SITE_PACKAGES": "0",
    }
    arguments = [sys.executable, "-m", *words]
    finished = subprocess.run(
        arguments, cwd=command.directory, env=variables, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return {line for line in finished.stdout.splitlines() if line.startswith(("a==", "b=="))}


def test_tox_installs_the_lock(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    project.write("tox.toml", recipe("tox.toml", '["pytest"]', json.dumps(LIST)))
    assert listed(locked, index, "tox", "run", "-e", "py") == {"a==1.0", "b==1.0"}


def test_nox_installs_an_export_of_the_lock(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    project.write("noxfile.py", recipe("noxfile.py", 'run("pytest")', f"run{LIST}"))
    assert listed(locked, index, "nox", "-s", "tests") == {"a==1.0", "b==1.0"}
