"""The composite actions of .github/actions: their steps, run by bash as GitHub does, with a stand-in for `gh`."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from git_repository import commit_all, git

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

ACTIONS = Path(__file__).parents[1] / ".github" / "actions"
NAMES = sorted(path.parent.name for path in ACTIONS.glob("*/action.yml"))

# Says on a file what it was asked; there is no pull request until one is created.
GH = """\
#!/bin/sh
echo "$@" >> "$GH_CALLS"
case "$2" in list) if grep -q "^pr create" "$GH_CALLS"; then echo 1; else echo 0; fi ;; esac
"""

pytestmark = pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="the steps are for bash")


def action(name: str) -> dict[str, Any]:
    text = (ACTIONS / name / "action.yml").read_text(encoding="utf-8")
    document: dict[str, Any] = importlib.import_module("yaml").safe_load(text)
    return document


class Runner:
    """A directory of a runner in which locktool is installed, and the variables that GitHub sets."""

    def __init__(self, command: Command, directory: Path) -> None:
        self.command = command
        self.directory = directory
        program = directory / "locktool" / "bin" / "locktool"
        write_program(program, f'#!/bin/sh\nexec "{sys.executable}" -m locktool "$@"\n')
        write_program(directory / "tools" / "gh", GH)
        self.variables = command.variables() | {
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(directory / "output"),
            "RUNNER_TEMP": str(directory),
            "GH_CALLS": str(directory / "calls"),
            "PATH": f"{directory / 'tools'}{os.pathsep}{os.environ['PATH']}",
        }

    def step(self, name: str, number: int, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one step of an action; expressions of GitHub in its variables have to be given."""
        step = action(name)["runs"]["steps"][number]
        assert set(variables) == set(step.get("env", {}))
        arguments = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        environment = self.variables | variables
        return subprocess.run(arguments, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def runner(run_locktool: Command, tmp_path: Path) -> Runner:
    return Runner(run_locktool, tmp_path / "runner")


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> ProjectWriter:
    """A locked project in a repository with a remote."""
    index.add("a", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    commit_all(project.directory)
    git(project.directory.parent, "clone", "-q", "--bare", str(project.directory), "remote")
    git(project.directory, "remote", "add", "origin", str(project.directory.parent / "remote"))
    return project


@pytest.mark.parametrize("name", NAMES)
def test_every_input_and_step_is_described(name: str) -> None:
    document = action(name)
    assert document["runs"]["using"] == "composite"
    assert all(each["description"] for each in (document, *document["inputs"].values()))
    assert all(step["name"] and step["shell"] == "bash" for step in document["runs"]["steps"])
    expressions = [step["run"] for step in document["runs"]["steps"] if "${{" in step["run"]]
    assert expressions == [], "an expression in a script would run whatever an input says"


def test_the_check_fails_with_an_annotation(runner: Runner, locked: ProjectWriter) -> None:
    assert runner.step("check", 1, locked.directory, LOCKTOOL_ARGUMENTS="--frozen .").returncode == 0
    locked.pyproject("a<1")
    finished = runner.step("check", 1, locked.directory, LOCKTOOL_ARGUMENTS="--frozen .")
    assert finished.returncode == 1
    assert "::error file=" in finished.stderr


def test_an_update_opens_one_pull_request(runner: Runner, locked: ProjectWriter, index: LocalIndex) -> None:
    output, calls = runner.directory / "output", runner.directory / "calls"
    assert runner.step("update", 1, locked.directory, PROJECT=".").returncode == 0
    assert output.read_text(encoding="utf-8") == "changed=false\n"
    index.add("a", "2.0")
    output.unlink()
    runner.variables["LOCKTOOL_CACHE_DIR"] = str(runner.directory / "empty")
    finished = runner.step("update", 1, locked.directory, PROJECT=".")
    assert finished.returncode == 0, finished.stderr
    assert output.read_text(encoding="utf-8") == "changed=true\n"
    body = (runner.directory / "update.md").read_text(encoding="utf-8")
    assert "a" in body
    assert "1.0" in body
    assert "2.0" in body
    given = {"PROJECT": ".", "BRANCH": "locktool/update", "GH_TOKEN": "token"}
    finished = runner.step("update", 2, locked.directory, **given)
    assert finished.returncode == 0, finished.stderr
    pushed = git(locked.directory, "show", "origin/locktool/update:pylock.toml")
    assert 'version = "2.0"' in pushed
    locked.write("pylock.toml", pushed + "\n# again\n")
    assert runner.step("update", 2, locked.directory, **given).returncode == 0
    asked = [line.split()[1] for line in calls.read_text(encoding="utf-8").splitlines()]
    assert asked == ["list", "create", "list", "edit"]
