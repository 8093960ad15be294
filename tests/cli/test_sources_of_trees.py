"""Directories and repositories are read as projects: their own sources say where their requirements come from."""

from __future__ import annotations

import json
import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from git_repository import commit_all, git
from input_changes import reasons_of
from lock_oracle import read_project, refutations

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

BUILD = "[build-system]\nrequires = []\nbuild-backend = 'b'\nbackend-path = ['.']\n"


def tree(name: str, *requires: str, sources: str = "", workspace: str = "") -> str:
    text = f"[project]\nname = '{name}'\nversion = '1.0'\ndependencies = {list(requires)}\n"
    text += f"[tool.uv.sources]\n{sources}\n" if sources else ""
    return text + (f"[tool.uv.workspace]\nmembers = {workspace}\n" if workspace else "")


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def repository(folder: Path, files: dict[str, str]) -> str:
    """A repository with these files; the id of its commit."""
    return commit_all(write(folder, files))


def entries(project: ProjectWriter) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in tomllib.loads(project.read())["packages"]}


def proved(project: ProjectWriter, run_locktool: Command) -> None:
    """The lock holds, by the tool and by the second implementation of its proof."""
    run_locktool("check", "--frozen").succeeded()
    assert refutations(read_project(project.directory), tomllib.loads(project.read())) == []


@pytest.fixture(autouse=True)
def strangers(index: LocalIndex) -> None:
    """What anybody may publish under the names that trees take from elsewhere."""
    for name in ("y", "z"):
        index.add(name, "9.0")
    index.add("six", "1.0")


@pytest.mark.parametrize("requirement", ["y", "y>=1", "y<9 ; python_version >= '3'"])
@pytest.mark.parametrize("beside", ["libs", "../libs"])
def test_a_directory_of_a_directory_is_locked_and_no_strangers_package(
    requirement: str, beside: str, project: ProjectWriter, run_locktool: Command
) -> None:
    files = {"x/pyproject.toml": tree("x", requirement, sources="y = { path = '../y' }")}
    write(project.directory / beside, files | {"y/pyproject.toml": tree("y", "six")})
    project.pyproject("x", tool={"sources": {"x": {"path": f"{beside}/x"}}})
    run_locktool("lock").succeeded()
    found = entries(project)
    assert found["y"]["directory"] == {"path": f"{beside}/y"}
    assert "six" in found
    proved(project, run_locktool)


