"""An archive at a path whose metadata a build makes: built once for its contents, and again where they change."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from input_changes import locked_versions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

ARCHIVE = "part-1.0.tar.gz"
SYSTEM = """\
[build-system]
requires = []
build-backend = "own"
backend-path = ["."]
"""
BACKEND = """\
import pathlib


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with open({notes!r}, "a") as notes:
        notes.write("built\\n")
    folder = pathlib.Path(metadata_directory) / "part-1.0.dist-info"
    folder.mkdir()
    text = "Metadata-Version: 2.4\\nName: part\\nVersion: 1.0\\nRequires-Dist: {requires}\\n"
    (folder / "METADATA").write_text(text)
    return folder.name
"""


class Archive:
    """The archive, and how often it was built."""

    def __init__(self, directory: Path, notes: Path) -> None:
        self.path = directory / ARCHIVE
        self._notes = notes

    def write(self, requires: str) -> None:
        backend = BACKEND.format(notes=str(self._notes), requires=requires)
        with tarfile.open(self.path, "w:gz") as tar:
            for name, text in (("pyproject.toml", SYSTEM), ("own.py", backend)):
                member = tarfile.TarInfo(f"part-1.0/{name}")
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode()))

    @property
    def builds(self) -> int:
        return len(self._notes.read_text().splitlines()) if self._notes.exists() else 0


@pytest.fixture
def archive(index: LocalIndex, project: ProjectWriter, tmp_path: Path) -> Archive:
    """An archive beside a project that requires it."""
    for name in ("b", "c"):
        index.add(name, "1.0")
    project.pyproject("part", tool={"sources": {"part": {"path": ARCHIVE}}})
    archive = Archive(project.directory, tmp_path / "notes")
    archive.write("b")
    return archive


def relock(project: ProjectWriter, run_locktool: Command, *options: str) -> set[str]:
    (project.directory / "pylock.toml").unlink(missing_ok=True)
    run_locktool("lock", *options).succeeded()
    return set(locked_versions(project))


def test_an_archive_is_built_once_for_its_contents(
    archive: Archive, project: ProjectWriter, run_locktool: Command
) -> None:
    assert relock(project, run_locktool) == {"part", "b"}
    before = project.read()
    assert relock(project, run_locktool, "--offline") == {"part", "b"}
    assert project.read() == before
    assert archive.builds == 1
    archive.write("c")
    assert relock(project, run_locktool) == {"part", "c"}
    assert archive.builds == 2
    relock(project, run_locktool, "--refresh")
    assert archive.builds == 3


def test_what_was_built_is_nothing_to_a_project_that_forbids_builds(
    archive: Archive, project: ProjectWriter, run_locktool: Command
) -> None:
    relock(project, run_locktool)
    (project.directory / "pylock.toml").unlink()
    tool = {"sources": {"part": {"path": ARCHIVE}}, "allow-build": ["another"]}
    project.pyproject("part", tool=tool)
    assert "allow-build" in run_locktool("lock").failed(2).err


def test_what_a_project_states_comes_before_what_was_built(
    archive: Archive, project: ProjectWriter, run_locktool: Command
) -> None:
    assert relock(project, run_locktool) == {"part", "b"}
    stated = {"name": "part", "requires-dist": ["c"]}
    tool = {"sources": {"part": {"path": ARCHIVE}}, "dependency-metadata": [stated]}
    project.pyproject("part", tool=tool)
    assert relock(project, run_locktool) == {"part", "c"}
