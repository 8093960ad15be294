"""Finds the workspace that a directory belongs to, and its members.

In: the directory of a project. Out: the root's file and the members' files, the root first, the rest by path. Members
are named by globs in `workspace.members`, less those of `workspace.exclude`; hidden directories are never members.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from locktool.exceptions import ProjectError
from locktool.project.table import Table
from locktool.project.toml_source import place, read_toml

if TYPE_CHECKING:
    from locktool.project.toml_source import TomlSource

FILE_NAME = "pyproject.toml"
GLOB_CHARACTERS = frozenset("*?[")


def find_workspace(directory: Path) -> tuple[TomlSource, list[TomlSource]]:
    """The file of the workspace root and the files of its other members; a lone project is a workspace of one."""
    own = read_project_file(directory)
    if declares_workspace(own) is not None:
        return own, read_members(own)
    for parent in directory.parents:
        candidate = parent / FILE_NAME
        if not candidate.is_file():
            continue
        root = read_toml(candidate)
        if declares_workspace(root) is None:
            continue
        if directory not in member_directories(root):
            break
        return root, read_members(root)
    return own, []


def read_project_file(directory: Path) -> TomlSource:
    """Read a directory's pyproject.toml; its absence is told together with where one was found instead."""
    path = directory / FILE_NAME
    if path.exists():
        return read_toml(path)
    if not directory.is_dir():
        what = "is not a directory" if directory.exists() else "does not exist"
        message = f"{place(directory)} {what}; give --project an existing one"
        raise ProjectError("missing-project", message, path=str(path))
    above = next((parent for parent in directory.parents if (parent / FILE_NAME).is_file()), None)
    hint = f"; there is one in {place(above)}: pass --project {place(above)}" if above else ""
    raise ProjectError(
        "missing-project",
        f"no {FILE_NAME} in {place(directory)}{hint or '; run locktool in a project or pass --project DIR'}",
        path=str(path),
    )


def declares_workspace(source: TomlSource) -> Table | None:
    """The table that makes a file a workspace root, in locktool's spelling or else in uv's."""
    tool = Table(source).table("tool")
    for table in (tool.table("locktool"), tool.table("uv")):
        if "workspace" in table:
            return table.table("workspace")
    return None


def member_directories(root: TomlSource) -> list[Path]:
    """The directories of the members other than the root, sorted by path."""
    table = declares_workspace(root)
    if table is None:
        return []
    if table.path[1] == "locktool":
        table.refuse_unknown({"members", "exclude"})
    base = root.path.parent
    exclude = range(len(table.strings("exclude")))
    excluded = {path for index in exclude for path in expand(table, base, "exclude", index)}
    found: set[Path] = set()
    for index, pattern in enumerate(table.strings("members")):
        for path in expand(table, base, "members", index):
            if path in excluded or path == base:
                continue
            if (path / FILE_NAME).is_file():
                found.add(path)
            elif not GLOB_CHARACTERS & set(pattern):
                raise table.error(
                    "missing-member",
                    f"workspace member {pattern!r} has no {FILE_NAME}; create one or remove the member",
                    "members",
                    index,
                )
    return sorted(found)


def expand(table: Table, base: Path, key: str, index: int) -> list[Path]:
    """The directories that one pattern names; a pattern without wildcards names one, existing or not."""
    pattern = table.strings(key)[index]
    parts = PurePosixPath(pattern)
    if not pattern or parts.is_absolute():
        raise table.error(
            "invalid-pattern", f"{table.name_of(key, index)} must be a path relative to the workspace root", key, index
        )
    if not GLOB_CHARACTERS & set(pattern):
        return [Path(os.path.normpath(base / pattern))]
    start = base
    while parts.parts and parts.parts[0] == "..":
        start, parts = start.parent, PurePosixPath(*parts.parts[1:])
    try:
        matches = list(start.glob(str(parts)))
    except ValueError as error:
        raise table.error("invalid-pattern", f"{table.name_of(key, index)}: {error}", key, index) from None
    return [  # a hidden directory (an environment, a cache) is never meant
        path
        for path in matches
        if path.is_dir() and not any(part.startswith(".") for part in path.relative_to(start).parts)
    ]


def read_members(root: TomlSource) -> list[TomlSource]:
    """Read the members' files; a workspace within a workspace is refused."""
    sources = [read_toml(directory / FILE_NAME) for directory in member_directories(root)]
    for source in sources:
        nested = declares_workspace(source)
        if nested is not None:
            raise nested.error(
                "nested-workspace",
                "a workspace cannot hold another one; remove this table or exclude the directory in "
                + place(root.path),
            )
    return sources
