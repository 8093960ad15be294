"""A published project as a question: its tables of requirements, taken from its sdist, which the store records.

Only what a resolver reads is kept - [project] without what is dynamic, [dependency-groups] - so that every tool gets
the same question and nothing is built.
"""

from __future__ import annotations

import tarfile
import tomllib
from typing import TYPE_CHECKING, Any

import tomlkit
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import Version

from question import Question
from replay.pages import JSON, read_page

if TYPE_CHECKING:
    from pathlib import Path

    from replay import Store


def published(wanted: str, store: Store) -> Question:
    """The newest final release that has an sdist, or that of `name==version`. Raises LookupError if there is none."""
    name, _, pinned = wanted.partition("==")
    version, path = _newest(name, store, pinned)
    with tarfile.open(path) as archive:
        top = {
            member.name.partition("/")[2]: member
            for member in archive.getmembers()
            if member.name.count("/") == 1 and member.isfile()
        }
        texts = {
            path: stream.read()
            for path in ("pyproject.toml", "PKG-INFO")
            if path in top and (stream := archive.extractfile(top[path]))
        }
    document = tomllib.loads(texts.get("pyproject.toml", b"").decode())
    question = _tables(name, document, Metadata.from_email(texts["PKG-INFO"], validate=False))
    text = tomlkit.dumps(question)
    return Question(name, str(version), text, question["project"].get("requires-python", ""))


def _newest(name: str, store: Store, wanted: str) -> tuple[Version, Path]:
    page = store.page(name, "json")
    found: list[tuple[Version, str]] = []
    for file in read_page(page.read_bytes(), JSON, "") if page else []:
        try:
            _, version = parse_sdist_filename(file.filename)
        except InvalidSdistFilename:
            continue
        if wanted and version != Version(wanted):
            continue
        if not version.is_prerelease and file.yanked is False and file.filename.endswith(".tar.gz"):
            found.append((version, file.filename))
    version, filename = max(found, default=(Version("0"), ""))
    path = store.file(name, filename) if filename else None
    if path is None:
        message = f"{name} has no final release with an sdist"
        raise LookupError(message)
    return version, path


def _tables(name: str, document: dict[str, Any], metadata: Metadata) -> dict[str, Any]:
    table = document.get("project", {})
    dynamic = set(table.get("dynamic", [])) if table else {"dependencies", "optional-dependencies", "requires-python"}
    project: dict[str, Any] = {"name": name, "version": str(metadata.version)}
    requires_python = (
        str(metadata.requires_python or "") if "requires-python" in dynamic else table.get("requires-python")
    )
    if requires_python:
        project["requires-python"] = requires_python
    plain, extras = _split(metadata)
    project["dependencies"] = _indexed(plain if "dependencies" in dynamic else table.get("dependencies", []))
    optional = extras if "optional-dependencies" in dynamic else table.get("optional-dependencies", {})
    if optional:
        project["optional-dependencies"] = {extra: _indexed(requires) for extra, requires in optional.items()}
    result = {"project": project}
    if groups := document.get("dependency-groups"):
        result["dependency-groups"] = {group: _indexed(requires) for group, requires in groups.items()}
    return result


def _indexed(requires: list[Any]) -> list[Any]:
    """What an index can answer: a requirement on a repository is left out, an include of a group stays."""
    return [entry for entry in requires if not isinstance(entry, str) or "git+" not in entry]


def _split(metadata: Metadata) -> tuple[list[str], dict[str, list[str]]]:
    """Requires-Dist as lists of a project: the plain ones, and each extra's without `extra ==`."""
    plain: list[str] = []
    extras: dict[str, list[str]] = {canonicalize_name(extra): [] for extra in metadata.provides_extra or []}
    for requirement in metadata.requires_dist or []:
        text = str(requirement.marker or "")
        named = [extra for extra in extras if f'extra == "{extra}"' in text.replace("_", "-")]
        if not named:
            plain.append(str(requirement))
        for extra in named:
            bare = Requirement(str(requirement))
            bare.marker = None
            left = text.replace(f'extra == "{extra}"', "").removesuffix(" and ").strip()
            left = left.removeprefix("and ").strip()
            extras[extra].append(f"{bare} ; {left}" if left else str(bare))
    return plain, extras
