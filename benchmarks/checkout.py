"""A project on disk as a question, for those that publish no sdist.

Three forms are read: a workspace, which is taken whole; a pyproject.toml, of which [project] and [dependency-groups]
are taken; and `requirements/*.in`, where `main.in` has the requirements and each other file is a group.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import tomlkit

from question import Question, name_of

if TYPE_CHECKING:
    from pathlib import Path

_FORMS_OF_MEMBERS = ("locktool", "uv")


def on_disk(directory: Path) -> Question:
    """The question of a directory. Raises LookupError where it holds none of the three forms."""
    path = directory / "pyproject.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if patterns := _member_patterns(document):
        members = {
            found.relative_to(directory).as_posix(): found.read_text(encoding="utf-8")
            for pattern in patterns
            for found in sorted(directory.glob(f"{pattern}/pyproject.toml"))
        }
        return _asked(directory, document, path.read_text(encoding="utf-8"), members)
    if "project" in document:
        kept = _indexed(document, directory.name)
        return _asked(directory, kept, tomlkit.dumps(kept), {})
    if (directory / "requirements" / "main.in").exists():
        made = _of_files(directory)
        return _asked(directory, made, tomlkit.dumps(made), {})
    message = f"{directory} has neither [project] nor requirements/main.in"
    raise LookupError(message)


def _asked(directory: Path, document: dict[str, Any], text: str, members: dict[str, str]) -> Question:
    return Question(directory.name, "", text, document["project"].get("requires-python", ""), members=members)


def _member_patterns(document: dict[str, Any]) -> list[str]:
    tools = document.get("tool", {})
    return [
        pattern for form in _FORMS_OF_MEMBERS for pattern in tools.get(form, {}).get("workspace", {}).get("members", [])
    ]


def _indexed(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The tables, under the name of the directory, without what has a source of its own: no index answers that."""
    elsewhere = {name_of(name) for name in document.get("tool", {}).get("uv", {}).get("sources", {})}

    def kept(entries: list[Any]) -> list[Any]:
        return [
            entry
            for entry in entries
            if not isinstance(entry, str) or (name_of(entry) not in elsewhere and "@" not in entry)
        ]

    table = document["project"]
    wanted = ("version", "requires-python", "dependencies", "optional-dependencies")
    project: dict[str, Any] = {"name": name, "version": "0"} | {key: table[key] for key in wanted if key in table}
    project["dependencies"] = kept(project.get("dependencies", []))
    if optional := project.get("optional-dependencies"):
        project["optional-dependencies"] = {extra: kept(entries) for extra, entries in optional.items()}
    groups = {group: kept(entries) for group, entries in document.get("dependency-groups", {}).items()}
    return {"project": project} | ({"dependency-groups": groups} if groups else {})


def _of_files(directory: Path) -> dict[str, Any]:
    """A project of the requirements files of a directory, for the Python of its `.python-version` and newer ones."""
    files = {path.stem: _lines(path) for path in sorted((directory / "requirements").glob("*.in"))}
    stated = directory / ".python-version"
    python = re.match(r"\d+\.\d+", stated.read_text(encoding="utf-8")) if stated.exists() else None
    project = {
        "name": directory.name,
        "version": "0",
        "requires-python": f">={python[0] if python else '3.13'}",
        "dependencies": files.pop("main"),
    }
    return {"project": project, "dependency-groups": files}


def _lines(path: Path) -> list[str]:
    lines = (line.partition(" #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]
