"""The directories that a project requires, as their own files say it: with their sources and those of their workspace.

In: the root and the paths that the project gives. Out: each directory as a `Member` whose requirements have the
addresses that its sources give, and so on for every directory that these lead to. Sources here hold everywhere.
"""

from __future__ import annotations

import posixpath
import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Table = dict[str, Any]


def closure(root: Path, paths: Iterable[str], required: Callable[[str], Iterable[str]]) -> list[str]:
    """The paths, and those that what is there requires; `required` are requirements with their addresses."""
    found: list[str] = []
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found or not (root / path / "pyproject.toml").is_file():
            continue
        found.append(path)
        urls = [Requirement(text).url for text in required(path)]
        waiting += [url for url in urls if url is not None and "://" not in url]
    return sorted(found)


def sent(root: Path, path: str, text: str) -> list[str]:
    """A requirement of the directory at a path, with the address that its sources give beside its specifiers."""
    requirement = Requirement(text)
    source = _sources(root, path).get(canonicalize_name(requirement.name))
    if source is None or "index" in source:
        return [text]
    address = _address(source)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    found = f"{requirement.name}{extras} @ {address}{marker}"
    return [text, found] if requirement.specifier else [found]


def indexes(root: Path, path: str, texts: Iterable[str]) -> dict[str, list[str]]:
    """The packages of some requirements that the sources of a directory give to an index, each with its address."""
    sources = _sources(root, path)
    names = {canonicalize_name(Requirement(text).name) for text in texts}
    return {name: [sources[name]["index"]] for name in sorted(names) if "index" in sources.get(name, {})}


def _sources(root: Path, path: str) -> dict[str, Table]:
    """The sources that hold in a directory: those of its workspace, and its own in their place; paths from the root."""
    found: dict[str, Table] = {}
    own = posixpath.normpath(path)
    above = _workspace(root, own)
    tables = _tables(root, above if above is not None else own)
    urls = {one["name"]: one["url"].rstrip("/") for table in tables for one in table.get("index", []) if "name" in one}
    for place in ([above] if above is not None else []) + [own]:
        for table in _tables(root, place)[:1]:
            for name, entry in table.get("sources", {}).items():
                source = dict(entry)
                if source.pop("workspace", False):
                    source["path"] = _sibling(root, above if above is not None else own, canonicalize_name(name))
                elif "path" in source:
                    source["path"] = posixpath.normpath(f"{place}/{source['path']}")
                if "index" in source:
                    source["index"] = urls[source["index"]]
                found[canonicalize_name(name)] = source
    return found


def _tables(root: Path, path: str) -> list[Table]:
    """`[tool.locktool]` and `[tool.uv]`, those that have sources first."""
    tool = tomllib.loads((root / path / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    tables = [tool[key] for key in ("locktool", "uv") if key in tool]
    return sorted(tables, key=lambda table: "sources" not in table)


def _members(root: Path, path: str) -> dict[str, str]:
    """The members of the workspace whose root is at a path, by name."""
    found: dict[str, str] = {}
    for table in _tables(root, path):
        for pattern in table.get("workspace", {}).get("members", []):
            for file in (root / path).glob(f"{pattern}/pyproject.toml"):
                name = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["name"]
                base = (root / path).resolve()
                found[canonicalize_name(name)] = posixpath.normpath(
                    f"{path}/{file.parent.resolve().relative_to(base).as_posix()}"
                )
    return found


def _workspace(root: Path, path: str) -> str | None:
    """The directory above a path whose workspace has it for a member."""
    parent = posixpath.dirname(path)
    while parent:
        if (root / parent / "pyproject.toml").is_file() and path in _members(root, parent).values():
            return parent
        parent = posixpath.dirname(parent)
    return None


def _sibling(root: Path, workspace: str, name: str) -> str:
    return _members(root, workspace)[name]


def _address(source: Table) -> str:
    if "git" in source:
        revision = source.get("rev") or next(
            (f"refs/{folder}/{source[key]}" for key, folder in (("tag", "tags"), ("branch", "heads")) if key in source),
            None,
        )
        return repository_address(source["git"], revision, source.get("subdirectory"))
    return str(source.get("url", source.get("path")))


def repository_address(url: str, revision: str | None, subdirectory: str | None) -> str:
    """`git+URL@revision#subdirectory=folder`, with what would end a part escaped."""
    asked = f"@{quote(revision, safe='/:~!$*,;=+&')}" if revision else ""
    folder = f"#subdirectory={quote(subdirectory, safe='/:~!$*,;=+@?')}" if subdirectory else ""
    return f"git+{url}{asked}{folder}"
