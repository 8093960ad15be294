"""The cache directory: where it is, what it holds, and how it is emptied or shrunk.

The place is the first of: `--cache-dir`, LOCKTOOL_CACHE_DIR, the platform's directory for caches.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from locktool.exceptions import CacheError
from locktool.project.canonical import canonical_name


class CacheContent(NamedTuple):
    """What a cache holds: records of the index, remembered locks, files that an interrupted run left."""

    directory: Path
    records: int
    locks: int
    leftovers: int
    size: int


class Removal(NamedTuple):
    """What was removed from a cache."""

    files: int
    size: int


def cache_directory(given: Path | None = None) -> Path:
    """The cache directory, whether it exists or not. Raises CacheError where the system names no home."""
    if given is not None:
        return Path.cwd() / given
    configured = os.environ.get("LOCKTOOL_CACHE_DIR")
    if configured:
        return Path.cwd() / Path(configured).expanduser()
    return _platform_directory()


def _platform_directory() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local, "locktool", "cache") if local else _home() / "AppData" / "Local" / "locktool" / "cache"
    if sys.platform == "darwin":
        return _home() / "Library" / "Caches" / "locktool"
    # The XDG specification has relative paths ignored.
    configured = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (configured if configured.is_absolute() else _home() / ".cache") / "locktool"


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        message = "the home directory is not known, so there is no place for a cache: pass --cache-dir or --no-cache"
        raise CacheError("cache-no-home", message) from None


def cache_content(directory: Path) -> CacheContent:
    """Count what the cache holds; an absent one holds nothing. Raises CacheError."""
    from locktool._native import cache_summary

    records, size, leftovers = cache_summary(str(directory))
    blobs = _blobs(directory)
    return CacheContent(directory, records, len(blobs), leftovers, size + sum(size for _, size in blobs))


def clean_cache(directory: Path, packages: list[str]) -> Removal:
    """Forget some packages, or everything if none is named. Raises CacheError.

    Only what locktool wrote is removed, never anything else in the directory.
    """
    from locktool._native import cache_clean

    files, size = cache_clean(str(directory), [canonical_name(name) for name in packages])
    return Removal(files, size) if packages else _forget_blobs(directory, Removal(files, size))


def prune_cache(directory: Path, maximum_size: int | None = None) -> Removal:
    """Remove left-overs, remembered locks, and the least recently used records above a size. Raises CacheError.

    Without a size the records are kept to the bound that runs keep of their own accord.
    """
    from locktool._native import cache_prune

    files, size = cache_prune(str(directory), maximum_size)
    return _forget_blobs(directory, Removal(files, size))


def _blobs(directory: Path) -> list[tuple[Path, int]]:
    from locktool.lock.blob import DIRECTORY

    try:
        return [(path, path.stat().st_size) for path in (directory / DIRECTORY).iterdir()]
    except FileNotFoundError:
        return []


def _forget_blobs(directory: Path, removed: Removal) -> Removal:
    files, total = removed
    for path, size in _blobs(directory):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            message = f"{path} cannot be removed: {error.strerror or error}"
            raise CacheError("cache-not-writable", message, path=str(path)) from error
        files, total = files + 1, total + size
    return Removal(files, total)
