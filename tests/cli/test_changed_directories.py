"""Directories, wheels and source distributions on disk are inputs: a change of theirs fails `check` by its name."""

from __future__ import annotations

import json
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from input_changes import (
    HEAD,
    PLAIN,
    assert_locks_again,
    assert_named,
    locked_packages,
    locked_versions,
    reasons_of,
)
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command, ProjectWriter

PART = '[project]\nname = "part"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["c"]\n'


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    """An index with two versions of `c` and `d`, and another `part` than the one on disk."""
    index.add("part", "9.0", extras={"x": ["d"]})
    for name in ("c", "d"):
        index.add(name, "1.0")
        index.add(name, "2.0")
    return index


def requiring(path: str, *, rest: str = "", requires: str = '"part"') -> str:
    """A project that requires `part` at a path."""
    plain = PLAIN.replace('"a", "b"', requires)
    return f'{HEAD}{plain}[tool.locktool.sources]\npart = {{ path = "{path}"{rest} }}\n'


@pytest.fixture
def locked(world: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project that requires a directory beside it, locked."""
    project.write("part/pyproject.toml", PART)
    project.write("pyproject.toml", requiring("part", requires='"part[x]"'))
    project.write("part/pyproject.toml", f'{PART}optional-dependencies.x = ["d"]\n')
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    return run_locktool


DIRECTORY_CHANGES = {
    "dependency added": ('["c"]', '["c", "d>=1"]', "dependencies", None, "d>=1"),
    "dependency tightened": ('["c"]', '["c<2"]', "dependencies", "c", "c<2"),
    "dependency removed": ('["c"]', "[]", "dependencies", "c", None),
    "requires-python": (">=3.11", ">=3.10", "requires-python", ">=3.11", ">=3.10"),
    "extra changed": ('["d"]', '["d<2"]', "extras.x", "d", "d<2"),
}


@pytest.mark.parametrize("kind", DIRECTORY_CHANGES)
def test_a_changed_directory_is_named_and_followed(locked: Command, project: ProjectWriter, kind: str) -> None:
    old, new, key, then, now = DIRECTORY_CHANGES[kind]
    text = project.read("part/pyproject.toml")
    assert old in text
    project.write("part/pyproject.toml", text.replace(old, new, 1))
    assert_named(locked, key, then, now)
    assert "part" in locked("check", "--frozen").failed(1).err
    assert_locks_again(locked, project)


def test_a_directory_that_supports_no_python_of_the_project_any_more_is_named(
    locked: Command, project: ProjectWriter
) -> None:
    text = project.read("part/pyproject.toml")
    project.write("part/pyproject.toml", text.replace(">=3.11", ">=3.13"))
    assert_named(locked, "requires-python", ">=3.11", ">=3.13")
    before = project.read()
    finished = locked("lock").failed(1)
    assert "part" in finished.err
    assert "3.13" in finished.err
    assert project.read() == before


def test_a_directory_that_has_another_name_is_refused_by_both_names(locked: Command, project: ProjectWriter) -> None:
    text = project.read("part/pyproject.toml")
    project.write("part/pyproject.toml", text.replace('"part"', '"whole"'))
    assert_named(locked, "name", "part", "whole")
    before = project.read()
    finished = locked("lock")
    assert finished.code in (1, 2)
    assert "part" in finished.err
    assert "whole" in finished.err
    assert project.read() == before


@pytest.mark.parametrize("kind", ["deleted", "without its pyproject.toml", "a file"])
def test_a_directory_that_is_not_there_is_a_reason(locked: Command, project: ProjectWriter, kind: str) -> None:
    directory = project.directory / "part"
    shutil.rmtree(directory)
    if kind == "without its pyproject.toml":
        directory.mkdir()
    elif kind == "a file":
        directory.touch()
    assert any("part" in reason["message"] for reason in reasons_of(locked))
    assert "part" in locked("check", "--frozen").failed(1).err
    before = project.read()
    finished = locked("lock")
    assert finished.code in (1, 2)
    assert "part" in finished.err
    assert project.read() == before


def test_absent_sources_are_believed_on_request_and_said(locked: Command, project: ProjectWriter) -> None:
    shutil.rmtree(project.directory / "part")
    locked("check", "--frozen").failed(1)
    finished = locked("check", "--frozen", "--absent-sources").succeeded()
    assert "part" in finished.err
    outcome = json.loads(locked("check", "--frozen", "--absent-sources", "--json").succeeded().out)
    assert outcome["absent"] == ["part"]
    project.write("pyproject.toml", requiring("part", requires='"part[x]", "c<2"'))
    locked("check", "--frozen", "--absent-sources").failed(1)


def test_absent_sources_that_are_there_are_read(locked: Command, project: ProjectWriter) -> None:
    text = project.read("part/pyproject.toml")
    project.write("part/pyproject.toml", text.replace('["c"]', '["c<2"]'))
    locked("check", "--frozen", "--absent-sources").failed(1)


@pytest.mark.parametrize(
    "after",
    [
        requiring("part", rest=", editable = true", requires='"part[x]"'),
        requiring("other", requires='"part[x]"'),
        requiring("part", rest=", marker = \"sys_platform == 'linux'\"", requires='"part[x]"'),
    ],
    ids=["editable", "path", "marker"],
)
def test_a_changed_source_is_named_and_followed(locked: Command, project: ProjectWriter, after: str) -> None:
    shutil.copytree(project.directory / "part", project.directory / "other")
    project.write("pyproject.toml", after)
    assert_named(locked, "sources")
    assert "part" in locked("check", "--frozen").failed(1).err
    assert_locks_again(locked, project)


def test_a_directory_required_by_a_required_directory_is_an_input(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("deep/pyproject.toml", PART.replace('"part"', '"deep"'))
    address = (project.directory / "deep").as_uri()
    project.write("part/pyproject.toml", PART.replace('["c"]', f'["deep @ {address}"]'))
    project.write("pyproject.toml", requiring("part"))
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    project.write("deep/pyproject.toml", PART.replace('"part"', '"deep"').replace('"c"', '"c<2"'))
    assert_named(run_locktool, "dependencies", "c", "c<2")
    assert "deep" in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)
    assert locked_versions(project)["c"] == "1.0"


def archive(kind: str, *requires: str, padding: int = 0) -> tuple[str, bytes]:
    """The name and the bytes of a wheel or a source distribution of part 1.0."""
    with LocalIndex() as elsewhere:
        tags = ["py3-none-any"] if kind == "wheel" else []
        release = elsewhere.add(
            "part", "1.0", requires=requires, sdist=kind == "sdist", wheel_tags=tags, padding=padding
        )
        (file,) = release.files
        return file.filename, file.content


ARCHIVES = ["wheel", "sdist"]


@pytest.fixture(params=ARCHIVES)
def locked_archive(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, request: pytest.FixtureRequest
) -> tuple[str, str]:
    """A project that requires an archive on disk, locked: the archive's kind and path."""
    name, content = archive(request.param, "c")
    (project.directory / "files").mkdir()
    (project.directory / "files" / name).write_bytes(content)
    project.write("pyproject.toml", requiring(f"files/{name}"))
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    return request.param, f"files/{name}"


@pytest.mark.parametrize("requires", [["c<2"], ["c", "d"], []], ids=["tightened", "added", "removed"])
def test_an_archive_of_other_requirements_is_named_and_followed(
    locked_archive: tuple[str, str], project: ProjectWriter, run_locktool: Command, requires: list[str]
) -> None:
    kind, path = locked_archive
    (project.directory / path).write_bytes(archive(kind, *requires)[1])
    assert any(path in reason["message"] for reason in reasons_of(run_locktool))
    assert path in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)
    found = locked_versions(project)
    assert found.get("c") == {"c<2": "1.0", "c": "2.0"}.get(requires[0] if requires else "")
    assert ("d" in found) == ("d" in requires)


