"""Who requires a locked package: chains of requirements from the project to it, the shortest first.

In: a lock and a name. Out: for each entry of the name one chain for every requirement that leads to it. A chain exists
only where all its conditions hold together. The requirements are those that the lock records; a lock of another tool
has only edges, so its chains begin at packages that nothing requires and carry no specifiers.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from locktool._native import Marker, Requirement, Specifier
from locktool.lock.model import Lock, Package

_EXTRA = re.compile(r"\bextra\b")
_EXTRA_NAME = re.compile(r"\bextra\s*[!=]=\s*['\"]([^'\"]+)['\"]")
# Lower ends first, as people write them.
_OPERATORS = {name: order for order, name in enumerate(("===", "==", "~=", ">=", ">", "!=", "<=", "<"))}


class Requirer(NamedTuple):
    """Who requires something: a member of the project, or one of its extras or groups, or a locked package.

    `member` is the path of a member; a locked package has none. An `extra` of a locked package was asked for.
    """

    name: str | None
    version: str | None = None
    extra: str | None = None
    group: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        """In words: `extra s3 of demo`, `boto3 1.43.11`."""
        if self.member is None:
            name = f"{self.name}[{self.extra}]" if self.extra else str(self.name)
            return f"{name} {self.version}" if self.version else name
        project = self.name or ("the project" if self.member == "." else f"the project in {self.member}")
        part = f"extra {self.extra}" if self.extra else f"group {self.group}" if self.group else None
        return f"{part} of {project}" if part else project


class Link(NamedTuple):
    """One requirement of a chain, and the condition it stands under, as the lock's environments leave it."""

    requirer: Requirer
    requirement: str
    marker: str | None = None


class LockedRequirers(NamedTuple):
    """One entry of the lock and the chains that lead to it; each ends with the requirement on the entry."""

    package: Package
    marker: str | None
    chains: tuple[tuple[Link, ...], ...]


class _Node(NamedTuple):
    """A node of the graph: a list of a member, or an entry with one of its extras or without."""

    requirer: Requirer
    entry: int | None = None


class _Edge(NamedTuple):
    name: str
    extras: tuple[str, ...]
    requirement: str
    marker: Marker


class _Visit(NamedTuple):
    node: _Node
    condition: Marker
    links: tuple[Link, ...] = ()


def find_requirers(lock: Lock, name: str) -> list[LockedRequirers]:
    """The entries of a name, each with who requires it; empty where the lock does not have the name."""
    return _Search(lock).run(name)


