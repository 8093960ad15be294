"""Reads the settings that shape a resolution from [tool.locktool], or key by key from their [tool.uv] spelling.

A key in [tool.locktool] wins; one it does not have is looked for in [tool.uv], whose other keys are uv's own business.
In [tool.locktool] an unknown key is an error, since a slip of the pen would otherwise silently change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from locktool.project.canonical import canonical_name
from locktool.project.manifest import ConflictItem, Scope
from locktool.project.requirement_reading import (
    normalised_keys,
    read_canonical,
    read_markers,
    read_names,
)
from locktool.project.scopes import merge_scopes, read_changes

if TYPE_CHECKING:
    from locktool.project.table import Table

RESOLUTIONS = ("highest", "lowest", "lowest-direct")
PRERELEASES = ("disallow", "allow", "if-necessary", "explicit", "if-necessary-or-explicit")
FORK_STRATEGIES = ("requires-python", "fewest")
KNOWN_KEYS = {
    "conflicts",
    "constraint-dependencies",
    "constraints",
    "default-groups",
    "dependency-groups",
    "environments",
    "exclude-dependencies",
    "exclude-newer",
    "exclude-newer-package",
    "excludes",
    "find-links",
    "fork-strategy",
    "index",
    "no-binary",
    "no-binary-package",
    "no-build",
    "no-build-package",
    "override-dependencies",
    "overrides",
    "package",
    "prerelease",
    "prerelease-package",
    "required-environments",
    "resolution",
    "sources",
    "workspace",
}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the workspace root asks of a resolution, canonical and sorted."""

    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    environments: tuple[str, ...] = ()
    required_environments: tuple[str, ...] = ()
    conflicts: tuple[tuple[ConflictItem, ...], ...] = ()
    resolution: str = "highest"
    prerelease: str = "if-necessary-or-explicit"
    prerelease_package: dict[str, str] = {}
    fork_strategy: str = "requires-python"
    exclude_newer: str | None = None
    exclude_newer_package: dict[str, str] = {}
    no_build: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()

    def manifest_fields(self) -> dict[str, Any]:
        """The options that a Manifest records, as its fields."""
        return {
            "environments": list(self.environments),
            "required_environments": list(self.required_environments),
            "resolution": self.resolution,
            "prerelease": self.prerelease,
            "prerelease_package": self.prerelease_package,
            "fork_strategy": self.fork_strategy,
            "exclude_newer": self.exclude_newer,
            "exclude_newer_package": self.exclude_newer_package,
            "constraints": list(self.constraints),
            "overrides": list(self.overrides),
            "excludes": list(self.excludes),
            "scopes": list(self.scopes),
            "conflicts": [list(items) for items in self.conflicts],
        }


class ToolTables:
    """[tool.locktool] and [tool.uv] of one file, asked in this order."""

    __slots__ = ("locktool", "uv")

    def __init__(self, document: Table) -> None:
        """Refuse what [tool.locktool] must not hold before anything of it is used."""
        tool = document.table("tool")
        self.locktool = tool.table("locktool")
        self.uv = tool.table("uv")
        self.locktool.refuse_unknown(KNOWN_KEYS)

    def having(self, *keys: str) -> tuple[Table, str]:
        """The table and the spelling under which a setting is written; an absent one reads as empty there."""
        for table in (self.locktool, self.uv):
            written = [key for key in keys if key in table]
            if len(written) > 1:
                raise table.error(
                    "duplicate-name",
                    f"{table.name_of(written[0])} and {table.name_of(written[1])} are the same setting; keep one",
                    written[1],
                )
            if written:
                return table, written[0]
        return self.locktool, keys[0]

    def has(self, key: str) -> bool:
        """Whether either tool's table has the key."""
        return key in self.locktool or key in self.uv


