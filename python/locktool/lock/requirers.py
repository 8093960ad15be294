"""Who requires a locked package: chains of requirements from the project to it, the shortest first.

In: a lock and a name. Out: for each entry of the name one chain for every requirement that leads to it. A chain exists
only where all its conditions hold together.
"""

from collections import deque
from typing import NamedTuple

from locktool._native import Marker
from locktool.lock.graph import Edge, LockGraph, Node, Requirer
from locktool.lock.model import Lock, Package
from locktool.lock.rules import Rule, overrides_of


class Link(NamedTuple):
    """One requirement of a chain, and the condition it stands under, as the lock's environments leave it."""

    requirer: Requirer
    """Who requires."""
    requirement: str
    """What is required, without its condition."""
    marker: str | None = None
    """The condition, or None where it always holds."""
    overrides: tuple[str, ...] = ()
    """The requirements that overrides of the project put in its place."""


class LockedRequirers(NamedTuple):
    """One entry of the lock and the chains that lead to it; each ends with the requirement on the entry."""

    package: Package
    """The entry."""
    marker: str | None
    """Where it is installed, or None for everywhere."""
    chains: tuple[tuple[Link, ...], ...]
    """The chains, the shortest first; the last link of each requires the entry."""
    constraints: tuple[Rule, ...] = ()
    """The constraints of the project on the entry."""


class _Visit(NamedTuple):
    node: Node
    condition: Marker
    links: tuple[Link, ...] = ()


def find_requirers(lock: Lock, name: str) -> list[LockedRequirers]:
    """The entries of a name, each with who requires it; empty where the lock does not have the name.

    A node is visited again only for environments it was not reached in before.
    """
    graph = LockGraph(lock)
    found: dict[int, dict[Link, tuple[Link, ...]]] = {number: {} for number in graph.entries_of(name)}
    reached = {node: condition & graph.possible for node, condition in graph.roots}
    queue = deque(_Visit(node, condition) for node, condition in reached.items())
    while queue:
        visit = queue.popleft()
        for edge in graph.dependencies(visit.node):
            applies = visit.condition & edge.marker
            if edge.target.requirer.member is None:
                applies &= graph.marker(edge.target)
            if applies.is_false():
                continue
            links = (*visit.links, _link(graph, edge))
            if edge.target.entry in found:
                found[edge.target.entry].setdefault(links[-1], links)
                continue
            for target in edge.targets():
                if target in reached and applies.implies(reached[target]):
                    continue
                reached[target] = applies | reached[target] if target in reached else applies
                queue.append(_Visit(target, applies, links))
    return [_result(graph, number, chains) for number, chains in found.items()]


def _result(graph: LockGraph, number: int, chains: dict[Link, tuple[Link, ...]]) -> LockedRequirers:
    package = graph.lock.packages[number]
    marker = graph.text(Marker(package.marker)) if package.marker else None
    constraints = tuple(rule for rule in graph.rules if rule.kind == "constraint" and rule.name == package.name)
    return LockedRequirers(package, marker, tuple(sorted(chains.values(), key=len)), constraints)


def _link(graph: LockGraph, edge: Edge) -> Link:
    requirer = edge.source.requirer
    overrides = overrides_of(graph.rules, (requirer.name, requirer.version), str(edge.target.requirer.name))
    texts = tuple(rule.requirement for rule in overrides)
    return Link(requirer, edge.requirement, graph.text(edge.marker), texts)
