"""Exit codes do not depend on who listens: closed and full streams, no locale, no environment; nor do words control the
terminal.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")

STREAMS = {
    "full stdout": ">/dev/full",
    "full stderr": "2>/dev/full",
    "both full": ">/dev/full 2>/dev/full",
    "closed stdout": ">&-",
    "closed stderr": "2>&-",
    "all closed": "<&- >&- 2>&-",
    "gone reader": "| true",
}
# The state of a lock, and the exit code of `check`.
STATES = {"holds": 0, "stale": 1, "unreadable": 2}


@pytest.fixture
def world(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """Three projects: one whose lock holds, one whose lock is stale, one whose lock is no TOML."""
    index.add("a", "1.0")
    for state in STATES:
        project.pyproject("a", member=state)
    for state in ("holds", "stale"):
        run_locktool("lock", "--project", state).succeeded()
    project.pyproject("a>=1", member="stale")
    project.write("unreadable/pylock.toml", "lock-version =\n")
    return run_locktool


def code_of(run: Command, project: ProjectWriter, words: str, streams: str, **variables: str) -> tuple[int, str]:
    """The exit code of a shell's command with these streams, and what still reaches its stderr."""
    script = f'set -o pipefail; "$0" -m locktool {words} {streams}'
    finished = subprocess.run(
        ["bash", "-c", script, sys.executable],
        cwd=project.directory,
        env=run.variables(variables),
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stderr


@pytest.mark.parametrize("streams", STREAMS)
@pytest.mark.parametrize("state", STATES)
def test_the_code_of_a_check_does_not_depend_on_the_streams(
    world: Command, project: ProjectWriter, state: str, streams: str
) -> None:
    for words in (f"check --frozen --project {state}", f"check {state}", f"check -q --project {state}"):
        code, messages = code_of(world, project, words, STREAMS[streams])
        assert code == STATES[state], (words, messages)
        assert "Traceback" not in messages
        assert "Exception ignored" not in messages


@pytest.mark.parametrize("streams", STREAMS)
@pytest.mark.parametrize("state", STATES)
def test_a_document_that_cannot_be_written_is_said_and_never_a_stale_lock(
    world: Command, project: ProjectWriter, state: str, streams: str
) -> None:
    code, messages = code_of(world, project, f"check --json --project {state}", STREAMS[streams])
    is_lost = streams in {"full stdout", "both full", "closed stdout", "all closed"}
    assert code == (2 if is_lost and state == "holds" else STATES[state]), messages
    assert "Traceback" not in messages
    if is_lost and state == "holds" and "stdout" in streams:
        assert "the result could not be written" in messages


@pytest.mark.parametrize("words", ["", "--help", "check --help", "--version", "chek", "check --forzen"])
@pytest.mark.parametrize("streams", STREAMS)
def test_help_and_usage_errors_have_no_traceback(
    run_locktool: Command, project: ProjectWriter, words: str, streams: str
) -> None:
    code, messages = code_of(run_locktool, project, words, STREAMS[streams])
    assert code in {0, 2}
    assert "Traceback" not in messages


@pytest.mark.parametrize("state", STATES)
def test_a_check_needs_no_environment(world: Command, project: ProjectWriter, state: str) -> None:
    directory = str(project.directory / state)
    arguments = [sys.executable, "-m", "locktool", "check", "--frozen", "--project", directory]
    for variables in ({}, {"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        finished = subprocess.run(arguments, env=variables, capture_output=True, text=True, check=False)
        assert finished.returncode == STATES[state], finished.stderr


def test_what_was_read_controls_no_terminal(run_locktool: Command, project: ProjectWriter) -> None:
    hostile = "\x1b]0;owned\x07\x9b31m\u202eevil"
    (project.directory / hostile).mkdir()
    colours = ("\x1b[31;1m", "\x1b[36m", "\x1b[0m")
    for words in (
        ["check", "--project", hostile],
        ["check", hostile],
        ["lock", "--project", hostile],
        ["why", hostile],
    ):
        refused = run_locktool(*words, env={"FORCE_COLOR": "1"})
        shown = refused.err
        for colour in colours:
            shown = shown.replace(colour, "")
        assert not set(shown + refused.out) & set(hostile) - set("]0;owned31mevil"), (words, shown)
        document = run_locktool(*words, "--json").out
        assert not set(document) & set("\x1b\x07\x9b\u202e"), words
        json.loads(document)
