"""Who requires a locked package: chains from the project, the shortest first."""

from __future__ import annotations

from typing import Any

from locktool._native import Requirement
from locktool.lock.graph import without_condition
from locktool.lock.model import Lock, LockTool, Package, PackageRecord, PackageReference, PackageTool
from locktool.lock.requirers import find_requirers


def entry(name: str, version: str, *requires: str, marker: str | None = None, edges: tuple[str, ...] = ()) -> Package:
    references = tuple(
        PackageReference(name=edge.partition("==")[0], version=edge.partition("==")[2] or None) for edge in edges
    )
    record = PackageTool(locktool=PackageRecord(digest="0", requires=requires))
    return Package(name=name, version=version, marker=marker, dependencies=references, tool=record)


def lock(*packages: Package, members: list[dict[str, Any]], requires_python: str = ">=3.11", **inputs: object) -> Lock:
    return Lock(
        lock_version="1.0",
        created_by="locktool",
        requires_python=requires_python,
        tool=LockTool(locktool={"schema": 2, "members": members, **inputs}),
        packages=packages,
    )


def chains_of(document: Lock, name: str) -> list[list[str]]:
    """Each chain of each entry, as its links read."""
    return [
        [
            f"{link.requirer} requires {link.requirement}" + (f" where {link.marker}" if link.marker else "")
            for link in chain
        ]
        for found in find_requirers(document, name)
        for chain in found.chains
    ]


def test_the_shortest_chain_comes_first_and_each_requirement_once() -> None:
    document = lock(
        entry("a", "1.0", "b>=1", edges=("b",)),
        entry("b", "2.0", "c<9,>=1", edges=("c",)),
        entry("c", "3.0"),
        members=[{"name": "demo", "path": ".", "dependencies": ["a", "b"], "groups": {"dev": ["c"]}}],
    )
    assert chains_of(document, "c") == [
        ["group dev of demo requires c"],
        ["demo requires b", "b 2.0 requires c>=1,<9"],
    ]


def test_a_chain_whose_conditions_exclude_each_other_is_none() -> None:
    document = lock(
        entry("a", "1.0", "c ; sys_platform == 'linux'", "b", edges=("b", "c")),
        entry("b", "1.0", "c ; sys_platform == 'win32'", edges=("c",)),
        entry("c", "3.0", marker="sys_platform == 'win32'"),
        members=[{"name": "demo", "path": ".", "dependencies": ["a ; sys_platform == 'win32'"]}],
    )
    assert chains_of(document, "c") == [
        [
            "demo requires a where sys_platform == 'win32'",
            "a 1.0 requires b",
            "b 1.0 requires c where sys_platform == 'win32'",
        ]
    ]


def test_what_an_extra_adds_is_required_by_the_extra() -> None:
    document = lock(
        entry(
            "a", "1.0", "b", "c ; extra == 'fast'", "d ; python_version >= '3.12' and extra != 'fast'", edges=("b", "c")
        ),
        entry("b", "1.0"),
        entry("c", "1.0"),
        members=[{"name": "demo", "path": ".", "dependencies": ["b"], "extras": {"quick": ["a[fast]"]}}],
    )
    assert chains_of(document, "c") == [["extra quick of demo requires a[fast]", "a[fast] 1.0 requires c"]]
    assert chains_of(document, "b") == [
        ["demo requires b"],
        ["extra quick of demo requires a[fast]", "a 1.0 requires b"],
    ]


def test_entries_of_one_name_are_told_apart() -> None:
    document = lock(
        entry("n", "1.0", marker="python_version < '3.12'"),
        entry("n", "2.0", marker="python_version >= '3.12'"),
        members=[
            {
                "name": "demo",
                "path": ".",
                "dependencies": ["n<2 ; python_version < '3.12'", "n>=2 ; python_version >= '3.12'"],
            }
        ],
    )
    assert [(found.package.version, found.marker) for found in find_requirers(document, "n")] == [
        ("1.0", "python_version < '3.12'"),
        ("2.0", "python_version >= '3.12'"),
    ]
    assert chains_of(document, "n") == [
        ["demo requires n<2 where python_version < '3.12'"],
        ["demo requires n>=2 where python_version >= '3.12'"],
    ]


