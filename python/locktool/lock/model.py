"""The standard lock document as records: PEP 751, key for key, with locktool's own tables beside it.

The fields stand in the order in which a lock file shows them, because the writer keeps the order it is given.
Absent keys are None or empty and are left out when encoded.
"""

from typing import Any

from msgspec import Struct, convert

LOCK_VERSION = "1.0"
CREATED_BY = "locktool"


class Vcs(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A source tree in a version control system, `[packages.vcs]`."""

    type: str
    url: str | None = None
    path: str | None = None
    requested_revision: str | None = None
    commit_id: str
    subdirectory: str | None = None


class Directory(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A source tree on disk, `[packages.directory]`, relative to the lock."""

    path: str
    editable: bool = False
    subdirectory: str | None = None


class Archive(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A direct reference to a file, `[packages.archive]`."""

    url: str | None = None
    path: str | None = None
    size: int | None = None
    upload_time: str | None = None
    hashes: dict[str, str]
    subdirectory: str | None = None


class Distribution(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A wheel or a source distribution of an index; `upload_time` is an RFC 3339 string.

    The file name is `name` where it is set, else the last part of the path or URL.
    """

    name: str | None = None
    upload_time: str | None = None
    url: str | None = None
    path: str | None = None
    size: int | None = None
    hashes: dict[str, str]


class PackageReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """One dependency edge: the fewest keys that name another entry of the same lock."""

    name: str
    version: str | None = None
    marker: str | None = None


class PackageRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """`[packages.tool.locktool]`: what makes an entry checkable offline.

    `requires` are the package's own published requirements that matter here, `digest` is a short digest of
    the files the entry lists.
    """

    digest: str | None = None
    requires: tuple[str, ...] = ()


class PackageTool(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """`[packages.tool]`; the tables of other tools are not read."""

    locktool: PackageRecord | None = None


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """One `[[packages]]` entry."""

    name: str
    version: str | None = None
    marker: str | None = None
    requires_python: str | None = None
    dependencies: tuple[PackageReference, ...] = ()
    vcs: Vcs | None = None
    directory: Directory | None = None
    archive: Archive | None = None
    index: str | None = None
    sdist: Distribution | None = None
    wheels: tuple[Distribution, ...] = ()
    # Tables whose keys depend on their `kind`; carried as they are.
    attestation_identities: tuple[dict[str, Any], ...] = ()
    tool: PackageTool | None = None

    def files(self) -> "tuple[Distribution | Archive, ...]":
        """All files of the entry, wheels first."""
        return (*self.wheels, *(file for file in (self.sdist, self.archive) if file is not None))


class LockTool(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """`[tool]`: the inputs that locktool records, carried as they are; absent in locks of other tools."""

    locktool: dict[str, Any] | None = None


class LockedMember(Struct, frozen=True, kw_only=True, rename="kebab"):
    """One project of the workspace as the lock records it; `path` is relative to the lock."""

    name: str | None = None
    path: str
    dependencies: tuple[str, ...] = ()
    extras: dict[str, tuple[str, ...]] = {}
    groups: dict[str, tuple[str, ...]] = {}


class Lock(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A whole pylock.toml."""

    lock_version: str
    environments: tuple[str, ...] = ()
    requires_python: str | None = None
    extras: tuple[str, ...] = ()
    dependency_groups: tuple[str, ...] = ()
    default_groups: tuple[str, ...] = ()
    created_by: str
    tool: LockTool | None = None
    # Without a default: the standard wants the key even where nothing is locked.
    packages: tuple[Package, ...]

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs recorded by locktool; empty for a lock that another tool made."""
        return (self.tool and self.tool.locktool) or {}

    @property
    def members(self) -> tuple[LockedMember, ...]:
        """The projects of the workspace. Raises `msgspec.ValidationError` where their record is none."""
        return convert(self.inputs.get("members", ()), tuple[LockedMember, ...])
