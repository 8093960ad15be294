"""The project as its pyproject.toml files say it: members, source trees, sources and settings.

In: the root's directory. Out: a `Project`, read with `tomllib` alone; what only a build knows is not read here.
"""

from __future__ import annotations

import posixpath
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from lock_oracle import trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Table = dict[str, Any]
Part = tuple[str, str] | None
"""`("extra", name)` or `("group", name)`, and None for what a member requires in any case."""


@dataclass(frozen=True)
class Member:
    """A part of the project, or a directory that it requires; names of extras and groups are normalised."""

    path: str
    name: str | None
    version: str | None
    is_package: bool
    requires_python: str | None
    dependencies: tuple[str, ...]
    extras: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, tuple[str, ...]]
    includes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The groups that each group includes, at any distance."""
    indexes: Mapping[str, list[str]] = field(default_factory=dict)
    """Of a required directory: the packages that its own sources give to an index."""


@dataclass(frozen=True)
class Source:
    """Where a package comes from: the keys as a lock records them, and the member whose requirements it is for."""

    name: str
    keys: Mapping[str, Any]
    member: str | None = None

    @property
    def marker(self) -> str | None:
        """Where it holds."""
        return self.keys.get("marker")

    @property
    def part(self) -> Part:
        """The extra or group whose requirements it is for, every part of the project where it names none."""
        return next(((kind, self.keys[kind]) for kind in ("extra", "group") if kind in self.keys), None)

    @property
    def address(self) -> str | None:
        """The address that a requirement would give: a URL, a path, or `git+URL@revision#subdirectory=folder`."""
        if "git" in self.keys:
            return trees.repository_address(self.keys["git"], self.keys.get("rev"), self.keys.get("subdirectory"))
        found: str | None = self.keys.get("url", self.keys.get("path"))
        return found


@dataclass(frozen=True)
class Project:
    """Everything that the files of a project say; paths are relative to its directory."""

    directory: Path
    members: tuple[Member, ...]
    trees: tuple[Member, ...]
    sources: tuple[Source, ...]
    settings: Table = field(hash=False)

    @property
    def extras(self) -> list[str]:
        """The extras that a lock offers, of every member."""
        return sorted({name for member in self.members for name in member.extras})

    @property
    def groups(self) -> list[str]:
        """The groups that a lock offers, of every member."""
        return sorted({name for member in self.members for name in member.groups})

    @property
    def requires_python(self) -> str | None:
        """What every member supports: of several lower or upper bounds the one that leaves least."""
        texts = {member.requires_python for member in self.members if member.requires_python}
        parts = set(SpecifierSet(",".join(texts)))
        for operator, narrowest in ((">=", max), ("<", min)):
            bounds = [part for part in parts if part.operator == operator]
            parts -= set(bounds)
            parts |= {narrowest(bounds, key=lambda part: Version(part.version))} if bounds else set()
        return ",".join(sorted(str(part) for part in parts)) or None

    @property
    def default_groups(self) -> list[str]:
        """The groups that are installed unless told otherwise."""
        named = self.settings.get("default-groups", [])
        return self.groups if named == "all" else sorted(canonicalize_name(name) for name in named)

    def sources_of(self, name: str, member: str | None, part: Part) -> list[Source]:
        """The sources of a package for what a member requires in a part of it: its own, else the root's."""
        of_name = [source for source in self.sources if source.name == name]
        own = [source for source in of_name if source.member is not None and source.member == member]
        chosen = own or [source for source in of_name if source.member is None]
        return [source for source in chosen if source.part in {None, part}]

    def assigned_index(self, name: str) -> str | None:
        """The index that serves a package whoever requires it: the only source of its name, of the root, everywhere."""
        found = [source for source in self.sources if source.name == name]
        if len(found) == 1 and found[0].member is None and found[0].marker is None and found[0].part is None:
            index: str | None = found[0].keys.get("index")
            return index
        return None


def read_project(directory: Path) -> Project:
    """Read the root's pyproject.toml, its members and the directories that their sources name."""
    root = _document(directory)
    settings = _settings(root)
    workspace = settings.get("workspace", {})
    left_out = {path for pattern in workspace.get("exclude", []) for path in directory.glob(pattern)}
    paths = ["."]
    for pattern in workspace.get("members", []):
        paths += sorted(
            path.relative_to(directory).as_posix()
            for path in directory.glob(pattern)
            if (path / "pyproject.toml").is_file() and path not in left_out
        )
    members = tuple(_member(directory, path) for path in paths)
    indexes = {index["name"]: index["url"].rstrip("/") for index in settings.get("index", []) if "name" in index}
    sources = tuple(source for member in members for source in _sources_in(directory, member, members, indexes))
    tree_paths = sorted({source.keys["path"] for source in sources if "path" in source.keys})
    tree_paths = trees.closure(directory, tree_paths, lambda path: _all_requirements(_tree(directory, path)))
    required = tuple(_tree(directory, path) for path in tree_paths if path not in paths)
    return Project(directory, members, required, sources, settings)


