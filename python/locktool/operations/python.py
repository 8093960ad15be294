"""The Pythons of this machine: all of them, the one that a request means, and what is known of it.

What they said of themselves is remembered below the cache directory, so that each is run once. A choice of a Python and
a platform becomes the one environment that a run is for.
"""

import os
import re
from pathlib import Path

from msgspec import Struct

from locktool.exceptions import CacheError, LocktoolError, ProjectError
from locktool.interpreter.cache import ProbeCache
from locktool.interpreter.environment import MarkerEnvironment, environment_of
from locktool.interpreter.facts import Interpreter
from locktool.interpreter.find import find_interpreter, interpreters
from locktool.interpreter.probe import running_interpreter
from locktool.interpreter.request import Request
from locktool.operations.cache import INTERPRETERS, cache_directory

_DEPLOYMENT_TARGET = "MACOSX_DEPLOYMENT_TARGET"
_MACOS_VERSION = re.compile(r"\d{1,3}(\.\d{1,3})?")


class PythonChoice(Struct, frozen=True, kw_only=True):
    """The environment that a person chooses; what is not named is that of the running interpreter.

    `python` is an interpreter of this machine, `python_version` any Python (`3.12`, `3.13t`, `pypy3.11`), and
    `python_platform` any platform (`windows`, `macos-14`, `x86_64-manylinux2014`).
    """

    python: str | None = None
    python_version: str | None = None
    python_platform: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether anything is chosen."""
        return any(one is not None for one in (self.python, self.python_version, self.python_platform))

    @property
    def words(self) -> str:
        """What is chosen, for people: `Python 3.12 on windows`."""
        python = self.python or self.python_version or MarkerEnvironment.current().python_version
        return f"Python {python} on {self.python_platform or 'the platform of this machine'}"


def chosen_environment(choice: PythonChoice, records: ProbeCache | None = None) -> MarkerEnvironment:
    """The environment that is chosen. An interpreter is found as `find_python` does, and answers for itself.

    The oldest macOS of a platform that names none is that of MACOSX_DEPLOYMENT_TARGET, where it is set.

    Raises LocktoolError for an interpreter that is not there and for one with another version, InvalidVersion, and
    ProjectError for a platform that is not known.
    """
    if not choice.is_named:
        return MarkerEnvironment.current()
    if choice.python is not None and choice.python_version is not None:
        message = "--python is an environment of its own: it does not go with --python-version"
        raise LocktoolError("contradicting-options", message)
    interpreter = running_interpreter() if choice.python is None else find_python(choice.python, records=records)
    return environment_of(interpreter, choice.python_version, _deployed(choice.python_platform))


def _deployed(platform: str | None) -> str | None:
    """A platform with the version of macOS that compilers are told too. Raises ProjectError for what is no version."""
    target = os.environ.get(_DEPLOYMENT_TARGET)
    names_none = platform is not None and platform.lower().endswith(("macos", "apple-darwin"))
    if not target or not names_none:
        return platform
    if not _MACOS_VERSION.fullmatch(target):
        message = f"{_DEPLOYMENT_TARGET} is {target!r}, which is no version of macOS such as 11 or 10.15"
        raise ProjectError("invalid-setting", message)
    return f"{platform}-{target}"


def probe_cache(cache_dir: Path | None = None, *, cache: bool = True) -> ProbeCache:
    """Where the answers of interpreters are remembered; nowhere on a machine that names no directory for it."""
    try:
        return ProbeCache(cache_directory(cache_dir) / INTERPRETERS if cache else None)
    except CacheError:
        return ProbeCache(None)


def find_python(request: str | None = None, directory: Path = Path(), records: ProbeCache | None = None) -> Interpreter:
    """The interpreter that a request means; without one that of the environment or of `.python-version`.

    Raises LocktoolError, with the code `no-interpreter` where none fits.
    """
    return find_interpreter(request, cache=records or probe_cache(), directory=directory.absolute())


def list_pythons(request: str | None = None, records: ProbeCache | None = None) -> list[Interpreter]:
    """The interpreters of this machine that a request admits, the nearest first.

    Raises LocktoolError, with the code `not-a-request` for a path or a name, which is one interpreter.
    """
    wanted = Request.parse(request) if request else Request("")
    if wanted is None:
        message = f"{request!r} is neither a version nor specifiers, such as 3.12, pypy or '>=3.11,<3.13'"
        raise LocktoolError("not-a-request", message, request=request)
    found = interpreters(wanted, cache=records or probe_cache())
    return [interpreter for interpreter in found if wanted.admits(interpreter)]
