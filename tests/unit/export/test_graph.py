"""A lock as a graph and as a bill of materials."""

from __future__ import annotations

import json
from typing import Any

import pytest

from locktool.export.cyclonedx import BillContext, ProjectFacts, render_cyclonedx
from locktool.export.graph import render_graphviz, render_mermaid
from locktool.export.part import ChosenPart, Part, part_of
from locktool.lock.graph import LockGraph
from locktool.lock.model import (
    Archive,
    Directory,
    Distribution,
    Lock,
    LockTool,
    Package,
    PackageReference,
    PackageTool,
    Vcs,
)
from locktool.lock.model import PackageRecord as Record
from locktool.lock.select import Selection

PUBLIC = "https://public.invalid/simple/"
FOREIGN = Lock(
    lock_version="1.0",
    created_by="another",
    packages=(
        Package(name="demo", dependencies=(PackageReference(name="n"),)),
        Package(name="m", version="1", dependencies=(PackageReference(name="n", version="2.0+cpu"),)),
        Package(name="n", version="1.0", marker="os_name == 'nt'"),
        Package(
            name="n",
            version="2.0+cpu",
            marker="os_name != 'nt'",
            index=PUBLIC,
            wheels=(Distribution(url="https://files.invalid/n.whl", hashes={"sha256": "00", "odd": "11"}),),
        ),
    ),
)
MEMBERS = [
    {
        "name": "demo",
        "path": ".",
        "dependencies": ["m[fast] ; os_name == 'nt'"],
        "extras": {"s3": ["n"]},
        "groups": {"dev": ["tree"]},
    }
]
LOCK = Lock(
    lock_version="1.0",
    created_by="locktool",
    extras=("s3",),
    dependency_groups=("dev",),
    tool=LockTool(locktool={"members": MEMBERS}),
    packages=(
        Package(name="demo", directory=Directory(path=".", editable=True)),
        Package(
            name="m",
            version="1",
            marker="os_name == 'nt'",
            index="https://private.invalid/simple/",
            dependencies=(PackageReference(name="n"),),
            tool=PackageTool(locktool=Record(requires=("n ; extra == 'fast'",))),
        ),
        Package(name="n", version="2!1.0", archive=Archive(url="https://x.invalid/n.zip", hashes={"sha256": "0f"})),
        Package(
            name="tree",
            marker="'dev' in dependency_groups",
            vcs=Vcs(type="git", url="https://x.invalid/t", commit_id="ff", subdirectory="a/b"),
        ),
    ),
)
EVERYTHING = Part(selection=Selection(all_extras=True, all_groups=True))


def bill(chosen: ChosenPart, **trees: ProjectFacts) -> dict[str, Any]:
    context = BillContext(
        project=ProjectFacts(name="demo", version="0.1", authors=("A. Body",)),
        trees=trees,
        timestamp="2024-01-01T00:00:00Z",
        public_index=PUBLIC,
        tool_version="0",
    )
    text = render_cyclonedx(chosen, context)
    assert text == render_cyclonedx(chosen, context)
    document: dict[str, Any] = json.loads(text)
    return document


def test_an_edge_without_a_version_leads_to_every_entry_of_the_name() -> None:
    graph = LockGraph(FOREIGN)
    roots = [node for node, _ in graph.roots]
    assert render_mermaid(graph, roots) == (
        "flowchart LR\n"
        '  n0["demo"]\n  n1["m 1"]\n  n2["n 1.0"]\n  n3["n 2.0+cpu"]\n'
        "  n0 -->|\"sys_platform == 'win32'\"| n2\n  n0 -->|\"sys_platform != 'win32'\"| n3\n"
        "  n1 -->|\"sys_platform != 'win32'\"| n3\n"
    )
    assert '  "m 1" -> "n 2.0+cpu" [' in render_graphviz(graph, roots)


