"""Ctrl-C while the program still loads its modules: exit code 130, and no traceback.

A finder that stands before all others sends the signal when a module is asked for, so each moment is always the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the signal is sent by a process to itself")

FINDER = """
import os, sys

class Interrupting:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == os.environ.get("INTERRUPT_AT"):
            os.kill(os.getpid(), 2)

sys.meta_path.insert(0, Interrupting)
"""
SCRIPT = "import sys; from locktool.__main__ import main; sys.exit(main())"


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project whose lock holds, and a finder that every interpreter of the test has."""
    index.add("a", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    project.write("finder/sitecustomize.py", FINDER)
    run_locktool.environment["PYTHONPATH"] = str(project.directory / "finder")
    return run_locktool


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("locktool.cli", ["check"]),
        ("locktool.cli.plain", ["check"]),
        ("locktool._native", ["check"]),
        ("locktool.cli.console", ["check", "--strict"]),
        ("locktool.cli.streams", ["check", "--strict"]),
        ("locktool.cli.parser", ["check", "--strict"]),
        ("argparse", ["check", "--strict"]),
        ("locktool.cli.check", ["check", "--strict"]),
        ("locktool.operations.check", ["check", "--strict"]),
        ("locktool.operations.lock", ["lock", "--offline"]),
        ("msgspec", ["lock", "--offline"]),
    ],
)
@pytest.mark.usefixtures("interruptible")
def test_an_early_interrupt_leaves_with_130(locked: Command, module: str, arguments: list[str]) -> None:
    finished = locked(*arguments, env={"INTERRUPT_AT": module}).failed(130)
    assert finished.err in {"", "interrupted: nothing was written\n"}
    code, err = run_script(locked, module, *arguments)
    assert code == 130, err
    assert "Traceback" not in err


def test_an_ignored_interrupt_stays_ignored(locked: Command) -> None:
    code, err = run_script(locked, "locktool.cli", "check", is_ignored=True)
    assert code == 0, err


def run_script(run: Command, module: str, *arguments: str, is_ignored: bool = False) -> tuple[int, str]:
    """Run the program as its console script does; its exit code and stderr."""
    disposition = signal.SIG_IGN if is_ignored else signal.default_int_handler
    previous = signal.signal(signal.SIGINT, disposition)
    try:
        finished = subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments],
            cwd=run.directory,
            env=run.variables({"INTERRUPT_AT": module}),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, previous)
    return finished.returncode, finished.stderr
