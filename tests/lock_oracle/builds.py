"""What builds install: each set of requirements that the lock records, proved as the lock of a project of its own.

In: the project and its lock. Out: refutations of a set that is missing, needless, recorded twice or otherwise than it
was written, and of packages that do not answer what the builds require.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from lock_oracle.project import Member
from lock_oracle.refutation import Refutation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lock_oracle.project import Project

Table = dict[str, Any]

KEY = "build-requirements"
_KEYS = frozenset({"requires", "for", "requires-python", "digest", "packages"})
# What of the settings says where packages come from, and which files of them count.
_KEPT = frozenset(
    {"exclude-newer", "exclude-newer-package", "no-build", "no-build-package", "dependency-metadata", "allow-build"}
    | {"find-links", "index"}
)
_DIGITS = 16


def sets_of(lock: Table) -> list[Table]:
    """The recorded sets; what is no list of tables is none."""
    try:
        found = lock["tool"]["locktool"][KEY]
    except (KeyError, TypeError):
        return []
    return found if isinstance(found, list) and all(isinstance(one, dict) for one in found) else []


def refutations(project: Project, lock: Table) -> Iterable[Refutation]:
    """What the sets themselves say that the project and the packages of the lock do not."""
    needed = _needed(project, lock)
    for one in sets_of(lock):
        for key in sorted(one.keys() - _KEYS):
            yield Refutation(KEY, f"{key} is a key that is not written")
        if needed.pop(tuple(one.get("requires", ())), None) != one.get("for", []):
            yield Refutation(KEY, "what is built with it is not what requires it")
        if one.get("digest") != head_digest(one):
            yield Refutation(KEY, "it is not as it was written")
    for requires in needed:
        yield Refutation(KEY, f"nothing is recorded for {', '.join(requires)}")


def as_project(project: Project, one: Table) -> Project:
    """The project whose lock a set is: without a name, it requires what the builds do."""
    python = one.get("requires-python", project.requires_python)
    member = Member(".", None, None, False, python, tuple(one["requires"]), {}, {})
    settings = {key: value for key, value in project.settings.items() if key in _KEPT}
    settings["constraints"] = project.settings.get("build-constraints", [])
    sources = tuple(source for source in project.sources if project.assigned_index(source.name) is not None)
    return replace(project, members=(member,), trees=(), sources=sources, settings=settings)


def as_lock(lock: Table, one: Table) -> Table:
    """A set as a lock of its own."""
    record = {key: value for key, value in lock["tool"]["locktool"].items() if key != KEY}
    return {
        "lock-version": "1.0",
        "created-by": "locktool",
        "packages": one.get("packages", []),
        "tool": {"locktool": record},
    }


def head_digest(one: Table) -> str:
    """What `digest` of a set is, if what stands above its packages is as it was written."""
    digest = hashlib.sha256()
    for part in (part for pair in _head(one) for part in pair):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()[:_DIGITS]


def _head(one: Table) -> Iterable[tuple[str, str]]:
    for key in ("requires", "for"):
        yield key, str(len(one.get(key, [])))
        yield from ((key, text) for text in one.get(key, []))
    if "requires-python" in one:
        yield "requires-python", one["requires-python"]
    for package in one.get("packages", []):
        yield "name", package.get("name", "")
        if "version" in package:
            yield "version", package["version"]


def _needed(project: Project, lock: Table) -> dict[tuple[str, ...], list[str]]:
    """Each set of requirements that a build installs, with what is built with it, sorted."""
    found: dict[tuple[str, ...], set[str]] = {}
    extra = {
        canonicalize_name(name): texts for name, texts in project.settings.get("extra-build-dependencies", {}).items()
    }
    alone = {canonicalize_name(name) for name in project.settings.get("no-build-isolation-package", [])}
    for package in [*lock["packages"], *(inner for one in sets_of(lock) for inner in one.get("packages", []))]:
        requires = package.get("tool", {}).get("locktool", {}).get("build-requires")
        name = package.get("name", "")
        if requires is not None and name not in alone:
            installed = tuple(sorted({*requires, *extra.get(name, [])}))
            if installed:
                found.setdefault(installed, set()).add(name)
    return {requires: sorted(names) for requires, names in found.items()}
