"""The cache directory: what is in it, and how it is emptied or shrunk."""

from pathlib import Path
from typing import NamedTuple

from locktool.configuration.cache_place import cache_place
from locktool.exceptions import CacheError
from locktool.operations.cache_kept import UNUSED_SECONDS, kept, remove_kept

INTERPRETERS = "interpreters"
"""The directory, below that of the cache, of what interpreters said of themselves."""


class CacheContent(NamedTuple):
    """What is in a cache: records of indexes, and files that interrupted runs and earlier versions left."""

    directory: Path
    records: int
    leftovers: int
    size: int


class Removal(NamedTuple):
    """What was removed from a cache."""

    files: int
    size: int


def cache_directory(given: Path | None = None) -> Path:
    """The cache directory, whether it exists or not.

    Raises CacheError where the system names no home, and ProjectError for settings of the machine that are wrong.
    """
    return Path(cache_place(given))


def cache_content(directory: Path) -> CacheContent:
    """Count what is in the cache; an absent one is empty. Raises CacheError."""
    from locktool._native import cache_summary

    records, size, leftovers = cache_summary(str(directory))
    return CacheContent(directory, records, leftovers, size + kept(directory).size)


def clean_cache(directory: Path, packages: list[str]) -> Removal:
    """Forget some packages, or everything if none is named. Raises CacheError.

    Only what locktool wrote is removed, never anything else in the directory.
    """
    from locktool._native import cache_clean, normalize_name

    removed = Removal(*cache_clean(str(directory), [normalize_name(name) for name in packages]))
    if packages:
        return removed
    from locktool.building.workspace import sweep_all

    for other in (remove_kept(directory), sweep_all(directory)):
        removed = Removal(removed.files + other.files, removed.size + other.size)
    return _with_interpreters(removed, directory, gone=False)


def prune_cache(directory: Path, maximum_size: int | None = None) -> Removal:
    """Remove left-overs, what builds and repositories left unused, and the least recently used records above a size.

    Raises CacheError. Without a size the records are kept to the bound that runs keep of their own accord.
    """
    from locktool._native import cache_prune
    from locktool.building.workspace import sweep

    removed = Removal(*cache_prune(str(directory), maximum_size))
    for other in (remove_kept(directory, unused_for=UNUSED_SECONDS), sweep(directory)):
        removed = Removal(removed.files + other.files, removed.size + other.size)
    return _with_interpreters(removed, directory, gone=True)


def _with_interpreters(removed: Removal, directory: Path, *, gone: bool) -> Removal:
    """What was removed, and with it the answers of interpreters: all, or of those that are gone. Raises CacheError."""
    if not (directory / INTERPRETERS).is_dir():
        return removed
    from locktool.interpreter.cache import ProbeCache

    try:
        sizes = ProbeCache(directory / INTERPRETERS).remove(gone=gone)
    except OSError as error:
        message = f"{error.filename}: {error.strerror}"
        raise CacheError("cache-unusable", message) from error
    return Removal(removed.files + len(sizes), removed.size + sum(sizes))
