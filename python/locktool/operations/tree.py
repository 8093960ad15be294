"""Shows a lock as a tree: what each project requires, and what that requires, or the other way round.

In: a project and where to begin. Out: nodes with their children. Nothing but the lock is read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, structs, to_builtins

from locktool._native import did_you_mean, normalize_name
from locktool.exceptions import LockError
from locktool.lock.graph import LockGraph, Node
from locktool.lock.read import read_lock
from locktool.operations.find_locks import path_of_lock
from locktool.operations.tree_walk import DownwardWalk, TreeNode, UpwardWalk


class TreeOptions(Struct, frozen=True, kw_only=True):
    """Where the tree begins, which way it goes and how many levels it has below its roots; `script` has the lock."""

    script: Path | None = None
    package: str | None = None
    invert: bool = False
    depth: int | None = None


def tree(directory: Path = Path(), options: TreeOptions | None = None) -> tuple[TreeNode, ...]:
    """The tree of the lock of the project in `directory`; without a package it begins with the projects.

    Inverted, it begins with the package, or with every package that requires nothing, and shows who requires it.
    Raises LockError, with the code `not-locked` where the lock lacks the package.
    """
    options = options or TreeOptions()
    graph = graph_of(directory, options.script)
    roots = roots_of(graph, options.package)
    if options.invert:
        walk = UpwardWalk(graph, options.depth)
        return walk.run(roots) if options.package is not None else walk.run(walk.leaves())
    return DownwardWalk(graph, options.depth).run(roots)


def graph_of(directory: Path, script: Path | None = None) -> LockGraph:
    """The graph of the lock of the project in `directory`, or of a script. Raises LockError."""
    return LockGraph(read_lock(path_of_lock(directory, script), script))


def roots_of(graph: LockGraph, package: str | None) -> list[Node]:
    """Where a tree begins: the lists of a project of that name, or the entries, or else every project.

    Raises LockError.
    """
    projects = [node for node, _ in graph.roots]
    if package is None:
        return projects
    name = normalize_name(package)
    found = [node for node in projects if node.requirer.name == name and node.requirer.member is not None]
    found = found or [node for node in graph.nodes_of(name) if node.requirer.extra is None]
    if not found:
        known = sorted({entry.name for entry in graph.lock.packages})
        raise LockError("not-locked", f"{name} is not in the lock{did_you_mean(name, known)}")
    return found


def with_newest(nodes: tuple[TreeNode, ...], newest: Mapping[tuple[str, str], str]) -> tuple[TreeNode, ...]:
    """The tree with the newest version of each package that is locked in an older one: `{(name, version): newest}`."""
    return tuple(
        structs.replace(
            node,
            newest=newest.get((node.name, node.version or "")),
            dependencies=with_newest(node.dependencies, newest),
        )
        for node in nodes
    )


def tree_as_json(nodes: tuple[TreeNode, ...]) -> list[dict[str, Any]]:
    """The tree as a JSON document: each node with the attributes of `TreeNode`."""
    document: list[dict[str, Any]] = to_builtins(nodes)
    return document
