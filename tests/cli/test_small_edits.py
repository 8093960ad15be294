"""One package more or less in a large project moves its own blocks of the lock and nothing else."""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

LOCKED = 400
NEW = ("added", "below", "below-that", "beside")


@pytest.fixture
def large(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project of 400 packages, whose index has newer versions of some and a few packages more."""
    dice = Random("large")  # noqa: S311 - repeatable, no secrets
    names = [f"p{number:03}" for number in range(LOCKED)]
    for number, name in enumerate(names):
        below = dice.sample(names[number + 1 :], min(2, LOCKED - number - 1))
        marker = dice.choice(["", "", " ; sys_platform == 'win32'", " ; python_version < '3.13'"])
        next_one = names[number + 1 : number + 2]
        index.add(name, "1.0", requires=[*next_one, *(f"{other}>=1{marker}" for other in below)])
    project.write(
        "pyproject.toml",
        '# the project\n[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\n'
        "dependencies = [\n  # all of it\n  \"p000\", # first\n  'p200>=1',\n]\n\n[tool.other] # stays\n",
    )
    run_locktool("lock").succeeded()
    for name in dice.sample(names, 50):
        index.add(name, "1.1")
    index.add("added", "2.0", requires=["below", "beside ; sys_platform == 'linux'", "p100"])
    index.add("below", "0.1", requires=["below-that>=1", "p399"])
    index.add("below-that", "1.5")
    index.add("beside", "3.0")
    return run_locktool


def blocks(lock: str) -> dict[str, str]:
    """The text of each package's block, and of the head, by name."""
    head, *rest = lock.split("[[packages]]\n")
    return {"": head} | {re.findall(r'^name = "(.*)"$', block, re.MULTILINE)[0]: block for block in rest}


def test_a_new_package_changes_its_blocks_and_goes_without_a_trace(
    large: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    pyproject, before = project.read("pyproject.toml"), project.read()
    then = blocks(before)
    assert len(then) == LOCKED + 1
    large("add", "added", "--refresh").succeeded()
    now = blocks(project.read())
    assert set(now) - set(then) == set(NEW)
    assert {name for name in then if now[name] != then[name]} == {""}
    changed = set(now[""].splitlines()) ^ set(then[""].splitlines())
    assert changed == {'  "added>=2.0",'}
    large("check", "--strict").succeeded()
    large("remove", "added", "--refresh").succeeded()
    assert project.read("pyproject.toml") == pyproject
    assert project.read() == before


@pytest.mark.parametrize("where", [["--group", "dev"], ["--extra", "web"]])
def test_a_new_list_goes_without_a_trace(large: Command, project: ProjectWriter, where: list[str]) -> None:
    pyproject, before = project.read("pyproject.toml"), project.read()
    large("add", *where, "added").succeeded()
    large("check", "--strict").succeeded()
    large("remove", *where, "added").succeeded()
    assert (project.read("pyproject.toml"), project.read()) == (pyproject, before)
