"""Reads one member of the workspace: its [project] table, its groups and whether it can be built.

In: a parsed pyproject.toml. Out: a `ProjectMember` with canonical requirements. Follows the pyproject.toml
specification (PEP 621) and PEP 735.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from locktool.project.canonical import canonical_name, canonical_version
from locktool.project.groups import read_groups
from locktool.project.manifest import Source
from locktool.project.options import ToolTables
from locktool.project.requirement_reading import (
    normalised_keys,
    read_canonical,
    read_requirements,
    read_specifiers,
)
from locktool.project.sources import read_sources
from locktool.project.table import Table

if TYPE_CHECKING:
    from locktool.project.toml_source import TomlSource

BUILT_FIELDS = ("dependencies", "optional-dependencies", "requires-python")


class ProjectMember(msgspec.Struct, frozen=True, kw_only=True):
    """One project of the workspace, as its file states it.

    `dynamic` names those of dependencies, optional-dependencies and requires-python that only its build system knows.
    """

    directory: Path
    name: str | None = None
    version: str | None = None
    package: bool = False
    requires_python: str | None = None
    dependencies: tuple[str, ...] = ()
    extras: dict[str, tuple[str, ...]] = {}
    groups: dict[str, tuple[str, ...]] = {}
    sources: tuple[Source, ...] = ()
    dynamic: tuple[str, ...] = ()
    document: Table


def read_member(source: TomlSource, root: Path) -> ProjectMember:
    """Read one member's file."""
    document = Table(source)
    project = document.table("project")
    tools = ToolTables(document)
    directory = source.path.parent
    has_build = "build-system" in document
    package_table, package_key = tools.having("package")
    package = package_table.boolean(package_key)
    built = has_build or (directory / "setup.py").is_file()
    if "project" not in document and not built:
        check_virtual(document)
    sources_table, sources_key = tools.having("sources")
    return ProjectMember(
        directory=directory,
        name=read_project_name(project) if "project" in document else None,
        version=read_version(project),
        package=package if package is not None else has_build or ("project" not in document and built),
        requires_python=read_specifiers(project, "requires-python"),
        dependencies=read_requirements(project, "dependencies"),
        extras=read_extras(project),
        groups=read_groups(document),
        sources=read_sources(sources_table.table(sources_key), root),
        dynamic=read_dynamic(project) if "project" in document else BUILT_FIELDS if built else (),
        document=document,
    )


def check_virtual(document: Table) -> None:
    """A file without [project] must hold something else to lock: groups or a workspace."""
    tools = ToolTables(document)
    if "dependency-groups" in document or tools.has("workspace") or "dev-dependencies" in tools.uv:
        return
    raise document.error(
        "no-project-table",
        "there is no [project] table, so there is nothing to lock; add [project] with name, version and dependencies",
    )


def read_project_name(project: Table) -> str:
    """Read the name, the one key that [project] must have and may not leave to the build."""
    text = project.required_string("name", 'write name = "..." under [project]')
    return read_canonical(project, text, canonical_name, "name")


def read_version(project: Table) -> str | None:
    """Read the version where it is written."""
    text = project.string("version")
    return None if text is None else read_canonical(project, text, canonical_version, "version")


def read_extras(project: Table) -> dict[str, tuple[str, ...]]:
    """Read the extras under their normalised names."""
    table = project.table("optional-dependencies")
    written = normalised_keys(table, "the extras")
    return {name: read_requirements(table, written[name]) for name in sorted(written)}


def read_dynamic(project: Table) -> tuple[str, ...]:
    """Read which of the fields that matter here are left to the build; a field both written and dynamic is an error."""
    dynamic = project.strings("dynamic")
    for index, field in enumerate(dynamic):
        if field == "name":
            raise project.error("dynamic-name", "project.name cannot be dynamic; write the name", "dynamic", index)
        if field in BUILT_FIELDS and field in project:
            raise project.error(
                "static-and-dynamic",
                f"project.{field} is written and also listed in project.dynamic; remove one of the two",
                "dynamic",
                index,
            )
    return tuple(field for field in BUILT_FIELDS if field in dynamic)
