"""`locktool init`: a project that can be locked at once, and never over a file."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from source_trees import add_build_systems

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def test_the_project_is_minimal_and_locks(project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("init").succeeded()
    python = f">={sys.version_info.major}.{sys.version_info.minor}"
    assert tomllib.loads(project.read("pyproject.toml")) == {
        "project": {"name": "project", "version": "0.1.0", "requires-python": python, "dependencies": []}
    }
    run_locktool("lock").succeeded()
    run_locktool("check", "--strict").succeeded()


@pytest.mark.parametrize(
    ("directory", "name"), [("My Service_2", "my-service-2"), ("-.a.-", "a"), ("größe", "gr-e"), ("deep/er", "er")]
)
def test_the_name_is_made_of_the_directory(
    project: ProjectWriter, run_locktool: Command, directory: str, name: str
) -> None:
    made = json.loads(run_locktool("init", "--json", "--", directory).succeeded().out)
    assert made["written"]
    assert tomllib.loads(project.read(f"{directory}/pyproject.toml"))["project"]["name"] == name


def test_without_a_project_an_edit_says_how_to_make_one(run_locktool: Command) -> None:
    assert "hint: `locktool init`" in run_locktool("add", "web").failed(2).err


SETUP = "REQUIRES = ['helper']\n"


def test_beside_a_setup_file_the_requirements_stay_there(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    add_build_systems(index)
    index.add("helper", "1.0")
    project.write("setup.py", SETUP)
    assert "`locktool init` writes a pyproject.toml that leaves the requirements to setup.py" in (
        run_locktool("lock").failed(2).err
    )
    assert "setup.py says what the project requires" in run_locktool("init").succeeded().err
    assert tomllib.loads(project.read("pyproject.toml")) == {"build-system": {"requires": ["setuptools"]}}
    run_locktool("lock").succeeded()
    run_locktool("check", "--strict").succeeded()
    assert 'name = "helper"' in project.read()
    error = run_locktool("add", "part").failed(2).err
    assert "hint: setup.py says what the project requires: edit it there, and run `locktool lock`" in error


@pytest.mark.parametrize(
    ("name", "text", "leaves"),
    [
        ("setup.py", "", True),
        ("setup.cfg", "[metadata]\nname = old\n", True),
        ("setup.cfg", "[options]\ninstall_requires =\n  a\n", True),
        ("setup.cfg", "not an ini file", True),
        ("setup.cfg", "[flake8]\nmax-line-length = 100\n", False),
    ],
)
def test_a_file_that_only_configures_tools_is_no_setup_file(
    project: ProjectWriter, run_locktool: Command, name: str, text: str, *, leaves: bool
) -> None:
    project.write(name, text)
    made = json.loads(run_locktool("init", "--json").succeeded().out)
    assert ("project" not in tomllib.loads(made["text"])) == leaves == bool(made["notes"])


@pytest.mark.parametrize("words", [["--name", "x"], ["--requires-python", ">=3.12"]], ids=" ".join)
def test_what_a_setup_file_says_is_not_said_again(
    project: ProjectWriter, run_locktool: Command, words: list[str]
) -> None:
    project.write("setup.py", SETUP)
    assert "leave out --name and --requires-python" in run_locktool("init", *words).failed(2).err
    assert not (project.directory / "pyproject.toml").exists()


@pytest.mark.parametrize("command", ["lock", "check", "tree"])
def test_only_what_a_project_may_begin_with_suggests_init(run_locktool: Command, command: str) -> None:
    assert ("`locktool init` makes one" in run_locktool(command).failed(2).err) == (command == "lock")


@pytest.mark.parametrize("command", ["lock", "check", "tree", "import", "export"])
@pytest.mark.parametrize(
    ("files", "hint"),
    [
        (
            ["requirements.txt"],
            "`locktool init` makes one\nhint: `locktool compile --universal requirements.txt -o pylock.toml` needs",
        ),
        (["requirements.in", "requirements.txt"], "`locktool compile --universal requirements.in -o pylock.toml`"),
        (
            ["Pipfile", "requirements.txt"],
            "`locktool init` makes one, and `locktool add` takes what Pipfile requires",
        ),
        (["setup.py", "requirements.txt"], "`locktool init` writes a pyproject.toml that leaves"),
    ],
)
def test_what_other_tools_have_here_is_no_dead_end(
    project: ProjectWriter, run_locktool: Command, files: list[str], hint: str, command: str
) -> None:
    for name in files:
        project.write(name, "")
    assert hint in run_locktool(command).failed(2).err


def test_what_is_suggested_for_a_requirements_file_locks_it(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    project.write("requirements.txt", "a\n")
    hint = run_locktool("lock").failed(2).err
    found = re.search("`locktool (compile [^`]+)`", hint)
    assert found
    run_locktool(*found[1].split()).succeeded()
    assert 'name = "a"' in project.read()


@pytest.mark.parametrize("content", ["", "[project]\n", "not toml"])
def test_a_file_is_never_touched(project: ProjectWriter, run_locktool: Command, content: str) -> None:
    project.write("pyproject.toml", content)
    assert "exists already" in run_locktool("init").failed(2).err
    assert project.read("pyproject.toml") == content


def test_a_dry_run_shows_the_file(project: ProjectWriter, run_locktool: Command) -> None:
    finished = run_locktool("init", "--dry-run", "--name", "Shown", "--requires-python", ">=3.12,<4").succeeded()
    assert tomllib.loads(finished.out)["project"] | {"version": ""} == {
        "name": "Shown",
        "version": "",
        "requires-python": ">=3.12,<4",
        "dependencies": [],
    }
    assert list(project.directory.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--name", "not a name"], "not a name"),
        (["--requires-python", "three"], "three"),
        (["日本"], "--name"),
    ],
)
def test_what_no_project_can_have_is_refused(
    project: ProjectWriter, run_locktool: Command, words: list[str], message: str
) -> None:
    assert message in run_locktool("init", *words).failed(2).err
    assert list(project.directory.rglob("pyproject.toml")) == []
