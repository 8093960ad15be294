"""Every scenario of ../shared/scenarios comes out as it says: found or not, with the versions it names, and sound.

Where LOCKTOOL_SHARED names another folder, that one is read; where there is none, the tests are skipped and say so.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock

from lock_oracle import ProjectRequirements, environments_for, linux_environment, violations
from scenarios.scenario_file import Scenario, read_requirements, read_scenario

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

REPOSITORY = Path(__file__).parents[2]
SHARED = Path(os.environ.get("LOCKTOOL_SHARED", REPOSITORY.parent / "shared"))
FILES = sorted((SHARED / "scenarios").glob("*/*.toml"))

# Where the specification and a scenario disagree, the specification wins; the reason stands here.
DISAGREEMENTS = {
    "python-less-than-current": "core metadata: a release whose Requires-Python leaves the interpreter out is not "
    "installed, and compile answers for one interpreter; only a universal lock reads upper bounds as guesses",
}


def cases() -> list[object]:
    if not FILES:
        reason = f"no scenarios at {SHARED / 'scenarios'}; set LOCKTOOL_SHARED to the folder that holds them"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="absent")]
    return [
        pytest.param(
            path,
            id=f"{path.parent.name}/{path.stem}",
            marks=[pytest.mark.xfail(reason=DISAGREEMENTS[path.stem])] if path.stem in DISAGREEMENTS else [],
        )
        for path in FILES
    ]


@pytest.mark.parametrize("path", cases())
def test_scenario(path: Path, index: LocalIndex, run_locktool: Command, project: ProjectWriter) -> None:
    scenario = read_scenario(path)
    scenario.publish(index)
    if scenario.locks_a_project:
        lock_project(scenario, index, run_locktool, project)
    else:
        compile_requirements(scenario, index, run_locktool, project)


def lock_project(scenario: Scenario, index: LocalIndex, run_locktool: Command, project: ProjectWriter) -> None:
    project.pyproject(*scenario.requires, requires_python=scenario.requires_python, tool=scenario.tool_table())
    finished = run_locktool("lock")
    if not scenario.satisfiable:
        finished.failed()
        assert not (project.directory / "pylock.toml").exists()
        return
    finished.succeeded()
    lock = tomllib.loads(project.read())
    Pylock.from_dict(lock).validate()
    asked = ProjectRequirements(dependencies=tuple(scenario.requires), name="demo")
    assert violations(index.releases(), asked, lock) == []
    if scenario.expected:
        assert {entry["name"]: entry["version"] for entry in lock["packages"]} == scenario.expected
    run_locktool("check", "--frozen").succeeded()
    before = project.read()
    # Asking the index again keeps a lock that proves itself from being its own answer.
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == before


def compile_requirements(scenario: Scenario, index: LocalIndex, run_locktool: Command, project: ProjectWriter) -> None:
    project.write("requirements.in", "".join(f"{line}\n" for line in scenario.requires))
    finished = run_locktool("compile", "requirements.in", "-o", "requirements.txt", *scenario.compile_arguments())
    if not scenario.satisfiable:
        finished.failed()
        assert not (project.directory / "requirements.txt").exists()
        return
    finished.succeeded()
    entries = read_requirements(project.read("requirements.txt"))
    if scenario.expected:
        assert {entry["name"]: entry["version"] for entry in entries} == scenario.expected
    asked = ProjectRequirements(dependencies=tuple(scenario.requires))
    markers = [entry["marker"] for entry in entries if "marker" in entry]
    environments = (
        environments_for([*scenario.requires, *markers], f">={scenario.python}")
        if scenario.universal
        else [linux_environment(scenario.python)]
    )
    assert violations(index.releases(), asked, {"packages": entries}, environments=environments) == []
