"""Reads lists of changes: constraints, overrides and excludes for all, and those that hold under one parent.

In: an array of texts and of `{ package = { name = "a", version = "1.0" }, dependencies = ["b<2"] }`, where `version` is
left out to mean every version of the parent. Out: the texts that hold everywhere, and one `Scope` a parent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from locktool.project.canonical import canonical_name, canonical_requirement, canonical_version
from locktool.project.manifest import Scope
from locktool.project.requirement_reading import read_canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locktool.project.table import Table

# (parent, version) -> what changes under it
Scoped = dict[tuple[str, str | None], tuple[str, ...]]


def read_changes(
    table: Table, key: str, canonical: Callable[[str], str] = canonical_requirement
) -> tuple[tuple[str, ...], Scoped]:
    """Read one list: what holds for all, and what holds under single parents, sorted and without repetitions."""
    common: set[str] = set()
    scoped: dict[tuple[str, str | None], set[str]] = {}
    for index, item in enumerate(table.items(key)):
        if isinstance(item, str):
            common.add(read_canonical(table, item, canonical, key, index))
        elif isinstance(item, dict):
            entry = table.element_table(item, key, index)
            scoped.setdefault(read_parent(entry), set()).update(read_dependencies(entry, canonical))
        else:
            raise table.wrong_type("a string or a table with package and dependencies", item, key, index)
    return tuple(sorted(common)), {parent: tuple(sorted(texts)) for parent, texts in scoped.items()}


def read_parent(entry: Table) -> tuple[str, str | None]:
    """Read which parent an entry is about."""
    entry.refuse_unknown({"package", "dependencies"})
    package = entry.table("package")
    package.refuse_unknown({"name", "version"})
    name = package.required_string("name", "it names the package whose requirements change")
    version = package.string("version")
    return (
        read_canonical(package, name, canonical_name, "name"),
        None if version is None else read_canonical(package, version, canonical_version, "version"),
    )


def read_dependencies(entry: Table, canonical: Callable[[str], str]) -> set[str]:
    """Read what changes under the parent of an entry."""
    texts = entry.strings("dependencies")
    if not texts:
        message = f"{entry.name_of('dependencies')} is missing: it lists what changes under the package"
        raise entry.error("missing-key", message, key=entry.name_of("dependencies"))
    return {read_canonical(entry, text, canonical, "dependencies", index) for index, text in enumerate(texts)}


def merge_scopes(changes: Mapping[str, Scoped]) -> tuple[Scope, ...]:
    """One Scope a parent, sorted; `changes` are keyed by the field of Scope that they fill."""
    parents = sorted(
        {parent for scoped in changes.values() for parent in scoped}, key=lambda key: (key[0], key[1] or "")
    )
    return tuple(
        msgspec.structs.replace(
            Scope(parent=name, version=version),
            **{field: list(scoped.get((name, version), ())) for field, scoped in changes.items()},
        )
        for name, version in parents
    )
