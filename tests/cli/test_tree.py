"""`locktool tree`: the lock from the projects down, and from a package up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with extras that conflict, a group, a fork and a requirement with an extra, locked."""
    index.add("web", "1.0", requires=["parts>=1,<2", "tls[fast]", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0", requires=["screws"])
    index.add("screws", "1.0")
    index.add("tls", "1.0", requires=["parts"], extras={"fast": ["certs"]})
    index.add("certs", "1.0")
    index.add("win", "3.0")
    for version in ("1.0", "2.0"):
        index.add("torch", version)
    index.add("num", "1.0")
    index.add("num", "2.0", requires_python=">=3.12")
    project.pyproject(
        "web",
        "num",
        extras={"cpu": ["torch<2"], "cuda": ["torch>=2"]},
        groups={"dev": ["certs"]},
        tool={"conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]]},
    )
    run_locktool("lock").succeeded()
    index.forget_requests()
    return run_locktool


TREE = """\
demo
├── num 1.0 where python_version < '3.12'
├── num 2.0 where python_version >= '3.12'
├── web 1.0
│   ├── parts 1.0
│   │   └── screws 1.0
│   ├── tls[fast] 1.0
│   │   ├── parts 1.0 (*)
│   │   └── certs 1.0
│   └── win 3.0 where sys_platform == 'win32'
├── extra cpu (not with extra cuda)
│   └── torch 1.0
├── extra cuda (not with extra cpu)
│   └── torch 2.0
└── group dev
    └── certs 1.0
(*) shown in full elsewhere in the tree
"""


def test_a_tree_shows_conflicts_extras_forks_and_what_is_repeated(locked: Command, index: LocalIndex) -> None:
    assert locked("tree").succeeded().out == TREE
    assert not index.requests


def test_a_terminal_without_utf_8_gets_ascii(locked: Command) -> None:
    plain = locked("tree", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}).succeeded().out
    replaced = TREE
    for line, stand_in in (("├── ", "|-- "), ("└── ", "`-- "), ("│", "|")):
        replaced = replaced.replace(line, stand_in)
    assert plain == replaced


def test_a_tree_begins_where_it_is_asked_to_and_ends_at_a_depth(locked: Command) -> None:
    assert locked("tree", "--package", "Tls").succeeded().out.splitlines() == [
        "tls 1.0",
        "└── parts 1.0",
        "    └── screws 1.0",
    ]
    assert locked("tree", "--package", "web", "--depth", "1").succeeded().out.splitlines()[1] == "├── parts 1.0"
    assert locked("tree", "--depth", "0").succeeded().out == "demo\n"
    assert "did you mean 'parts'" in locked("tree", "--package", "part").failed(1).err
    assert "levels" in locked("tree", "--depth", "-1").failed(2).err


def test_the_first_level_is_what_the_project_names_in_its_extras_and_groups_too(
    locked: Command, index: LocalIndex
) -> None:
    index.add("certs", "2.0")
    index.add("screws", "2.0")
    assert locked("tree", "--depth", "1", "--outdated", "--refresh").succeeded().out.splitlines() == [
        "demo",
        "├── num 1.0 (newest: 2.0) where python_version < '3.12'",
        "├── num 2.0 where python_version >= '3.12'",
        "├── web 1.0",
        "├── extra cpu (not with extra cuda)",
        "│   └── torch 1.0 (newest: 2.0)",
        "├── extra cuda (not with extra cpu)",
        "│   └── torch 2.0",
        "└── group dev",
        "    └── certs 1.0 (newest: 2.0)",
    ]


@pytest.mark.parametrize("command", ["tree", "export"])
def test_a_format_has_the_same_names_everywhere(command: str, locked: Command) -> None:
    graphs = [locked(command, "--format", name).succeeded().out for name in ("dot", "graphviz")]
    assert graphs[0] == graphs[1]
    assert graphs[0].startswith("digraph")


def test_an_inverted_tree_shows_who_requires_a_package_and_why(locked: Command) -> None:
    assert locked("tree", "--package", "certs", "--invert").succeeded().out.splitlines() == [
        "certs 1.0",
        "├── group dev of demo requires certs",
        "└── tls[fast] 1.0 requires certs",
        "    └── web 1.0 requires tls[fast]",
        "        └── demo requires web",
    ]
    tops = [line for line in locked("tree", "--invert").succeeded().out.splitlines() if line[0].isalpha()]
    assert tops == ["certs 1.0", "num 1.0", "num 2.0", "screws 1.0", "torch 1.0", "torch 2.0", "win 3.0"]


def edges(node: dict[str, Any]) -> set[tuple[str, str]]:
    found = set()
    for child in node["dependencies"]:
        found |= {(node["name"], child["name"]), *edges(child)}
    return found


def test_json_has_every_edge_of_the_text(locked: Command) -> None:
    (demo,) = json.loads(locked("tree", "--json").succeeded().out)
    assert demo["kind"] == "project"
    assert {("web", "tls"), ("tls", "certs"), ("parts", "screws"), ("cpu", "torch")} <= edges(demo)
    (tls,) = (each for web in demo["dependencies"] for each in web["dependencies"] if each["name"] == "tls")
    assert (tls["extras"], tls["requirement"], tls["repeated"]) == (["fast"], "tls[fast]", False)


def test_graphs_begin_where_they_are_asked_to(locked: Command) -> None:
    assert '  "web 1.0" -> "tls 1.0" [label="[fast]"];' in locked("tree", "--format", "dot").succeeded().out
    part = locked("tree", "--format", "mermaid", "--package", "parts").succeeded().out
    assert part == 'flowchart LR\n  n0["parts 1.0"]\n  n1["screws 1.0"]\n  n0 --> n1\n'
    assert "--package" in locked("tree", "--format", "dot", "--invert").failed(2).err


def test_newer_versions_are_shown_on_demand(locked: Command, index: LocalIndex) -> None:
    index.add("web", "2.0")
    assert "├── web 1.0 (newest: 2.0)" in locked("tree", "--outdated", "--refresh").succeeded().out
    assert "screws 1.0\n" in locked("tree", "--outdated").succeeded().out


def test_a_workspace_has_a_tree_for_each_project(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0")
    tool = {"sources": {"part": {"workspace": True}}, "workspace": {"members": ["libs/*"]}}
    project.pyproject("part", tool=tool)
    project.pyproject("web", member="libs/part", name="part")
    run_locktool("lock").succeeded()
    assert run_locktool("tree").succeeded().out.splitlines()[:4] == ["demo", "└── part (*)", "part", "└── web 1.0"]
    assert run_locktool("tree", "--package", "demo").succeeded().out.splitlines() == [
        "demo",
        "└── part",
        "    └── web 1.0",
    ]
    inverted = run_locktool("tree", "--package", "web", "--invert").succeeded().out.splitlines()
    assert inverted == ["web 1.0", "└── part requires web", "    └── demo requires part"]


def test_without_a_lock_it_says_how_to_make_one(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    assert "locktool lock" in run_locktool("tree").failed(1).err
