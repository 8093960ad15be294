"""Where the entries of a lock come from, as values that two locks are compared by.

An index, a git commit, a directory or a file that a requirement names: what decides that another entry of the same
name and version is another package.
"""

from collections.abc import Iterable
from typing import NamedTuple

from locktool._native import split_credentials
from locktool.lock.model import Package


class Origin(NamedTuple):
    """Where an entry comes from. `commit`, `revision` and `subdirectory` are those of a repository or an archive."""

    kind: str
    """`index`, `git`, `directory` or `archive`."""
    address: str | None = None
    """The address, without credentials, or the path; None where the lock does not record it."""
    commit: str | None = None
    """The full id of the commit."""
    revision: str | None = None
    """The branch, tag or commit that was asked for."""
    subdirectory: str | None = None
    """Where the source tree lies in the repository or the archive."""

    def __str__(self) -> str:
        """In full, for people: `git https://host/project.git@main#subdirectory=core (commit 02584e4...)`."""
        revision = f"@{self.revision}" if self.revision else ""
        subdirectory = f"#subdirectory={self.subdirectory}" if self.subdirectory else ""
        commit = f" (commit {self.commit})" if self.commit else ""
        return f"{self.kind} {self.address or ''}{revision}{subdirectory}".rstrip() + commit


def origin_of(package: Package) -> Origin:
    """The origin of an entry; that of an index has no address where the lock of another tool leaves it out."""
    if (vcs := package.vcs) is not None:
        return Origin("git", _bare(vcs.url or vcs.path), vcs.commit_id, vcs.requested_revision, vcs.subdirectory)
    if (directory := package.directory) is not None:
        return Origin("directory", directory.path, subdirectory=directory.subdirectory)
    if (archive := package.archive) is not None:
        return Origin("archive", _bare(archive.url or archive.path), subdirectory=archive.subdirectory)
    return Origin("index", _bare((package.index or "").rstrip("/") or None))


def _bare(address: str | None) -> str | None:
    """An address without the credentials that a lock of another tool may hold."""
    return split_credentials(address)[0] if address and "@" in address else address


def origins_differ(before: Iterable[Origin], after: Iterable[Origin]) -> bool:
    """Whether two sides of a name come from different places; an index that is not recorded may be any."""
    sides = [set(before), set(after)]
    if any(Origin("index") in side for side in sides):
        sides = [{Origin("index") if origin.kind == "index" else origin for origin in side} for side in sides]
    return sides[0] != sides[1]