def read_options(tools: ToolTables) -> Options:
    """Read the settings of a workspace root."""
    resolution, prerelease, fork_strategy = (tools.having(key) for key in ("resolution", "prerelease", "fork-strategy"))
    newer, newer_key = tools.having("exclude-newer")
    constraints, constrained = read_changes(*tools.having("constraints", "constraint-dependencies"))
    overrides, overridden = read_changes(*tools.having("overrides", "override-dependencies"))
    excludes, excluded = read_changes(*tools.having("excludes", "exclude-dependencies"), canonical_name)
    return Options(
        constraints=constraints,
        overrides=overrides,
        excludes=excludes,
        scopes=merge_scopes({"constraints": constrained, "overrides": overridden, "excludes": excluded}),
        environments=read_markers(*tools.having("environments")),
        required_environments=read_markers(*tools.having("required-environments")),
        conflicts=read_conflicts(*tools.having("conflicts")),
        resolution=resolution[0].one_of("resolution", RESOLUTIONS) or Options().resolution,
        prerelease=prerelease[0].one_of("prerelease", PRERELEASES) or Options().prerelease,
        prerelease_package=read_package_words(*tools.having("prerelease-package")),
        fork_strategy=fork_strategy[0].one_of("fork-strategy", FORK_STRATEGIES) or Options().fork_strategy,
        exclude_newer=newer.moment(newer_key),
        exclude_newer_package=read_package_moments(*tools.having("exclude-newer-package")),
        no_build=read_selection(tools, "no-build"),
        no_binary=read_selection(tools, "no-binary"),
    )


def read_selection(tools: ToolTables, key: str) -> tuple[str, ...]:
    """Read which packages are meant by `no-build` or `no-binary`: all of them, or those of the longer key."""
    table, written = tools.having(key)
    return (":all:",) if table.boolean(written) else read_names(*tools.having(f"{key}-package"))


def read_package_moments(table: Table, key: str) -> dict[str, str]:
    """Read a table of package name -> date or span; `false` lifts the common cutoff for a package."""
    moments = table.table(key)
    result: dict[str, str] = {}
    for name, written in sorted(normalised_keys(moments, "the packages").items()):
        result[name] = moments.moment_or_never(written) or ""
    return result


def read_package_words(table: Table, key: str) -> dict[str, str]:
    """Read a table of package name -> pre-release rule."""
    rules = table.table(key)
    return {
        name: rules.one_of(written, PRERELEASES) or ""
        for name, written in sorted(normalised_keys(rules, "the packages").items())
    }


def read_conflicts(table: Table, key: str) -> tuple[tuple[ConflictItem, ...], ...]:
    """Read sets of extras and groups that may not be chosen together; neither order of them has a meaning."""
    sets: set[tuple[ConflictItem, ...]] = set()
    for index, items in enumerate(table.items(key)):
        if not isinstance(items, list):
            raise table.wrong_type("an array of { extra = ... } and { group = ... }", items, key, index)
        conflict = {
            read_conflict_item(table.element_table(item, key, index, place)) for place, item in enumerate(items)
        }
        if len(conflict) <= 1:
            raise table.error(
                "incomplete-conflict",
                f"{table.name_of(key, index)} names fewer than two different sides, so nothing conflicts",
                key,
                index,
            )
        sets.add(tuple(sorted(conflict, key=conflict_order)))
    return tuple(sorted(sets, key=lambda items: [conflict_order(item) for item in items]))


def conflict_order(item: ConflictItem) -> tuple[str, str, str]:
    """Order by member, extra and group."""
    return item.member or "", item.extra or "", item.group or ""


def read_conflict_item(entry: Table) -> ConflictItem:
    """Read `{ extra = "x" }`, `{ group = "x" }` or `{ package = "x" }`, the last also beside one of the others."""
    entry.refuse_unknown({"extra", "group", "package", "member"})
    values = {
        key: None if (text := entry.string(key)) is None else read_canonical(entry, text, canonical_name, key)
        for key in ("extra", "group", "package", "member")
    }
    member = values["member"] or values["package"]
    if values["extra"] and values["group"]:
        raise entry.error("incomplete-conflict", f"{entry.name_of()} names an extra and a group; write two entries")
    if not (member or values["extra"] or values["group"]):
        raise entry.error("incomplete-conflict", f"{entry.name_of()} names neither an extra nor a group nor a member")
    return ConflictItem(member=member, extra=values["extra"], group=values["group"])
