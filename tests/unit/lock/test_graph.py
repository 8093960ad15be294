"""The graph of a lock: edges both ways, with their conditions, from the project and its lists down."""

from __future__ import annotations

from typing import Any

from locktool.lock.graph import Edge, LockGraph
from locktool.lock.model import Lock, LockTool, Package, PackageRecord, PackageReference, PackageTool


def entry(name: str, version: str, *requires: str, marker: str | None = None, edges: tuple[str, ...] = ()) -> Package:
    references = tuple(
        PackageReference(name=edge.partition("==")[0], version=edge.partition("==")[2] or None) for edge in edges
    )
    record = PackageTool(locktool=PackageRecord(digest="0", requires=requires))
    return Package(name=name, version=version, marker=marker, dependencies=references, tool=record)


def graph_of(*packages: Package, members: list[dict[str, Any]], **keys: Any) -> LockGraph:  # noqa: ANN401
    lock = Lock(
        lock_version="1.0",
        created_by="locktool",
        requires_python=">=3.11",
        tool=LockTool(locktool={"schema": 2, "members": members}),
        packages=packages,
        **keys,
    )
    return LockGraph(lock)


def shown(graph: LockGraph, edges: tuple[Edge, ...]) -> list[str]:
    """Each edge in words."""
    return [
        f"{edge.source.requirer} -> {edge.target.requirer}: {edge.requirement}"
        + (f" where {condition}" if (condition := graph.condition(edge)) else "")
        for edge in edges
    ]


def below(graph: LockGraph, name: str) -> list[str]:
    return [line for node in graph.nodes_of(name) for line in shown(graph, graph.dependencies(node))]


FORKED = (
    entry("a", "1", "b>=1", "c ; sys_platform == 'win32'", edges=("b", "c")),
    entry("b", "1", marker="python_version < '3.12'"),
    entry("b", "2", "d[x]", marker="python_version >= '3.12'", edges=("d",)),
    entry("c", "1", marker="sys_platform == 'win32'"),
    entry("d", "1", "c ; extra == 'x' and sys_platform == 'win32'", edges=("c",)),
)
PROJECT = {"name": "demo", "path": ".", "dependencies": ["a>=1"], "extras": {"s3": ["c"]}, "groups": {"dev": ["d"]}}


def test_the_lists_of_the_project_are_the_roots() -> None:
    graph = graph_of(*FORKED, members=[PROJECT])
    assert [str(node.requirer) for node, _ in graph.roots] == ["demo", "extra s3 of demo", "group dev of demo"]
    assert below(graph, "demo") == [
        "demo -> a 1: a>=1",
        "extra s3 of demo -> c 1: c",
        "group dev of demo -> d 1: d",
    ]


def test_an_edge_says_which_fork_it_leads_to() -> None:
    graph = graph_of(*FORKED, members=[PROJECT])
    assert below(graph, "a") == [
        "a 1 -> b 1: b>=1 where python_version < '3.12'",
        "a 1 -> b 2: b>=1 where python_version >= '3.12'",
        "a 1 -> c 1: c where sys_platform == 'win32'",
    ]


def test_what_an_extra_adds_is_below_the_extra_that_was_asked_for() -> None:
    graph = graph_of(*FORKED, members=[PROJECT])
    assert below(graph, "d") == ["d[x] 1 -> c 1: c where sys_platform == 'win32'"]
    assert [edge.extras for edge in graph.dependents("d")] == [(), ("x",)]


def test_dependents_are_the_dependencies_turned_round() -> None:
    graph = graph_of(*FORKED, members=[PROJECT])
    down = {edge for node in graph.nodes for edge in graph.dependencies(node)}
    up = {edge for package in graph.lock.packages for edge in graph.dependents(package.name)}
    assert down == up
    assert shown(graph, graph.dependents("c")) == [
        "extra s3 of demo -> c 1: c",
        "a 1 -> c 1: c where sys_platform == 'win32'",
        "d[x] 1 -> c 1: c where sys_platform == 'win32'",
    ]


def test_a_condition_is_seen_from_its_source() -> None:
    graph = graph_of(
        entry("a", "1", "b ; sys_platform == 'win32'", marker="sys_platform == 'win32'", edges=("b",)),
        entry("b", "1", marker="sys_platform == 'win32'"),
        members=[{"name": "demo", "path": ".", "dependencies": ["a ; sys_platform == 'win32'"]}],
    )
    assert below(graph, "a") == ["a 1 -> b 1: b"]


def test_members_require_each_other_by_their_lists() -> None:
    graph = graph_of(
        entry("one", "1"),
        entry("a", "1"),
        members=[
            {"name": "root", "path": ".", "dependencies": ["one[fast]"]},
            {"name": "one", "path": "one", "extras": {"fast": ["a"]}},
        ],
    )
    assert below(graph, "root") == ["root -> one: one[fast]"]
    assert below(graph, "one") == ["extra fast of one -> a 1: a"]
    assert [str(target.requirer) for edge in graph.dependents("one") for target in edge.targets()] == [
        "one",
        "extra fast of one",
    ]


def test_a_lock_of_another_tool_begins_at_what_nothing_requires() -> None:
    packages = (
        Package(name="a", version="1", dependencies=(PackageReference(name="b"),)),
        Package(name="b", version="2", dependencies=(PackageReference(name="b"),)),
    )
    graph = LockGraph(Lock(lock_version="1.0", created_by="other", packages=packages))
    assert [str(node.requirer) for node, _ in graph.roots] == ["a 1"]
    assert below(graph, "a") == ["a 1 -> b 2: b"]
    assert shown(graph, graph.dependents("b")) == ["a 1 -> b 2: b", "b 2 -> b 2: b"]
