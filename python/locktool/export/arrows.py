"""The graph of a part of a lock as arrows: from the projects of the workspace down, each with what it stands under.

A project and an entry are one vertex each, whichever of their extras lead on; what does lead on is part of the arrow.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from locktool.lock.graph import Edge, LockGraph, Node


class Vertex(NamedTuple):
    """A project of the workspace, by its path, or else an entry, by its place in the lock."""

    member: str | None
    entry: int | None


class Arrow(NamedTuple):
    """One requirement and an entry that meets it.

    `part` is the list or the extra that requires it ("extra s3", "group dev"), `extras` are those that are asked for,
    `marker` is the condition.
    """

    source: Vertex
    target: Vertex
    part: str | None
    extras: tuple[str, ...]
    marker: str | None

    @property
    def label(self) -> str:
        """What the arrow stands under, in words: `extra s3, [crt], sys_platform == 'win32'`."""
        extras = f"[{','.join(self.extras)}]" if self.extras else None
        return ", ".join(text for text in (self.part, extras, self.marker) if text)


def arrows(graph: LockGraph, roots: Iterable[Node]) -> list[Arrow]:
    """Every arrow that the roots lead to, in the order in which it is met."""
    queue = deque(roots)
    seen = set(queue)
    found: dict[Arrow, None] = {}
    while queue:
        node = queue.popleft()
        for edge in graph.dependencies(node):
            found[_arrow(graph, edge)] = None
            for target in edge.targets():
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
    return list(found)


def vertex(node: Node) -> Vertex:
    """The vertex that a node is part of."""
    member = node.requirer.member
    return Vertex(member, None) if member is not None else Vertex(None, node.entry)


def _arrow(graph: LockGraph, edge: Edge) -> Arrow:
    requirer = edge.source.requirer
    part = f"extra {requirer.extra}" if requirer.extra else f"group {requirer.group}" if requirer.group else None
    return Arrow(vertex(edge.source), vertex(edge.target), part, edge.extras, graph.condition(edge))
