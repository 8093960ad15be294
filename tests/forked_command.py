"""Runs of the command that share one start: a server that has locktool loaded forks for each run.

A process of its own takes a tenth of a second until it has read Python and locktool, and the tests run the command
thousands of times. What a run sees is its own all the same: directory, environment, arguments, streams. What starts
differently (`PYTHON...` and locale variables) is not run here, and `test_forked_command.py` compares both ways.

The server speaks over a Unix socket, a connection for each run: a line of JSON with the three streams as file
descriptors, and back the process id, then the wait status.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the interpreter reads before locktool runs.
_OF_THE_START = ("PYTHON", "LC_", "LANG")
_STREAMS = 3
_LARGEST_REQUEST = 1 << 20


def _of_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_OF_THE_START)}


class ForkServer:
    """A process that runs the command for others with the same start."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start the server in an environment, whose directory of temporary files it uses."""
        self.start = _of_the_start(environment)
        self.directory = tempfile.TemporaryDirectory(prefix="locktool-server-")
        self.address = str(Path(self.directory.name) / "socket")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.address)
        self.listener.listen()
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.listener.fileno())],
            env=dict(environment),
            pass_fds=[self.listener.fileno()],
            stdin=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()
        self.listener.close()
        self.directory.cleanup()

    def run(
        self,
        arguments: tuple[str, ...],
        directory: Path,
        environment: Mapping[str, str],
        stdin: str | None,
        timeout: float,
    ) -> tuple[int, str, str] | None:
        """The exit code and both streams of a run; None for a run that needs a start of its own.

        Raises `TimeoutExpired` as `subprocess.run` does, after the run and what it started are killed.
        """
        if _of_the_start(environment) != self.start:
            return None
        request = {"arguments": arguments, "directory": str(directory), "environment": dict(environment)}
        with contextlib.ExitStack() as stack:
            streams: list[IO[bytes]] = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(_STREAMS)]
            streams[0].write((stdin or "").encode())
            streams[0].seek(0)
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.connect(self.address)
            line = json.dumps(request).encode() + b"\n"
            socket.send_fds(connection, [line], [stream.fileno() for stream in streams])
            answers = stack.enter_context(connection.makefile())
            process = int(answers.readline())
            connection.settimeout(timeout)
            try:
                status = int(answers.readline())
            except TimeoutError:
                os.killpg(process, 9)
                raise subprocess.TimeoutExpired(arguments, timeout) from None
            for stream in streams[1:]:
                stream.seek(0)
            out, err = (stream.read().decode().replace("\r\n", "\n") for stream in streams[1:])
            return os.waitstatus_to_exitcode(status), out, err


def _load() -> None:
    """Import what runs of the command import, as far as the environment has no say in it."""
    import importlib
    import pkgutil

    import locktool

    for module in pkgutil.walk_packages(locktool.__path__, "locktool."):
        importlib.import_module(module.name)
    for name in ("msgspec.msgpack", "msgspec.json", "packaging.tags", "packaging.utils", "tomlkit"):
        importlib.import_module(name)


def _become(request: Mapping[str, Any], streams: list[int]) -> None:
    """Take over the directory, environment, arguments and streams of a run."""
    os.setsid()
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    import locktool.__main__ as program

    sys.argv = [str(program.__file__), *request["arguments"]]
    sys.path[0] = request["directory"]
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - the streams of the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="strict")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115


def _serve(listener: socket.socket) -> None:
    """Run the command for each connection; returns in the processes that are to run it."""
    _load()
    gc.freeze()
    while True:
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            continue
        listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        text, streams, _, _ = socket.recv_fds(connection, _LARGEST_REQUEST, _STREAMS)
        while not text.endswith(b"\n"):
            text += connection.recv(_LARGEST_REQUEST)
        process = os.fork()
        if not process:
            connection.close()
            _become(json.loads(text), streams)
            return
        connection.sendall(f"{process}\n".encode())
        _, status = os.waitpid(process, 0)
        with contextlib.suppress(OSError):
            connection.sendall(f"{status}\n".encode())
        os._exit(0)


def _run() -> int:
    from locktool.__main__ import main

    try:
        return main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1


def _end(code: int) -> NoReturn:
    """End as the interpreter does, without taking apart all that the server has loaded."""
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


if __name__ == "__main__":
    # Finished supervisors leave no process behind.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _serve(socket.socket(fileno=int(sys.argv[1])))
    _end(_run())
