"""A project as its files describe it: the workspace that a directory belongs to, and its members."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from locktool import _native
from locktool._native import Requirement, hide_credentials


class Member(Struct, frozen=True, kw_only=True):
    """One project of a workspace. Groups have their includes expanded."""

    directory: Path
    """Where its pyproject.toml lies."""
    path: str
    """The directory, relative to the root of the workspace; `.` for the root itself."""
    name: str | None
    """Its normalised name, or None."""
    version: str | None
    """Its version, or None where it has none or only its build system knows it."""
    is_package: bool
    """Whether it has a build system, and so is installed itself."""
    is_dynamic: bool
    """Whether only its build system knows everything of it; `lock` asks it."""
    requires_python: str | None
    """The Pythons that it supports."""
    dependencies: tuple[Requirement, ...]
    """What it requires, sorted."""
    extras: dict[str, tuple[Requirement, ...]]
    """What each of its extras requires beside that, by the normalised name of the extra."""
    groups: dict[str, tuple[Requirement, ...]]
    """What each of its dependency groups requires, by the normalised name of the group."""


class Project(Struct, frozen=True, kw_only=True):
    """A workspace: its members, the root's own first, and where its packages come from."""

    root: Path
    """The directory that the lock lies in."""
    members: tuple[Member, ...]
    """The projects of the workspace."""
    current: Member
    """The member in the directory that was asked for."""
    indexes: tuple[str, ...]
    """The addresses of the indexes that the project names, without credentials."""
    warnings: tuple[str, ...]
    """Sentences for people on what is probably a mistake."""

    @classmethod
    def load(cls, directory: str | os.PathLike[str] = ".") -> Project:
        """Read the workspace that a directory belongs to; nothing is built, and no network is asked.

        Raises ProjectError, with the file and where possible with line and column.

        >>> [str(requirement) for requirement in Project.load().current.dependencies]
        ['app', 'old']
        """
        read = _native.Project.read(os.fspath(directory))
        unbuilt = set(read.unbuilt)
        return cls(
            root=Path(read.root),
            members=tuple(_member(member, unbuilt) for member in read.members),
            current=_member(read.current, unbuilt),
            indexes=tuple(hide_credentials(index.url) for index in read.indexes),
            warnings=tuple(read.warnings),
        )

    @property
    def lock_path(self) -> Path:
        """Where its lock lies, or would lie."""
        from locktool.lock.file_name import LOCK_NAME

        return self.root / LOCK_NAME


ProjectLike: TypeAlias = Project | str | os.PathLike[str]
"""A project, or a directory that belongs to one."""


def directory_of(project: ProjectLike) -> Path:
    """The directory by which a project is named."""
    return project.current.directory if isinstance(project, Project) else Path(project)


def _member(read: _native.Member, unbuilt: set[str]) -> Member:
    return Member(
        directory=Path(read.directory),
        path=read.path,
        name=read.name,
        version=read.version,
        is_package=read.package,
        is_dynamic=read.directory in unbuilt,
        requires_python=read.requires_python,
        dependencies=_requirements(read.dependencies),
        extras={name: _requirements(texts) for name, texts in read.extras.items()},
        groups={name: _requirements(texts) for name, texts in read.groups.items()},
    )


def _requirements(texts: list[str]) -> tuple[Requirement, ...]:
    return tuple(map(Requirement, texts))