def test_an_archive_of_other_bytes_is_named_and_followed(
    locked_archive: tuple[str, str], project: ProjectWriter, run_locktool: Command
) -> None:
    kind, path = locked_archive
    # What a gzip or a zip says after its end is read by nobody, and yet it is another file.
    content = (project.directory / path).read_bytes()
    (project.directory / path).write_bytes(archive(kind, "c", padding=10)[1] if kind == "wheel" else content + bytes(8))
    (before,) = locked_packages(project)["part"]
    assert any(path in reason["message"] for reason in reasons_of(run_locktool))
    assert_locks_again(run_locktool, project)
    (after,) = locked_packages(project)["part"]
    assert before["archive"]["hashes"] != after["archive"]["hashes"]


def test_an_archive_that_is_not_there_is_a_reason(
    locked_archive: tuple[str, str], project: ProjectWriter, run_locktool: Command
) -> None:
    _, path = locked_archive
    (project.directory / path).unlink()
    assert any(path in reason["message"] for reason in reasons_of(run_locktool))
    finished = run_locktool("check", "--frozen", "--absent-sources").succeeded()
    assert path in finished.err
    before = project.read()
    finished = run_locktool("lock")
    assert finished.code in (1, 2)
    assert path in finished.err
    assert project.read() == before


@pytest.mark.parametrize("path", ["gone", "gone/part-1.0-py3-none-any.whl", "gone/part-1.0.tar.gz"])
def test_a_path_that_is_wrong_is_named_with_its_package(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, path: str
) -> None:
    project.write("pyproject.toml", requiring(path))
    refused = run_locktool("lock").failed(2).err
    assert f"{path} does not exist, and part is to come from there; correct the path" in refused


