"""The Manifest: all inputs of a run, in the one shape that the Rust core and [tool.locktool] of a lock share.

Every list is sorted unless its order has a meaning, every text is canonical, every path is relative to the project
with forward slashes. Equal projects therefore give equal bytes, however their lines are shuffled.
"""

from __future__ import annotations

import msgspec

SCHEMA = 1


class ConflictItem(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """One side of a conflict: an extra or a group, of one member or of all; or a whole member."""

    member: str | None = None
    extra: str | None = None
    group: str | None = None


class Scope(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """What changes in the requirements of one parent, of one version of it or of all."""

    parent: str
    version: str | None = None
    constraints: list[str] = []
    overrides: list[str] = []
    excludes: list[str] = []


class Source(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """Where one package comes from instead of the default index.

    Without `marker` it holds everywhere, without `member` for every member. `rev` is a revision, `refs/tags/...` or
    `refs/heads/...`.
    """

    name: str
    index: str | None = None
    path: str | None = None
    url: str | None = None
    git: str | None = None
    rev: str | None = None
    subdirectory: str | None = None
    workspace: bool = False
    editable: bool | None = None
    marker: str | None = None
    member: str | None = None


class Member(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """One project of the workspace; `package` tells whether it can be built and installed."""

    name: str | None = None
    path: str
    version: str | None = None
    package: bool = False
    requires_python: str | None = None
    dependencies: list[str] = []
    extras: dict[str, list[str]] = {}
    groups: dict[str, list[str]] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", omit_defaults=True):
    """All inputs of a run."""

    schema: int
    requires_python: str | None = None
    resolution: str
    prerelease: str
    fork_strategy: str
    environments: list[str] = []
    required_environments: list[str] = []
    prerelease_package: dict[str, str] = {}
    exclude_newer: str | None = None
    exclude_newer_package: dict[str, str] = {}
    exclude_newer_index: dict[str, str] = {}
    constraints: list[str] = []
    overrides: list[str] = []
    excludes: list[str] = []
    scopes: list[Scope] = []
    conflicts: list[list[ConflictItem]] = []
    sources: list[Source] = []
    members: list[Member] = []

    @property
    def rewrites_requirements(self) -> bool:
        """Whether published requirements are replaced or dropped, so that only the lock knows what belongs together."""
        return bool(self.overrides or self.excludes or any(scope.overrides or scope.excludes for scope in self.scopes))

    def to_messagepack(self) -> bytes:
        """Encode for the Rust core, keys in kebab case and defaults left out."""
        return msgspec.msgpack.encode(self)