def _tree(root: Path, path: str) -> Member:
    """A required directory, its requirements sent to its own sources."""
    written = _member(root, path)

    def sent(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(found for text in texts for found in trees.sent(root, path, text))

    return replace(
        written,
        dependencies=sent(written.dependencies),
        extras={name: sent(texts) for name, texts in written.extras.items()},
        indexes=trees.indexes(root, path, _all_requirements(written)),
    )


def _all_requirements(member: Member) -> list[str]:
    return [*member.dependencies, *(text for texts in member.extras.values() for text in texts)]


def _sources_in(
    directory: Path, member: Member, members: Iterable[Member], indexes: Mapping[str, str]
) -> Iterable[Source]:
    """The sources in one member's file; what says the same of a package as the root does is the root's alone."""

    def read(path: str) -> dict[str, list[Table]]:
        tables = _settings(_document(directory / path)).get("sources", {})
        return {
            canonicalize_name(name): [
                _recorded(entry, indexes, path) for entry in (entries if isinstance(entries, list) else [entries])
            ]
            for name, entries in tables.items()
        }

    is_root = member.path == "."
    of_root = {} if is_root else read(".")
    documents = [_document(directory / one.path) for one in (members if is_root else [member])]
    for name, entries in read(member.path).items():
        if of_root.get(name) != entries:
            for keys in entries:
                yield from _through_includes(Source(name, keys, None if is_root else member.name), documents)


def _document(directory: Path) -> Table:
    return tomllib.loads((directory / "pyproject.toml").read_text(encoding="utf-8"))


def _settings(document: Table) -> Table:
    found: Table = document.get("tool", {}).get("locktool", {})
    return found


def _member(root: Path, path: str) -> Member:
    document = _document(root / path)
    table = document.get("project", {})
    groups: Table = {canonicalize_name(name): items for name, items in document.get("dependency-groups", {}).items()}
    return Member(
        path=path,
        name=canonicalize_name(table["name"]) if "name" in table else None,
        version=table.get("version"),
        is_package="build-system" in document,
        requires_python=table.get("requires-python"),
        dependencies=tuple(table.get("dependencies", [])),
        extras={
            canonicalize_name(name): tuple(texts) for name, texts in table.get("optional-dependencies", {}).items()
        },
        groups={str(name): tuple(dict.fromkeys(_group(groups, name))) for name in groups},
        includes={str(name): frozenset(_included(groups, name)) for name in groups},
    )


def _group(groups: Mapping[str, Any], name: str) -> list[str]:
    texts = []
    for item in groups[name]:
        texts += [item] if isinstance(item, str) else _group(groups, canonicalize_name(item["include-group"]))
    return texts


def _through_includes(source: Source, documents: Iterable[Table]) -> Iterable[Source]:
    """The source, and one for each group that includes its group, where the included requirements hold."""
    yield source
    markers: dict[str, list[str | None]] = {}
    for document in documents:
        groups: Table = {canonicalize_name(key): items for key, items in document.get("dependency-groups", {}).items()}
        for name in groups:
            if source.part and source.part[0] == "group" and source.part[1] in _included(groups, name):
                own = [Requirement(text) for text in groups[source.part[1]] if isinstance(text, str)]
                found = [one for one in own if canonicalize_name(one.name) == source.name]
                markers.setdefault(name, []).extend(None if one.marker is None else str(one.marker) for one in found)
    for name, texts in markers.items():
        if texts:
            conditions = [source.marker] if source.marker else []
            if None not in texts:
                conditions.append(" or ".join(f"({text})" for text in texts))
            keys = {key: value for key, value in source.keys.items() if key != "marker"} | {"group": name}
            marker = {"marker": " and ".join(f"({text})" for text in conditions)} if conditions else {}
            yield Source(source.name, keys | marker, source.member)


def _included(groups: Mapping[str, Any], name: str) -> set[str]:
    included = {canonicalize_name(item["include-group"]) for item in groups[name] if not isinstance(item, str)}
    return included.union(*(_included(groups, one) for one in included))


def _recorded(entry: Table, indexes: Mapping[str, str], folder: str) -> Table:
    """The keys of a source as a lock has them.

    Indexes by their address, branches and tags as references, paths as from the root.
    """
    keys = dict(entry)
    if "path" in keys:
        keys["path"] = posixpath.normpath(f"{folder}/{keys['path']}")
    keys |= {key: canonicalize_name(keys[key]) for key in ("extra", "group") if key in keys}
    if "index" in keys:
        keys["index"] = indexes[keys["index"]]
    for key, prefix in (("branch", "refs/heads/"), ("tag", "refs/tags/")):
        if key in keys:
            keys["rev"] = prefix + keys.pop(key)
    return keys
