"""A lock as a graph: who requires which entry, under which condition, from the project down.

Nodes are the lists of the project's members (dependencies, each extra, each group) and the locked entries, an entry
once by itself and once for each of its extras that something asks for. The requirements are those that the lock
records; a lock of another tool has only edges, so its roots are the entries that nothing requires, and nothing has a
specifier.
"""

import re
from collections import deque
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from locktool._native import Marker, Requirement, Specifier
from locktool.lock.model import Lock, LockedMember, Package
from locktool.lock.rules import is_excluded, rules_of

_EXTRA = re.compile(r"\bextra\b")
_EXTRA_NAME = re.compile(r"\bextra\s*[!=]=\s*['\"]([^'\"]+)['\"]")
# Lower ends first, as people write them.
_OPERATORS = {name: order for order, name in enumerate(("===", "==", "~=", ">=", ">", "!=", "<=", "<"))}


class Requirer(NamedTuple):
    """Who requires something: a member of the project, or one of its extras or groups, or a locked package."""

    name: str | None
    """The name of the package, or of the member where it has one."""
    version: str | None = None
    """The version of a locked package."""
    extra: str | None = None
    """The extra of the member, or the one that was asked for of the locked package."""
    group: str | None = None
    """The dependency group of the member."""
    member: str | None = None
    """The path of the member, relative to the lock; None for a locked package."""

    def __str__(self) -> str:
        """In words: `extra s3 of demo`, `boto3 1.43.11`."""
        if self.member is None:
            name = f"{self.name}[{self.extra}]" if self.extra else str(self.name)
            return f"{name} {self.version}" if self.version else name
        project = self.name or ("the project" if self.member == "." else f"the project in {self.member}")
        part = f"extra {self.extra}" if self.extra else f"group {self.group}" if self.group else None
        return f"{part} of {project}" if part else project


class Node(NamedTuple):
    """A node: who it is, and the place of its entry among the packages of the lock where it has one.

    A member of the project has an entry where it is a package.
    """

    requirer: Requirer
    entry: int | None = None


class Edge(NamedTuple):
    """One requirement, and one entry that meets it. `target` is that entry by itself; `extras` are asked for of it too.

    `requirement` is written without its condition, which is `marker`.
    """

    source: Node
    target: Node
    extras: tuple[str, ...]
    requirement: str
    marker: Marker

    def targets(self) -> Iterator[Node]:
        """The target by itself and with each of the extras."""
        requirer = self.target.requirer
        for extra in (None, *self.extras):
            yield Node(requirer._replace(extra=extra), self.target.entry)


class _Demand(NamedTuple):
    """A requirement before the entries are known that meet it."""

    name: str
    extras: tuple[str, ...]
    requirement: str
    marker: Marker


