"""The versions that the first lock of a project begins with: those that another tool locked beside it.

In: the directory of a project without a lock of ours. Out: them as a lock without inputs, and a sentence that says so.
"""

from __future__ import annotations

from locktool.migrate.file_names import LOCKS_OF_OTHERS, names_in, requirements_names
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every first lock asks for these versions.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from locktool._native import LockFile
    from locktool.migrate.locked_versions import LockedVersions


class FirstVersions(Record):
    """`file` is a lock with the preferred versions and commits, None where there are none."""

    file: LockFile | None = None
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def first_versions(directory: str) -> FirstVersions:
    """What another tool locked for the project in a directory."""
    names = names_in(directory)
    if not requirements_names(names) and not any(name in LOCKS_OF_OTHERS for name in names):
        return FirstVersions()
    from pathlib import Path

    from locktool.migrate.locked_versions import locked_versions

    found = locked_versions(Path(directory))
    if not found.files:
        return FirstVersions(warnings=found.unreadable)
    file_names = " and ".join(found.files)
    count = len({pin.name for pin in found.pins} | {commit.name for commit in found.commits})
    packages = "1 package" if count == 1 else f"{count} packages"
    have = "has" if len(found.files) == 1 else "have"
    kept = f"it keeps what fits of the versions that {file_names} {have} of {packages}"
    note = f"this is the project's first lock: {kept}"
    return FirstVersions(file=_as_lock(found), notes=(note,), warnings=found.unreadable)


def _as_lock(found: LockedVersions) -> LockFile:
    from msgspec import msgpack

    from locktool._native import LockFile
    from locktool.lock.model import CREATED_BY, LOCK_VERSION, Lock, Package, Vcs

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
    lock = Lock(lock_version=LOCK_VERSION, created_by=CREATED_BY, packages=tuple(packages))
    return LockFile.decode(msgpack.encode(lock))
