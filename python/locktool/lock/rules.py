"""The rules of a project that change what is required of a package: constraints, overrides and excludes of its lock.

In: the inputs of a resolution, as a lock records them and a manifest holds them. Out: the rules, each with the parent
that it is limited to. A lock of another tool records none.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from locktool._native import Requirement, SpecifierSet, Version, normalize_name


class Rule(NamedTuple):
    """One constraint, override or exclude, and who it holds for."""

    kind: str
    """`constraint`, `override` or `exclude`."""
    requirement: str
    """What the project writes: a requirement, or of an exclude a name."""
    parent: str | None = None
    """The package under which alone it holds, by its normalised name; None for wherever the package is required."""
    parent_version: str | None = None
    """The version of the parent under which alone it holds."""

    def __str__(self) -> str:
        """In words: `the override "click<8.2" (of what flask requires)`."""
        parent = f"{self.parent} {self.parent_version}" if self.parent_version else self.parent
        where = f" (of what {parent} requires)" if parent else ""
        return f'the {self.kind} "{self.requirement}"{where}'

    @property
    def name(self) -> str:
        """The normalised name of the package that it is about."""
        return normalize_name(self.requirement) if self.kind == "exclude" else Requirement(self.requirement).name

    def holds_under(self, parent: str | None, version: str | None) -> bool:
        """Whether it holds for what a package, or a member of the project, requires."""
        if self.parent is None:
            return True
        of_version = self.parent_version is None or (
            version is not None and Version(version) == Version(self.parent_version)
        )
        return self.parent == parent and of_version

    def admits_any(self, versions: SpecifierSet) -> bool:
        """Whether one of these versions goes with it, published or not."""
        if self.kind == "exclude":
            return False
        requirement = Requirement(self.requirement)
        return requirement.url is None and not requirement.specifier.is_disjoint(versions)


def rules_of(inputs: Mapping[str, Any]) -> tuple[Rule, ...]:
    """All rules of the inputs, in their order: constraints, overrides, excludes."""
    return tuple(rule for kind in ("constraint", "override", "exclude") for rule in _rules(inputs, kind))


def overrides_of(rules: tuple[Rule, ...], parent: tuple[str | None, str | None], name: str) -> tuple[Rule, ...]:
    """The overrides that take the place of what a parent, `(name, version)`, requires of a name.

    Those of the parent come before those of all.
    """
    named = [rule for rule in rules if rule.kind == "override" and rule.name == name and rule.holds_under(*parent)]
    return tuple([rule for rule in named if rule.parent] or named)


def is_excluded(rules: tuple[Rule, ...], parent: tuple[str | None, str | None], name: str) -> bool:
    """Whether what a parent, `(name, version)`, requires of a name is left out."""
    return any(rule.kind == "exclude" and rule.name == name and rule.holds_under(*parent) for rule in rules)


def _rules(inputs: Mapping[str, Any], kind: str) -> Iterator[Rule]:
    for item in inputs.get(f"{kind}s", ()):
        if isinstance(item, str):
            yield Rule(kind, item)
            continue
        parent = item["package"]
        for text in item["dependencies"]:
            yield Rule(kind, text, normalize_name(parent["name"]), parent.get("version"))
