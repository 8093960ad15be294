"""Walks the graph of a lock as a tree, down to what is required or up to who requires it.

What has been expanded once is marked as repeated where it comes again, so that a tree is no longer than its lock.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from locktool.lock.graph import Edge, LockGraph, Node

# Deeper than the requirements of any project, and less deep than Python's stack.
_DEEPEST = 150


class TreeNode(Struct, frozen=True, kw_only=True):
    """A project, one of its extras or groups, or a locked package; `kind` says which.

    `extras` are asked for of it. `requirement` is what leads here from the parent, or in an inverted tree from here to
    the parent, and `marker` its condition. `conflicts` are the extras and groups that may not be chosen beside it.
    `repeated` says that its children stand elsewhere in the tree.
    """

    kind: str
    name: str
    version: str | None = None
    extras: tuple[str, ...] = ()
    requirement: str | None = None
    marker: str | None = None
    conflicts: tuple[str, ...] = ()
    newest: str | None = None
    repeated: bool = False
    dependencies: "tuple[TreeNode, ...]" = ()


class DownwardWalk:
    """What is required, in the order in which it is shown."""

    def __init__(self, graph: LockGraph, depth: int | None) -> None:
        """Begin with nothing expanded; `depth` is how many levels there are below the roots."""
        self._graph = graph
        self._depth = _DEEPEST if depth is None else min(depth, _DEEPEST)
        self._conflicts = _conflicts(graph)
        self._expanded: set[Node] = set()

    def run(self, roots: Iterable[Node]) -> tuple[TreeNode, ...]:
        """A tree for each project among the roots, whose lists belong together, and for each other root."""
        lists: dict[object, list[Node]] = {}
        for root in roots:
            lists.setdefault(root.requirer.member or root, []).append(root)
        # Each project has a tree of its own, to which the others refer.
        self._expanded |= {nodes[0] for nodes in lists.values() if nodes[0].requirer.member is not None}
        return tuple(self._root(nodes) for nodes in lists.values())

    def _root(self, lists: Sequence[Node]) -> TreeNode:
        own, *others = lists
        # The heading of an extra or a group is no level of its own: its packages are what the project names, too.
        children = list(self._children([own], 1))
        for node in others if self._depth > 0 else ():
            kind = "extra" if node.requirer.extra else "group"
            name = str(node.requirer.extra or node.requirer.group)
            conflicts = self._conflicts.get(f"{kind} {name}", ())
            children.append(TreeNode(kind=kind, name=name, conflicts=conflicts, dependencies=self._children([node], 1)))
        return structs.replace(_described(own), dependencies=tuple(children))

    def _children(self, nodes: Iterable[Node], depth: int) -> tuple[TreeNode, ...]:
        """What nodes require together: a package, and what its extras add."""
        if depth > self._depth:
            return ()
        edges = (edge for node in nodes for edge in self._graph.dependencies(node))
        children = {(edge.target, edge.extras, edge.marker): edge for edge in edges}
        return tuple(self._child(edge, depth) for edge in children.values())

    def _child(self, edge: Edge, depth: int) -> TreeNode:
        child = structs.replace(
            _described(edge.target),
            extras=edge.extras,
            requirement=edge.requirement,
            marker=self._graph.condition(edge),
        )
        targets = list(edge.targets())
        if self._expanded.issuperset(targets):
            return structs.replace(child, repeated=any(self._graph.dependencies(target) for target in targets))
        if depth < self._depth:
            self._expanded.update(targets)
        return structs.replace(child, dependencies=self._children(targets, depth + 1))


class UpwardWalk:
    """Who requires what, in the order in which it is shown."""

    def __init__(self, graph: LockGraph, depth: int | None) -> None:
        """Turn the edges round; `depth` is how many levels there are below the roots."""
        self._graph = graph
        self._depth = _DEEPEST if depth is None else min(depth, _DEEPEST)
        self._expanded: set[Node] = set()
        self._requirers: dict[Node, list[Edge]] = {}
        for node in graph.nodes:
            for edge in graph.dependencies(node):
                for target in edge.targets():
                    self._requirers.setdefault(target, []).append(edge)

    def leaves(self) -> Iterator[Node]:
        """The packages that require nothing."""
        for node in self._graph.nodes:
            if node.requirer.member is None and node.requirer.extra is None and not self._graph.dependencies(node):
                yield node

    def run(self, roots: Iterable[Node]) -> tuple[TreeNode, ...]:
        """A tree for each package or project, with or without its extras."""
        nodes = {(root.requirer.name, root.requirer.version, root.requirer.member): root for root in roots}
        return tuple(self._root(node) for node in nodes.values())

    def _root(self, root: Node) -> TreeNode:
        plain = root._replace(requirer=root.requirer._replace(extra=None, group=None))
        with_extras = [
            node
            for node in self._requirers
            if node.entry == plain.entry and node.requirer._replace(extra=None) == plain.requirer
        ]
        edges = {edge: None for node in (plain, *with_extras) for edge in self._requirers.get(node, ())}
        return self._with_parents(_described(plain), plain, list(edges), 0)

    def _with_parents(self, shown: TreeNode, node: Node, edges: Sequence[Edge], depth: int) -> TreeNode:
        if not edges or depth >= self._depth:
            return shown
        if node in self._expanded:
            return structs.replace(shown, repeated=True)
        self._expanded.add(node)
        return structs.replace(shown, dependencies=tuple(self._parent(edge, depth + 1) for edge in edges))

    def _parent(self, edge: Edge, depth: int) -> TreeNode:
        marker = self._graph.condition(edge)
        shown = structs.replace(_described(edge.source), requirement=edge.requirement, marker=marker)
        return self._with_parents(shown, edge.source, self._requirers.get(edge.source, ()), depth)


def _described(node: Node) -> TreeNode:
    requirer = node.requirer
    if requirer.member is None:
        extras = (requirer.extra,) if requirer.extra else ()
        return TreeNode(kind="package", name=str(requirer.name), version=requirer.version, extras=extras)
    if requirer.extra is None and requirer.group is None:
        return TreeNode(kind="project", name=requirer.name or requirer.member)
    return TreeNode(kind="extra" if requirer.extra else "group", name=str(requirer))


def _conflicts(graph: LockGraph) -> dict[str, tuple[str, ...]]:
    """For each extra and group that conflicts, those that it conflicts with, in words."""
    found: dict[str, dict[str, None]] = {}
    for members in graph.lock.inputs.get("conflicts", ()):
        words = [f"{kind} {member[kind]}" for member in members for kind in ("extra", "group") if kind in member]
        for word in words:
            found.setdefault(word, {}).update(dict.fromkeys(other for other in words if other != word))
    return {word: tuple(others) for word, others in found.items()}
