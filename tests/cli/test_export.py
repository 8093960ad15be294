"""`locktool export` and `locktool cache` after a lock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with an extra and a group, locked."""
    index.add("web", "1.0.0", requires=["parts>=1", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<2"])
    index.add("runner", "0.5.0")
    project.pyproject("web", extras={"s3": ["store"]}, groups={"dev": ["runner"]})
    run_locktool("lock").succeeded()
    return run_locktool


def test_the_chosen_part_is_exported(locked: Command) -> None:
    plain = locked("export", "--no-hashes").succeeded().out
    assert [line for line in plain.splitlines() if "==" in line and not line.startswith("#")] == [
        "parts==1.0.0",
        "web==1.0.0",
        "win==3.0.0 ; sys_platform == 'win32'",
    ]
    more = locked("export", "--extra", "s3", "--group", "dev", "--no-hashes").succeeded().out
    assert "store==2.0.0\n" in more
    assert "runner==0.5.0\n" in more
    assert locked("export", "--all-extras", "--all-groups", "--no-hashes").succeeded().out == more
    assert "s3" in locked("export", "--extra", "s4").failed(2).err


def test_hashes_are_those_of_the_lock(locked: Command, project: ProjectWriter) -> None:
    text = locked("export").succeeded().out
    digests = [line.split(":")[1].split()[0] for line in text.splitlines() if "--hash" in line]
    assert digests
    assert all(digest in project.read() for digest in digests)


def test_graph_and_bill_of_materials_are_exported(locked: Command, project: ProjectWriter) -> None:
    assert locked("export", "--format", "mermaid").succeeded().out.startswith("flowchart")
    assert locked("export", "--format", "graphviz").succeeded().out.startswith("digraph")
    locked("export", "--format", "cyclonedx", "-o", "bom.json", "--all-extras").succeeded()
    document = json.loads(project.read("bom.json"))
    assert "pkg:pypi/store@2.0.0" in [component["purl"] for component in document["components"]]
    assert "pkg:pypi/runner@0.5.0" not in [component["purl"] for component in document["components"]]


def test_a_missing_lock_is_told(locked: Command, project: ProjectWriter) -> None:
    (project.directory / "pylock.toml").unlink()
    assert "locktool lock" in locked("export").failed(1).err


def test_the_cache_is_shown_and_emptied(locked: Command) -> None:
    content = json.loads(locked("cache", "info", "--json").succeeded().out)
    assert content["records"] == 5
    assert content["size"] > 0
    assert "1 file" in locked("cache", "clean", "Web").succeeded().err
    assert json.loads(locked("cache", "info", "--json").succeeded().out)["records"] == 4
    locked("cache", "prune", "--maximum-size", "0").succeeded()
    empty = json.loads(locked("cache", "info", "--json").succeeded().out)
    assert (empty["records"], empty["leftovers"], empty["size"]) == (0, 0, 0)
    assert "500XB" in locked("cache", "prune", "--maximum-size", "500XB").failed(2).err


def test_cleaning_touches_nothing_else(locked: Command) -> None:
    mine = locked.home / "cache" / "mine.txt"
    mine.write_text("mine")
    locked("cache", "clean").succeeded()
    assert mine.read_text() == "mine"
