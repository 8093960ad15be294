"""What the projects and trees on disk say of themselves: name, version, licence and authors, for a bill of materials.

In: a lock and the directory that it lies in. Out: facts by name. A file that is missing or unreadable says nothing: the
lock has been read already, and what it says stands on its own.
"""

import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct, convert

from locktool._native import normalize_name
from locktool.exceptions import LocktoolError
from locktool.export.cyclonedx import ProjectFacts
from locktool.lock.model import Lock


class _Author(Struct, frozen=True):
    name: str = ""


def facts_of_trees(root: Path, lock: Lock) -> dict[str, ProjectFacts]:
    """The facts of every member and every locked directory, by normalised name, or by path where there is none."""
    paths = {package.name: package.directory.path for package in lock.packages if package.directory is not None}
    paths |= {member.name or member.path: member.path for member in lock.members}
    return {name: facts_of_tree(root / path, name) for name, path in paths.items()}


def facts_of_tree(directory: Path, name: str) -> ProjectFacts:
    """What the pyproject.toml of a directory says of itself; `name` is what it is called where it does not say."""
    try:
        table: Any = tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        known = ProjectFacts(name=normalize_name(table["name"]))
    except (OSError, ValueError, KeyError, TypeError, LocktoolError):
        return ProjectFacts(name=name, is_read=False)
    licence = table.get("license")
    try:
        authors = convert(table.get("authors", []), list[_Author])
    except ValueError:
        authors = []
    return ProjectFacts(
        name=known.name,
        version=version if isinstance(version := table.get("version"), str) else None,
        # The table form, {text = ...} or {file = ...}, is older than SPDX expressions (PEP 639).
        license=licence if isinstance(licence, str) else None,
        authors=tuple(author.name for author in authors if author.name),
    )