def by_address(project: ProjectWriter, path: str) -> str:
    return requiring("files/x").replace('path = "files/x"', f'url = "{(project.directory / path).as_uri()}"')


def by_index_of_the_project(project: ProjectWriter, path: str) -> str:
    index = '{ name = "own", url = "./files", format = "flat" }'
    return f'{HEAD}requires-python = ">=3.11"\ndependencies = ["part"]\n[tool.locktool]\nindex = [{index}]\n'


def by_links(project: ProjectWriter, path: str) -> str:
    return f'{HEAD}requires-python = ">=3.11"\ndependencies = ["part<9"]\n[tool.locktool]\nfind-links = ["files"]\n'


def by_absolute_links(project: ProjectWriter, path: str) -> str:
    return by_links(project, path).replace('"files"', f'"{project.directory / "files"}"')


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize(
    "requiring_by",
    [by_address, by_index_of_the_project, by_links, by_absolute_links],
    ids=lambda requiring_by: requiring_by.__name__,
)
def test_a_file_on_disk_that_was_replaced_is_a_reason(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str, requiring_by: Callable[..., str]
) -> None:
    name, content = archive(kind, "c")
    (project.directory / "files").mkdir()
    (project.directory / "files" / name).write_bytes(content)
    project.write("pyproject.toml", requiring_by(project, f"files/{name}"))
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    # A lock without a project beside it is known by nothing but itself.
    (project.directory / "alone").mkdir()
    (project.directory / "alone" / "pylock.toml").write_text(project.read())
    (project.directory / "alone" / "files").mkdir()
    (project.directory / "alone" / "files" / name).write_bytes(content)
    run_locktool("check", "alone").succeeded()
    for directory in (project.directory, project.directory / "alone"):
        (directory / "files" / name).write_bytes(archive(kind, "c", "d")[1])
    assert [reason["code"] for reason in reasons_of(run_locktool)] == ["file-changed"]
    assert f"files/{name} is not the file" in run_locktool("check", "alone").failed(1).err
    assert_locks_again(run_locktool, project)
    assert "d" in locked_versions(project)


