"""Texts in the place of files: a project is read as it would be once they are written, and nothing on disk changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from locktool._native import Project
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from conftest import ProjectWriter


@pytest.fixture
def workspace(project: ProjectWriter) -> ProjectWriter:
    project.pyproject("one", tool={"workspace": {"members": ["libs/*"]}})
    project.pyproject("two", member="libs/a", name="a")
    return project


def text(project: ProjectWriter, old: str, new: str, path: str = "pyproject.toml") -> dict[str, str]:
    return {str(project.directory / path): project.read(path).replace(old, new)}


@pytest.mark.parametrize("directory", [".", "libs/a"])
def test_an_edit_of_any_member_is_read_from_any_directory(workspace: ProjectWriter, directory: str) -> None:
    edited = text(workspace, "one", "other") | text(workspace, "two", "another", "libs/a/pyproject.toml")
    start = str(workspace.directory / directory)
    read = Project.read(start, edited=edited)
    for path, content in edited.items():
        Path(path).write_text(content, encoding="utf-8", newline="\n")
    assert read.manifest() == Project.read(start).manifest()
    assert [member.dependencies for member in read.members] == [["other"], ["another"]]


def test_a_mistake_is_located_in_the_edited_text(workspace: ProjectWriter) -> None:
    edited = text(workspace, '"two"', '"two", "not ok ok"', "libs/a/pyproject.toml")
    with pytest.raises(ProjectError, match=r"libs/a/pyproject.toml:\d+:\d+: ") as raised:
        Project.read(str(workspace.directory), edited=edited)
    assert raised.value.line is not None
    Project.read(str(workspace.directory))


def test_a_workspace_may_lose_a_member_by_an_edit(workspace: ProjectWriter) -> None:
    edited = text(workspace, "libs/*", "none/*")
    assert [member.name for member in Project.read(str(workspace.directory), edited=edited).members] == ["demo"]
    alone = Project.read(str(workspace.directory / "libs/a"), edited=edited)
    assert [member.name for member in alone.members] == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="links as POSIX has them")
def test_a_file_behind_a_link_is_the_same_file(workspace: ProjectWriter) -> None:
    (workspace.directory / "link").symlink_to(workspace.directory, target_is_directory=True)
    edited = {
        str(workspace.directory / "link" / "pyproject.toml"): workspace.read("pyproject.toml").replace("one", "x")
    }
    assert Project.read(str(workspace.directory), edited=edited).current.dependencies == ["x"]
