"""A part of a lock as a lock of its own, for installers: PEP 751 without `[tool]`, extras and groups.

In: a Lock whose markers speak of environments alone, and the directory that it will lie in. Out: text that pip, uv and
any other installer of the standard read. Relative paths of the standard start at the lock, so they are written anew.
"""

from collections.abc import Callable
from typing import TypeVar

from msgspec import msgpack, structs

from locktool._native import LockFile
from locktool.lock.model import Archive, Directory, Distribution, Lock, Package, Vcs

HEADER = "# Made by `locktool export` from pylock.toml; do not edit.\n"
"""The first line of such a lock."""

Rebase = Callable[[str], str]
_Source = TypeVar("_Source", Directory, Archive, Vcs, Distribution)


def render_pylock(lock: Lock, rebase: Rebase) -> str:
    """The lock as text; `rebase` rewrites a path that starts at the lock so that it starts at the new file."""
    packages = tuple(_for_installers(package, rebase) for package in lock.packages)
    standard = structs.replace(lock, extras=(), dependency_groups=(), default_groups=(), tool=None, packages=packages)
    lines = LockFile.decode(msgpack.encode(standard)).write().splitlines(keepends=True)
    # What a lock of the project says of itself does not hold for a part of it.
    body = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return HEADER + "".join(lines[body:])


def _for_installers(package: Package, rebase: Rebase) -> Package:
    return structs.replace(
        package,
        tool=None,
        directory=_moved(package.directory, rebase),
        archive=_moved(package.archive, rebase),
        vcs=_moved(package.vcs, rebase),
        sdist=_moved(package.sdist, rebase),
        wheels=tuple(moved for wheel in package.wheels if (moved := _moved(wheel, rebase))),
    )


def _moved(source: _Source | None, rebase: Rebase) -> _Source | None:
    if source is None or not source.path:
        return source
    return structs.replace(source, path=rebase(source.path))
