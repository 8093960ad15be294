"""`locktool init`: a project that can be locked at once, and never over a file."""

from __future__ import annotations

import json
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter


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
