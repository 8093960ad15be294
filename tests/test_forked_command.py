"""A run that a server forks is the run that a user starts: what comes of it is compared."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from forked_command import ForkServer
from local_index import LocalIndex, Slow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs are forked on Linux alone")


@pytest.fixture
def server(run_locktool: Command) -> Iterator[ForkServer]:
    """A server with the environment of the test."""
    server = ForkServer(run_locktool.variables())
    yield server
    server.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("lock", "--no-such-option"),
        ("lock", "--dry-run", "-q"),
        ("check", "--frozen", "--json"),
        ("compile", "-"),
        ("tree", "--project", "nowhere"),
    ],
    ids=" ".join,
)
def test_both_ways_end_alike(
    arguments: tuple[str, ...], server: ForkServer, run_locktool: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    index.add("a", "1.0")
    project.pyproject("a")
    variables = run_locktool.variables()
    command = [sys.executable, "-m", "locktool", *arguments]
    started = subprocess.run(
        command, cwd=project.directory, env=variables, input="a", capture_output=True, text=True, check=False
    )
    forked = server.run(arguments, project.directory, variables, "a", 60)
    assert forked == (started.returncode, started.stdout, started.stderr)


def test_another_start_is_refused(server: ForkServer, run_locktool: Command) -> None:
    variables = run_locktool.variables({"PYTHONHASHSEED": "7"})
    assert server.run(("--version",), run_locktool.directory, variables, None, 60) is None


def test_a_run_that_takes_too_long_is_killed(
    server: ForkServer, run_locktool: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    index.add("a", "1.0")
    index.fail("/simple/a/", Slow(30.0))
    project.pyproject("a")
    variables = run_locktool.variables()
    with pytest.raises(subprocess.TimeoutExpired):
        server.run(("lock",), project.directory, variables, None, 0.5)
