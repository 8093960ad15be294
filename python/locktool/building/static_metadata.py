"""Writes core metadata straight from a [project] table that leaves nothing of it to the build.

In: a source tree. Out: METADATA text, or None where the build system has to be asked. A backend may not change what is
written in [project] (the pyproject.toml specification), so the text says what a build would say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from locktool.project.canonical import under_condition
from locktool.project.member import ProjectMember, read_member
from locktool.project.toml_source import read_toml

if TYPE_CHECKING:
    from pathlib import Path


def static_metadata(tree: Path) -> str | None:
    """The metadata of a tree whose name, version and requirements are all written in pyproject.toml."""
    file = tree / "pyproject.toml"
    if not file.is_file():
        return None
    source = read_toml(file)
    if "project" not in source.values:
        return None
    member = read_member(source, tree)
    if member.name is None or member.version is None or member.dynamic:
        return None
    return render_metadata(member)


def render_metadata(member: ProjectMember) -> str:
    """Write the headers that a resolver reads."""
    lines = ["Metadata-Version: 2.4", f"Name: {member.name}", f"Version: {member.version}"]
    if member.requires_python:
        lines.append(f"Requires-Python: {member.requires_python}")
    lines += [f"Requires-Dist: {requirement}" for requirement in member.dependencies]
    for extra, requirements in member.extras.items():
        condition = f"extra == '{extra}'"
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {under_condition(requirement, condition)}" for requirement in requirements]
    return "\n".join(lines) + "\n"
