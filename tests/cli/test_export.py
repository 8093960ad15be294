"""`locktool export` and `locktool cache` after a lock."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
import tomlkit

from stand_in_interpreters import POSIX_ONLY, stand_in

if TYPE_CHECKING:
    from pathlib import Path

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


@POSIX_ONLY
def test_an_interpreter_is_one_environment(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    for name in ("old", "recent"):
        index.add(name, "1.0")
    project.pyproject("old ; python_version < '3.97'", "recent ; implementation_name == 'pypy'")
    run_locktool("lock").succeeded()
    for version, implementation, expected in (("3.96.1", "cpython", "old"), ("3.97.1", "pypy", "recent")):
        python = stand_in(tmp_path / version, version, implementation)
        text = run_locktool("export", "--python", str(python), "--no-hashes").succeeded().out
        assert [line for line in text.splitlines() if "==" in line] == [f"{expected}==1.0"]
    refused = run_locktool("export", "--python", str(python), "--python-version", "3.12").failed(2)
    assert "--python is an environment of its own" in refused.err


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
    urls = [component["purl"].partition("?")[0] for component in document["components"]]
    assert "pkg:pypi/store@2.0.0" in urls
    assert "pkg:pypi/runner@0.5.0" not in urls


@pytest.fixture
def workspace(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with a build system and a member of its workspace, locked."""
    index.add("web", "1.0.0")
    build = {"requires": [], "build-backend": "backend", "backend-path": ["."]}
    sources = {"part": {"workspace": True}}
    for member, requires, tool in ((".", ["web", "part"], {"sources": sources}), ("libs/part", [], {})):
        name = "demo" if member == "." else "part"
        path = project.pyproject(*requires, member=member, name=name, version="0.7", license="MIT", tool=tool)
        path.write_text(f"{path.read_text()}\n[build-system]\n{tomlkit.dumps(build)}")
    path = project.directory / "pyproject.toml"
    path.write_text(path.read_text() + '\n[tool.locktool.workspace]\nmembers = ["libs/*"]\n')
    run_locktool("lock").succeeded()
    return run_locktool


def pins(text: str) -> list[str]:
    lines = (line.removeprefix("-e ") for line in text.splitlines() if not line.startswith(("#", " ")))
    return [line.split(" ")[0] for line in lines]


def test_the_first_lock_says_how_to_install_it(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0.0")
    project.pyproject("web")
    said = run_locktool("lock").err
    assert "note: install it with `uv pip install -r pylock.toml`,\n" in said
    assert "or with pip from 26.3 on `pip install --no-deps -r pylock.toml`" in said
    project.pyproject("web>=1")
    assert "install" not in run_locktool("lock").succeeded().err


def test_pip_is_told_of_what_has_no_hash(workspace: Command, project: ProjectWriter) -> None:
    (project.directory / "pylock.toml").unlink()
    assert "--no-require-hashes" in workspace("lock").succeeded().err
    finished = workspace("export").succeeded()
    assert pins(finished.out) == [".", "./libs/part", "web==1.0.0"]
    assert "demo, part are directories or repositories and have no hash" in finished.err
    assert "leave them out (--only-deps, --no-emit-local, --no-emit-package)" in finished.err
    assert "write no hashes (--no-hashes), or give pip from 26.3 on the option --no-require-hashes" in finished.err
    assert "note" not in workspace("export", "--no-hashes").succeeded().err


def test_the_note_on_hashes_names_only_what_leaves_something_out(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0.0")
    project.write("lib/pyproject.toml", '[project]\nname = "lib"\nversion = "1"\n')
    project.pyproject("web", "lib", tool={"sources": {"lib": {"path": "lib"}}})
    run_locktool("lock").succeeded()
    finished = run_locktool("export", "--only-deps").succeeded()
    assert "leave it out (--no-emit-local, --no-emit-package)" in finished.err


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--only-deps", ["web==1.0.0"]),
        ("--no-emit-local", ["web==1.0.0"]),
        ("--no-emit-project", ["./libs/part", "web==1.0.0"]),
        ("--no-emit-package=web", [".", "./libs/part"]),
        ("--package=part", ["./libs/part"]),
    ],
)
def test_projects_can_be_left_out(workspace: Command, option: str, expected: list[str]) -> None:
    assert pins(workspace("export", option).succeeded().out) == expected


