"""Reads [dependency-groups]: each group with the groups it includes expanded, as the specification (PEP 735) has it.

In: the table. Out: group name -> canonical requirements, sorted. Unknown includes, cycles, two spellings of one name
and objects of another kind are errors at their line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from locktool.project.canonical import canonical_name, canonical_requirement, under_condition
from locktool.project.requirement_reading import normalised_keys, read_canonical, read_requirements, read_specifiers
from locktool.project.table import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from locktool.project.table import Table

DEVELOPMENT = "dev"
VERSION_PART = re.compile(r"^([~=!<>]+)\s*(.*)$")


def read_groups(document: Table) -> dict[str, tuple[str, ...]]:
    """Read every group of a project; the development dependencies in uv's older spelling join the group `dev`."""
    expansion = GroupExpansion(document.table("dependency-groups"))
    groups = {name: expansion.expand(name) for name in sorted(expansion.written)}
    for name, condition in read_group_conditions(document.table("tool"), groups).items():
        groups[name] = tuple(sorted({under_condition(requirement, condition) for requirement in groups[name]}))
    uv = document.table("tool").table("uv")
    if "dev-dependencies" in uv:
        development = {*groups.get(DEVELOPMENT, ()), *read_requirements(uv, "dev-dependencies")}
        groups[DEVELOPMENT] = tuple(sorted(development))
    return dict(sorted(groups.items()))


def read_group_conditions(tool: Table, groups: Iterable[str]) -> dict[str, str]:
    """Read `[tool.locktool.dependency-groups]`: group name -> the marker of the Pythons that the group is for."""
    conditions: dict[str, str] = {}
    tables = (tool.table(name) for name in ("locktool", "uv"))
    table = next((table for table in tables if "dependency-groups" in table), tool).table("dependency-groups")
    for name, key in normalised_keys(table, "the dependency groups").items():
        group = table.table(key)
        if name not in groups:
            raise table.error("unknown-group", f"{key!r} is not a dependency group{nearest(name, groups)}", key)
        specifiers = read_specifiers(group, "requires-python")
        if specifiers:
            parts = (part.strip() for part in specifiers.split(","))
            conditions[name] = " and ".join(VERSION_PART.sub(r"python_full_version \1 '\2'", part) for part in parts)
    return conditions


class GroupExpansion:
    """Expands includes depth first, each group once."""

    def __init__(self, table: Table) -> None:
        """Take the groups as written; nothing is expanded yet."""
        self.table = table
        self.written = normalised_keys(table, "the dependency groups")
        self.expanded: dict[str, tuple[str, ...]] = {}
        self.open: list[str] = []

    def expand(self, name: str) -> tuple[str, ...]:
        """The requirements of a group and of all that it includes."""
        if name in self.expanded:
            return self.expanded[name]
        key = self.written[name]
        self.open.append(name)
        requirements: set[str] = set()
        for index, item in enumerate(self.table.items(key)):
            if isinstance(item, str):
                requirements.add(read_canonical(self.table, item, canonical_requirement, key, index))
            else:
                requirements.update(self.expand(self.included_group(item, key, index)))
        self.open.pop()
        self.expanded[name] = tuple(sorted(requirements))
        return self.expanded[name]

    def included_group(self, item: object, key: str, index: int) -> str:
        """Read `{include-group = "..."}` and make sure that following it ends."""
        if not isinstance(item, dict) or list(item) != ["include-group"]:
            raise self.table.wrong_type('a requirement string or { include-group = "..." }', item, key, index)
        text = item["include-group"]
        if not isinstance(text, str):
            raise self.table.wrong_type("the name of a group", text, key, index, "include-group")
        name = read_canonical(self.table, text, canonical_name, key, index)
        if name not in self.written:
            raise self.table.error(
                "unknown-group",
                f"dependency group {key!r} includes {text!r}, which is not a group of this file"
                + nearest(name, self.written),
                key,
                index,
                group=name,
            )
        if name in self.open:
            cycle = [*self.open[self.open.index(name) :], name]
            raise self.table.error(
                "group-cycle",
                f"dependency groups include each other in a circle: {' -> '.join(cycle)}; remove one include-group",
                key,
                index,
                cycle=cycle,
            )
        return name
