"""Ends a build whose locktool is gone: SIGKILL cannot be caught, and memory that runs out ends a process the same way.

A shell in a session of its own waits for the end of a pipe that locktool alone holds open. It knows the build by its
process group, and on Linux by the mark in the environments of those that left the group. Windows has no such shell.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import Self

_SHELL = "/bin/sh"
# A process may start another while it is looked for.
_SCRIPT = """
read -r group
read -r _
[ -n "$group" ] && kill -KILL -- "-$group"
for _ in 1 2 3; do
    for found in $(grep -lsF -e "$1" /proc/[0-9]*/environ); do
        found=${found%/environ}
        kill -KILL "${found#/proc/}"
    done
done
"""


class Watcher:
    """The shell for one process of a build and all that carry `mark`, from before it is started until it is gone.

    Without a shell nothing is watched.
    """

    def __init__(self, mark: str) -> None:
        """Start the shell."""
        self._shell: subprocess.Popen[bytes] | None = None
        if os.name != "posix":
            return
        with contextlib.suppress(OSError):
            self._shell = subprocess.Popen(
                [_SHELL, "-c", _SCRIPT, _SHELL, mark],
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )

    def watch(self, leader: int) -> None:
        """Say which process group is the build's."""
        if self._shell is not None and self._shell.stdin is not None:
            with contextlib.suppress(OSError):
                self._shell.stdin.write(b"%d\n" % leader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell, which has nothing to do any more."""
        if self._shell is not None:
            self._shell.kill()
            self._shell.wait()
            if self._shell.stdin is not None:
                self._shell.stdin.close()
