"""The first hour with locktool, screen by screen: each is what tests/data/session.txt has, in 80 columns.

From nothing to a locked project, a broken one, an upgrade and a commit that the hook refuses. After a change that is
meant, write the file again with `LOCKTOOL_RECORD=1 pytest tests/cli/test_session.py`, and read it as a newcomer would.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from git_repository import git

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

SCREENS = Path(__file__).parents[1] / "data" / "session.txt"
COLUMNS = 80

HOOK = """\
repos:
  - repo: local
    hooks:
      - id: locktool-check
        name: locktool check
        entry: {command} check --frozen .
        language: system
        always_run: true
        pass_filenames: false
"""


class Session:
    """A person at a terminal: commands, and what was seen of each."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self.screens: list[str] = []

    def types(self, line: str, code: int = 0) -> None:
        """Run one command of locktool or git; what it prints is a screen."""
        program, *words = shlex.split(line)
        environment = self._command.variables({"COLUMNS": str(COLUMNS), "GIT_AUTHOR_DATE": "2026-11-01T12:00:00Z"})
        run = [sys.executable, "-m", "locktool"] if program == "locktool" else [program]
        finished = subprocess.run(
            [*run, *words],
            cwd=self._command.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert finished.returncode == code, finished.stdout
        self.screens.append(f"$ {line}\n{self._as_anywhere(finished.stdout)}")

    def _as_anywhere(self, text: str) -> str:
        """A screen without what differs between two runs: times, and the port of the index."""
        text = text.replace(self._command.environment["LOCKTOOL_INDEX_URL"], "https://index.example/simple/")
        text = re.sub(r"\b[\d.]+ m?s\b", "9 ms", text)
        return re.sub(r"duration: .*", "duration: 0.1s", text)


@pytest.fixture
def session(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Session:
    """An empty directory, and an index with a web framework and what it needs."""
    index.add("roads", "2.1.0", requires=["paths>=1.2,<2", "winloop ; sys_platform == 'win32'"])
    index.add("paths", "1.4.0")
    index.add("winloop", "0.3.0")
    index.add("checks", "8.2.0", requires=["paths>=1"])
    git(project.directory, "init", "-q", "-b", "main")
    return Session(run_locktool)


@pytest.mark.skipif(os.name != "posix", reason="screens are those of a POSIX shell")
def test_every_screen_of_the_first_hour(session: Session, project: ProjectWriter, index: LocalIndex) -> None:
    session.types("locktool init --name shop --requires-python '>=3.11'")
    session.types("locktool add roads")
    session.types("locktool add --group test checks")
    session.types("locktool check --frozen")
    session.types("locktool why paths")
    # Somebody edits the project and forgets the lock.
    project.write("pyproject.toml", project.read("pyproject.toml").replace('"roads>=2.1.0"', '"roads>=2.2"'))
    session.types("locktool check --frozen", code=1)
    session.types("locktool lock", code=1)
    index.add("roads", "2.2.0", requires=["paths>=2,<3"])
    index.add("paths", "2.0.1")
    session.types("locktool lock --refresh")
    session.types("locktool tree")
    git(project.directory, "add", ".")
    git(project.directory, "commit", "-q", "-m", "Lock")
    index.add("checks", "9.0.0", requires=["paths>=1"])
    session.types("locktool outdated --refresh", code=0)
    session.types("locktool upgrade checks")
    session.types("locktool diff HEAD")
    session.types("locktool export --only-deps --no-hashes")
    session.types("locktool why checks==8.2.0")
    command = f"{shlex.quote(sys.executable)} -m locktool"
    project.write(".pre-commit-config.yaml", HOOK.format(command=command))
    project.write("pyproject.toml", project.read("pyproject.toml").replace('"roads>=2.2"', '"roads>=2.3"'))
    git(project.directory, "add", ".")
    session.types(f"{shlex.quote(sys.executable)} -m pre_commit run --color never", code=1)
    seen = "\n".join(session.screens).replace(shlex.quote(sys.executable), "python")
    if os.environ.get("LOCKTOOL_RECORD"):
        SCREENS.write_text(seen, encoding="utf-8")
    assert seen == SCREENS.read_text(encoding="utf-8")
    assert [line for line in seen.splitlines() if len(line) > COLUMNS] == []
