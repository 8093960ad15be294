"""Proves a lock against its project, and compares locks. Nothing is written and no network is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from locktool import _native
from locktool.api.lock import Lock
from locktool.api.project import directory_of
from locktool.lock.diff import LockDiff, compare_packages
from locktool.operations.check import LockCheck, StaleReason

if TYPE_CHECKING:
    import os

    from locktool.api.project import ProjectLike


class CheckResult(Struct, frozen=True, kw_only=True):
    """What a check found; it is true exactly where the lock holds."""

    path: Path
    """The file of the lock."""
    reasons: tuple[StaleReason, ...]
    """What is wrong with it; empty for a lock that holds."""
    warnings: tuple[str, ...]
    """Sentences for people on what is probably a mistake in the project."""
    unverified: tuple[str, ...]
    """Members and directories whose requirements only a build could tell, and were believed."""
    absent: tuple[str, ...]
    """Directories and files that are not there and were believed."""

    def __bool__(self) -> bool:
        """Whether the lock holds."""
        return not self.reasons


def check(project: ProjectLike = ".", *, absent_sources: bool = False, strict: bool = False) -> CheckResult:
    """Prove that the lock of a project answers it and is sound.

    With `absent_sources` required directories that are not there are believed as the lock records them; with `strict`
    whatever is believed is a reason. Raises ProjectError and LockError where the question cannot be answered.

    >>> result = check()
    >>> bool(result), result.reasons
    (True, ())
    """
    outcome = _native.check(str(directory_of(project)), absent_sources=absent_sources)
    checked = LockCheck(Path(outcome.path), outcome, strict=strict)
    return CheckResult(
        path=checked.path,
        reasons=tuple(checked.reasons),
        warnings=tuple(outcome.warnings),
        unverified=tuple(outcome.unverified),
        absent=tuple(outcome.absent),
    )


def diff(old: Lock | str | os.PathLike[str], new: Lock | str | os.PathLike[str]) -> LockDiff:
    """What moved from one lock to another, each a lock or its file; markers and edges are not looked at.

    Raises LockError for a file that is no lock.

    >>> moved = diff("pylock.toml", "pylock.toml")
    >>> moved.added, bool(moved)
    ((), False)
    """
    return compare_packages(_lock(old).packages, _lock(new).packages)


def _lock(given: Lock | str | os.PathLike[str]) -> Lock:
    return given if isinstance(given, Lock) else Lock.read(given)