def test_arrows_say_under_which_extra_group_and_marker_they_hold() -> None:
    chosen = part_of(LOCK, EVERYTHING)
    graph = LockGraph(chosen.lock)
    assert render_graphviz(graph, chosen.roots(graph)) == (
        "digraph lock {\n  rankdir=LR;\n  node [shape=box];\n"
        '  "demo" [style=rounded];\n  "m 1";\n  "n 2!1.0";\n  "tree";\n'
        '  "demo" -> "m 1" [label="[fast], sys_platform == \'win32\'"];\n'
        '  "demo" -> "n 2!1.0" [label="extra s3"];\n'
        '  "demo" -> "tree" [label="group dev"];\n'
        '  "m 1" -> "n 2!1.0" [label="extra fast"];\n}\n'
    )
    assert render_mermaid(graph, chosen.roots(graph)).splitlines()[1] == '  n0(["demo"])'


@pytest.mark.parametrize("lock", [LOCK, FOREIGN])
def test_a_bill_of_materials_has_the_minimum_elements_for_every_component(lock: Lock) -> None:
    document = bill(part_of(lock, EVERYTHING))
    metadata = document["metadata"]
    assert metadata["timestamp"]
    assert metadata["authors"] == [{"name": "A. Body"}]
    components = [metadata["component"], *document["components"]]
    assert all(each["supplier"]["name"] and each["name"] and each["purl"] for each in components)
    references = [each["bom-ref"] for each in components]
    assert len(set(references)) == len(references)
    edges = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    assert sorted(edges) == sorted(references)
    reached = {metadata["component"]["bom-ref"]}
    while more := {target for each in reached for target in edges[each]} - reached:
        reached |= more
    assert reached == set(references)


def test_a_bill_of_materials_says_where_each_component_comes_from() -> None:
    document = bill(part_of(LOCK, EVERYTHING), demo=ProjectFacts(name="demo", version="0.1", license="MIT"))
    project = document["metadata"]["component"]
    assert (project["type"], project["purl"]) == ("application", "pkg:generic/demo@0.1")
    assert project["licenses"] == [{"expression": "MIT"}]
    urls = {each["name"]: each["purl"] for each in document["components"]}
    assert urls == {
        "m": "pkg:pypi/m@1?repository_url=https://private.invalid/simple/",
        "n": "pkg:generic/n@2%211.0?checksum=sha256:0f&download_url=https://x.invalid/n.zip",
        "tree": "pkg:generic/tree?vcs_url=git%2Bhttps://x.invalid/t%40ff#a/b",
    }
    (archive,) = (each for each in document["components"] if each["name"] == "n")
    assert archive["hashes"] == [{"alg": "SHA-256", "content": "0f"}]
    assert archive["supplier"] == {"name": "x.invalid"}


def test_the_public_index_is_the_one_that_is_not_named() -> None:
    components = bill(part_of(FOREIGN, Part()))["components"]
    (found,) = (each for each in components if each.get("version") == "2.0+cpu")
    assert found["purl"] == "pkg:pypi/n@2.0%2Bcpu"
    assert found["supplier"] == {"name": "public.invalid", "url": [PUBLIC]}
    assert found["externalReferences"] == [
        {
            "type": "distribution",
            "url": "https://files.invalid/n.whl",
            "hashes": [{"alg": "SHA-256", "content": "00"}],
        }
    ]


def test_trees_and_files_of_this_machine_are_never_named_as_public_packages() -> None:
    lock = Lock(
        lock_version="1.0",
        created_by="another",
        packages=(
            Package(name="numpy", version="9", archive=Archive(path="w/numpy-9-py3-none-any.whl", hashes={})),
            Package(name="six", directory=Directory(path="six")),
            Package(name="ten", version="1", sdist=Distribution(path="links/ten-1.tar.gz", hashes={"sha256": "0"})),
        ),
    )
    components = bill(part_of(lock, Part()), six=ProjectFacts(name="six", version="3"))["components"]
    assert [each["purl"] for each in components] == [
        "pkg:generic/numpy@9?file_name=numpy-9-py3-none-any.whl",
        "pkg:generic/six@3",
        "pkg:generic/ten@1",
    ]
