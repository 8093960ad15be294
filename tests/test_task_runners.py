"""tox and nox install what a lock has, by the documented recipes, also where the index has something newer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

TOX = """\
[env_run_base]
skip_install = true
pylock = "pylock.toml"
dependency_groups = ["test"]
commands = [["python", "-m", "pip", "list", "--format", "freeze"]]
"""

NOX = """\
import nox


@nox.session
def tests(session):
    requirements = f"{session.create_tmp()}/requirements.txt"
    session.run("locktool", "export", "--only-deps", "--group", "test", "-o", requirements, external=True)
    session.install("--no-deps", "--require-hashes", "-r", requirements)
    session.run("python", "-m", "pip", "list", "--format", "freeze")
"""


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
    project.write("tox.toml", TOX)
    assert listed(locked, index, "tox", "run", "-e", "py") == {"a==1.0", "b==1.0"}


def test_nox_installs_an_export_of_the_lock(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    project.write("noxfile.py", NOX)
    assert listed(locked, index, "nox", "-s", "tests") == {"a==1.0", "b==1.0"}
