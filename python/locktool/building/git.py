"""Runs the system's git, which speaks English whatever the language of the machine: its messages are read and shown.

In: arguments and a directory. Out: what git printed, and its exit code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from locktool.cancellation import run_process

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path


def run_git(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a directory, in this process's environment unless another is given.

    Raises FileNotFoundError where there is no git, and Interrupted soon after the run is cancelled.
    """
    variables = {**(os.environ if environ is None else environ), "LC_ALL": "C"}
    return run_process(["git", *arguments], cwd=folder, environ=variables)