class LockGraph:
    """The graph of one lock; edges are found when they are first asked for."""

    def __init__(self, lock: Lock) -> None:
        """Index the entries by name."""
        self.lock = lock
        self._always = Marker.always()
        self._markers = [Marker(package.marker) if package.marker else self._always for package in lock.packages]
        self._entries: dict[str, list[int]] = {}
        for number, package in enumerate(lock.packages):
            self._entries.setdefault(package.name, []).append(number)
        self.rules = rules_of(lock.inputs)
        self._members: dict[str, LockedMember] = {member.path: member for member in lock.members}
        self._paths = {member.name: member.path for member in lock.members if member.name}
        self._found: dict[Node, tuple[Edge, ...]] = {}
        self._texts: dict[Marker, str | None] = {}

    @cached_property
    def roots(self) -> tuple[tuple[Node, Marker], ...]:
        """Where the graph begins, each with what has to be chosen or to hold for it: `'s3' in extras`."""
        return tuple(self._roots())

    @cached_property
    def possible(self) -> Marker:
        """The choices of extras and groups that the project allows: no two that conflict."""
        possible = self._always
        for members in self.lock.inputs.get("conflicts", ()):
            chosen = [Requirer(None, extra=each.get("extra"), group=each.get("group")) for each in members]
            for first, second in combinations(chosen, 2):
                possible &= ~(_chosen(first, self._always) & _chosen(second, self._always))
        return possible

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, the roots first, then the entries in the order of the lock, each before its extras."""
        lists = [node for node, _ in self.roots]
        entries = [node for number in range(len(self.lock.packages)) for node in self._nodes_of_entry(number)]
        return tuple(dict.fromkeys((*lists, *entries)))

    def nodes_of(self, name: str) -> tuple[Node, ...]:
        """The nodes of a normalised name: lists of a member, and entries with the extras that are asked for."""
        return tuple(node for node in self.nodes if node.requirer.name == name)

    def entries_of(self, name: str) -> list[int]:
        """The places of the entries of a normalised name."""
        return self._entries.get(name, [])

    def package(self, node: Node) -> Package | None:
        """The entry of a node."""
        return None if node.entry is None else self.lock.packages[node.entry]

    def dependencies(self, node: Node) -> tuple[Edge, ...]:
        """What a node requires, in the order in which that is recorded."""
        if node not in self._found:
            requirer = (node.requirer.name, node.requirer.version)
            self._found[node] = tuple(
                edge
                for demand in self._demands(node)
                if not is_excluded(self.rules, requirer, demand.name)
                for edge in self._edges(node, demand)
            )
        return self._found[node]

    def dependents(self, name: str) -> tuple[Edge, ...]:
        """What leads to the entries of a normalised name."""
        return self._dependents.get(name, ())

    def marker(self, node: Node) -> Marker:
        """Where a node is installed at all; for a list of a member, what has to be chosen."""
        if node.requirer.member is not None:
            return _chosen(node.requirer, self._always)
        return self._always if node.entry is None else self._markers[node.entry]

    def condition(self, edge: Edge) -> str | None:
        """Where an edge applies, seen from its source: what it says, and which fork of the name it leads to.

        None where it applies wherever the source is installed.
        """
        marker = edge.marker
        if edge.target.entry is not None and len(self._entries[str(edge.target.requirer.name)]) > 1:
            marker &= self._markers[edge.target.entry]
        return self.text(marker.restrict(self.marker(edge.source)))

    def text(self, marker: Marker) -> str | None:
        """A condition as short as the environments of the lock allow; None where it always holds in them."""
        if marker not in self._texts:
            environments = self.lock.environments or None
            short = marker.simplify(requires_python=self.lock.requires_python, environments=environments)
            self._texts[marker] = None if short.is_true() else str(short)
        return self._texts[marker]

    @cached_property
    def _dependents(self) -> dict[str, tuple[Edge, ...]]:
        found: dict[str, list[Edge]] = {}
        for node in self.nodes:
            for edge in self.dependencies(node):
                found.setdefault(str(edge.target.requirer.name), []).append(edge)
        return {name: tuple(edges) for name, edges in found.items()}

    @cached_property
    def _asked_extras(self) -> dict[int, list[str]]:
        """The extras of each entry that something asks for; one extra may ask for others."""
        found: dict[int, list[str]] = {}
        queue = deque(node for node, _ in self.roots)
        queue.extend(self._node_of_entry(number) for number in range(len(self.lock.packages)))
        while queue:
            for edge in self.dependencies(queue.popleft()):
                if edge.target.entry is None or edge.target.requirer.member is not None:
                    continue
                known = found.setdefault(edge.target.entry, [])
                for extra in edge.extras:
                    if extra not in known:
                        known.append(extra)
                        queue.append(self._node_of_entry(edge.target.entry, extra))
        return found

    def _nodes_of_entry(self, number: int) -> Iterator[Node]:
        if self.lock.packages[number].name in self._paths:
            return
        for extra in (None, *self._asked_extras.get(number, ())):
            yield self._node_of_entry(number, extra)

    def _node_of_entry(self, number: int, extra: str | None = None) -> Node:
        package = self.lock.packages[number]
        path = self._paths.get(package.name)
        if path is not None:
            return Node(Requirer(package.name, extra=extra, member=path), number)
        return Node(Requirer(package.name, package.version, extra), number)

    def _roots(self) -> Iterator[tuple[Node, Marker]]:
        for path, member in self._members.items():
            number = next(iter(self._entries.get(member.name or "", ())), None)
            own = Requirer(member.name, member=path)
            lists = [own, *(own._replace(extra=extra) for extra in member.extras)]
            for requirer in (*lists, *(own._replace(group=group) for group in member.groups)):
                yield Node(requirer, number), _chosen(requirer, self._always)
        if not self._members:
            required = {edge.name for package in self.lock.packages for edge in package.dependencies}
            for number, package in enumerate(self.lock.packages):
                if package.name not in required:
                    yield self._node_of_entry(number), self._markers[number]

    def demanding(self, name: str) -> tuple[tuple[Requirer, str], ...]:
        """Who requires a normalised name, locked or not and excluded or not, and with which requirement."""
        return tuple(
            (node.requirer, demand.requirement)
            for node in self.nodes
            for demand in self._demands(node)
            if demand.name == name
        )

    def _demands(self, node: Node) -> list[_Demand]:
        requirer = node.requirer
        if requirer.member is not None:
            member = self._members[requirer.member]
            lists = (member.extras, requirer.extra) if requirer.extra else (member.groups, requirer.group)
            texts = lists[0].get(lists[1], ()) if lists[1] else member.dependencies
            return [self._demand(Requirement(text)) for text in texts]
        package = self.package(node)
        if package is None:
            return []
        record = package.tool.locktool if package.tool else None
        if record is None:
            return [_Demand(edge.name, (), edge.name, self._always) for edge in package.dependencies]
        return [found for text in record.requires for found in self._published(Requirement(text), text, requirer.extra)]

    def _published(self, requirement: Requirement, text: str, extra: str | None) -> list[_Demand]:
        """A published requirement: of the package alone, or what only the extra adds."""
        demand = self._demand(requirement)
        if not _EXTRA.search(text):
            return [] if extra else [demand]
        names = set(_EXTRA_NAME.findall(text))
        without = demand.marker
        for name in names:
            without = without.restrict(~Marker(f"extra == '{name}'"))
        if extra is None:
            return [] if without.is_false() else [demand._replace(marker=without)]
        within = demand.marker
        for name in names:
            condition = Marker(f"extra == '{name}'")
            within = within.restrict(condition if name == extra else ~condition)
        return [] if within.is_false() or within == without else [demand._replace(marker=within)]

    def _demand(self, requirement: Requirement) -> _Demand:
        extras = tuple(sorted(requirement.extras))
        return _Demand(requirement.name, extras, without_condition(requirement), requirement.marker or self._always)

    def _edges(self, node: Node, demand: _Demand) -> Iterator[Edge]:
        """One edge for each entry that may meet the requirement where the node is installed."""
        if demand.name in self._paths:
            number = next(iter(self._entries.get(demand.name, ())), None)
            target = Node(Requirer(demand.name, member=self._paths[demand.name]), number)
            yield Edge(node, target, demand.extras, demand.requirement, demand.marker)
            return
        package = self.package(node) if node.requirer.member is None else None
        references = package.dependencies if package else ()
        versions = {reference.version for reference in references if reference.name == demand.name}
        condition = demand.marker & self.marker(node) & self.possible
        found: list[tuple[int, Marker]] = []
        for number in self._entries.get(demand.name, ()):
            # An edge names the version where a name is locked several times.
            if versions and None not in versions and self.lock.packages[number].version not in versions:
                continue
            if not (applies := condition & self._markers[number]).is_false():
                found.append((number, applies))
        for number in self._meeting(demand, found):
            yield Edge(node, self._node_of_entry(number), demand.extras, demand.requirement, demand.marker)

    def _meeting(self, demand: _Demand, found: list[tuple[int, Marker]]) -> Iterator[int]:
        """The entries without those that the specifier excludes where another one meets it.

        An excluded entry that stands alone stays: an override chose it.
        """
        admitted = {number for number, _ in found if len(found) == 1 or self._admits(demand, number)}
        met = Marker.never()
        for number, applies in found:
            if number in admitted:
                met |= applies
        yield from (number for number, applies in found if number in admitted or not applies.implies(met))

    def _admits(self, demand: _Demand, number: int) -> bool:
        version = self.lock.packages[number].version
        if version is None:
            return True
        requirement = Requirement(demand.requirement)
        return requirement.url is not None or requirement.specifier.contains(version, prereleases=True)


def without_condition(requirement: Requirement) -> str:
    """A requirement without its condition, as a person writes it: `boto3[crt]>=1.30,<2`."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    if requirement.url is not None:
        return f"{requirement.name}{extras} @ {requirement.url}"
    ordered = sorted(requirement.specifier, key=_specifier_order)
    return f"{requirement.name}{extras}{','.join(map(str, ordered))}"


def _specifier_order(specifier: Specifier) -> tuple[int, str]:
    return _OPERATORS[specifier.operator], specifier.version


def _chosen(requirer: Requirer, always: Marker) -> Marker:
    """What has to be chosen for a list of a member."""
    if requirer.extra is not None:
        return Marker(f"'{requirer.extra}' in extras")
    return always if requirer.group is None else Marker(f"'{requirer.group}' in dependency_groups")
