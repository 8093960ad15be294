"""Asks an interpreter what it is.

In: the path of a Python. Out: an `Interpreter`, or one line that says why there is none. The interpreter runs isolated
(`-I`) in a process group of its own, for a limited time and with a limited output; what others print beside the answer
is passed over. The running interpreter answers without a subprocess.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

from locktool.exceptions import LocktoolError
from locktool.interpreter import target_script
from locktool.interpreter.facts import Interpreter

# What type checkers set; `typing` itself is not loaded: it takes longer than what is asked here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO, Any

TIMEOUT_SECONDS = 20.0
"""Ten times what the slowest start took that was seen, GraalPy's first."""
LARGEST_OUTPUT = 4 << 20
_SHOWN_LINES = 3
_SHOWN_CHARACTERS = 300


def running_interpreter() -> Interpreter:
    """The interpreter that runs this code."""
    return Interpreter.of(target_script.describe())


def probe_interpreter(executable: Path) -> Interpreter:
    """Run an interpreter and take down what it says of itself.

    Raises LocktoolError with the code `not-an-interpreter` when it cannot be run or does not answer.
    """
    if is_running(executable):
        return running_interpreter()
    # A build on the running interpreter has no use for it.
    import tempfile

    word = f"locktool-{os.urandom(8).hex()}"
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            code = _run([str(executable), "-I", target_script.__file__, word], out, err)
        except OSError as error:
            raise probe_error(executable, error.strerror or str(error)) from error
        except _Stopped as stopped:
            raise probe_error(executable, str(stopped)) from None
        answer = _framed(_content(out), word)
        if answer is None:
            raise probe_error(executable, _reason(code, _content(err)))
    if answer.get("result") == "error":
        raise probe_error(executable, str(answer.get("message")), str(answer.get("kind")))
    try:
        interpreter = Interpreter.of(answer)
        interpreter.tags()
    except ValueError as error:
        raise probe_error(executable, f"its answer is not understood: {error}") from error
    return interpreter


def is_running(executable: Path) -> bool:
    """Whether a path is the interpreter that runs this code.

    Links are not followed: the Python of a virtual environment is a link to another one's.
    """
    return bool(sys.executable) and os.path.abspath(executable) == os.path.abspath(sys.executable)  # noqa: PTH100 - `..` goes too


def probe_error(executable: Path, reason: str, kind: str = "failed") -> LocktoolError:
    """Build the error for a file that is not a usable interpreter; `kind` is the script's word for the reason."""
    message = f"{executable} cannot be used as a Python: {reason}"
    return LocktoolError("not-an-interpreter", message, executable=str(executable), kind=kind)


class _Stopped(Exception):
    """A run that was ended from here, and why."""


def _run(command: list[str], out: IO[bytes], err: IO[bytes]) -> int:
    """The exit code of a command; its process group is gone when this returns. Raises OSError and _Stopped."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
    end = time.monotonic() + TIMEOUT_SECONDS
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(0.2)
            if time.monotonic() > end:
                message = f"it did not answer within {TIMEOUT_SECONDS:g} seconds"
                raise _Stopped(message)
            if max(os.fstat(file.fileno()).st_size for file in (out, err)) > LARGEST_OUTPUT:
                message = "it prints without end"
                raise _Stopped(message)
    finally:
        # What it started may outlive it and is in its group.
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(LARGEST_OUTPUT).decode("utf-8", "replace")


def _framed(text: str, word: str) -> dict[str, Any] | None:
    """The object between the last pair of marks; None where there is none."""
    _, begin, rest = text.rpartition(f"<{word}>")
    content, end, _ = rest.partition(f"</{word}>")
    if not begin or not end:
        return None
    import json

    try:
        answer = json.loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _reason(code: int, errors: str) -> str:
    """Why there is no answer, in one line."""
    if "Unknown option: -I" in errors:
        return "it does not know the option -I, as Python does from 3.4 on"
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    said = " / ".join(lines[-_SHOWN_LINES:])[:_SHOWN_CHARACTERS]
    if code < 0:
        ended = f"it was ended by signal {-code}"
    elif code:
        ended = f"it ended with code {code}"
    else:
        ended = "it ended without an answer"
    return f"{ended}: {said}" if said else ended
