"""Finds an interpreter on this machine: the running one, an activated environment's, those of PATH, those of pyenv.

In: a request (nothing, a version such as `3.12`, a name such as `pypy3`, or a path). Out: the first `Interpreter` that
answers it, in this order.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.exceptions import LocktoolError
from locktool.interpreter.cache import ProbeCache

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from locktool.interpreter.probe import Interpreter

VERSION = re.compile(r"(?:(?P<implementation>cpython|pypy|python)-?)?(?P<version>\d+(?:\.\d+){0,2})", re.IGNORECASE)
SUFFIX = ".exe" if os.name == "nt" else ""


def find_interpreter(
    request: str | None = None, *, environ: Mapping[str, str] | None = None, cache: ProbeCache | None = None
) -> Interpreter:
    """The first interpreter that answers a request; without one it is the running interpreter.

    Raises LocktoolError, with the code `no-interpreter` when nothing on this machine answers.
    """
    environ = os.environ if environ is None else environ
    cache = cache or ProbeCache(None)
    if request is None:
        return cache.probe(Path(sys.executable))
    match = VERSION.fullmatch(request)
    if match is None:
        return cache.probe(named_executable(request, environ))
    wanted = tuple(int(part) for part in match["version"].split("."))
    implementation = (match["implementation"] or "").lower().replace("python", "cpython").replace("ccpython", "cpython")
    seen: set[Path] = set()
    for candidate in candidates(wanted, environ):
        if candidate in seen or not candidate.is_file():
            continue
        seen.add(candidate)
        try:
            interpreter = cache.probe(candidate)
        except LocktoolError:  # a shim without a Python behind it, or a broken environment: the next may do
            continue
        if answers(interpreter, wanted, implementation):
            return interpreter
    raise LocktoolError(
        "no-interpreter",
        f"no Python {request} on this machine ({len(seen)} looked at); install it, or pass its path",
        request=request,
    )


def answers(interpreter: Interpreter, wanted: tuple[int, ...], implementation: str) -> bool:
    """Whether an interpreter has the wanted leading version numbers, and the wanted implementation if one is named."""
    version = tuple(int(part) for part in interpreter.version.split("."))
    return version[: len(wanted)] == wanted and implementation in {"", interpreter.implementation}


def named_executable(request: str, environ: Mapping[str, str]) -> Path:
    """The file that a path, a directory of an environment, or a name on PATH means."""
    path = Path(request).expanduser()
    for candidate in (path, *executables_of_prefix(path)):
        if candidate.is_file():
            return candidate
    found = shutil.which(request, path=environ.get("PATH", ""))
    if found is None:
        raise LocktoolError(
            "no-interpreter",
            f"{request} is neither a Python version, nor a path, nor a program on PATH",
            request=request,
        )
    return Path(found)


def executables_of_prefix(prefix: Path) -> Iterator[Path]:
    """Where an environment or an installation keeps its Python."""
    if os.name == "nt":
        yield prefix / "Scripts" / "python.exe"
        yield prefix / "python.exe"
    else:
        yield prefix / "bin" / "python"
        yield prefix / "bin" / "python3"


def candidates(wanted: tuple[int, ...], environ: Mapping[str, str]) -> Iterator[Path]:
    """Files that may answer, the nearest first."""
    yield Path(sys.executable)
    activated = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX")
    if activated:
        yield from executables_of_prefix(Path(activated))
    numbers = ".".join(str(part) for part in wanted[:2])
    names = [f"python{numbers}", f"pypy{numbers}", f"python{wanted[0]}", "python", f"pypy{wanted[0]}", "pypy"]
    directories = [Path(each) for each in environ.get("PATH", "").split(os.pathsep) if each]
    for name in names:
        yield from (directory / f"{name}{SUFFIX}" for directory in directories)
    yield from pyenv_executables(environ)


def pyenv_executables(environ: Mapping[str, str]) -> Iterator[Path]:
    """The interpreters that pyenv has installed, the newest version first."""
    root = environ.get("PYENV_ROOT") or environ.get("PYENV")
    base = Path(root) if root else Path.home() / ".pyenv"
    versions = base / "versions"
    if not versions.is_dir():
        return
    for prefix in sorted(versions.iterdir(), key=version_order, reverse=True):
        yield from executables_of_prefix(prefix)


def version_order(prefix: Path) -> tuple[list[int], str]:
    """Order installation directories by the numbers in their names."""
    return [int(part) for part in re.findall(r"\d+", prefix.name)], prefix.name