def test_a_name_is_from_one_place_whoever_requires_it(
    project: ProjectWriter, run_locktool: Command, index: LocalIndex
) -> None:
    index.add("w", "1.0", requires=["y>=1"])
    write(project.directory, {"x/pyproject.toml": tree("x", "y", sources="y = { path = '../y' }")})
    write(project.directory, {"y/pyproject.toml": tree("y")})
    project.pyproject("w", "x", tool={"sources": {"x": {"path": "x"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["directory"] == {"path": "y"}
    proved(project, run_locktool)


def test_a_lock_that_takes_the_strangers_package_is_refused(project: ProjectWriter, run_locktool: Command) -> None:
    write(project.directory, {"x/pyproject.toml": tree("x", "y"), "y/pyproject.toml": tree("y")})
    project.pyproject("x", tool={"sources": {"x": {"path": "x"}}})
    run_locktool("lock").succeeded()
    write(project.directory, {"x/pyproject.toml": tree("x", "y", sources="y = { path = '../y' }")})
    assert "requirement-added" in [reason["code"] for reason in reasons_of(run_locktool)]
    assert refutations(read_project(project.directory), tomllib.loads(project.read()))
    run_locktool("lock").succeeded()
    proved(project, run_locktool)


def test_sources_of_a_tree_that_is_built_are_inputs(project: ProjectWriter, run_locktool: Command) -> None:
    backend = (
        "import pathlib\n"
        "def build_wheel(*_): raise NotImplementedError\n"
        "def prepare_metadata_for_build_wheel(folder, _=None):\n"
        "    (pathlib.Path(folder) / 'x-1.0.dist-info').mkdir()\n"
        "    text = 'Metadata-Version: 2.1\\nName: x\\nVersion: 1.0\\nRequires-Dist: y\\n'\n"
        "    (pathlib.Path(folder) / 'x-1.0.dist-info' / 'METADATA').write_text(text)\n"
        "    return 'x-1.0.dist-info'\n"
    )
    dynamic = f"{BUILD}[project]\nname = 'x'\nversion = '1.0'\ndynamic = ['dependencies']\n"
    inputs = "[tool.locktool]\nbuild-inputs = ['b.py']\n"
    source = "[tool.locktool.sources]\ny = { path = '../y' }\n"
    files = {"x/pyproject.toml": dynamic + inputs + source, "x/b.py": backend, "y/pyproject.toml": tree("y")}
    write(project.directory, files)
    project.pyproject("x", tool={"sources": {"x": {"path": "x"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["directory"] == {"path": "y"}
    run_locktool("check", "--frozen").succeeded()
    write(project.directory, {"x/pyproject.toml": dynamic + inputs})
    assert [reason["key"] for reason in reasons_of(run_locktool)] == ["x.build.tool.sources"]
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["version"] == "9.0"


def test_an_index_that_a_directory_names_is_the_projects_to_give(
    project: ProjectWriter, run_locktool: Command, index: LocalIndex
) -> None:
    own = f"y = {{ index = 'inner' }}\n[[tool.uv.index]]\nname = 'inner'\nurl = '{index.url}'\nexplicit = true\n"
    write(project.directory, {"x/pyproject.toml": tree("x", "y", sources=own)})
    sources: dict[str, Any] = {"x": {"path": "x"}}
    project.pyproject("x", tool={"sources": sources})
    said = " ".join(run_locktool("lock").failed().err.split())
    assert f"x takes y from the index {index.url.rstrip('/')}" in said
    assert "[tool.locktool.sources]" in said
    named = {"name": "mine", "url": index.url, "explicit": True}
    project.pyproject("x", tool={"sources": sources | {"y": {"index": "mine"}}, "index": [named]})
    run_locktool("lock").succeeded()
    proved(project, run_locktool)


def test_a_repository_that_a_directory_requires_is_fetched_and_moves_when_it_may(
    project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    first = repository(tmp_path / "r", {"pyproject.toml": tree("y", "six")})
    address = f"git+{(tmp_path / 'r').as_uri()}@main"
    write(project.directory, {"x/pyproject.toml": tree("x", f"y @ {address}")})
    project.pyproject("x", tool={"sources": {"x": {"path": "x"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["vcs"]["commit-id"] == first
    proved(project, run_locktool)
    second = repository(tmp_path / "r", {"pyproject.toml": tree("y"), "more": ""})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["vcs"]["commit-id"] == first
    finished = run_locktool("lock", "-U", "--dry-run", "--json").succeeded()
    (moved,) = json.loads(finished.out)["moved"]
    assert moved["name"] == "y"
    assert f"~ y {first[:7]} -> {second[:7]}" in run_locktool("lock", "-U").succeeded().err


def test_a_repository_has_sources_of_its_own(project: ProjectWriter, run_locktool: Command, tmp_path: Path) -> None:
    commit = repository(tmp_path / "z", {"pyproject.toml": tree("z", "six")})
    git(tmp_path / "z", "tag", "z@1")
    source = f"z = {{ git = '{(tmp_path / 'z').as_uri()}', tag = 'z@1' }}"
    repository(tmp_path / "x", {"pyproject.toml": tree("x", "z", sources=source)})
    git(tmp_path / "x", "tag", "v1")
    project.pyproject("x", tool={"sources": {"x": {"git": (tmp_path / "x").as_uri(), "tag": "v1"}}})
    run_locktool("lock").succeeded()
    vcs = entries(project)["z"]["vcs"]
    assert (vcs["commit-id"], vcs["requested-revision"]) == (commit, "refs/tags/z@1")
    proved(project, run_locktool)


@pytest.mark.parametrize("subdirectory", [None, "members/x"])
def test_a_repository_is_a_workspace_whose_members_are_of_one_commit(
    subdirectory: str | None, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    root = tree("root", "x", sources="x = { workspace = true }\ny = { workspace = true }", workspace="['members/*']")
    files = {
        "pyproject.toml": root,
        "members/x/pyproject.toml": tree("x", "y"),
        "members/y/pyproject.toml": tree("y", "z", sources="z = { path = '../../c++' }"),
        "c++/pyproject.toml": tree("z"),
    }
    commit = repository(tmp_path / "r", files)
    name = "x" if subdirectory else "root"
    source = {"git": (tmp_path / "r").as_uri(), "branch": "main"}
    source |= {"subdirectory": subdirectory} if subdirectory else {}
    project.pyproject(name, tool={"sources": {name: source}})
    run_locktool("lock").succeeded()
    found = {name: entry["vcs"] for name, entry in entries(project).items()}
    assert {vcs["commit-id"] for vcs in found.values()} == {commit}
    assert found["y"]["subdirectory"] == "members/y"
    assert found["z"]["subdirectory"] == "c++"
    proved(project, run_locktool)


def test_a_member_of_another_workspace_has_its_siblings(project: ProjectWriter, run_locktool: Command) -> None:
    files = {
        "pyproject.toml": tree("root", sources="y = { workspace = true }", workspace="['x', 'y']"),
        "x/pyproject.toml": tree("x", "y"),
        "y/pyproject.toml": tree("y", "six"),
    }
    write(project.directory / "other", files)
    project.pyproject("x", tool={"sources": {"x": {"path": "other/x"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["directory"] == {"path": "other/y"}
    proved(project, run_locktool)


@pytest.mark.parametrize("path", ["..", "../../secret", "/etc"])
def test_a_source_of_a_repository_leads_nowhere_else(
    path: str, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    repository(tmp_path / "x", {"pyproject.toml": tree("x", "y", sources=f"y = {{ path = '{path}' }}")})
    project.pyproject("x", tool={"sources": {"x": {"git": (tmp_path / "x").as_uri()}}})
    said = " ".join(run_locktool("lock").failed().err.split())
    assert "leads out of the repository" in said
    assert not (project.directory / "pylock.toml").exists()


@pytest.mark.parametrize(("folder", "written"), [("p one", "p%20one"), ("c++", "c++"), ("p%20one", "p%2520one")])
@pytest.mark.parametrize("way", ["requirement", "source"])
def test_a_subdirectory_is_a_path_however_it_is_written(
    folder: str, written: str, way: str, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    repository(tmp_path / "r", {f"{folder}/pyproject.toml": tree("y", "six")})
    address = (tmp_path / "r").as_uri()
    if way == "source":
        project.pyproject("y", tool={"sources": {"y": {"git": address, "subdirectory": folder}}})
    else:
        project.pyproject(f"y @ git+{address}#subdirectory={written}")
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["vcs"]["subdirectory"] == folder
    proved(project, run_locktool)
    before = project.read()
    run_locktool("lock").succeeded()
    assert project.read() == before


def test_submodules_are_checked_out(project: ProjectWriter, run_locktool: Command, tmp_path: Path) -> None:
    repository(tmp_path / "inner", {"pyproject.toml": tree("y", "six")})
    repository(tmp_path / "outer", {"pyproject.toml": tree("x", "y", sources="y = { path = 'deps/y' }")})
    git(tmp_path / "outer", "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../inner", "deps/y")
    commit_all(tmp_path / "outer")
    project.pyproject("x", tool={"sources": {"x": {"git": (tmp_path / "outer").as_uri()}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["vcs"]["subdirectory"] == "deps/y"
    proved(project, run_locktool)
    # What is kept of the commit has them too.
    shutil.rmtree(tmp_path / "outer")
    shutil.rmtree(tmp_path / "inner")
    project.pyproject("six", "x", tool={"sources": {"x": {"git": (tmp_path / "outer").as_uri()}}})
    run_locktool("lock").succeeded()


@pytest.mark.parametrize("arguments", [[], ["--offline"]])
def test_a_commit_that_the_lock_holds_is_not_fetched_again(
    arguments: list[str], project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    commit = repository(tmp_path / "r", {"pyproject.toml": tree("y", "six")})
    sources = {"y": {"git": (tmp_path / "r").as_uri(), "branch": "main"}}
    project.pyproject("y", "six", tool={"sources": sources})
    run_locktool("lock").succeeded()
    shutil.rmtree(tmp_path / "r")
    project.pyproject("y", "six>=1", tool={"sources": sources})
    run_locktool("lock", *arguments).succeeded()
    assert entries(project)["y"]["vcs"]["commit-id"] == commit


def test_a_cleaned_cache_has_no_commits(project: ProjectWriter, run_locktool: Command, tmp_path: Path) -> None:
    repository(tmp_path / "r", {"pyproject.toml": tree("y", "six")})
    sources = {"y": {"git": (tmp_path / "r").as_uri(), "branch": "main"}}
    project.pyproject("y", tool={"sources": sources})
    run_locktool("lock").succeeded()
    shutil.rmtree(tmp_path / "r")
    run_locktool("cache", "clean").succeeded()
    project.pyproject("y", "six", tool={"sources": sources})
    assert "does not appear to be a git repository" in " ".join(run_locktool("lock").failed().err.split())


def test_a_repository_that_a_published_package_names_is_added_to_the_project(
    project: ProjectWriter, run_locktool: Command, index: LocalIndex, tmp_path: Path
) -> None:
    repository(tmp_path / "r", {"pyproject.toml": tree("y")})
    address = f"git+{(tmp_path / 'r').as_uri()}"
    index.add("w", "1.0", requires=[f"y @ {address}"])
    project.pyproject("w")
    said = " ".join(run_locktool("lock").failed().err.split())
    assert f"add `y @ {address}` to the project's own dependencies" in said
    project.pyproject("w", f"y @ {address}")
    run_locktool("lock").succeeded()
    assert "vcs" in entries(project)["y"]
    proved(project, run_locktool)


def test_an_address_of_this_machine_is_recorded_as_a_path(project: ProjectWriter, run_locktool: Command) -> None:
    there = write(project.directory / "y", {"pyproject.toml": tree("y")}).as_uri()
    write(project.directory, {"x/pyproject.toml": tree("x", f"y @ {there}")})
    project.pyproject("x", tool={"sources": {"x": {"path": "x"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["directory"] == {"path": "y"}
    assert str(project.directory) not in project.read()
    run_locktool("check", "--frozen").succeeded()