def test_an_edge_that_names_a_version_leads_to_it_alone() -> None:
    document = lock(
        entry("a", "1.0", "n", edges=("n==2.0",)),
        entry("n", "1.0"),
        entry("n", "2.0"),
        members=[{"name": "demo", "path": ".", "dependencies": ["a"]}],
    )
    assert [len(found.chains) for found in find_requirers(document, "n")] == [0, 1]


def test_extras_that_conflict_do_not_lead_to_the_entries_of_each_other() -> None:
    document = lock(
        entry("n", "1.0", marker="'cpu' in extras"),
        entry("n", "2.0", marker="'gpu' in extras"),
        entry("web", "1.0", "n", edges=("n",)),
        members=[{"name": "demo", "path": ".", "extras": {"cpu": ["n>=1", "web"], "gpu": ["n>=2", "web"]}}],
        conflicts=[[{"extra": "cpu"}, {"extra": "gpu"}]],
    )
    assert [[chain[0].requirer.extra for chain in found.chains] for found in find_requirers(document, "n")] == [
        ["cpu", "cpu"],
        ["gpu", "gpu"],
    ]


def test_a_group_that_conflicts_with_an_extra_is_no_way_to_its_entries() -> None:
    document = lock(
        entry("n", "1.0", marker="'cpu' in extras"),
        entry("n", "2.0", marker="'cpu' not in extras"),
        entry("web", "1.0", "n", edges=("n",)),
        members=[{"name": "demo", "path": ".", "extras": {"cpu": ["web"]}, "groups": {"dev": ["web"]}}],
        conflicts=[[{"extra": "cpu"}, {"group": "dev"}]],
    )
    assert [[str(chain[0].requirer) for chain in found.chains] for found in find_requirers(document, "n")] == [
        ["extra cpu of demo"],
        ["group dev of demo"],
    ]


def test_a_requirement_leads_to_no_entry_that_its_specifier_excludes_where_another_meets_it() -> None:
    document = lock(
        entry("n", "1.0"),
        entry("n", "2.0"),
        members=[{"name": "demo", "path": ".", "dependencies": ["n<2"]}],
    )
    assert [len(found.chains) for found in find_requirers(document, "n")] == [1, 0]


def test_a_requirement_leads_to_the_entry_that_an_override_chose_against_it() -> None:
    document = lock(
        entry("n", "1.0", marker="sys_platform == 'linux'"),
        entry("n", "2.0", marker="sys_platform != 'linux'"),
        members=[{"name": "demo", "path": ".", "dependencies": ["n<2"]}],
    )
    assert [len(found.chains) for found in find_requirers(document, "n")] == [1, 1]


def test_members_of_a_workspace_lead_to_each_other() -> None:
    document = lock(
        entry("c", "1.0"),
        members=[
            {"name": "app", "path": "app", "dependencies": ["core[s3]"]},
            {"name": "core", "path": "core", "extras": {"s3": ["c"]}},
        ],
    )
    assert chains_of(document, "c") == [["extra s3 of core requires c"]]


def test_a_cycle_ends() -> None:
    document = lock(
        entry("a", "1.0", "b", edges=("b",)),
        entry("b", "1.0", "a", edges=("a",)),
        members=[{"path": ".", "dependencies": ["a"]}],
    )
    assert chains_of(document, "b") == [["the project requires a", "a 1.0 requires b"]]


def test_a_lock_of_another_tool_has_edges_only() -> None:
    document = Lock(
        lock_version="1.0",
        created_by="other",
        packages=(
            Package(name="a", version="1", dependencies=(PackageReference(name="b"),)),
            Package(name="b", version="1"),
        ),
    )
    assert chains_of(document, "b") == [["a 1 requires b"]]
    assert find_requirers(document, "c") == []


def test_a_requirement_reads_as_people_write_it() -> None:
    assert without_condition(Requirement("a[y,x]<2,>=1,!=1.5 ; os_name == 'nt'")) == "a[x,y]>=1,!=1.5,<2"
    assert without_condition(Requirement("a @ https://example.invalid/a.whl")) == "a @ https://example.invalid/a.whl"
