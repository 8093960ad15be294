"""A question: a project that is locked, as the texts of its pyproject.toml files, and whether it has an answer."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Question:
    """A project to lock: the text of its pyproject.toml, and those of workspace members by their paths."""

    name: str
    version: str
    text: str
    requires_python: str
    solvable: bool = True
    members: Mapping[str, str] = field(default_factory=dict)
    for_both: bool = False
    """Whether its settings are the same for both tools, so that uv is to read its own."""

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}".strip()

    def write(self, directory: Path) -> Path:
        """Put it into a directory of its own below `directory`."""
        folder = directory / self.name
        for path, text in {"pyproject.toml": self.text, **self.members}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return folder

    def without(self, packages: set[str]) -> Question:
        """The same project without what it requires of some packages."""
        document = tomlkit.parse(self.text)
        for entries in lists_of(document):
            for entry in [entry for entry in entries if isinstance(entry, str) and name_of(entry) in packages]:
                entries.remove(entry)
        return replace(self, text=tomlkit.dumps(document))

    @property
    def own(self) -> frozenset[str]:
        """The names of the project and of its members."""
        return frozenset(name_of(document["project"]["name"]) for document in self._documents())

    def requirements(self) -> list[str]:
        """What the project and its members require of an index: plain requirements, those of extras and of groups."""
        found = [requirement for document in self._documents() for requirement in requirements_of(document)]
        own = self.own
        return [requirement for requirement in dict.fromkeys(found) if name_of(requirement) not in own]

    def _documents(self) -> list[dict[str, Any]]:
        return [tomllib.loads(text) for text in (self.text, *self.members.values())]


def lists_of(document: Mapping[str, Any]) -> list[list[Any]]:
    """The lists of requirements of a pyproject.toml: the plain one, those of extras, those of groups."""
    project = document.get("project", {})
    return [
        project.get("dependencies", []),
        *project.get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ]


def requirements_of(document: Mapping[str, Any]) -> Iterator[str]:
    """The requirements in these lists, without includes of groups."""
    for entries in lists_of(document):
        yield from (entry for entry in entries if isinstance(entry, str))


def name_of(requirement: str) -> str:
    """The normalised name in front of a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""
