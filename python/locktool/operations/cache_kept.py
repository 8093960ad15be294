"""What the cache keeps beside records of indexes: commits of git repositories, wheels and environments of builds.

Each is a directory of its own, complete or not there; its time is that of its last use. Only what locktool wrote is
ever removed.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import time
from typing import NamedTuple

UNUSED_SECONDS = 30 * 24 * 3600
"""After so long without use a pruned cache does without it."""
_DIGEST_LENGTH = 64


class Kept(NamedTuple):
    """How many files something has, and their bytes."""

    files: int
    size: int


class _Kind(NamedTuple):
    """Where directories of one kind lie, and how one of them is known."""

    pattern: str
    is_one: Callable[[Path], bool]


def _is_unfinished(directory: Path) -> bool:
    return directory.name.startswith("partial-")


_KINDS = (
    _Kind("git/*/*", lambda path: (path / "HEAD").is_file() or _is_unfinished(path)),
    _Kind("wheels/*", lambda path: len(path.name) == _DIGEST_LENGTH),
    _Kind("environments/*", lambda path: (path / "pyvenv.cfg").is_file() or _is_unfinished(path)),
)


def kept(directory: Path) -> Kept:
    """All that is kept below a cache directory."""
    return _sum(_content(path) for path in _all(directory))


def remove_kept(directory: Path, *, unused_for: float = 0.0) -> Kept:
    """Remove what was not used for some seconds, everything unless told."""
    from shutil import rmtree

    limit = time() - unused_for
    found = []
    for path in _all(directory):
        with suppress(OSError):
            if path.stat().st_mtime <= limit or not unused_for:
                found.append(_content(path))
                rmtree(path, ignore_errors=True)
    for pattern in ("git/*", "git", "wheels", "environments"):
        for empty in directory.glob(pattern):
            with suppress(OSError):
                empty.rmdir()
    return _sum(found)


def _all(directory: Path) -> Iterator[Path]:
    for kind in _KINDS:
        yield from (path for path in sorted(directory.glob(kind.pattern)) if path.is_dir() and kind.is_one(path))


def _content(directory: Path) -> Kept:
    sizes = []
    for path in directory.rglob("*"):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                sizes.append(path.lstat().st_size)
    return Kept(len(sizes), sum(sizes))


def _sum(parts: "list[Kept] | Iterator[Kept]") -> Kept:
    parts = list(parts)
    return Kept(sum(part.files for part in parts), sum(part.size for part in parts))
