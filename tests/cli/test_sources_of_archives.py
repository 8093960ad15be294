"""Archives are read as projects: the sources in their own pyproject.toml say where their requirements come from."""

from __future__ import annotations

import io
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from git_repository import commit_all
from local_index import Replaced
from lock_oracle import read_project, refutations

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def pyproject(*requires: str, sources: str, extra: str = "") -> str:
    text = f"[project]\nname = 'x'\nversion = '1.0'\ndependencies = {list(requires)}\n"
    text += f"[project.optional-dependencies]\nfast = ['{extra}']\n" if extra else ""
    return f"{text}[tool.uv.sources]\n{sources}\n"


def archive(kind: str, text: str, requires: tuple[str, ...]) -> bytes:
    """A `.zip` of a repository, or an sdist, which says beside it what it requires."""
    members = {"x-1.0/pyproject.toml": text}
    if kind == "sdist":
        lines = ["Metadata-Version: 2.2", "Name: x", "Version: 1.0"]
        lines += ["Provides-Extra: fast", *(f"Requires-Dist: {one}" for one in requires)]
        members = {"x-1.0/PKG-INFO": "\n".join(lines) + "\n", **members}
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as zipped:
            for name, content in members.items():
                zipped.writestr(name, content)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content.encode()))
    return buffer.getvalue()


def entries(project: ProjectWriter) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in tomllib.loads(project.read())["packages"]}


def proved(project: ProjectWriter, run_locktool: Command) -> None:
    """The lock holds, by the tool and by the second implementation of its proof."""
    run_locktool("check", "--frozen").succeeded()
    assert refutations(read_project(project.directory), tomllib.loads(project.read())) == []


Put = Callable[..., str]
KINDS = {"zip": "x-1.0.zip", "sdist": "x-1.0.tar.gz"}


@pytest.fixture(params=["path", "address"])
def put(request: pytest.FixtureRequest, index: LocalIndex, project: ProjectWriter) -> Put:
    """Puts an archive where the project finds it, and says how the project requires it.

    Strangers have published the names that its sources give.
    """
    for name in ("y", "z"):
        index.add(name, "9.0")

    def there(kind: str, text: str, *requires: str) -> str:
        content = archive(kind, text, requires)
        if request.param == "path":
            path = project.directory / KINDS[kind]
            path.write_bytes(content)
            return f"x @ {path.as_uri()}"
        index.fail(f"/files/x/{KINDS[kind]}", Replaced(content, "application/octet-stream"))
        return f"x @ {index.root}/files/x/{KINDS[kind]}"

    return there


@pytest.mark.parametrize("kind", KINDS)
def test_a_repository_that_an_archive_names_is_locked_and_no_strangers_package(
    kind: str, put: Put, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "pyproject.toml").write_text("[project]\nname = 'y'\nversion = '1.0'\n", encoding="utf-8")
    commit = commit_all(tmp_path / "y")
    text = pyproject("y", sources=f"y = {{ git = '{(tmp_path / 'y').as_uri()}' }}")
    project.pyproject(put(kind, text, "y"))
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["vcs"]["commit-id"] == commit
    proved(project, run_locktool)
    before = project.read()
    run_locktool("lock").succeeded()
    assert project.read() == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_an_archive_names_holds_for_its_extras(
    kind: str, put: Put, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("z", "1.0")
    address = f"{index.root}/files/z/z-1.0-py3-none-any.whl"
    text = pyproject(sources=f"z = {{ url = '{address}', extra = 'fast' }}", extra="z")
    requirement = put(kind, text, "z ; extra == 'fast'")
    project.pyproject(requirement.replace("x @", "x[fast] @"))
    run_locktool("lock").succeeded()
    assert entries(project)["z"]["version"] == "1.0"
    assert entries(project)["z"]["archive"]["url"] == address
    proved(project, run_locktool)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("source", ["path = '../y'", "workspace = true"])
def test_what_lies_beside_an_archive_is_the_projects_to_give(
    source: str, kind: str, put: Put, project: ProjectWriter, run_locktool: Command
) -> None:
    requirement = put(kind, pyproject("y", sources=f"y = {{ {source} }}"), "y")
    project.pyproject(requirement)
    said = " ".join(run_locktool("lock").failed().err.split())
    assert f"{KINDS[kind]}/pyproject.toml: the source of y cannot be used: no lock can name what lies beside" in said
    assert not (project.directory / "pylock.toml").exists()
    # A source that nothing is sent to gives no place.
    project.pyproject(requirement, tool={"sources": {"y": {"path": "own"}}})
    (project.directory / "own").mkdir()
    project.write("own/pyproject.toml", "[project]\nname = 'y'\nversion = '1.0'\n")
    run_locktool("lock").failed()
    project.pyproject(requirement, "y", tool={"sources": {"y": {"path": "own"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["directory"] == {"path": "own"}
    proved(project, run_locktool)
    # What was read for one project is no answer for another one.
    (project.directory / "pylock.toml").unlink()
    project.pyproject(requirement)
    run_locktool("lock").failed()


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_that_an_archive_names_is_the_projects_to_give(
    kind: str, put: Put, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    sources = "y = { index = 'own' }\n[[tool.uv.index]]\nname = 'own'\nurl = 'https://own.invalid/simple'\n"
    requirement = put(kind, pyproject("y", sources=sources), "y")
    project.pyproject(requirement)
    said = " ".join(run_locktool("lock").failed().err.split())
    assert "x takes y from the index https://own.invalid/simple, by a source of its own" in said
    indexes = [{"name": "ours", "url": index.url}]
    project.pyproject(requirement, tool={"index": indexes, "sources": {"y": {"index": "ours"}}})
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["version"] == "9.0"


def test_sources_of_what_an_archive_does_not_require_are_passed_over(
    put: Put, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject(put("sdist", pyproject("y", sources="z = { path = '../z' }"), "y"))
    run_locktool("lock").succeeded()
    assert entries(project)["y"]["version"] == "9.0"
    proved(project, run_locktool)
