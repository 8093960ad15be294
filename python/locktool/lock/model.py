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
    """The kind of repository: `git`."""
    url: str | None = None
    """The address of the repository."""
    path: str | None = None
    """The path of a repository on disk, relative to the lock."""
    requested_revision: str | None = None
    """The branch, tag or commit that was asked for."""
    commit_id: str
    """The full id of the commit."""
    subdirectory: str | None = None
    """Where the source tree lies in the repository."""


class Directory(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A source tree on disk, `[packages.directory]`, relative to the lock."""

    path: str
    """The path."""
    editable: bool = False
    """Whether it is installed so that changes of the tree take effect."""
    subdirectory: str | None = None
    """Where the source tree lies in the directory."""


class Archive(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A direct reference to a file, `[packages.archive]`."""

    url: str | None = None
    """The address of the file."""
    path: str | None = None
    """The path of a file on disk, relative to the lock."""
    size: int | None = None
    """Its bytes."""
    upload_time: str | None = None
    """When it was published, in RFC 3339."""
    hashes: dict[str, str]
    """Its hashes by algorithm."""
    subdirectory: str | None = None
    """Where the source tree lies in the archive."""


class Distribution(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """A wheel or a source distribution of an index; `upload_time` is an RFC 3339 string.

    The file name is `name` where it is set, else the last part of the path or URL.
    """

    name: str | None = None
    """The name of the file, where its path or address does not end in it."""
    upload_time: str | None = None
    """When it was published, in RFC 3339."""
    url: str | None = None
    """The address of the file."""
    path: str | None = None
    """The path of a file on disk, relative to the lock."""
    size: int | None = None
    """Its bytes."""
    hashes: dict[str, str]
    """Its hashes by algorithm."""


class PackageReference(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """One dependency edge: the fewest keys that name another entry of the same lock."""

    name: str
    """The normalised name."""
    version: str | None = None
    """The version, where the name alone does not tell the entry."""
    marker: str | None = None
    """The marker, where name and version do not tell the entry."""


class PackageRecord(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """`[packages.tool.locktool]`: what makes an entry checkable offline.

    `requires` are the package's own published requirements that matter here, `build_requires` what the build required
    that made its metadata (None where none had to), `digest` is a short digest of the files the entry lists.
    """

    digest: str | None = None
    requires: tuple[str, ...] = ()
    build_requires: tuple[str, ...] | None = None


class PackageTool(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """`[packages.tool]`; the tables of other tools are not read."""

    locktool: PackageRecord | None = None


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """One `[[packages]]` entry."""

    name: str
    """The normalised name."""
    version: str | None = None
    """The version; None for a directory whose version may change."""
    marker: str | None = None
    """Where it is installed; None for everywhere."""
    requires_python: str | None = None
    """The Pythons that it supports."""
    dependencies: tuple[PackageReference, ...] = ()
    """The entries that it requires."""
    vcs: Vcs | None = None
    """The repository that it comes from."""
    directory: Directory | None = None
    """The directory that it comes from."""
    archive: Archive | None = None
    """The file that it comes from, named by the project."""
    index: str | None = None
    """The index that it comes from."""
    sdist: Distribution | None = None
    """Its source distribution on the index."""
    wheels: tuple[Distribution, ...] = ()
    """Its wheels on the index."""
    attestation_identities: tuple[dict[str, Any], ...] = ()
    """Who attested its files: tables whose keys depend on their `kind`."""
    tool: PackageTool | None = None
    """What locktool records of it."""

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
