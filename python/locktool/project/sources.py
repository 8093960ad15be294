"""Reads the sources table: for each package where it comes from, and under which marker.

In: the table of [tool.locktool] or [tool.uv] in one member. Out: `Source` records sorted by name, paths relative to
the workspace root.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.project.canonical import canonical_marker, canonical_name, refuse_credentials
from locktool.project.manifest import Source
from locktool.project.requirement_reading import normalised_keys, read_canonical

if TYPE_CHECKING:
    from locktool.project.table import Table

KINDS = ("workspace", "path", "url", "git", "index")
GIT_KEYS = ("rev", "tag", "branch")
KNOWN_KEYS = {*KINDS, *GIT_KEYS, "editable", "subdirectory", "marker", "extra", "group", "package", "lfs"}


def read_sources(table: Table, root: Path) -> tuple[Source, ...]:
    """Read the sources that one member declares."""
    sources: list[Source] = []
    for name, key in normalised_keys(table, "the sources").items():
        entries = table.tables(key)
        for entry in entries:
            sources.append(read_source(name, entry, root))
            if len(entries) > 1 and not any(word in entry for word in ("marker", "extra", "group")):
                raise entry.error(
                    "ambiguous-source",
                    f"{name} has several sources, so each needs a marker, an extra or a group to say when",
                    package=name,
                )
    return tuple(sorted(sources, key=source_order))


def source_order(source: Source) -> tuple[str, ...]:
    """Order sources by name and then by every field, so that the order in the file has no effect."""
    return (source.name, *(str(getattr(source, field)) for field in source.__struct_fields__))


def read_source(name: str, entry: Table, root: Path) -> Source:
    """Read one source, which names exactly one kind of place."""
    entry.refuse_unknown(KNOWN_KEYS)
    kinds = [kind for kind in KINDS if kind in entry]
    if len(kinds) != 1:
        found = " and ".join(kinds) if kinds else "none"
        raise entry.error(
            "ambiguous-source",
            f"the source of {name} must give exactly one of {', '.join(KINDS)}; it gives {found}",
            package=name,
        )
    check_git_keys(name, entry)
    path = entry.string("path")
    return Source(
        name=name,
        index=entry.string("index"),
        path=None if path is None else relative_to_root(entry, path, root),
        url=read_address(entry, "url"),
        git=read_address(entry, "git"),
        rev=read_revision(entry),
        subdirectory=entry.string("subdirectory"),
        workspace=entry.boolean("workspace") or False,
        editable=entry.boolean("editable"),
        marker=read_condition(entry),
    )


def read_address(entry: Table, key: str) -> str | None:
    """Read an optional address, which may not hold credentials."""
    text = entry.string(key)
    return None if text is None else read_canonical(entry, text, refuse_credentials, key)


def read_revision(entry: Table) -> str | None:
    """Read which revision of a repository is meant; a tag and a branch are written as full references."""
    tag, branch = entry.string("tag"), entry.string("branch")
    if tag is not None:
        return f"refs/tags/{tag}"
    return f"refs/heads/{branch}" if branch is not None else entry.string("rev")


def read_condition(entry: Table) -> str | None:
    """Read when the source applies: its marker, and the extra or group whose requirements it is meant for."""
    parts = []
    marker = entry.string("marker")
    if marker is not None:
        parts.append(f"({read_canonical(entry, marker, canonical_marker, 'marker') or marker})")
    for key, variable in (("extra", "extras"), ("group", "dependency_groups")):
        text = entry.string(key)
        if text is not None:
            parts.append(f"'{read_canonical(entry, text, canonical_name, key)}' in {variable}")
    return canonical_marker(" and ".join(parts)) or None if parts else None


def check_git_keys(name: str, entry: Table) -> None:
    """Refuse a revision without a repository, and two revisions at once."""
    given = [key for key in GIT_KEYS if key in entry]
    if given and "git" not in entry:
        raise entry.error(
            "ambiguous-source", f"{given[0]} of {name} belongs to a git source; add git = '...' or remove it", given[0]
        )
    if len(given) > 1:
        message = f"the git source of {name} gives {' and '.join(given)}; keep one"
        raise entry.error("ambiguous-source", message, given[1])
    if "editable" in entry and "path" not in entry and "workspace" not in entry:
        raise entry.error(
            "ambiguous-source", f"only a path or a workspace member can be editable; {name} is neither", "editable"
        )


def relative_to_root(entry: Table, text: str, root: Path) -> str:
    """Write a path relative to the workspace root with forward slashes, whatever file it was written in."""
    absolute = os.path.normpath(entry.source.path.parent / Path(text).expanduser())
    try:
        relative = os.path.relpath(absolute, root)
    except ValueError:
        raise entry.error(
            "path-on-another-drive",
            f"{text} lies on another drive than the project, so no portable lock can point to it",
            "path",
        ) from None
    return relative.replace(os.sep, "/")
