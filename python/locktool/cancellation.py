"""How a run is stopped from outside: a `Cancellation` that any thread sets, and processes that end when it is set.

The run that is under way in a context knows its cancellation without being handed it (a context variable, which
`asyncio.to_thread` carries along), so that what starts a process deep below can end it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from locktool.exceptions import Interrupted

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_POLL_SECONDS = 0.05


class Cancellation:
    """Stops the runs that were given it, from any thread; it stays set.

    >>> cancellation = Cancellation()
    >>> cancellation.is_cancelled
    False
    >>> cancellation.cancel()
    >>> cancellation.is_cancelled
    True
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = Event()

    def cancel(self) -> None:
        """Stop the runs: within 0.2 seconds each raises `Interrupted`, and writes no file; one that is done returns."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Interrupted` where `cancel` was called."""
        if self._event.is_set():
            raise Interrupted("interrupted", "the run was cancelled")


_CURRENT: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current_cancellation() -> Cancellation | None:
    """The cancellation of the run that is under way here."""
    return _CURRENT.get()


@contextmanager
def running_under(cancellation: Cancellation | None) -> Iterator[None]:
    """Make a cancellation that of the run which is under way in this context."""
    token = _CURRENT.set(cancellation)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def run_process(
    command: Sequence[str],
    *,
    cwd: str | Path | None,
    environ: Mapping[str, str],
    timeout: float | None = None,
    merged: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run a process without input to its end; with `merged` its two outputs are one.

    Raises `Interrupted` soon after the run is cancelled, and `subprocess.TimeoutExpired` with what was printed; the
    process is killed in either case. Raises OSError where it cannot be started.
    """
    import subprocess

    cancellation = current_cancellation()
    deadline = None if timeout is None else monotonic() + timeout
    errors = subprocess.STDOUT if merged else subprocess.PIPE
    process = subprocess.Popen(
        list(command), cwd=cwd, env=dict(environ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
    )
    with process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=_POLL_SECONDS if cancellation else timeout)
                    return subprocess.CompletedProcess(command, process.returncode, out, err)
                except subprocess.TimeoutExpired:
                    if cancellation is not None:
                        cancellation.check()
                    if deadline is not None and monotonic() >= deadline:
                        raise
        except BaseException:
            process.kill()
            raise
