"""What builds require comes by our own resolver, under the rules of the project, on a Python of the project.

Each backend of these tests says in the metadata that it makes which one it is, so the lock shows what was built with.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from build_backends import hooks, made_with, write_member
from locktool.exceptions import LocktoolError
from locktool.interpreter.find import find_interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex
    from locktool.interpreter.facts import Interpreter


@pytest.fixture
def backends(index: LocalIndex) -> None:
    """`tool` 1, 2 and 3, each a backend that requires `made-with` of its own version; 3 is from 2025."""
    for number, year in ((1, 2023), (2, 2024), (3, 2025)):
        modules = {"tool_backend.py": hooks(f"made-with=={number}")}
        index.add("tool", str(number), modules=modules, upload_time=f"{year}-06-01T00:00:00Z")
        index.add("made-with", str(number), upload_time="2022-01-01T00:00:00Z")


def test_the_newest_that_the_requirement_admits_builds(
    run_locktool: Command, project: ProjectWriter, backends: None
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    assert made_with(project) == "3"
    write_member(project, '"tool<3"')
    run_locktool("lock").succeeded()
    assert made_with(project) == "2"


@pytest.mark.parametrize("place", ["project", "command line", "package"])
def test_the_cutoff_of_the_project_holds(
    run_locktool: Command, project: ProjectWriter, backends: None, place: str
) -> None:
    tables = {
        "project": '[tool.locktool]\nexclude-newer = "2024-12-31"\n',
        "package": '[tool.locktool.exclude-newer-package]\ntool = "2024-12-31"\n',
        "command line": "",
    }
    write_member(project, table=tables[place])
    run_locktool("lock", *(["--exclude-newer", "2024-12-31"] if place == "command line" else [])).succeeded()
    assert made_with(project) == "2"


def test_constraints_of_builds_hold(run_locktool: Command, project: ProjectWriter, backends: None) -> None:
    write_member(project)
    limits = project.write("limits.txt", "tool<2\n")
    done = run_locktool("compile", "pyproject.toml", "--build-constraint", limits, "-o", "-").succeeded()
    assert "made-with==1" in done.out


def test_further_requirements_are_installed_beside_the_static_ones(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.add("made-with", "7")
    index.add("helper", "7", modules={"helper_module.py": "VERSION = 7\n"})
    backend = hooks("made-with=={__import__('helper_module').VERSION}", further='["helper"]')
    index.add("tool", "1", modules={"tool_backend.py": backend})
    write_member(project)
    run_locktool("lock").succeeded()
    assert made_with(project) == "7"


def test_a_build_requirement_that_is_published_as_source_is_built_first(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.add("made-with", "1")
    index.add("helper", "1", sdist=True, wheel_tags=[])
    index.add("tool", "1", modules={"tool_backend.py": hooks("made-with", imports="helper")}, requires=["helper"])
    write_member(project)
    run_locktool("lock").succeeded()
    assert made_with(project) == "1"


def test_a_second_run_builds_nothing(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex, backends: None
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    index.forget_requests()
    run_locktool("lock").succeeded()
    assert not [request for request in index.requests if request.path.endswith(".whl")]


def test_offline_builds_use_what_an_earlier_run_fetched(
    run_locktool: Command, project: ProjectWriter, backends: None
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    project.directory.joinpath("pylock.toml").unlink()
    run_locktool("lock", "--offline").succeeded()
    assert made_with(project) == "3"


def test_offline_without_what_a_build_requires_says_so(
    run_locktool: Command, project: ProjectWriter, backends: None
) -> None:
    write_member(project)
    assert "--offline" in run_locktool("lock", "--offline").failed(2).err


def test_requirements_that_cannot_be_had_are_named_with_the_reason(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex, backends: None
) -> None:
    write_member(project, '"tool>=4"')
    failed = run_locktool("lock").failed(2)
    assert "what its build requires (tool>=4) cannot be had:\n  there is no tool newer than 3\n" in failed.err
    assert not project.directory.joinpath("pylock.toml").exists()


def test_a_damaged_environment_is_made_again(run_locktool: Command, project: ProjectWriter, backends: None) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    first = project.read()
    [module] = (run_locktool.home / "cache" / "environments").rglob("tool_backend.py")
    module.write_text("raise SystemExit('damaged')\n")
    project.directory.joinpath("pylock.toml").unlink()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == first


def test_no_pip_is_started(run_locktool: Command, project: ProjectWriter, backends: None, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("pip", "pip3", "uv"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/started\n")
        (programs / name).chmod(0o755)
    write_member(project)
    # A pip that were started would ask this index, which does not answer.
    run_locktool("lock", env={"PATH": f"{programs}:/usr/bin:/bin", "PIP_INDEX_URL": "http://127.0.0.1:1/"}).succeeded()
    assert not (tmp_path / "started").exists()
    assert made_with(project) == "3"


def other_python(specifiers: str) -> str:
    """A Python of this machine that is not the running one. Skips where there is none."""
    found: Interpreter | None = None
    with suppress(LocktoolError):
        found = find_interpreter(specifiers)
    if found is not None:
        return found.python_version
    pytest.skip(f"no Python {specifiers} on this machine")


@pytest.fixture
def of_this_python(index: LocalIndex) -> None:
    """A backend whose metadata requires `made-with` of the minor version of the Python that it runs on."""
    index.add("tool", "1", modules={"tool_backend.py": hooks("made-with=={sys.version_info[1]}")})
    for minor in range(7, 20):
        index.add("made-with", str(minor))


def test_builds_run_on_a_python_of_the_project(
    run_locktool: Command, project: ProjectWriter, of_this_python: None
) -> None:
    found = other_python(f">={sys.version_info[0]}.{sys.version_info[1] + 1}")
    write_member(project, python=f"=={found}.*")
    done = run_locktool("lock").succeeded()
    assert made_with(project) == found.partition(".")[2]
    assert "builds run on" not in done.err


@pytest.mark.parametrize("option", ["--python", "--python-version"])
def test_compile_builds_on_the_python_that_is_named(
    run_locktool: Command, project: ProjectWriter, of_this_python: None, option: str
) -> None:
    found = other_python(f">={sys.version_info[0]}.{sys.version_info[1] + 1}")
    write_member(project)
    done = run_locktool("compile", "pyproject.toml", option, found).succeeded()
    assert f"made-with=={found.partition('.')[2]} " in done.out.replace("\\", " ")
    here = run_locktool("compile", "pyproject.toml").succeeded()
    assert f"made-with=={sys.version_info[1]} " in here.out.replace("\\", " ")


def test_without_any_python_of_the_project_the_running_one_builds_and_is_named(
    run_locktool: Command, project: ProjectWriter, of_this_python: None
) -> None:
    write_member(project, python=">=3.19")
    done = run_locktool("lock", "--no-cache").succeeded()
    assert made_with(project) == str(sys.version_info[1])
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"no Python >=3.19 on this machine: builds run on CPython {version}" in " ".join(done.err.split())


def test_static_metadata_needs_no_python_of_the_project(run_locktool: Command, project: ProjectWriter) -> None:
    project.pyproject(requires_python=">=3.19")
    assert "builds run on" not in run_locktool("lock").succeeded().err
