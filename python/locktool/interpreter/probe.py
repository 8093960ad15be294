"""Asks an interpreter what it is: its version, its marker environment and the tags that it can install.

In: the path of a Python. Out: an `Interpreter`. The running interpreter answers without a subprocess.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from locktool.exceptions import LocktoolError
from locktool.interpreter import target_script

TIMEOUT_SECONDS = 20
SHOWN_LINES = 3


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one Python; `tags` are in the order of preference."""

    executable: str
    prefix: str
    base_prefix: str
    version: str
    implementation: str
    platform: str
    marker_environment: dict[str, str]
    tags: tuple[str, ...]

    @property
    def is_virtual(self) -> bool:
        """Whether it belongs to a virtual environment."""
        return self.prefix != self.base_prefix

    @property
    def python_version(self) -> str:
        """The two leading numbers of its version, `3.12`."""
        return ".".join(self.version.split(".")[:2])


def running_interpreter() -> Interpreter:
    """The interpreter that runs this code."""
    return msgspec.convert(target_script.describe(), Interpreter, strict=False)


def probe_interpreter(executable: Path) -> Interpreter:
    """Run an interpreter and take down what it says of itself.

    Raises LocktoolError with the code `not-an-interpreter` when it cannot be run or does not answer.
    """
    if is_running(executable):
        return running_interpreter()
    import packaging

    script, library = target_script.__file__, str(Path(packaging.__path__[0]).parent)
    try:
        ended = subprocess.run(
            [str(executable), "-I", script, library],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise probe_error(executable, str(error)) from error
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise probe_error(executable, " / ".join(lines[-SHOWN_LINES:]) or f"it ended with code {ended.returncode}")
    try:
        answer: Any = json.loads(ended.stdout)
        return msgspec.convert(answer, Interpreter, strict=False)
    except (ValueError, msgspec.ValidationError) as error:
        raise probe_error(executable, "what it printed is not an interpreter's answer") from error


def is_running(executable: Path) -> bool:
    """Whether a path is the interpreter that runs this code.

    Links are not followed: the Python of a virtual environment is a link to another one's.
    """
    return bool(sys.executable) and executable.absolute() == Path(sys.executable).absolute()


def probe_error(executable: Path, reason: str) -> LocktoolError:
    """Build the error for a file that is not a usable interpreter."""
    return LocktoolError(
        "not-an-interpreter", f"{executable} cannot be used as a Python: {reason}", executable=str(executable)
    )
