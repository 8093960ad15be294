"""A build that fails never moves a package to an older version, and is never passed over in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import locked_versions

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def add_broken(index: LocalIndex, name: str, version: str, **description: Any) -> None:  # noqa: ANN401 - as `add` takes it
    index.add(name, version, sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True, **description)


def messages(text: str) -> str:
    return " ".join(text.split())


def test_the_newest_version_that_fails_is_the_error(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    add_broken(index, "a", "2.0")
    project.pyproject("a")
    failed = run_locktool("lock").failed(2)
    assert "building a 2.0 failed" in failed.err
    assert "RuntimeError: this source distribution does not build" in failed.err
    assert not (project.directory / "pylock.toml").exists()
    project.write("requirements.in", "a\n")
    assert "building a 2.0 failed" in run_locktool("compile", "requirements.in").failed(2).err


def test_a_package_is_not_put_back_to_do_without_one_that_fails(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    index.add("a", "2.0", requires=["b"])
    add_broken(index, "b", "1.0")
    project.pyproject("a")
    assert "building b 1.0 failed" in run_locktool("lock").failed(2).err


def test_the_old_lock_stays(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    before = project.read()
    add_broken(index, "a", "2.0")
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == before, "what is locked is not built"
    run_locktool("lock", "--refresh", "--upgrade").failed(2)
    assert project.read() == before


def test_a_wheel_of_the_same_version_needs_no_build(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "2.0", sdist=True, dynamic=["requires-dist"], build_fails=True)
    project.pyproject("a")
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0"}


def test_an_older_one_that_fails_on_the_way_is_told_where_a_newer_one_is_taken(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    # a 2.0 and b 2.0 exclude each other; what is tried first is put right by moving b.
    index.add("a", "2.0", requires=["c<2"])
    add_broken(index, "a", "1.0")
    index.add("c", "1.0")
    index.add("c", "2.0")
    index.add("b", "1.0")
    index.add("b", "2.0", requires=["c>=2"])
    project.pyproject("a", "b")
    done = run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0", "c": "1.0"}
    told = [line for line in messages(done.err).split("warning: ") if "failed" in line]
    assert all("building a 1.0 failed" in line and "a 2.0 is taken" in line for line in told)


def test_one_that_fails_and_is_excluded_afterwards_is_the_error(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    add_broken(index, "a", "2.0")
    index.add("z", "1.0", requires=["a<2"])
    project.pyproject("a", "z")
    finished = run_locktool("lock")
    # Where the limit was known first, nothing was built; else the lock may not hold the older version.
    if finished.code:
        assert "building a 2.0 failed" in finished.failed(2).err
    else:
        assert locked_versions(project)["a"] == "1.0"
        assert "failed" not in finished.err


def test_failures_are_not_remembered(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    add_broken(index, "a", "2.0")
    project.pyproject("a")
    run_locktool("lock").failed(2)
    index.remove("a", "2.0")
    index.add("a", "2.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"])
    run_locktool("lock", "--refresh").succeeded()
    assert locked_versions(project) == {"a": "2.0"}


@pytest.mark.parametrize("arguments", [["lock", "--json"], ["compile", "--json", "pyproject.toml"]])
def test_programs_get_the_package_and_the_version(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, arguments: list[str]
) -> None:
    add_broken(index, "a", "2.0")
    project.pyproject("a")
    error = json.loads(run_locktool(*arguments).failed(2).out)["error"]
    assert error["code"] == "build-failed"
    assert (error["package"], error["version"]) == ("a", "2.0")
    assert "does not build" in error["message"]


def test_a_directory_that_does_not_build_is_the_error(project: ProjectWriter, run_locktool: Command) -> None:
    project.write("tree/setup.py", "raise RuntimeError('this tree does not build')\n")
    project.write("tree/pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n')
    project.write("tree/own.py", "raise RuntimeError('this tree does not build')\n")
    project.pyproject("tree", tool={"sources": {"tree": {"path": "tree"}}})
    assert "this tree does not build" in run_locktool("lock").failed(2).err
