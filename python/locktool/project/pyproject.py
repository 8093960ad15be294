"""Loads a project: the workspace that a directory belongs to, as the Manifest that is resolved and certified.

In: a directory. Out: a `Project`. Fields that only a build system knows are asked of `build_metadata` where one is
given; without it they are an error, because a lock must not rest on a guess.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from locktool.exceptions import ProjectError
from locktool.project.canonical import canonical_specifiers, name_of_requirement
from locktool.project.manifest import SCHEMA, Manifest, Member, Source
from locktool.project.member import ProjectMember, read_member
from locktool.project.options import Options, ToolTables, read_options
from locktool.project.settings import ProjectSettings, read_project_settings
from locktool.project.table import nearest
from locktool.project.toml_source import place
from locktool.project.workspace import FILE_NAME, find_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    MetadataOfTree = Callable[[Path], str]

MEMBER_KEYS = {"dependency-groups", "package", "sources"}


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace: its root directory, its members (the root's own first) and what it asks of a resolution.

    `current` is the member in the directory that was asked for.
    """

    root: Path
    members: tuple[ProjectMember, ...]
    current: ProjectMember
    options: Options
    settings: ProjectSettings

    def to_manifest(self) -> Manifest:
        """All inputs of a run, normalised: equal projects give equal manifests."""
        return Manifest(
            schema=SCHEMA,
            requires_python=common_python(self.members),
            sources=merge_sources(self.members),
            members=[manifest_member(member, self.root) for member in self.members],
            exclude_newer_index=self.settings.index_cutoffs(),
            **self.options.manifest_fields(),
        )


def load_project(directory: Path, *, build_metadata: MetadataOfTree | None = None) -> Project:
    """Load the workspace that `directory` belongs to.

    `build_metadata` turns a source tree into its core metadata; it is called only for members whose dependencies are
    dynamic. Raises ProjectError, always with the file and where possible with line and column.
    """
    directory = directory.resolve()
    root_source, member_sources = find_workspace(directory)
    root = root_source.path.parent
    members = [read_member(source, root) for source in (root_source, *member_sources)]
    check_distinct_names(members)
    check_root_settings(members, root)
    completed = tuple(complete_member(member, build_metadata) for member in members)
    check_workspace_sources(completed)
    tools = ToolTables(completed[0].document)
    return Project(
        root=root,
        members=completed,
        current=next(member for member in completed if member.directory == directory),
        options=read_options(tools),
        settings=read_project_settings(tools),
    )


def complete_member(member: ProjectMember, build_metadata: MetadataOfTree | None) -> ProjectMember:
    """Fill in the dynamic fields of a member from the metadata that its build system makes."""
    if not member.dynamic:
        return member
    if build_metadata is None:
        project = member.document.table("project")
        fields = ", ".join(member.dynamic)
        raise project.error(
            "dynamic-dependencies",
            f"only the build system of {member.name or place(member.directory)} knows its {fields}; "
            "write them under [project] to lock and check without building",
            "dynamic",
            dynamic=list(member.dynamic),
        )
    from locktool.project.built_metadata import fields_of_metadata

    return msgspec.structs.replace(member, **fields_of_metadata(build_metadata(member.directory), member))


def check_distinct_names(members: Sequence[ProjectMember]) -> None:
    """Refuse two members with one name."""
    seen: dict[str, ProjectMember] = {}
    for member in members:
        if member.name is None:
            continue
        other = seen.setdefault(member.name, member)
        if other is not member:
            raise member.document.error(
                "duplicate-member",
                f"the workspace member in {place(other.directory)} has the same name, {member.name}; rename one",
                "project",
                "name",
            )


def check_root_settings(members: Sequence[ProjectMember], root: Path) -> None:
    """Refuse in other members what only the root's [tool.locktool] can say, since it would have no effect there."""
    for member in members[1:]:
        table = member.document.table("tool").table("locktool")
        misplaced = next((key for key in table if key not in MEMBER_KEYS), None)
        if misplaced is not None:
            raise table.error(
                "not-at-the-root",
                f"{table.name_of(misplaced)} holds for the whole workspace; move it to {place(root / FILE_NAME)}",
                misplaced,
            )


def check_workspace_sources(members: Sequence[ProjectMember]) -> None:
    """Refuse a required package that is said to come from the workspace when no member has that name."""
    names = {member.name for member in members if member.name}
    for member in members:
        missing = {source.name: source for source in member.sources if source.workspace and source.name not in names}
        if not missing:
            continue
        lists = [member.dependencies, *member.extras.values(), *member.groups.values()]
        for requirement in (text for texts in lists for text in texts):
            name = name_of_requirement(requirement)
            if name in missing:
                tool = member.document.table("tool")
                spelling = "locktool" if "sources" in tool.table("locktool") else "uv"
                raise tool.error(
                    "unknown-member",
                    f"{name} is said to come from the workspace, but no member has that name{nearest(name, names)}",
                    spelling,
                    "sources",
                    name,
                )


def common_python(members: Sequence[ProjectMember]) -> str | None:
    """The Python versions that every member supports, with at most one plain bound each way."""
    from locktool._native import SpecifierSet, Version

    texts = {member.requires_python for member in members if member.requires_python}
    specifiers = {str(specifier): specifier for text in texts for specifier in SpecifierSet(text)}
    for operator, strictest in ((">=", max), ("<", min)):
        bounds = {text: Version(each.version) for text, each in specifiers.items() if each.operator == operator}
        kept = strictest(bounds, key=lambda text: bounds[text], default=None)
        specifiers = {text: each for text, each in specifiers.items() if text not in bounds or text == kept}
    return canonical_specifiers(",".join(specifiers)) if specifiers else None


def merge_sources(members: Sequence[ProjectMember]) -> list[Source]:
    """The sources of the workspace: the root's hold for every member, a member's own for that member alone.

    A member's source that says what the root's says for the same package is left out.
    """
    root, *others = members
    common: dict[str, list[Source]] = {source.name: [] for source in root.sources}
    for source in root.sources:
        common[source.name].append(source)
    result = list(root.sources)
    for member in others:
        own: dict[str, list[Source]] = {}
        for source in member.sources:
            own.setdefault(source.name, []).append(source)
        for name, sources in own.items():
            if common.get(name) != sources:
                result += [msgspec.structs.replace(source, member=member.name) for source in sources]
    return sorted(result, key=lambda source: (source.name, source.member or ""))


def manifest_member(member: ProjectMember, root: Path) -> Member:
    """Write one member for the Manifest, its directory relative to the root."""
    return Member(
        name=member.name,
        path=os.path.relpath(member.directory, root).replace(os.sep, "/"),
        version=member.version,
        package=member.package,
        requires_python=member.requires_python,
        dependencies=list(member.dependencies),
        extras={name: list(texts) for name, texts in member.extras.items()},
        groups={name: list(texts) for name, texts in member.groups.items()},
    )


__all__ = ["Project", "ProjectError", "load_project"]
