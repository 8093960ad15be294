"""The lock records what builds require, each set of requirements once, and builds install exactly that.

Each backend of these tests says in the metadata that it makes which one it is, so the lock shows what was built with.
"""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from build_backends import hooks, made_with, write_member, write_tool
from git_repository import commit_all
from input_changes import locked_versions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

Table = dict[str, Any]
EARLY = "2022-01-01T00:00:00Z"


def add_backend(index: LocalIndex, number: int, **description: Any) -> None:  # noqa: ANN401 - any keyword of `add`
    """A version of `tool`, a backend whose metadata requires `made-with` of its own version."""
    modules = {"tool_backend.py": hooks(f"made-with=={number}")}
    index.add("tool", str(number), modules=modules, upload_time=f"{2022 + number}-06-01T00:00:00Z", **description)
    index.add("made-with", str(number), upload_time=EARLY)


@pytest.fixture
def backends(index: LocalIndex) -> LocalIndex:
    """`tool` 1 and 2, and `demo` 1.0, a source distribution that one of them builds."""
    add_backend(index, 1)
    add_backend(index, 2)
    add_source(index, "tool")
    return index


def add_source(index: LocalIndex, *requires: str) -> None:
    index.add(
        "demo",
        "1.0",
        sdist=True,
        wheel_tags=[],
        dynamic=["requires-dist"],
        build_requires=requires,
        build_backend="tool_backend",
    )


def change_source(index: LocalIndex, *requires: str) -> None:
    """`demo` 1.0 with a build that requires something else."""
    index.change("demo", "1.0", build_requires=requires)


def write_dependent(project: ProjectWriter, *dependencies: str, **keys: Any) -> None:  # noqa: ANN401 - keys of [project]
    """A project that requires `demo`, whose metadata a build makes."""
    project.pyproject("demo", *dependencies, **{"name": "app", **keys})


def builds(project: ProjectWriter) -> list[Table]:
    """The recorded sets."""
    found: list[Table] = tomllib.loads(project.read())["tool"]["locktool"].get("build-requirements", [])
    return found


def pins(project: ProjectWriter) -> dict[str, str]:
    """What the recorded sets pin."""
    return {package["name"]: package["version"] for one in builds(project) for package in one["packages"]}


@pytest.mark.parametrize("kind", ["member", "package"])
def test_what_a_build_requires_is_recorded_with_its_files(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, kind: str
) -> None:
    (write_member if kind == "member" else write_dependent)(project)
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    assert (one["requires"], one["for"]) == (["tool"], ["demo"])
    (tool,) = one["packages"]
    assert (tool["name"], tool["version"], tool["index"]) == ("tool", "2", backends.url)
    (wheel,) = tool["wheels"]
    assert wheel["url"].endswith("/tool-2-py3-none-any.whl")
    assert len(wheel["hashes"]["sha256"]) == 64
    run_locktool("check", "--frozen").succeeded()


