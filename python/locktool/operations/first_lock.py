"""The versions that the first lock of a project begins with: those that another tool locked beside it.

In: the directory of a project without a lock of ours. Out: them as a lock without inputs, and a sentence that says so.
"""

from pathlib import Path

from msgspec import Struct, msgpack

from locktool._native import LockFile
from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, Package, Vcs
from locktool.migrate.locked_versions import LockedVersions, locked_versions


class FirstVersions(Struct, frozen=True, kw_only=True):
    """`lock` holds the preferred versions and commits, None where there are none."""

    lock: Lock | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def file(self) -> LockFile | None:
        """The lock as a run takes it."""
        return None if self.lock is None else LockFile.decode(msgpack.encode(self.lock))


def first_versions(directory: Path) -> FirstVersions:
    """What another tool locked for the project in a directory."""
    found = locked_versions(directory)
    if not found.files:
        return FirstVersions(warnings=found.unreadable)
    names = " and ".join(found.files)
    count = len({pin.name for pin in found.pins} | {commit.name for commit in found.commits})
    packages = "1 package" if count == 1 else f"{count} packages"
    have = "has" if len(found.files) == 1 else "have"
    note = f"this is the project's first lock: it keeps what fits of the versions that {names} {have} of {packages}"
    return FirstVersions(lock=_as_lock(found), notes=(note,), warnings=found.unreadable)


def _as_lock(found: LockedVersions) -> Lock:
    packages = [Package(name=pin.name, version=pin.version, marker=pin.marker) for pin in found.pins]
    packages += [
        Package(
            name=commit.name,
            vcs=Vcs(
                type="git",
                url=commit.url,
                requested_revision=commit.revision,
                commit_id=commit.commit,
                subdirectory=commit.subdirectory,
            ),
        )
        for commit in found.commits
    ]
    return Lock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=tuple(packages))
