"""What only a build knows: a change of anything that the build reads fails `check` by its name, and `lock` follows it.

Members and required directories are read alike. A build is repeated only where one of its inputs has changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from input_changes import assert_locks_again, assert_named, locked_versions, reasons_of
from source_trees import OWN_BACKEND, add_build_systems

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@dataclass(frozen=True)
class Tree:
    """The files of a tree that requires `c`, and where `"c"` or a line `c` becomes `c` and `d`."""

    files: dict[str, str]
    changed: str
    named: str
    old: str = "c"
    new: str = "c\nd"
    backend: str = ""


def dynamic(requires: str, backend: str, rest: str = "") -> str:
    return (
        f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n'
        f'[project]\nname = "part"\nversion = "1.0"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n{rest}'
    )


SETUPTOOLS = dynamic('"setuptools"', "setuptools.build_meta")
HATCHLING = dynamic('"hatchling"', "hatchling.build", '[tool.hatch.metadata.hooks.custom]\npath = "hatch_build.py"\n')
OWN = dynamic("", "own_backend").replace("[project]", 'backend-path = ["."]\n[project]', 1)

TREES = {
    "install_requires of setup.cfg": Tree(
        {"setup.py": "", "setup.cfg": "[options]\ninstall_requires =\n  c\n"},
        "setup.cfg",
        "setup.cfg",
        "  c",
        "  c\n  d",
    ),
    "install_requires of setup.cfg beside [project]": Tree(
        {"pyproject.toml": SETUPTOOLS, "setup.cfg": "[options]\ninstall_requires =\n  c\n"},
        "setup.cfg",
        "setup.cfg",
        "  c",
        "  c\n  d",
    ),
    "a file that setup.cfg names": Tree(
        {"setup.py": "", "setup.cfg": "[options]\ninstall_requires = file: listed.txt\n", "listed.txt": "c\n"},
        "listed.txt",
        "listed.txt",
    ),
    "setup.py": Tree({"setup.py": 'REQUIRES = ["c"]\n'}, "setup.py", "setup.py", '"c"', '"c", "d"'),
    "a file that setuptools' dynamic table names": Tree(
        {
            "pyproject.toml": f'{SETUPTOOLS}[tool.setuptools.dynamic]\ndependencies = {{ file = ["listed.txt"] }}\n',
            "listed.txt": "c\n",
        },
        "listed.txt",
        "listed.txt",
    ),
    "the list of setuptools' dynamic table": Tree(
        {
            "pyproject.toml": f'{SETUPTOOLS}[tool.setuptools.dynamic]\ndependencies = {{ file = ["c.txt"] }}\n',
            "c.txt": "c\n",
            "d.txt": "d\n",
        },
        "pyproject.toml",
        "tool.setuptools",
        '"c.txt"',
        '"c.txt", "d.txt"',
    ),
    "hatch_build.py": Tree(
        {"pyproject.toml": HATCHLING, "hatch_build.py": 'REQUIRES = ["c"]\n'},
        "hatch_build.py",
        "hatch_build.py",
        '"c"',
        '"c", "d"',
    ),
    "pdm_build.py": Tree(
        {"pyproject.toml": dynamic('"pdm-backend"', "pdm.backend"), "pdm_build.py": 'REQUIRES = ["c"]\n'},
        "pdm_build.py",
        "pdm_build.py",
        '"c"',
        '"c", "d"',
    ),
    "a glob of build-inputs": Tree(
        {
            "pyproject.toml": f'{OWN}[tool.locktool]\nbuild-inputs = ["requirements/*.in"]\n',
            "own_backend.py": OWN_BACKEND,
            "requirements/base.in": "c\n",
        },
        "requirements/base.in",
        "requirements/base.in",
    ),
    "a file of uv's cache-keys": Tree(
        {
            "pyproject.toml": f'{OWN}[tool.uv]\ncache-keys = [{{ file = "requirements/*.in" }}]\n',
            "own_backend.py": OWN_BACKEND,
            "requirements/base.in": "c\n",
        },
        "requirements/base.in",
        "requirements/base.in",
    ),
    "build-system.requires": Tree(
        {"pyproject.toml": HATCHLING, "hatch_build.py": 'REQUIRES = ["c"]\n'},
        "pyproject.toml",
        "build-system",
        '"hatchling"]',
        '"hatchling>=1"]',
    ),
    "the backend": Tree(
        {
            "pyproject.toml": HATCHLING,
            "hatch_build.py": 'REQUIRES = ["c"]\n',
            "pdm_build.py": 'REQUIRES = ["c", "d"]\n',
        },
        "pyproject.toml",
        "build-system",
        '"hatchling"]\nbuild-backend = "hatchling.build"',
        '"pdm-backend"]\nbuild-backend = "pdm.backend"',
    ),
}
PLACES = ["member", "directory"]
# Both are read by the same rules, so that not every kind is built in both places.
CASES = [(kind, "member") for kind in TREES] + [
    (kind, "directory")
    for kind in TREES
    if kind in {"setup.py", "a file that setuptools' dynamic table names", "hatch_build.py"}
]


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    """An index with the stand-ins of the build systems and the packages that trees require."""
    add_build_systems(index)
    index.add("c", "1.0")
    index.add("d", "1.0")
    return index


def write_project(project: ProjectWriter, place: str, files: dict[str, str]) -> None:
    """A project with `part` as a member or as a directory that it requires."""
    part = {"path": "part"} if place == "directory" else {"workspace": True}
    tool = {"sources": {"part": part}} | ({"workspace": {"members": ["part"]}} if place == "member" else {})
    project.pyproject("part", tool=tool)
    if place == "member" and "pyproject.toml" not in files:
        # Members are found by their pyproject.toml; without [build-system] it is setuptools in its legacy mode.
        files = files | {"pyproject.toml": ""}
    for path, text in files.items():
        project.write(f"part/{path}", text)


@pytest.mark.parametrize(("kind", "place"), CASES)
def test_a_change_of_what_a_build_reads_is_named_and_followed(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str, place: str
) -> None:
    tree = TREES[kind]
    write_project(project, place, tree.files)
    run_locktool("lock").succeeded()
    assert "d" not in locked_versions(project)
    run_locktool("check", "--frozen").succeeded()
    text = tree.files[tree.changed]
    assert tree.old in text
    project.write(f"part/{tree.changed}", text.replace(tree.old, tree.new, 1))
    assert_named(run_locktool, tree.named)
    assert "part" in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)
    assert ("d" in locked_versions(project)) == (kind != "build-system.requires")


@pytest.mark.parametrize(
    ("kind", "place"), [("a glob of build-inputs", "member"), ("a file of uv's cache-keys", "directory")]
)
def test_a_file_that_is_added_to_a_glob_is_named(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str, place: str
) -> None:
    write_project(project, place, TREES[kind].files)
    run_locktool("lock").succeeded()
    project.write("part/requirements/more.in", "d\n")
    assert_named(run_locktool, "requirements/more.in")
    assert_locks_again(run_locktool, project)
    (project.directory / "part" / "requirements" / "more.in").unlink()
    assert_named(run_locktool, "requirements/more.in")


@pytest.mark.parametrize("place", PLACES)
def test_a_lock_builds_again_only_what_has_changed(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    write_project(project, place, TREES["hatch_build.py"].files)
    run_locktool("lock").succeeded()
    lock = project.read()
    world.forget_requests()
    for options in ([], ["--offline"], ["--offline", "--upgrade"]):
        run_locktool("lock", *options).succeeded()
        assert project.read() == lock
    assert [request.path for request in world.requests if "hatchling" in request.path] == []
    project.pyproject("part", "d", tool=_tool_of(project))
    run_locktool("lock").succeeded()
    assert "d" in locked_versions(project)
    assert [request.path for request in world.requests if "hatchling" in request.path] == []


def _tool_of(project: ProjectWriter) -> dict[str, object]:
    import tomllib

    tool: dict[str, object] = tomllib.loads(project.read("pyproject.toml"))["tool"]["locktool"]
    return tool


HARMLESS: dict[str, tuple[str, Callable[[str], str]]] = {
    "newlines": ("hatch_build.py", lambda text: text.replace("\n", "\r\n")),
    "comment of pyproject.toml": ("pyproject.toml", lambda text: f"# A comment.\n{text}"),
    "description": ("pyproject.toml", lambda text: text.replace("version", 'description = "x"\nversion')),
    "version": ("pyproject.toml", lambda text: text.replace('version = "1.0"', 'version = "1.1"')),
    "another tool": ("pyproject.toml", lambda text: f"{text}[tool.ruff]\nline-length = 80\n"),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_no_build_reads_is_no_change(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    files = TREES["hatch_build.py"].files
    write_project(project, place, files)
    run_locktool("lock").succeeded()
    for name, (path, change) in HARMLESS.items():
        target = project.directory / "part" / path
        target.write_bytes(change(files[path]).encode())
        finished = run_locktool("check", "--frozen")
        assert finished.code == 0, (name, finished.err)
        project.write(f"part/{path}", files[path])


@pytest.mark.parametrize("place", PLACES)
def test_a_backend_whose_inputs_nobody_knows_is_unverified(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    files = {"pyproject.toml": OWN, "own_backend.py": OWN_BACKEND, "requirements/base.in": "c\n"}
    write_project(project, place, files)
    run_locktool("lock").succeeded()
    outcome = json.loads(run_locktool("check", "--frozen", "--json").succeeded().out)
    assert outcome["unverified"] == ["part"]
    assert "part" in run_locktool("check", "--frozen").succeeded().err
    write_project(project, place, files | {"pyproject.toml": OWN.replace("requires = []", 'requires = ["c"]')})
    assert any("build-system" in (reason["key"] or "") for reason in reasons_of(run_locktool))


def test_build_inputs_that_are_declared_make_an_own_backend_known(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write_project(project, "member", TREES["a glob of build-inputs"].files)
    run_locktool("lock").succeeded()
    assert json.loads(run_locktool("check", "--frozen", "--json").succeeded().out)["unverified"] == []


@pytest.mark.parametrize("place", PLACES)
def test_a_path_that_a_build_gives_is_locked_from_the_project(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    """A build may only give a `file:` address, which no other machine has."""
    setup = 'import pathlib\nREQUIRES = ["near @ " + (pathlib.Path.cwd().parent / "near").as_uri()]\n'
    write_project(project, place, {"setup.py": setup})
    project.write("near/pyproject.toml", '[project]\nname = "near"\nversion = "1.0"\ndependencies = ["c"]\n')
    run_locktool("lock").succeeded()
    assert {"part", "near", "c"} <= set(locked_versions(project))
    assert project.directory.as_posix() not in project.read()
    run_locktool("check", "--frozen").succeeded()
    before = project.read()
    moved = project.directory.rename(project.directory.with_name("moved"))
    run_locktool("check", "--frozen", cwd=moved).succeeded()
    run_locktool("lock", cwd=moved).succeeded()
    assert (moved / "pylock.toml").read_text() == before
