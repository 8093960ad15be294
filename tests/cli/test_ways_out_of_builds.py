"""What a project can say where a build fails or asks for too much: its words are inputs, which the lock records."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from build_backends import hooks, made_with, write_member
from input_changes import locked_versions

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def broken(index: LocalIndex) -> None:
    """`a` 2.0, which does not build, and `b`."""
    index.add("a", "1.0")
    index.add("a", "2.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True, extras={"x": ["c"]})
    for name in ("b", "c"):
        index.add(name, "1.0")


def stated(**metadata: Any) -> dict[str, Any]:  # noqa: ANN401 - values of TOML
    return {"dependency-metadata": [{"name": "a", **{key.replace("_", "-"): value for key, value in metadata.items()}}]}


@pytest.mark.parametrize("version", ["2.0", "2", None])
def test_stated_metadata_takes_the_place_of_a_build(
    project: ProjectWriter, run_locktool: Command, broken: None, version: str | None
) -> None:
    said = {} if version is None else {"version": version}
    project.pyproject("a", tool=stated(requires_dist=["b>=1"], **said))
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0"}
    run_locktool("check", "--frozen").succeeded()
    before = project.read()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == before


def test_stated_metadata_of_another_version_says_nothing(
    project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    project.pyproject("a", tool=stated(version="1.5", requires_dist=["b"]))
    assert "building a 2.0 failed" in run_locktool("lock").failed(2).err


def test_stated_metadata_counts_for_packages_with_wheels_too(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", requires=["nowhere"])
    index.add("b", "1.0")
    project.pyproject("a", tool=stated(requires_dist=["b"]))
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "1.0", "b": "1.0"}


def test_stated_extras_are_those_of_the_package(project: ProjectWriter, run_locktool: Command, broken: None) -> None:
    project.pyproject("a[x]", tool=stated(requires_dist=["c ; extra == 'x'"], provides_extra=["x"]))
    done = run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "c": "1.0"}
    assert "no extra" not in done.err


def test_what_is_stated_of_a_directory_spares_its_build(
    project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    project.write("tree/setup.py", "raise RuntimeError\n")
    tool = stated(version="7.0", requires_dist=["b"]) | {"sources": {"a": {"path": "tree"}}}
    project.pyproject("a", tool=tool)
    run_locktool("lock").succeeded()
    assert set(locked_versions(project)) == {"a", "b"}


def test_what_one_project_states_of_an_archive_is_nothing_to_another(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    address = f"{index.root}/files/a/a-2.0.tar.gz"
    project.pyproject(f"a @ {address}", tool=stated(requires_dist=["b"]))
    run_locktool("lock").succeeded()
    assert set(locked_versions(project)) == {"a", "b"}
    project.pyproject(f"a @ {address}")
    (project.directory / "pylock.toml").unlink()
    assert "does not build" in run_locktool("lock").failed(2).err


def test_a_change_of_what_is_stated_is_a_reason_and_is_followed(
    project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    project.pyproject("a", tool=stated(requires_dist=["b"]))
    run_locktool("lock").succeeded()
    project.pyproject("a", tool=stated(requires_dist=["b", "c"]))
    assert "dependency-metadata" in run_locktool("check", "--frozen").failed(1).err
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0", "c": "1.0"}
    run_locktool("check", "--frozen").succeeded()


def test_a_lock_that_records_something_else_than_what_is_stated_is_refuted(
    project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    project.pyproject("a", "b", tool=stated(requires_dist=["b"]))
    run_locktool("lock").succeeded()
    text = project.read()
    entry = next(package for package in tomllib.loads(text)["packages"] if package["name"] == "a")
    assert entry["tool"]["locktool"]["requires"] == ["b"]
    edited = text.replace('requires = ["b"]', 'requires = ["b>=1"]')
    assert edited != text
    project.write("pylock.toml", edited)
    assert "requirements-changed" in run_locktool("check", "--frozen", "--json").failed(1).out


def test_the_error_has_a_block_that_works(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add(
        "a",
        "2.0",
        requires=["b"],
        sdist=True,
        wheel_tags=[],
        dynamic=["requires-python"],
        build_fails=True,
    )
    index.add("b", "1.0")
    project.pyproject("a")
    error = json.loads(run_locktool("lock", "--json").failed(2).out)["error"]
    block = error["suggestion"].partition(":\n")[2]
    assert tomllib.loads(block)["tool"]["locktool"]["dependency-metadata"] == [
        {"name": "a", "version": "2.0", "requires-dist": ["b"]}
    ]
    project.write("pyproject.toml", project.read("pyproject.toml") + "\n" + block + "\n")
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0"}


def test_the_block_is_filled_from_the_nearest_release_that_states_what_it_requires(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for version, requires in (("1.0", "c"), ("1.8", "b>=1"), ("1.9", "d"), ("3.0", "e")):
        index.add("a", version, requires=[requires], yanked=version == "1.9")
    index.add("a", "2.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True)
    index.add("b", "1.0")
    project.pyproject("a<3,>=2")
    error = json.loads(run_locktool("lock", "--json").failed(2).out)["error"]
    assert "as a 3.0 states it" in error["suggestion"]
    index.remove("a", "3.0")
    error = json.loads(run_locktool("lock", "--json", "--refresh").failed(2).out)["error"]
    assert "as a 1.8 states it" in error["suggestion"]
    block = error["suggestion"].partition(":\n")[2]
    assert tomllib.loads(block)["tool"]["locktool"]["dependency-metadata"] == [
        {"name": "a", "version": "2.0", "requires-dist": ["b>=1"]}
    ]


@pytest.mark.parametrize("table", ["locktool", "uv"])
def test_build_constraints_and_extra_requirements_hold(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, table: str
) -> None:
    for number in (1, 2):
        index.add("tool", str(number), modules={"tool_backend.py": hooks(f"made-with=={number}", imports="helper")})
        index.add("made-with", str(number))
    index.add("helper", "1")
    name = {"locktool": "build-constraints", "uv": "build-constraint-dependencies"}[table]
    said = f'[tool.{table}]\n{name} = ["tool<2"]\n[tool.{table}.extra-build-dependencies]\ndemo = ["helper"]\n'
    write_member(project)
    assert "helper" in run_locktool("lock").failed(2).err
    write_member(project, table=said)
    run_locktool("lock").succeeded()
    assert made_with(project) == "1"


@pytest.mark.parametrize("table", ["locktool", "uv"])
def test_an_extra_requirement_in_the_locked_version_is_for_packages_that_need_no_build(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, table: str
) -> None:
    index.add("a", "1.0", requires=["b"], sdist=True)
    index.add("b", "1.0")
    project.pyproject("a")
    matched = '[{ requirement = "b", match-runtime = true }, "helper>=1"]'
    said = f"\n[tool.{table}.extra-build-dependencies]\na = {matched}\n"
    project.write("pyproject.toml", project.read("pyproject.toml") + said)
    run_locktool("lock").succeeded()
    recorded = tomllib.loads(project.read())["tool"]["locktool"]["extra-build-dependencies"]
    assert recorded == {"a": ["helper>=1", {"requirement": "b", "match-runtime": True}]}
    run_locktool("check", "--frozen").succeeded()
    before = project.read()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == before
    project.write("pyproject.toml", project.read("pyproject.toml").replace("true", "false"))
    assert "extra-build-dependencies" in run_locktool("check", "--frozen").failed(1).err


def test_a_build_cannot_have_the_locked_version_of_another_package(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, broken: None
) -> None:
    extra = {"extra-build-dependencies": {"a": [{"requirement": "b", "match-runtime": True}]}}
    project.pyproject("a", "b", tool=extra)
    failed = run_locktool("lock").failed(2).err
    assert "building a 2.0 failed" in failed
    assert "extra-build-dependencies has `match-runtime` for b" in failed
    project.pyproject("a", "b", tool=extra | stated(requires_dist=["c"]))
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0", "c": "1.0"}


def test_a_package_without_isolation_is_built_with_what_is_installed(
    project: ProjectWriter, run_locktool: Command
) -> None:
    # installer is installed beside the running locktool; no index has it.
    backend = hooks("demo-extra ; python_version < '3'", imports="installer")
    project.write("own.py", backend)
    project.write(
        "pyproject.toml",
        '[build-system]\nrequires = ["nowhere"]\nbuild-backend = "own"\nbackend-path = ["."]\n'
        '[project]\nname = "demo"\nversion = "1.0"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n'
        '[tool.locktool]\nno-build-isolation-package = ["demo"]\n',
    )
    run_locktool("lock").succeeded()


def test_only_packages_that_allow_build_names_run_code(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("b", "1.0")
    index.add("a", "2.0", requires=["b"], sdist=True, wheel_tags=[], dynamic=["requires-dist"])
    project.pyproject("a", tool={"allow-build": ["other"]})
    failed = run_locktool("lock").failed(2)
    assert "building a 2.0 failed" in failed.err
    assert "allow-build does not name a" in failed.err
    project.pyproject("a", tool={"allow-build": ["a", "other"]})
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "2.0", "b": "1.0"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('dependency-metadata = [{ version = "1" }]', "dependency-metadata"),
        ('dependency-metadata = [{ name = "a", requires-dist = ["b ="] }]', "requires-dist"),
        ('dependency-metadata = [{ name = "a" }, { name = "A" }]', "twice"),
        ('dependency-metadata = [{ name = "a", requires = ["b"] }]', "requires"),
        ('extra-build-dependencies = { a = [{ requirement = "b", match-runtime = "yes" }] }', "match-runtime"),
        ('build-constraints = [{ requirement = "a" }]', "build-constraints"),
        ('build-constraints = [{ package = "a" }]', "build-constraints"),
    ],
)
def test_what_is_none_is_refused_at_its_line(
    project: ProjectWriter, run_locktool: Command, written: str, said: str
) -> None:
    project.pyproject()
    project.write("pyproject.toml", project.read("pyproject.toml") + f"\n[tool.locktool]\n{written}\n")
    failed = run_locktool("lock").failed(2)
    assert "pyproject.toml:" in failed.err
    assert said in failed.err
