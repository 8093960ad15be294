"""Programs that stand in for interpreters: they answer as one would, or not as one should.

A stand-in is a shell script that gets what an interpreter gets: `-I`, the path of the script, the word of the marks.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

import pytest

from locktool.interpreter.probe import running_interpreter

if TYPE_CHECKING:
    from pathlib import Path

POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="writes shell scripts as interpreters")


def program(path: Path, text: str) -> Path:
    """A shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def stand_in(path: Path, version: str, implementation: str = "cpython", **facts: Any) -> Path:  # noqa: ANN401 - facts
    """A program that answers as an interpreter of another version would."""
    here = running_interpreter()
    versions = {"python_full_version": version, "python_version": ".".join(version.split(".")[:2])}
    fields = here.marker_environment | versions | {"implementation_name": implementation}
    changed = {
        "version": version,
        "implementation": implementation,
        "executable": str(path),
        "prefix": str(path.parent),
    }
    answer = here.facts() | changed | {"marker_environment": fields, **facts}
    text = json.dumps(answer | {"result": "success"})
    # Builtins alone: the test's PATH may have nothing else.
    return program(path, f'printf \'<%s>%s</%s>\' "$3" {shlex.quote(text)} "$3"')


def wrapper(path: Path, before: str = "", after: str = "", python: str = sys.executable) -> Path:
    """A program that runs an interpreter, with other commands before and after it."""
    return program(path, f'{before}\n{shlex.quote(python)} "$@"\n{after}')
