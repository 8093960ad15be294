"""Walks from the project's requirements through the entries that a lock selects, in one environment after another.

What must hold: each requirement of each selected package is met by exactly one selected entry (PEP 751,
"Installation"), its version fits, the Python is new enough for it, and nothing is selected that no requirement
leads to.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from lock_oracle.environments import Environment, environments_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from local_index import Release

Entry = dict[str, Any]


@dataclass(frozen=True)
class ProjectRequirements:
    """What the project itself asks for; `scoped` are changes under one parent: (kind, parent, requirement or name)."""

    dependencies: tuple[str, ...] = ()
    extras: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str | None = None
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    scoped: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Selection:
    """The extras and groups that somebody installs."""

    extras: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def __str__(self) -> str:
        chosen = [
            *(f"extra {name}" for name in sorted(self.extras)),
            *(f"group {name}" for name in sorted(self.groups)),
        ]
        return " with " + " and ".join(chosen) if chosen else ""


def selections_for(project: ProjectRequirements, conflicts: Iterable[Iterable[str]] = ()) -> list[Selection]:
    """Nothing, each extra and group alone, every pair, and all; `conflicts` are sets of names never together."""
    choices = [("extra", name) for name in project.extras] + [("group", name) for name in project.groups]
    forbidden = [set(names) for names in conflicts]
    combined = [(), *itertools.combinations(choices, 1), *itertools.combinations(choices, 2), tuple(choices)]
    found = []
    for combination in combined:
        names = [name for _, name in combination]
        if all(sum(name in names for name in group) < 2 for group in forbidden):
            extras = frozenset(canonicalize_name(name) for kind, name in combination if kind == "extra")
            groups = frozenset(canonicalize_name(name) for kind, name in combination if kind == "group")
            found.append(Selection(extras, groups))
    return list(dict.fromkeys(found))


def violations(
    releases: Iterable[Release],
    project: ProjectRequirements,
    lock: Mapping[str, Any],
    *,
    environments: Sequence[Environment] | None = None,
    selections: Sequence[Selection] | None = None,
) -> list[str]:
    """What does not hold, once each, with the first environment in which it was seen."""
    published = {(release.normalized_name, Version(release.version)): release for release in releases}
    entries: list[Entry] = lock.get("packages", [])
    if environments is None:
        texts = [
            *_project_texts(project),
            *(text for release in published.values() for text in _release_texts(release)),
        ]
        markers = [entry["marker"] for entry in entries if "marker" in entry]
        environments = environments_for([*texts, *markers], lock.get("requires-python"))
        declared = [_marker(text) for text in lock.get("environments", [])]
        if declared:
            environments = [e for e in environments if any(marker.evaluate({**e}) for marker in declared)]
    found: dict[str, str] = {}
    for environment, selection in itertools.product(environments, selections or selections_for(project)):
        walk = _Walk(published, project, entries, environment, selection)
        for sentence in walk.run():
            place = f"python {environment['python_full_version']} on {environment['sys_platform']}"
            place += f" {environment['platform_machine']} {environment['implementation_name']}{selection}"
            found.setdefault(sentence, place)
    return [f"{sentence} ({place})" for sentence, place in found.items()]


def _project_texts(project: ProjectRequirements) -> Iterable[str]:
    return itertools.chain(project.dependencies, *project.extras.values(), *project.groups.values())


def _release_texts(release: Release) -> Iterable[str]:
    return itertools.chain(release.requires, *release.extras.values())


@cache
def _parsed(text: str) -> Requirement:
    return Requirement(text)


@cache
def _marker(text: str) -> Marker:
    return Marker(text)


class _Walk:
    """One environment, one selection."""

    def __init__(
        self,
        published: Mapping[tuple[str, Version], Release],
        project: ProjectRequirements,
        entries: Sequence[Entry],
        environment: Environment,
        selection: Selection,
    ) -> None:
        self.published = published
        self.project = project
        self.environment = environment
        self.selection = selection
        self.own_name = canonicalize_name(project.name) if project.name else None
        self.excluded = {canonicalize_name(name) for name in project.excludes}
        self.overrides: dict[str, list[str]] = defaultdict(list)
        for text in project.overrides:
            self.overrides[canonicalize_name(_parsed(text).name)].append(text)
        self.selected: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if self._is_selected(entry):
                self.selected[entry["name"]].append(entry)
        self.sentences: list[str] = []
        self.seen: set[tuple[str, str]] = set()

    def run(self) -> list[str]:
        """The sentences, in the order of the walk."""
        for name, entries in self.selected.items():
            if len(entries) > 1:
                versions = ", ".join(sorted(str(entry.get("version")) for entry in entries))
                self.sentences.append(f"{name} is selected more than once: {versions}")
        for text in self.project.dependencies:
            self._meet(text, "the project", "")
        for extra in sorted(self.selection.extras):
            self._own_extra(extra)
        for group, requires in self.project.groups.items():
            if canonicalize_name(group) in self.selection.groups:
                for text in requires:
                    self._meet(text, f"group {group}", "")
        for text in self.project.constraints:
            self._respect(text)
        reached = {name for name, _ in self.seen}
        orphans = sorted(set(self.selected) - reached - ({self.own_name} if self.own_name else set()))
        self.sentences += [f"{name} is selected and nothing leads to it" for name in orphans]
        return self.sentences

    def _is_selected(self, entry: Entry) -> bool:
        if "marker" not in entry:
            return True
        context = {"extras": self.selection.extras, "dependency_groups": self.selection.groups}
        return _marker(entry["marker"]).evaluate({**self.environment, **context}, context="lock_file")

    def _own_extra(self, extra: str) -> None:
        if (self.own_name or "", extra) in self.seen:
            return
        self.seen.add((self.own_name or "", extra))
        for name, requires in self.project.extras.items():
            if canonicalize_name(name) == extra:
                for text in requires:
                    self._meet(text, f"extra {extra}", "")

    def _meet(self, text: str, parent: str, extra: str) -> None:
        requirement = _parsed(text)
        name = canonicalize_name(requirement.name)
        overrides = self._overrides(parent, name)
        # The marker of an override takes the place of the requirement's own.
        marker = None if overrides else requirement.marker
        if marker and not marker.evaluate({**self.environment, "extra": extra}):
            return
        if name in self.excluded or self._scoped("excludes", parent, name):
            return
        if name == self.own_name:
            for own in sorted(requirement.extras):
                self._own_extra(canonicalize_name(own))
            return
        if overrides:
            for override in overrides:
                self._meet(override, "an override", "")
            return
        entries = self.selected.get(name, [])
        if not entries:
            self.sentences.append(f"{parent} requires {text} and no {name} is selected")
        for entry in entries:
            self._admit(entry, requirement, parent)
            for constraint in self._scoped("constraints", parent, name):
                self._admit(entry, _parsed(constraint), f"a constraint under {parent}")
            self._descend(entry, requirement)

    def _overrides(self, parent: str, name: str) -> list[str]:
        if parent == "an override":
            return []
        return self._scoped("overrides", parent, name) or self.overrides[name]

    def _scoped(self, kind: str, parent: str, name: str) -> list[str]:
        """What the project says of a requirement of `parent`, which a scope names as `a` or as `a 1.0`."""
        return [
            text
            for changed, scope, text in self.project.scoped
            if changed == kind and scope in (parent, parent.split(" ", maxsplit=1)[0])
            if canonicalize_name(_parsed(text).name) == name
        ]

    def _admit(self, entry: Entry, requirement: Requirement, parent: str) -> None:
        if "version" not in entry or requirement.url:
            return
        if not requirement.specifier.contains(entry["version"], prereleases=True):
            self.sentences.append(f"{parent} requires {requirement} and {entry['name']} {entry['version']} is selected")

    def _respect(self, constraint: str) -> None:
        requirement = _parsed(constraint)
        if requirement.marker and not requirement.marker.evaluate({**self.environment, "extra": ""}):
            return
        for entry in self.selected.get(canonicalize_name(requirement.name), []):
            self._admit(entry, requirement, "a constraint")

    def _descend(self, entry: Entry, requirement: Requirement) -> None:
        name = entry["name"]
        release = self.published.get((name, Version(entry["version"]))) if "version" in entry else None
        if release is None:
            self.seen.add((name, ""))
            if "version" in entry:
                self.sentences.append(f"{name} {entry['version']} was never published")
            return
        for extra in ["", *sorted(canonicalize_name(extra) for extra in requirement.extras)]:
            if (name, extra) in self.seen:
                continue
            self.seen.add((name, extra))
            parent = f"{name} {release.version}"
            if not extra:
                self._fits_python(release)
                for text in release.requires:
                    self._meet(text, parent, "")
            for declared, requires in release.extras.items():
                if canonicalize_name(declared) == extra:
                    for text in requires:
                        self._follow(text, release, parent, extra)

    def _follow(self, text: str, release: Release, parent: str, extra: str) -> None:
        requirement = _parsed(text)
        if canonicalize_name(requirement.name) != release.normalized_name:
            self._meet(text, parent, extra)
            return
        # An extra that names other extras of its own package.
        if requirement.marker is None or requirement.marker.evaluate({**self.environment, "extra": extra}):
            for entry in self.selected[release.normalized_name]:
                self._descend(entry, requirement)

    def _fits_python(self, release: Release) -> None:
        # Upper bounds on Python do not count, as in the field: they are rarely meant and never known in advance.
        lower = SpecifierSet(
            ",".join(str(part) for part in SpecifierSet(release.requires_python or "") if part.operator in {">=", ">"})
        )
        if not lower.contains(self.environment["python_full_version"], prereleases=True):
            self.sentences.append(f"{release.name} {release.version} needs Python {release.requires_python}")