def test_a_directory_by_its_address_is_locked_by_its_path(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """Installers read a path; a `file:` address is none."""
    project.write("part/pyproject.toml", PART)
    directory = project.directory / "part"
    for requirement in (f"part @ {directory.as_uri()}", f"part @ {directory.as_uri()}/"):
        project.write("pyproject.toml", f'{HEAD}requires-python = ">=3.11"\ndependencies = ["{requirement}"]\n')
        run_locktool("lock").succeeded()
        run_locktool("check", "--frozen").succeeded()
        (part,) = locked_packages(project)["part"]
        assert part["directory"]["path"].rstrip("/") == str(directory)
    project.write("part/pyproject.toml", PART.replace('"c"', '"c<2"'))
    assert_named(run_locktool, "dependencies", "c", "c<2")
    assert_locks_again(run_locktool, project)


@pytest.mark.parametrize("members", [["parts/*"], ["parts/one"]])
def test_absent_members_are_believed_on_request_and_said(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, members: list[str]
) -> None:
    def write(*patterns: str) -> None:
        sources = {"one": {"workspace": True}}
        project.pyproject("one", "c<2", tool={"sources": sources, "workspace": {"members": list(patterns)}})

    write(*members)
    project.pyproject("c", member="parts/one", name="one")
    run_locktool("lock").succeeded()
    shutil.rmtree(project.directory / "parts")
    assert run_locktool("check", "--frozen").code != 0
    outcome = json.loads(run_locktool("check", "--frozen", "--absent-sources", "--json").succeeded().out)
    assert outcome["absent"] == ["parts/one"]
    write("others/*")
    assert run_locktool("check", "--frozen", "--absent-sources").code != 0


def test_a_member_that_is_a_link_is_found_from_inside(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("c", tool={"workspace": {"members": ["parts/*"]}})
    project.pyproject("d", member="elsewhere/one", name="one")
    (project.directory / "parts").mkdir()
    (project.directory / "parts" / "one").symlink_to(project.directory / "elsewhere" / "one")
    run_locktool("lock").succeeded()
    for directory in ("elsewhere/one", "parts/one"):
        outcome = json.loads(run_locktool("check", "--frozen", "--json", "--project", directory).succeeded().out)
        assert outcome["path"] == str(project.directory / "pylock.toml")


VERSIONED = {
    "the project": (requiring("part", requires='"part>=1.0"'), PART, []),
    "a constraint": (f'{requiring("part")}[tool.locktool]\nconstraints = ["part>=1.0"]\n', PART, []),
    "a locked package": (requiring("part", requires='"part", "plugin"'), PART, ["part>=1.0"]),
}


@pytest.mark.parametrize("kind", VERSIONED)
def test_a_version_of_a_directory_that_something_names_is_an_input(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    text, part, published = VERSIONED[kind]
    world.add("plugin", "1.0", requires=published)
    project.write("part/pyproject.toml", part)
    project.write("pyproject.toml", text)
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    project.write("part/pyproject.toml", part.replace('version = "1.0"', 'version = "0.5"'))
    assert_named(run_locktool, "version", "1.0", "0.5")
    before = project.read()
    assert "part" in run_locktool("lock").failed(1).err
    assert project.read() == before


def test_a_version_of_a_member_is_an_input_where_a_locked_package_names_it(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    workspace = '[tool.locktool]\nworkspace.members = ["part"]\nsources.part = { workspace = true }\n'
    project.write("pyproject.toml", HEAD + PLAIN.replace('"a", "b"', '"part"') + workspace)
    project.write("part/pyproject.toml", PART)
    run_locktool("lock").succeeded()
    assert tomllib.loads(project.read())["tool"]["locktool"]["members"][1].keys().isdisjoint({"version"})
    world.add("plugin", "1.0", requires=["part>=1.0"])
    project.write("pyproject.toml", HEAD + PLAIN.replace('"a", "b"', '"part", "plugin"') + workspace)
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    project.write("part/pyproject.toml", PART.replace('version = "1.0"', 'version = "0.5"'))
    assert_named(run_locktool, "version", "1.0", "0.5")
    assert "part" in run_locktool("lock").failed(1).err


def test_a_version_of_a_directory_that_nothing_names_is_no_input(locked: Command, project: ProjectWriter) -> None:
    text = project.read("part/pyproject.toml")
    project.write("part/pyproject.toml", text.replace('version = "1.0"', 'version = "0.5"'))
    locked("check", "--frozen").succeeded()