class _Search:
    """A breadth-first walk that visits a node again only for environments it was not reached in before."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._always = Marker.always()
        self._markers = [Marker(package.marker) if package.marker else self._always for package in lock.packages]
        self._entries: dict[str, list[int]] = {}
        for number, package in enumerate(lock.packages):
            self._entries.setdefault(package.name, []).append(number)
        members = lock.members
        self._members = {member.path: member for member in members}
        self._paths = {member.name: member.path for member in members if member.name}

    def run(self, wanted: str) -> list[LockedRequirers]:
        found: dict[int, dict[Link, tuple[Link, ...]]] = {number: {} for number in self._entries.get(wanted, ())}
        reached: dict[_Node, Marker] = {}
        queue = deque(self._roots())
        for visit in queue:
            reached[visit.node] = visit.condition
        while queue:
            visit = queue.popleft()
            for edge in self._edges(visit.node):
                condition = visit.condition & edge.marker
                if condition.is_false():
                    continue
                link = Link(visit.node.requirer, edge.requirement, self._text(edge.marker))
                for number, target, applies in self._targets(visit.node, edge, condition):
                    if number in found:
                        found[number].setdefault(link, (*visit.links, link))
                        continue
                    if target in reached and applies.implies(reached[target]):
                        continue
                    reached[target] = applies | reached[target] if target in reached else applies
                    queue.append(_Visit(target, applies, (*visit.links, link)))
        return [self._result(number, chains) for number, chains in found.items()]

    def _result(self, number: int, chains: dict[Link, tuple[Link, ...]]) -> LockedRequirers:
        package = self._lock.packages[number]
        return LockedRequirers(package, self._text(self._markers[number]), tuple(sorted(chains.values(), key=len)))

    def _text(self, marker: Marker) -> str | None:
        """The condition as short as the environments of the lock allow; None where it always holds in them."""
        environments = self._lock.environments or None
        short = marker.simplify(requires_python=self._lock.requires_python, environments=environments)
        return None if short.is_true() else str(short)

    def _roots(self) -> Iterator[_Visit]:
        for path, member in self._members.items():
            yield _Visit(_Node(Requirer(member.name, member=path)), self._always)
            for extra in member.extras:
                yield _Visit(_Node(Requirer(member.name, extra=extra, member=path)), Marker(f"'{extra}' in extras"))
            for group in member.groups:
                condition = Marker(f"'{group}' in dependency_groups")
                yield _Visit(_Node(Requirer(member.name, group=group, member=path)), condition)
        if not self._members:
            required = {edge.name for package in self._lock.packages for edge in package.dependencies}
            for number, package in enumerate(self._lock.packages):
                if package.name not in required:
                    yield _Visit(_Node(Requirer(package.name, package.version), number), self._markers[number])

    def _edges(self, node: _Node) -> list[_Edge]:
        requirer = node.requirer
        if requirer.member is not None:
            member = self._members[requirer.member]
            lists = (member.extras, requirer.extra) if requirer.extra else (member.groups, requirer.group)
            texts = lists[0].get(lists[1], ()) if lists[1] else member.dependencies
            return [self._edge(Requirement(text)) for text in texts]
        package = self._lock.packages[node.entry] if node.entry is not None else None
        record = package.tool.locktool if package and package.tool else None
        if package is None:
            return []
        if record is None:
            return [_Edge(edge.name, (), edge.name, self._always) for edge in package.dependencies]
        return [edge for text in record.requires for edge in self._published(Requirement(text), text, requirer.extra)]

    def _published(self, requirement: Requirement, text: str, extra: str | None) -> list[_Edge]:
        """The edge of a published requirement: of the package alone, or what only the extra adds."""
        edge = self._edge(requirement)
        if not _EXTRA.search(text):
            return [] if extra else [edge]
        names = set(_EXTRA_NAME.findall(text))
        without = edge.marker
        for name in names:
            without = without.restrict(~Marker(f"extra == '{name}'"))
        if extra is None:
            return [] if without.is_false() else [edge._replace(marker=without)]
        within = edge.marker
        for name in names:
            condition = Marker(f"extra == '{name}'")
            within = within.restrict(condition if name == extra else ~condition)
        return [] if within.is_false() or within == without else [edge._replace(marker=within)]

    def _edge(self, requirement: Requirement) -> _Edge:
        extras = tuple(sorted(requirement.extras))
        return _Edge(requirement.name, extras, without_condition(requirement), requirement.marker or self._always)

    def _targets(self, node: _Node, edge: _Edge, condition: Marker) -> Iterator[tuple[int | None, _Node, Marker]]:
        """The entries that the edge leads to, each with and without the extras, and where."""
        if edge.name in self._paths:
            path = self._paths[edge.name]
            number = next(iter(self._entries.get(edge.name, [])), None)
            for extra in (None, *edge.extras):
                yield number, _Node(Requirer(edge.name, extra=extra, member=path)), condition
            return
        references = self._lock.packages[node.entry].dependencies if node.entry is not None else ()
        versions = {reference.version for reference in references if reference.name == edge.name}
        for number in self._entries.get(edge.name, ()):
            package = self._lock.packages[number]
            applies = condition & self._markers[number]
            # An edge names the version where a name is locked several times.
            if applies.is_false() or (versions and None not in versions and package.version not in versions):
                continue
            for extra in (None, *edge.extras):
                yield number, _Node(Requirer(package.name, package.version, extra), number), applies


def without_condition(requirement: Requirement) -> str:
    """A requirement without its condition, as a person writes it: `boto3[crt]>=1.30,<2`."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    if requirement.url is not None:
        return f"{requirement.name}{extras} @ {requirement.url}"
    ordered = sorted(requirement.specifier, key=_specifier_order)
    return f"{requirement.name}{extras}{','.join(map(str, ordered))}"


def _specifier_order(specifier: Specifier) -> tuple[int, str]:
    return _OPERATORS[specifier.operator], specifier.version
