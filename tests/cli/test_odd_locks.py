"""What `lock` writes, `check` proves: odd indexes, files and directories, each locked, checked and locked again."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import locked_packages, reasons_of
from local_index import Corrupted, LocalIndex, Release, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter


@pytest.fixture
def second() -> Iterator[LocalIndex]:
    """Another index on loopback."""
    with LocalIndex() as running:
        yield running


def assert_holds(run: Command, project: ProjectWriter, *options: str) -> None:
    """The lock is made, holds, and is its own answer."""
    run("lock", *options).succeeded()
    lock = project.read()
    run("check", "--frozen").succeeded()
    run("lock").succeeded()
    assert project.read() == lock


def only_entry(project: ProjectWriter, name: str = "a") -> dict[str, Any]:
    (entry,) = locked_packages(project)[name]
    return entry


@pytest.mark.parametrize("algorithms", [(), ("md5",), ("sha1", "sha224")], ids=" ".join)
def test_files_without_a_strong_hash_are_fetched_for_one(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, algorithms: tuple[str, ...]
) -> None:
    release = index.add("a", "1.0", sdist=True, hashes=algorithms)
    project.pyproject("a")
    assert "gives no SHA-256 of 2 files" in run_locktool("lock").succeeded().err
    entry = only_entry(project)
    for file, locked in zip(release.files, [entry["sdist"], *entry["wheels"]], strict=True):
        assert locked["hashes"] == file.digests | {"sha256": hashlib.sha256(file.content).hexdigest()}
    assert_holds(run_locktool, project)
    index.add("b", "1.0")
    project.pyproject("a", "b")
    index.forget_requests()
    run_locktool("lock").succeeded()
    assert only_entry(project) == entry
    assert not any(request.path.startswith("/files/a/") for request in index.requests)


def test_a_strong_hash_is_enough(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("a", "1.0", hashes=("md5", "sha512"))
    project.pyproject("a")
    assert_holds(run_locktool, project)
    assert only_entry(project)["wheels"][0]["hashes"].keys() == {"md5", "sha512"}
    assert not any(request.path.endswith(".whl") for request in index.requests)


@pytest.mark.parametrize("algorithms", [(), ("md5",)], ids=["none", "md5"])
def test_what_was_hashed_once_is_remembered(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, algorithms: tuple[str, ...]
) -> None:
    index.add("a", "1.0", hashes=algorithms)
    project.pyproject("a")
    run_locktool("lock").succeeded()
    first = project.read()
    index.forget_requests()
    for arguments in ((), ("--offline",)):
        (project.directory / "pylock.toml").unlink()
        again = run_locktool("lock", *arguments).succeeded()
        assert "gives no SHA-256" not in again.err
        assert project.read() == first
        assert not index.requests
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock", "--refresh").succeeded()
    assert project.read() == first
    assert [request.path for request in index.requests if request.path.endswith(".whl")]


def test_another_file_at_the_same_address_is_hashed_again(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """The index says another MD5 of it."""
    index.max_age = 0
    index.add("a", "1.0", hashes=("md5",))
    project.pyproject("a")
    run_locktool("lock").succeeded()
    (changed,) = index.change("a", "1.0", padding=10).files
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock").succeeded()
    assert only_entry(project)["wheels"][0]["hashes"]["sha256"] == hashlib.sha256(changed.content).hexdigest()


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224"])
def test_a_file_that_has_not_the_weak_hash_of_its_index_is_refused(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, algorithm: str
) -> None:
    (file,) = index.add("a", "1.0", hashes=(algorithm,)).files
    index.fail("/files/a/*.whl", Corrupted())
    project.pyproject("a")
    message = run_locktool("lock").failed(2).err
    assert file.filename in message
    assert f"its {algorithm} is " in message
    assert file.digests[algorithm] in message
    assert not (project.directory / "pylock.toml").exists()


def test_what_has_no_strong_hash_is_not_locked_offline(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", hashes=("md5",))
    project.pyproject("a")
    index.fail("/files/a/*.whl", Status(404))
    run_locktool("lock").failed(2)
    index.heal()
    assert "a-1.0-py3-none-any.whl" in run_locktool("lock", "--offline").failed(2).err
    assert not (project.directory / "pylock.toml").exists()


def test_a_page_of_links_on_disk_with_weak_hashes(project: ProjectWriter, run_locktool: Command) -> None:
    (file,) = Release("a", "1.0", hashes=("md5",)).files
    anchor = f'<a href="{file.filename}#md5={file.digests["md5"]}">{file.filename}</a>'
    project.write("wheels/a/index.html", anchor)
    (project.directory / "wheels" / "a" / file.filename).write_bytes(file.content)
    project.pyproject("a", tool={"index": [{"name": "own", "url": "./wheels", "default": True}]})
    assert_holds(run_locktool, project)
    assert only_entry(project)["wheels"][0]["hashes"].keys() == {"md5", "sha256"}


def test_a_page_that_lists_a_file_twice(project: ProjectWriter, run_locktool: Command) -> None:
    (file,) = Release("a", "1.0").files
    anchors = [f'<a href="{place}{file.filename}">{file.filename}</a>' for place in ("", "copy/")]
    project.write("wheels/a/index.html", "\n".join(anchors))
    project.write("wheels/a/copy/a", "")
    for place in ("", "copy"):
        (project.directory / "wheels" / "a" / place / file.filename).write_bytes(file.content)
    project.pyproject("a", tool={"index": [{"name": "own", "url": "./wheels", "default": True}]})
    assert_holds(run_locktool, project)
    (wheel,) = only_entry(project)["wheels"]
    assert wheel["path"] == f"wheels/a/{file.filename}"


LINKS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an index of the command line": ({}, ["--extra-index-url", "SECOND"]),
    "a default of the command line": ({}, ["--index-url", "SECOND"]),
    "links of the command line": ({}, ["--find-links", "FLAT"]),
    "links of the project": ({"find-links": ["FLAT"]}, []),
    "a directory of links": ({"find-links": ["./links/"]}, []),
    "a directory of links spelled otherwise": ({"find-links": ["other/../links"]}, []),
    "a directory of links of the command line": ({}, ["--find-links", "links"]),
}


@pytest.mark.parametrize("kind", LINKS)
def test_other_indexes_and_links_beside_the_default_of_the_project(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    settings, options = LINKS[kind]
    (file,) = second.add("a", "1.0").files
    second.add("b", "1.0")
    index.add("b", "1.0")
    project.write("links/README", "")
    project.write("other/README", "")
    (project.directory / "links" / file.filename).write_bytes(file.content)

    def place(text: str) -> str:
        return text.replace("SECOND", second.url).replace("FLAT", second.flat_url)

    settings = {key: [place(text) for text in texts] for key, texts in settings.items()}
    tool = {**settings, "index": [{"name": "own", "url": index.url, "default": True}]}
    project.pyproject("a", "b", tool=tool)
    assert_holds(run_locktool, project, *map(place, options))
    project.pyproject("a", tool=tool)
    assert_holds(run_locktool, project)
    text = project.read()
    locked = only_entry(project)["index"]
    project.write("pylock.toml", text.replace(f'index = "{locked}"', 'index = "https://foreign.invalid/simple/"'))
    assert "index-changed" in [reason["code"] for reason in reasons_of(run_locktool)]


@pytest.mark.parametrize("key", ["other-indexes", "digest"])
def test_what_a_run_recorded_of_other_indexes_is_not_edited(
    index: LocalIndex, second: LocalIndex, project: ProjectWriter, run_locktool: Command, key: str
) -> None:
    second.add("a", "1.0")
    project.pyproject("a", tool={"index": [{"name": "own", "url": index.url, "default": True}]})
    run_locktool("lock", "--extra-index-url", second.url).succeeded()
    text = project.read()
    edited = re.sub(rf'^{key} = ("[^"]*"|\[[^\]]*\])\n', "", text, count=1, flags=re.MULTILINE)
    assert edited != text
    project.write("pylock.toml", edited)
    assert "run-changed" in [reason["code"] for reason in reasons_of(run_locktool)]


@pytest.mark.parametrize("requires_python", [">=2.6,<3", "==2.7.*"])
def test_a_version_for_python_2_alone_is_not_locked(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, requires_python: str
) -> None:
    index.add("a", "1.0")
    index.add("a", "2.0", requires_python=requires_python)
    project.pyproject("a")
    assert_holds(run_locktool, project)
    assert only_entry(project)["version"] == "1.0"


def test_an_upper_bound_that_cuts_the_pythons_of_the_project_is_no_reason(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", requires_python=">=3.6,<3.12")
    project.pyproject("a")
    assert_holds(run_locktool, project)


def test_an_upper_bound_that_leaves_no_python_of_the_project_is_one(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "2.0", requires_python=">=3.6,<3.10")
    project.pyproject("a")
    assert "a 2.0 needs Python <3.10,>=3.6" in run_locktool("lock").failed(1).err
    index.add("a", "1.0")
    run_locktool("lock", "--refresh").succeeded()
    assert only_entry(project)["version"] == "1.0"
    assert_holds(run_locktool, project)


def test_a_file_that_nobody_can_use_is_not_locked(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    index.add("a", "2.0", wheel_tags=["cp27-cp27m-win32", "cp310-cp310-win_amd64"])
    project.pyproject("a")
    assert_holds(run_locktool, project)
    assert only_entry(project)["version"] == "1.0"


TREE = """\
[project]
name = "tree"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["a ; python_version < '3.11'", "B >= 1 ; sys_platform == 'linux'", "b ; sys_platform == 'linux'"]

[project.optional-dependencies]
x = ["c ; sys_platform == 'win32' or python_version >= '3.12'", "tree[y]"]
y = ["d[e]"]
unused = ["missing"]
"""


def test_a_directory_with_extras_and_markers(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    for name in "abc":
        index.add(name, "1.0")
    index.add("d", "1.0", extras={"e": ["a"]})
    project.write("tree/pyproject.toml", TREE)
    project.pyproject("tree[x]", tool={"sources": {"tree": {"path": "tree"}}, "overrides": ["b==1.0"]})
    assert_holds(run_locktool, project)
    entry = only_entry(project, "tree")
    assert entry["requires-python"] == ">=3.10"
    names = [re.split(r"\W", text)[0] for text in entry["tool"]["locktool"]["requires"]]
    assert sorted(names) == ["b", "b", "c", "d", "tree"]
