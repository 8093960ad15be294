"""How a run is stopped from outside: a `Cancellation` that any thread sets, and processes that end when it is set.

The run that is under way in a context knows its cancellation without being handed it (a context variable, which
`asyncio.to_thread` carries along), so that what starts a process deep below can end it.
"""

from __future__ import annotations

from contextvars import ContextVar
from time import monotonic

from locktool.exceptions import Interrupted

# What type checkers set; `typing` itself is not loaded: every lock can be cancelled.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from contextvars import Token
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

    __slots__ = ("_is_set",)

    def __init__(self) -> None:
        self._is_set = False

    def cancel(self) -> None:
        """Stop the runs: within 0.2 seconds each raises `Interrupted`, and writes no file; one that is done returns."""
        self._is_set = True

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._is_set

    def check(self) -> None:
        """Raise `Interrupted` where `cancel` was called."""
        if self.is_cancelled:
            raise Interrupted("interrupted", "the run was cancelled")


class _RunCancellation(Cancellation):
    """That of one run: an interrupt sets it alone, and it is set where the one that the caller gave is."""

    __slots__ = ("_given",)

    def __init__(self, given: Cancellation | None) -> None:
        super().__init__()
        self._given = given

    @property
    def is_cancelled(self) -> bool:
        return super().is_cancelled or (self._given is not None and self._given.is_cancelled)


_CURRENT: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current_cancellation() -> Cancellation | None:
    """The cancellation of the run that is under way here."""
    return _CURRENT.get()


def run_cancellation() -> Cancellation:
    """The cancellation for the threads that work for the run which is under way here.

    An interrupt of this thread sets it too, though not the one that the caller gave, which may serve other runs.
    """
    current = _CURRENT.get()
    if not isinstance(current, _RunCancellation):
        current = _RunCancellation(current)
        _CURRENT.set(current)
    return current


def end_current_run() -> None:
    """Cancel what works for the run that is under way here. The extension calls it when an interrupt reaches the thread
    that waits, since no signal of the terminal reaches the processes of builds.
    """
    current = _CURRENT.get()
    if isinstance(current, _RunCancellation):
        current.cancel()


class running_under:  # noqa: N801 - used as `contextlib.contextmanager` makes them, which would have to be loaded
    """Makes a cancellation that of the run which is under way in this context, inside of a `with`."""

    __slots__ = ("_cancellation", "_token")

    def __init__(self, cancellation: Cancellation | None) -> None:
        self._cancellation = cancellation

    def __enter__(self) -> None:
        self._token: Token[Cancellation | None] = _CURRENT.set(self._cancellation)

    def __exit__(self, *_: object) -> None:
        _CURRENT.reset(self._token)


def wait_in_steps(wait: Callable[[float], bool], timeout: float | None = None) -> bool:
    """Call `wait(seconds)` until it says that what it waits for has come; False once `timeout` seconds are over.

    Raises `Interrupted` soon after the run that is under way here is cancelled.
    """
    cancellation = current_cancellation()
    deadline = None if timeout is None else monotonic() + timeout
    while not wait(_POLL_SECONDS):
        if cancellation is not None:
            cancellation.check()
        if deadline is not None and monotonic() >= deadline:
            return False
    return True


def run_process(
    command: Sequence[str], *, cwd: str | Path | None, environ: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run a process without input to its end.

    Raises `Interrupted` soon after the run is cancelled; the process is killed then. Raises OSError where it cannot be
    started.
    """
    import subprocess

    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    outputs = (b"", b"")

    def wait(seconds: float) -> bool:
        nonlocal outputs
        try:
            outputs = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    with process:
        try:
            wait_in_steps(wait)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, *outputs)
