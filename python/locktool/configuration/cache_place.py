"""Where the cache is: the first of `--cache-dir`, `cache-dir` of the machine's settings (LOCKTOOL_CACHE_DIR), and the
platform's directory for caches.
"""

from __future__ import annotations

import os
import sys

from locktool.configuration.machine import read_machine_settings
from locktool.exceptions import CacheError


def cache_place(given: str | os.PathLike[str] | None = None) -> str:
    """The absolute path of the cache directory, whether it exists or not; a relative one starts here.

    Raises CacheError where the system names no home, and ProjectError for settings of the machine that are wrong.
    """
    if given is not None:
        return os.path.join(os.getcwd(), given)
    configured = read_machine_settings().get("cache-dir")
    return _of_platform() if configured is None else str(configured.value)


def _of_platform() -> str:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(_home(), "AppData", "Local")
        return os.path.join(local, "locktool", "cache")
    if sys.platform == "darwin":
        return os.path.join(_home(), "Library", "Caches", "locktool")
    # The XDG specification has relative paths ignored.
    configured = os.environ.get("XDG_CACHE_HOME", "")
    return os.path.join(configured if os.path.isabs(configured) else os.path.join(_home(), ".cache"), "locktool")


def _home() -> str:
    home = os.path.expanduser("~")
    if home == "~":
        message = "the home directory is not known, so neither is a directory for the cache"
        raise CacheError("cache-no-home", f"{message}: pass --cache-dir or --no-cache")
    return home
