"""Finds the program of a server and runs it on a free port of loopback for the length of a block.

Where a program is missing the test is skipped and says so; in CI, where LOCKTOOL_SERVERS asks for all, it fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from replay.nginx import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START_SECONDS = 60


def find(name: str) -> str:
    """The path of a program: of the environment that LOCKTOOL_SERVERS names, or of the system."""
    environment = os.environ.get("LOCKTOOL_SERVERS")
    if environment is None:
        pytest.skip("LOCKTOOL_SERVERS names no environment with index servers")
    scripts = Path(environment).absolute() / ("Scripts" if os.name == "nt" else "bin")
    found = shutil.which(name, path=os.pathsep.join([str(scripts), SEARCHED]))
    if found is None:
        missing = f"{name} is neither in {scripts} nor in {SEARCHED}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@contextmanager
def running(
    command: list[str], port: int, log: Path, environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[None]:
    """A server from its first answer on the port to the end of the block; a failing test shows the end of its log."""
    if os.name != "posix":
        pytest.skip("a server and its workers are ended by their process group")
    variables = os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {})
    with log.open("wb") as output:
        # A session of its own: the workers of a server end with it.
        server = subprocess.Popen(
            command,
            env=variables,
            cwd=cwd,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(server, port)
            yield
        except BaseException:
            sys.stderr.write(f"{command[0]} wrote:\n{log.read_text(errors='replace')[-5000:]}\n")
            raise
        finally:
            _end(server)


@contextmanager
def serving_files(directory: Path) -> Iterator[str]:
    """Python's own file server; gives its address without a slash at the end."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(directory)]
    with running(command, port, directory.with_name(f"{directory.name}.log")):
        yield f"http://127.0.0.1:{port}"


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            message = f"the server ended with {server.returncode}"
            raise ChildProcessError(message)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    message = f"nothing answers on port {port} after {START_SECONDS} s"
    raise TimeoutError(message)


def _end(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return