def test_the_first_build_of_a_package_is_said_once(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    said = "demo 1.0: to know what it requires, the code of its build ran here; `allow-build` limits whose code may"
    write_dependent(project)
    assert said in " ".join(run_locktool("lock").succeeded().err.split())
    backends.add("other", "1.0")
    write_dependent(project, "other")
    # It is built again, and the lock says that it was before.
    shutil.rmtree(run_locktool.home / "cache")
    assert "ran here" not in run_locktool("lock").succeeded().err


@pytest.mark.parametrize("name", ["Name: a b", "Summary: nothing"])
def test_a_build_that_gives_no_name_is_refused_by_name_of_the_package(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex, name: str
) -> None:
    index.add("tool", "1", modules={"tool_backend.py": hooks("tool").replace("Name: demo", name)})
    add_source(index, "tool")
    write_dependent(project)
    failed = run_locktool("lock").failed(2)
    assert "building demo 1.0 failed" in failed.err


def test_members_are_built_without_a_word(run_locktool: Command, project: ProjectWriter, backends: LocalIndex) -> None:
    write_member(project)
    assert "ran here" not in run_locktool("lock").succeeded().err


def test_nothing_is_recorded_where_nothing_is_built(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    backends.add("static", "1.0", sdist=True, wheel_tags=[], build_requires=["tool"], build_backend="tool_backend")
    project.pyproject("made-with", "static", name="app")
    run_locktool("lock").succeeded()
    assert "build-req" not in project.read()


def test_stated_metadata_builds_nothing_and_records_nothing(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_dependent(project, tool={"dependency-metadata": [{"name": "demo", "requires-dist": []}]})
    run_locktool("lock").succeeded()
    assert "build-req" not in project.read()
    run_locktool("check", "--frozen").succeeded()


def test_a_version_that_was_tried_and_left_is_not_recorded(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    add_backend(index, 1)
    index.add("demo", "0.9")
    add_source(index, "tool")
    index.add("capped", "1.0", requires=["made-with>1"])
    index.add("made-with", "2")
    write_dependent(project, "capped")
    run_locktool("lock").succeeded()
    assert locked_versions(project)["demo"] == "0.9"
    assert builds(project) == []


@pytest.mark.parametrize("write", [write_member, write_dependent])
def test_a_newer_backend_changes_neither_lock_nor_build(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, write: Callable[[ProjectWriter], None]
) -> None:
    write(project)
    run_locktool("lock").succeeded()
    add_backend(backends, 3)
    shutil.rmtree(run_locktool.home / "cache")
    before = project.read()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == before
    # Another input makes the member build again, and packages are resolved again.
    backends.add("other", "1.0")
    path = project.directory / "pyproject.toml"
    path.write_text(path.read_text() + '\n[dependency-groups]\ndev = ["other"]\n')
    run_locktool("lock").succeeded()
    assert pins(project) == {"tool": "2"}
    assert made_with(project) == "2"


@pytest.mark.parametrize("options", [["--upgrade"], ["--upgrade-package", "tool", "--refresh"]])
def test_an_upgrade_moves_what_is_recorded(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, options: list[str]
) -> None:
    write_dependent(project)
    run_locktool("lock").succeeded()
    add_backend(backends, 3)
    done = run_locktool("lock", *options, "--refresh").succeeded()
    assert pins(project) == {"tool": "3"}
    assert "nothing requires it" not in done.err
    assert "tool 2 -> 3" in done.err
    run_locktool("check", "--frozen").succeeded()


def test_an_upgrade_of_another_package_leaves_builds_alone(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_dependent(project)
    run_locktool("lock").succeeded()
    add_backend(backends, 3)
    run_locktool("lock", "--upgrade-package", "made-with", "--refresh").succeeded()
    assert pins(project) == {"tool": "2"}


@pytest.mark.parametrize("write", [write_member, write_dependent])
def test_the_lock_is_the_same_whatever_the_cache_holds(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, write: Callable[[ProjectWriter], None]
) -> None:
    write(project)
    run_locktool("lock").succeeded()
    first = project.read()
    assert "build-requirements" in first
    lock = project.directory / "pylock.toml"
    for options in ([], ["--no-cache"], ["--offline"]):
        lock.unlink()
        run_locktool("lock", *options).succeeded()
        assert project.read() == first


def test_a_set_is_recorded_once_for_all_that_are_built_with_it(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_member(project, table='[tool.locktool.workspace]\nmembers = ["part"]\n')
    project.write(
        "part/pyproject.toml",
        '[build-system]\nrequires = ["Tool"]\nbuild-backend = "tool_backend"\n'
        '[project]\nname = "part"\nversion = "1.0"\ndynamic = ["dependencies"]\n',
    )
    run_locktool("lock").succeeded()
    assert [(one["requires"], one["for"]) for one in builds(project)] == [(["tool"], ["demo", "part"])]


def test_sets_that_contradict_each_other_have_versions_of_their_own(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_member(project, '"tool<2"', table='[tool.locktool.workspace]\nmembers = ["part"]\n')
    project.write(
        "part/pyproject.toml",
        '[build-system]\nrequires = ["tool>=2"]\nbuild-backend = "tool_backend"\n'
        '[project]\nname = "part"\nversion = "1.0"\ndependencies = []\ndynamic = ["optional-dependencies"]\n',
    )
    run_locktool("lock").succeeded()
    found = {one["for"][0]: [package["version"] for package in one["packages"]] for one in builds(project)}
    assert found == {"demo": ["1"], "part": ["2"]}
    assert made_with(project) == "1"
    run_locktool("check", "--frozen").succeeded()


def test_a_set_forks_where_pythons_need_other_versions(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    add_backend(index, 1)
    add_backend(index, 2, requires_python=">=3.12")
    add_source(index, 'tool<2 ; python_version < "3.12"', 'tool>=2 ; python_version >= "3.12"')
    write_dependent(project)
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    markers = {package["version"]: package["marker"] for package in one["packages"]}
    assert markers == {"1": "python_version < '3.12'", "2": "python_version >= '3.12'"}
    run_locktool("check", "--frozen").succeeded()


def test_a_set_is_for_the_pythons_that_have_versions(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    add_backend(index, 1, requires_python=">=3.10")
    add_source(index, "tool")
    write_dependent(project, requires_python=">=3.9")
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    assert one["requires-python"] == ">=3.10"
    run_locktool("check", "--frozen").succeeded()
    first = project.read()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == first


def test_a_set_without_versions_for_every_platform_is_left_to_each_build(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    change_source(backends, "tool", 'nowhere ; sys_platform == "win32"')
    write_dependent(project)
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    assert "packages" not in one
    assert made_with(project) == "2"
    run_locktool("check", "--frozen").succeeded()


def test_what_a_backend_asks_for_beside_it_is_not_recorded_and_keeps_the_pins(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    for number in (1, 2):
        index.add("made-with", str(number))
        requires = f"made-with=={{__import__('helper') and {number}}}"
        modules = {"tool_backend.py": hooks(requires, further='["helper"]')}
        index.add("tool", str(number), modules=modules)
    index.add("helper", "1", requires=["tool"])
    add_source(index, "tool<2")
    write_dependent(project)
    run_locktool("lock").succeeded()
    assert pins(project) == {"tool": "1"}
    change_source(index, "tool")
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock", "--refresh").succeeded()
    assert pins(project) == {"tool": "2"}
    assert made_with(project) == "2"


@pytest.mark.parametrize("kept", [(), ("wheels", "environments")])
def test_a_file_that_was_replaced_is_not_installed(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex, kept: tuple[str, ...]
) -> None:
    index.add("made-with", "1")
    index.add("helper", "1")
    index.add("tool", "1", modules={"tool_backend.py": hooks("made-with==1", further='["helper"]')})
    write_member(project)
    run_locktool("lock").succeeded()
    before = project.read()
    index.change("tool", "1", modules={"tool_backend.py": hooks("made-with==1", further='["made-with"]')})
    for part in (run_locktool.home / "cache").iterdir():
        if part.name not in kept and part.is_dir():
            shutil.rmtree(part)
    path = project.directory / "pyproject.toml"
    path.write_text(path.read_text().replace('"1.0"', '"1.1"'))
    failed = run_locktool("lock").failed(2)
    # Where the wheel of the lock is still there, what the backend asks for beside it is resolved with its hash.
    assert ("no wheel" if kept else "its SHA-256 is") in failed.err
    assert project.read() == before


def test_a_build_requirement_that_is_a_source_is_recorded_as_such_with_what_builds_it(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    backends.add("base", "1.0")
    backends.add("helper", "1.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_requires=["base"])
    change_source(backends, "tool", "helper")
    write_dependent(project)
    run_locktool("lock").succeeded()
    of_helper, of_demo = builds(project)
    assert (of_helper["requires"], of_helper["for"]) == (["base"], ["helper"])
    helper = next(package for package in of_demo["packages"] if package["name"] == "helper")
    assert helper["sdist"]["url"].endswith("helper-1.0.tar.gz")
    assert helper["tool"]["locktool"]["build-requires"] == ["base"]
    run_locktool("check", "--frozen").succeeded()


def test_a_directory_that_a_build_requires_is_built_and_not_pinned(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    for number in (1, 2):
        index.add("made-with", str(number))
    write_tool(project.directory / "tool", 1)
    write_member(project, f'"tool @ {(project.directory / "tool").as_uri()}"')
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    assert (one["requires"], one.get("packages")) == (["tool @ tool"], None)
    assert made_with(project) == "1"
    run_locktool("check", "--frozen").succeeded()
    assert str(project.directory) not in project.read()


def test_a_commit_that_a_build_requires_is_pinned(
    run_locktool: Command, project: ProjectWriter, index: LocalIndex, tmp_path: Path
) -> None:
    for number in (1, 2):
        index.add("made-with", str(number))
    repository = tmp_path / "repository"
    write_tool(repository / "inner folder", 1)
    first = commit_all(repository)
    address = f"git+{repository.as_uri()}@main#subdirectory=inner%20folder"
    write_member(project, f'"tool @ {address}"')
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    write_tool(repository / "inner folder", 2)
    second = commit_all(repository)
    for options, built, commit in (([], "1", first), (["--upgrade-package", "tool"], "2", second)):
        # The member is built again, since its build requires something else.
        write_member(project, f'"tool @ {address}", "made-with>={built}"')
        run_locktool("lock", *options).succeeded()
        (one,) = builds(project)
        tool = next(package for package in one["packages"] if package["name"] == "tool")
        assert tool["vcs"]["commit-id"] == commit
        assert made_with(project) == built


def test_extra_build_dependencies_and_constraints_are_part_of_it(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    backends.add("helper", "1.0")
    tool = {"extra-build-dependencies": {"demo": ["helper"]}, "build-constraints": ["tool<2"]}
    write_dependent(project, tool=tool)
    run_locktool("lock").succeeded()
    (one,) = builds(project)
    assert one["requires"] == ["helper", "tool"]
    assert pins(project) == {"helper": "1.0", "tool": "1"}
    run_locktool("check", "--frozen").succeeded()
    write_dependent(project, tool={**tool, "build-constraints": ["tool>=2"]})
    assert "`tool>=2` is in build-constraints and not in the lock" in run_locktool("check", "--frozen").failed(1).err
    run_locktool("lock").succeeded()
    assert pins(project) == {"helper": "1.0", "tool": "2"}


def test_a_build_in_the_active_environment_records_nothing(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    backends.add("plain", "1.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_requires=["tool"])
    project.pyproject("plain", name="app", tool={"no-build-isolation-package": ["plain"]})
    run_locktool("lock").succeeded()
    assert builds(project) == []
    run_locktool("check", "--frozen").succeeded()


def test_a_member_that_requires_something_else_for_its_build_is_stale(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    write_member(project, '"tool<2"')
    failed = run_locktool("check", "--frozen").failed(1)
    assert "`tool<2` is in what the build of demo requires and not in the lock" in failed.err
    run_locktool("lock").succeeded()
    assert pins(project) == {"tool": "1"}
    run_locktool("check", "--frozen").succeeded()


def test_other_requirements_keep_the_versions_that_serve_them(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    add_backend(backends, 3)
    backends.add("helper", "1")
    write_member(project, '"tool>=1", "helper"')
    run_locktool("lock", "--refresh").succeeded()
    assert pins(project) == {"helper": "1", "tool": "2"}


@pytest.mark.parametrize("name", ["tree", "repository", "archive"])
def test_directories_repositories_and_archives_are_built_with_what_is_recorded(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, name: str
) -> None:
    if name == "archive":
        project.pyproject(f"demo @ {backends.root}/files/demo/demo-1.0.tar.gz", name="app")
    else:
        project.write(
            f"{name}/pyproject.toml",
            '[build-system]\nrequires = ["tool"]\nbuild-backend = "tool_backend"\n'
            '[project]\nname = "demo"\nversion = "1.0"\ndynamic = ["dependencies"]\n',
        )
    if name == "tree":
        project.pyproject("demo", name="app", tool={"sources": {"demo": {"path": name}}})
    elif name == "repository":
        commit_all(project.directory / name)
        project.pyproject(f"demo @ git+{(project.directory / name).as_uri()}", name="app")
    run_locktool("lock").succeeded()
    assert pins(project) == {"tool": "2"}
    run_locktool("check", "--frozen").succeeded()
    add_backend(backends, 3)
    backends.add("other", "1.0")
    before = builds(project)
    path = project.directory / "pyproject.toml"
    path.write_text(path.read_text() + '\n[dependency-groups]\ndev = ["other"]\n')
    run_locktool("lock", "--refresh").succeeded()
    assert builds(project) == before


@pytest.mark.parametrize("command", ["compile", "compile to a lock"])
def test_other_commands_build_with_what_the_project_records(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex, command: str
) -> None:
    write_member(project)
    run_locktool("lock").succeeded()
    add_backend(backends, 3)
    if command == "compile":
        assert "made-with==2" in run_locktool("compile", "pyproject.toml", "--refresh", "-o", "-").succeeded().out
    else:
        run_locktool("compile", "pyproject.toml", "--refresh", "-o", "pylock.other.toml").succeeded()
        assert 'name = "made-with"\nversion = "2"' in project.read("pylock.other.toml")


def test_a_compiled_lock_records_builds_too(
    run_locktool: Command, project: ProjectWriter, backends: LocalIndex
) -> None:
    requirements = project.write("requirements.in", "demo\n")
    (project.directory / "compiled").mkdir()
    run_locktool("compile", requirements, "--universal", "-o", "compiled/pylock.toml").succeeded()
    record = tomllib.loads(project.read("compiled/pylock.toml"))["tool"]["locktool"]
    assert [package["version"] for one in record["build-requirements"] for package in one["packages"]] == ["2"]
    run_locktool("check", "compiled").succeeded()
    add_backend(backends, 3)
    before = project.read("compiled/pylock.toml")
    run_locktool("compile", requirements, "--universal", "--refresh", "-o", "compiled/pylock.toml").succeeded()
    assert project.read("compiled/pylock.toml") == before
