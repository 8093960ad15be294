"""Ends a build whose locktool is gone: SIGKILL cannot be caught, and memory that runs out ends a process the same way.

A shell in a session of its own waits for the end of a pipe that locktool alone holds open. It knows the build by its
process group, and on Linux by the mark in the environments of those that left the group. Windows has no such shell.
"""

from __future__ import annotations

import contextlib
import os
import subprocess

# What type checkers set; `typing` itself is not loaded: it takes longer than what a build does here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_SHELL = "/bin/sh"
# A process may start another while it is looked for.
_SCRIPT = """
read -r _
kill -KILL -- "-$1"
for _ in 1 2 3; do
    for found in $(grep -lsF -e "$2" /proc/[0-9]*/environ); do
        found=${found%/environ}
        kill -KILL "${found#/proc/}"
    done
done
"""


class Watcher:
    """The shell for the process group of a build, and for all that carry `mark`.

    Without a shell nothing is watched.
    """

    def __init__(self, leader: int, mark: str) -> None:
        """Start the shell."""
        self._shell: subprocess.Popen[bytes] | None = None
        if os.name != "posix":
            return
        with contextlib.suppress(OSError):
            self._shell = subprocess.Popen(
                [_SHELL, "-c", _SCRIPT, _SHELL, str(leader), mark],
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell, which has nothing to do any more."""
        if self._shell is not None:
            self._shell.kill()
            self._shell.wait()
            if self._shell.stdin is not None:
                self._shell.stdin.close()
