"""Runs one process of a build, contained: what it prints is bounded, and nothing of it outlives the call.

In: a command. Out: its exit code and what it printed. The process has no input, no terminal and a process group of its
own, which is gone when the call returns, for whatever reason: its end, the time limit, a cancelled run or an interrupt.
Where this process is killed, a watcher ends it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque

from locktool.building.watcher import Watcher
from locktool.cancellation import wait_in_steps
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

TIMEOUT_SECONDS = 1200.0
"""How long a process may take: three times the slowest build of a wheel that was waited for."""
GRACE_SECONDS = 0.1
"""How long a group that is to end may tidy up. Together with the steps of waiting it stays within the 0.2 s in which a
cancelled run ends; what a build leaves lies in a directory that is removed anyway."""
FIRST_BYTES = 64 << 10
LAST_BYTES = 1 << 20
"""How much of an output is kept of its beginning and of its end."""
_VANISHING_SECONDS = 2.0
# The library sleeps for a millisecond before it looks a second time.
_SHORT_WAITS = 20
_SHORT_WAIT_SECONDS = 0.0001
_BLOCK = 64 << 10
_MARK = "LOCKTOOL_BUILD"
"""The variable by which processes that left the group are known: their environment names the run that began them."""


class Outcome(Record):
    """How a process ended, and what it printed: its two outputs together, the middle left out where it is long."""

    code: int
    output: str
    timed_out: bool = False


def run(
    command: Sequence[str],
    *,
    cwd: str | Path | None = None,
    environ: Mapping[str, str],
    timeout: float | None = None,
) -> Outcome:
    """Run a process to its end; after `timeout` seconds (TIMEOUT_SECONDS unless given) it is ended from here.

    Raises Interrupted soon after the run is cancelled, and OSError where the process cannot be started.
    """
    limit = TIMEOUT_SECONDS if timeout is None else timeout
    with _started(command, cwd, environ) as (process, spool):

        def wait(seconds: float) -> bool:
            # The end of the output wakes at once, as nearly always when a process ends.
            if spool.ended(seconds):
                _reap(process, seconds)
            return process.poll() is not None

        in_time = wait_in_steps(wait, limit)
    output = spool.text()
    if not in_time:
        return Outcome(code=-1, output=f"{output}\nstopped after {limit:g} seconds", timed_out=True)
    return Outcome(code=process.returncode, output=output)


def _reap(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for the end of a process whose output has ended, nearly always a moment before."""
    for _ in range(_SHORT_WAITS):
        if process.poll() is not None:
            return
        time.sleep(_SHORT_WAIT_SECONDS)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@contextlib.contextmanager
def _started(
    command: Sequence[str], cwd: str | Path | None, environ: Mapping[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], _Spool]]:
    """A process and what reads its output; its group is gone and its output read when the context ends."""
    mark = os.urandom(8).hex()
    is_windows = os.name == "nt"
    with contextlib.ExitStack() as ending:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**environ, _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=not is_windows,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP if is_windows else 0,  # type: ignore[attr-defined,unused-ignore]
        )
        if process.stdout is None:
            raise AssertionError("the output is a pipe")
        # It starts while the build does.
        ending.enter_context(Watcher(process.pid, f"{_MARK}={mark}"))
        spool = _Spool(process.stdout)
        ending.callback(spool.close)
        ending.callback(_kill, process, mark)
        ending.callback(_ask_to_end, process)
        yield process, spool


class _Spool:
    """The first and the last of a stream, read on a thread of its own so that the writer never waits."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._first = bytearray()
        self._last: deque[bytes] = deque()
        self._length = 0
        self._left_out = 0
        self._mutex = threading.Lock()
        self._thread = threading.Thread(target=self._read, name="build-output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while block := self._stream.read(_BLOCK):
                with self._mutex:
                    self._keep(block)

    def _keep(self, block: bytes) -> None:
        free = FIRST_BYTES - len(self._first)
        self._first += block[:free]
        rest = block[free:] if free > 0 else block
        if not rest:
            return
        self._last.append(rest)
        self._length += len(rest)
        while self._length - len(self._last[0]) >= LAST_BYTES:
            dropped = len(self._last.popleft())
            self._length -= dropped
            self._left_out += dropped

    def ended(self, seconds: float) -> bool:
        """Whether the stream has ended, which is waited for."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Read what is left; a stream that a process holds which could not be ended is left to that process."""
        if self.ended(GRACE_SECONDS):
            self._stream.close()

    def text(self) -> str:
        """What was kept; a line of its own says how much is missing in the middle."""
        with self._mutex:
            first, last, left_out = bytes(self._first), b"".join(self._last), self._left_out
        gap = f"\n[{left_out} bytes left out]\n".encode() if left_out else b""
        return (first + gap + last).decode("utf-8", "replace")


def _ask_to_end(process: subprocess.Popen[bytes]) -> None:
    """Let a process that still runs, and its group, tidy up for a moment."""
    if process.poll() is None and os.name == "posix":
        _signal_group(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)


def _kill(process: subprocess.Popen[bytes], mark: str) -> None:
    """End whatever is left of a process and those it started, and wait until it is gone."""
    if os.name == "posix":
        _signal_group(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + _VANISHING_SECONDS
        while _kill_marked(mark) and time.monotonic() < deadline:
            time.sleep(0.005)
    elif process.poll() is None:
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        process.kill()
    process.wait()


def _signal_group(leader: int, number: int) -> None:
    """Send a signal to what is left of a process group."""
    # macOS refuses a group that consists of ended processes.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _kill_marked(mark: str) -> bool:
    """Kill the processes that carry the mark, those that left the group too; whether any did.

    Only Linux shows environments, and none of a process that ended and waits to be reaped.
    """
    wanted = f"{_MARK}={mark}".encode()
    found = False
    with contextlib.suppress(OSError):
        for number in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208 - a Path for each takes twice as long
            with contextlib.suppress(OSError), open(f"/proc/{number}/environ", "rb") as file:  # noqa: PTH123 - the same
                if wanted in file.read().split(b"\0"):
                    os.kill(int(number), signal.SIGKILL)
                    found = True
    return found
