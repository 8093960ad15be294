"""Finds the Pythons of this machine, the nearest first, and the first that a request admits.

```text
activated environment < running interpreter < PATH < pyenv < Windows registry < Windows launcher
```

In: a request (nothing, what `Request` reads, a path, the directory of an environment, the name of a pyenv version or of
a program on PATH). Without one it is the activated environment, the Python that `.python-version` asks for, or the
running interpreter.
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
from locktool.interpreter.request import Request
from locktool.interpreter.windows import windows_executables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from locktool.interpreter.facts import Interpreter

_SUFFIX = ".exe" if os.name == "nt" else ""
_PROGRAM = re.compile(r"(?P<name>python|pypy|graalpy)(?P<version>\d+(?:\.\d+)?)?t?" + re.escape(_SUFFIX), re.IGNORECASE)
_IMPLEMENTATIONS = ("python", "pypy", "graalpy")
_VERSION_FILE = ".python-version"


def find_interpreter(
    request: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    cache: ProbeCache | None = None,
    directory: Path | None = None,
) -> Interpreter:
    """The first interpreter that a request admits; `directory` is where a `.python-version` file is looked for.

    Raises LocktoolError, with the code `no-interpreter` when nothing on this machine is admitted, and
    `not-an-interpreter` for a path that is none; InvalidSpecifier for a request like `>=3.x`.
    """
    environ = os.environ if environ is None else environ
    cache = cache or ProbeCache(None)
    if request is None:
        return _default_interpreter(environ, cache, directory or Path.cwd())
    wanted = Request.parse(request)
    if wanted is None or Path(request).is_file():
        return cache.probe(named_executable(request, environ))
    seen = 0
    for interpreter in interpreters(wanted, environ=environ, cache=cache):
        seen += 1
        if wanted.admits(interpreter):
            return interpreter
    raise LocktoolError(
        "no-interpreter",
        f"no Python {request} on this machine ({seen} looked at); install it, or pass its path",
        request=request,
    )


def interpreters(
    wanted: Request | None = None, *, environ: Mapping[str, str] | None = None, cache: ProbeCache | None = None
) -> Iterator[Interpreter]:
    """The interpreters of this machine, each once, the nearest first; those whose names rule them out are not asked."""
    environ = os.environ if environ is None else environ
    cache = cache or ProbeCache(None)
    wanted = wanted or Request("")
    files: set[tuple[Path | None, Path]] = set()
    answered: set[tuple[str, str]] = set()
    for candidate in candidates(wanted, environ):
        key = _file_of(candidate)
        if key is None or key in files:
            continue
        files.add(key)
        try:
            interpreter = cache.probe(candidate)
        except LocktoolError:  # a shim without a Python behind it, or a broken environment: the next may do
            continue
        identity = (os.path.realpath(interpreter.executable), interpreter.prefix)
        if identity not in answered:
            answered.add(identity)
            yield interpreter


def named_executable(request: str, environ: Mapping[str, str]) -> Path:
    """The file that a path, the directory of an environment, a version of pyenv or a program on PATH means."""
    path = Path(request).expanduser()
    for candidate in (path, *executables_of_prefix(path), *executables_of_prefix(_pyenv_versions(environ) / request)):
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
    names = ("python", "python3", "pypy3", "graalpy")
    directories = (prefix / "Scripts", prefix) if os.name == "nt" else (prefix / "bin",)
    for directory in directories:
        yield from (directory / f"{name}{_SUFFIX}" for name in names)


def candidates(wanted: Request, environ: Mapping[str, str]) -> Iterator[Path]:
    """Files that may be what is asked for, the nearest first; the same one may come again."""
    yield from _activated(environ)
    if sys.executable:
        yield Path(sys.executable)
    versions = _pyenv_versions(environ)
    for directory in environ.get("PATH", "").split(os.pathsep):
        # What PATH names relative to the working directory may be anybody's.
        if not Path(directory).is_absolute():
            continue
        if Path(directory) == versions.parent / "shims":
            yield from _selected_by_pyenv(versions, environ)
        else:
            yield from _programs(Path(directory), wanted)
    for prefix in sorted(_entries(versions), key=_version_order, reverse=True):
        if wanted.may_be(prefix):
            yield from executables_of_prefix(versions / prefix)
    yield from windows_executables(environ)


def _default_interpreter(environ: Mapping[str, str], cache: ProbeCache, directory: Path) -> Interpreter:
    """The Python of somebody who asks for none. Raises what `find_interpreter` raises."""
    for candidate in _activated(environ):
        if candidate.is_file():
            return cache.probe(candidate)
    request = version_file_request(directory)
    if request is None:
        return cache.probe(Path(sys.executable))
    try:
        return find_interpreter(request, environ=environ, cache=cache)
    except LocktoolError as error:
        raise LocktoolError(error.code, f"{_VERSION_FILE}: {error.message}", **error.fields) from None


def version_file_request(directory: Path) -> str | None:
    """The first version of the nearest `.python-version`, in a directory or one above it; `system` asks for nothing."""
    for parent in (directory, *directory.parents):
        try:
            text = (parent / _VERSION_FILE).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        lines = (line.partition("#")[0].strip() for line in text.splitlines())
        request = next((line for line in lines if line), None)
        return None if request == "system" else request
    return None


def _activated(environ: Mapping[str, str]) -> Iterator[Path]:
    """The Python of the environment that is activated."""
    prefix = environ.get("VIRTUAL_ENV") or environ.get("CONDA_PREFIX")
    if prefix:
        yield from executables_of_prefix(Path(prefix))


def _programs(directory: Path, wanted: Request) -> list[Path]:
    """The programs of a directory that are named like interpreters: those of the version, plain names, the newest."""
    exact = ".".join(str(number) for number in wanted.version[:2])
    found = []
    for name in _entries(directory):
        parts = _PROGRAM.fullmatch(name)
        if parts is not None and wanted.may_be(name):
            version = parts["version"] or ""
            newest = [-int(number) for number in version.split(".") if number]
            implementation = _IMPLEMENTATIONS.index(parts["name"].lower())
            order = (not exact or version != exact, "." in version, implementation, newest)
            found.append((order, name))
    return [directory / name for _, name in sorted(found)]


def _pyenv_versions(environ: Mapping[str, str]) -> Path:
    """Where pyenv keeps what it has installed."""
    root = environ.get("PYENV_ROOT") or environ.get("PYENV")
    return (Path(root) if root else Path(environ.get("HOME") or Path.home()) / ".pyenv") / "versions"


def _selected_by_pyenv(versions: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """The interpreters that pyenv's shims start: those of PYENV_VERSION, `.python-version` or the global choice.

    The shims themselves are shell scripts that take a tenth of a second, and one stands for every version installed.
    """
    names = environ.get("PYENV_VERSION", "").split(":")
    if names == [""]:
        names = [version_file_request(Path.cwd()) or ""]
    if names == [""]:
        try:
            names = (versions.parent / "version").read_text("utf-8").split()
        except (OSError, UnicodeDecodeError):
            return
    for name in names:
        if name and name != "system":
            yield from executables_of_prefix(versions / name)


def _entries(directory: Path) -> list[str]:
    """The names in a directory; none where it cannot be read."""
    try:
        return [path.name for path in directory.iterdir()]
    except OSError:
        return []


def _version_order(name: str) -> tuple[bool, list[int], str]:
    """CPython first, then by the numbers in the name."""
    return name[:1].isdigit(), [int(part) for part in re.findall(r"\d+", name)], name


def _file_of(candidate: Path) -> tuple[Path | None, Path] | None:
    """What a path runs, so that links to it are asked once: its environment and the file; None where there is none.

    A link to a program that is not named like an interpreter is itself: such a program looks at the link's name.
    """
    if not candidate.is_file():
        return None
    real = candidate.resolve()
    prefix = candidate.parent.parent
    environment = prefix.resolve() if (prefix / "pyvenv.cfg").is_file() else None
    return environment, real if _PROGRAM.fullmatch(real.name) else candidate.absolute()