def test_a_part_of_the_lock_is_a_lock(workspace: Command, project: ProjectWriter) -> None:
    workspace("export", "--format", "pylock", "-o", "image/pylock.toml").failed(2)
    (project.directory / "image").mkdir()
    assert "Wrote" in workspace("export", "--format", "pylock", "-o", "image/pylock.toml").succeeded().err
    assert "up to date" in workspace("export", "--format", "pylock", "-o", "image/pylock.toml").succeeded().err
    table = tomllib.loads(project.read("image/pylock.toml"))
    assert [entry["name"] for entry in table["packages"]] == ["web"]
    assert "tool" not in table
    assert "it is an export for installers" in (refused := workspace("check", "image").failed().err)
    assert "check the pylock.toml that it was made from" in refused
    one = workspace("export", "--format=pylock", "--python-version=3.12", "--python-platform=linux").succeeded().out
    assert "python_version == '3.12'" in tomllib.loads(one)["environments"][0]
    assert "only" in workspace("export", "--only-group", "dev", "--extra", "s3").failed(2).err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "pyproject.toml"], "pyproject.toml is what the export is made from"),
        (["--format", "pylock", "-o", "pylock.toml"], "pylock.toml is what the export is made from"),
        (["--format", "pylock", "-o", "lock.toml"], "lock.toml is no name of a lock"),
        (["-o", "requirements.toml"], "requirements.toml would not be TOML"),
    ],
)
def test_an_output_that_would_do_harm_is_refused(
    workspace: Command, project: ProjectWriter, arguments: list[str], message: str
) -> None:
    before = project.read("pyproject.toml"), project.read()
    assert message in workspace("export", *arguments).failed(2).err
    assert (project.read("pyproject.toml"), project.read()) == before


def test_extras_that_conflict_are_refused_together(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("torch", "1.0")
    index.add("torch", "2.0")
    extras = {"cpu": ["torch<2"], "cuda": ["torch>=2"]}
    project.pyproject(extras=extras, tool={"conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]]})
    run_locktool("lock").succeeded()
    for output_format in ("requirements", "pylock", "cyclonedx"):
        refused = run_locktool("export", "--format", output_format, "--all-extras").failed(2)
        assert "extra cpu and extra cuda cannot be chosen together" in refused.err
    assert "torch 2.0" in run_locktool("export", "--format", "mermaid", "--all-extras").succeeded().out
    assert pins(run_locktool("export", "--extra", "cuda").succeeded().out) == ["torch==2.0"]


def test_a_bill_of_materials_is_about_the_project_and_the_versions_of_its_members(workspace: Command) -> None:
    epoch = {"SOURCE_DATE_EPOCH": "1704067200"}
    text = workspace("export", "--format", "cyclonedx", env=epoch).succeeded().out
    assert text == workspace("export", "--format", "cyclonedx", env=epoch).succeeded().out
    document = json.loads(text)
    assert document["metadata"]["timestamp"] == "2024-01-01T00:00:00Z"
    component = document["metadata"]["component"]
    assert (component["name"], component["version"]) == ("demo", "0.7")
    assert component["licenses"] == [{"expression": "MIT"}]
    assert [each["version"] for each in document["components"]] == ["0.7", "1.0.0"]
    alone = json.loads(workspace("export", "--format", "cyclonedx", "--package", "demo", env=epoch).succeeded().out)
    assert alone["components"] == document["components"]
    assert alone["dependencies"] == document["dependencies"]
    part = json.loads(workspace("export", "--format", "cyclonedx", "--package", "part").succeeded().out)
    assert (part["metadata"]["component"]["name"], part["components"]) == ("part", [])


def test_a_version_that_only_a_build_knows_is_told(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject(version=None, dynamic=["version"])
    run_locktool("lock").succeeded()
    assert "demo has no version" in run_locktool("export", "--format", "cyclonedx").succeeded().err


@pytest.mark.parametrize("text", ["[project\n", "[project]\nname = 3\n", "", None])
def test_a_bill_of_materials_beside_a_broken_project_has_what_the_lock_has(
    project: ProjectWriter, run_locktool: Command, index: LocalIndex, text: str | None
) -> None:
    index.add("web", "1.0")
    project.pyproject("web", name="shop")
    run_locktool("lock").succeeded()
    whole = json.loads(run_locktool("export", "--format", "cyclonedx").succeeded().out)
    path = project.write("pyproject.toml", text or "")
    if text is None:
        path.unlink()
    finished = run_locktool("export", "--format", "cyclonedx").succeeded()
    assert "shop has no version in a pyproject.toml that can be read" in finished.err
    document = json.loads(finished.out)
    assert document["metadata"]["component"]["name"] == "shop"
    assert document["components"] == whole["components"]


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


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("setup.py", "from setuptools import setup\nsetup()\n", ()),
        ("notes.txt", "Remember the milk\n", ()),
        ("package.json", '{"name": "web"}\n', ("--format", "cyclonedx")),
        ("graph.dot", "strict text\n", ("--format", "graphviz")),
    ],
)
def test_an_export_replaces_only_its_like(
    workspace: Command, project: ProjectWriter, name: str, text: str, options: tuple[str, ...]
) -> None:
    project.write(name, text)
    assert "left as it is" in workspace("export", *options, "-o", name).failed(2).err
    assert project.read(name) == text
    (project.directory / name).unlink()
    workspace("export", *options, "-o", name).succeeded()
    workspace("export", *options, "-o", name).succeeded()


def test_what_an_explicit_index_has_is_told(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("private", "1.0")
    tables = {
        "index": [{"name": "own", "url": index.url, "explicit": True}],
        "sources": {"private": {"index": "own"}},
    }
    project.pyproject("private", tool=tables)
    run_locktool("lock").succeeded()
    assert f"private may come from {index.url} alone" in run_locktool("export", "--only-deps").succeeded().err
