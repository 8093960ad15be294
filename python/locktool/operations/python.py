"""The Pythons of this machine: all of them, the one that a request means, and what is known of it.

What they said of themselves is remembered below the cache directory, so that each is run once.
"""

from pathlib import Path

from locktool.exceptions import CacheError, LocktoolError
from locktool.interpreter.cache import ProbeCache
from locktool.interpreter.facts import Interpreter
from locktool.interpreter.find import find_interpreter, interpreters
from locktool.interpreter.request import Request
from locktool.operations.cache import INTERPRETERS, cache_directory


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
