"""A page that announces what is no digest, `#sha256=zz`: the file is refused, and whoever needs it hears why."""

from __future__ import annotations

import json
import tomllib
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from input_changes import locked_versions
from local_index import Replaced

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex
    from local_index.pages import Format
    from local_index.release import Release

MALFORMED = ["zz", "0" * 63, "0" * 65, "", "g" * 64, "0" * 31 + "&x=1"]


def page(index: LocalIndex, path: str) -> tuple[str, str]:
    """A page as the index would send it, and its content type."""
    connection = HTTPConnection(index.root.removeprefix("http://"))
    connection.request(
        "GET", path, headers={"Accept": f"application/vnd.pypi.simple.v1+{index.formats[0]}, text/html;q=0.1"}
    )
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return text, response.headers["Content-Type"]


def spoil(index: LocalIndex, path: str, change: Callable[[str], str]) -> None:
    """Let a page say something else from here on."""
    text, content_type = page(index, path)
    changed = change(text)
    assert changed != text
    index.fail(path, Replaced(changed.encode(), content_type))
    index.forget_requests()


def announce(index: LocalIndex, release: Release, text: str, path: str = "/simple/a/") -> None:
    """Let the page give a text in the place of the digests of a release."""
    digests = [file.digests["sha256"] for file in release.files]

    def change(page: str) -> str:
        for digest in digests:
            page = page.replace(digest, text)
        return page

    spoil(index, path, change)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("form", ["json", "html"])
@pytest.mark.parametrize("text", MALFORMED)
def test_a_release_is_refused_whose_digest_is_none(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, form: Format, text: str
) -> None:
    index.formats = (form,)
    index.add("a", "1.0")
    broken = index.add("a", "2.0")
    announce(index, broken, text)
    project.pyproject("a==2.0")
    message = one_line(run_locktool("lock").failed(1).err)
    shown = text.replace("&x=1", "" if form == "html" else "?x?1")
    assert f"{index.root}/simple/a/ says that {broken.files[0].filename} has sha256={shown}, and" in message
    assert "a sha256 has 64 hexadecimal digits" in message
    assert not (project.directory / "pylock.toml").exists()
    # What the cache has of the page says the same.
    for options in ((), ("--offline",)):
        assert one_line(run_locktool("lock", *options).failed(1).err) == message
    assert sum(1 for request in index.requests if request.path.startswith("/simple/")) == 1
    assert not [request for request in index.requests if broken.files[0].filename in request.path]


@pytest.mark.parametrize("form", ["json", "html"])
def test_another_release_is_not_taken_in_silence(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, form: Format
) -> None:
    index.formats = (form,)
    index.add("a", "1.0")
    announce(index, index.add("a", "2.0", sdist=True), "zz")
    project.pyproject("a")
    locks = set()
    for arguments in ((), ("--upgrade",), ("--upgrade", "--offline"), ("--upgrade", "--no-cache")):
        message = one_line(run_locktool("lock", *arguments).succeeded().err)
        assert "a 2.0 was left out for 1.0" in message
        assert "has sha256=zz, and a sha256 has 64 hexadecimal digits" in message
        locks.add(project.read())
    assert len(locks) == 1
    assert locked_versions(project) == {"a": "1.0"}


def test_metadata_that_is_known_does_not_make_the_file_usable(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    release = index.add("a", "1.0")
    project.pyproject("a")
    run_locktool("lock").succeeded()
    announce(index, release, "zz")
    assert "has sha256=zz" in run_locktool("lock", "--refresh", "--upgrade").failed(1).err
    stated = {"dependency-metadata": [{"name": "a", "version": "1.0", "requires-dist": []}]}
    project.pyproject("a", tool=stated)
    assert "has sha256=zz" in run_locktool("lock", "--upgrade").failed(1).err


def test_a_file_is_left_out_beside_others_of_its_release(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    release = index.add("a", "1.0", wheel_tags=["cp312-cp312-win_amd64", "py3-none-any"], sdist=True)
    sdist, broken, kept = release.files
    spoil(index, "/simple/a/", lambda page: page.replace(broken.digests["sha256"], "zz"))
    project.pyproject("a")
    message = one_line(run_locktool("lock").succeeded().err)
    assert f"a: left out a file: {index.root}/simple/a/ says that {broken.filename} has sha256=zz" in message
    (entry,) = tomllib.loads(project.read())["packages"]
    assert [file["url"].rpartition("/")[2] for file in entry["wheels"]] == [kept.filename]
    assert entry["sdist"]["url"].endswith(sdist.filename)
    before = project.read()
    run_locktool("lock", "--upgrade", "--offline").succeeded()
    assert project.read() == before


@pytest.mark.parametrize("place", ["fragment", "md5"])
def test_one_right_digest_does_not_make_up_for_a_malformed_one(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    index.add("a", "1.0")

    def change(text: str) -> str:
        document: dict[str, Any] = json.loads(text)
        (file,) = document["files"]
        if place == "fragment":
            file["url"] += "#sha256=zz"
        else:
            file["hashes"]["md5"] = "zz"
        return json.dumps(document)

    spoil(index, "/simple/a/", change)
    project.pyproject("a")
    assert "=zz, and a " in one_line(run_locktool("lock").failed(1).err)


@pytest.mark.parametrize("form", ["json", "html"])
def test_metadata_with_a_malformed_digest_is_not_read(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, form: Format
) -> None:
    index.formats = (form,)
    (file,) = index.add("a", "1.0", requires=["b"]).files
    index.add("b", "1.0")
    spoil(index, "/simple/a/", lambda page: page.replace(file.metadata_digest, "zz"))
    project.pyproject("a")
    for arguments in ((), ("--upgrade", "--refresh")):
        (project.directory / "pylock.toml").unlink(missing_ok=True)
        message = one_line(run_locktool("lock", *arguments).succeeded().err)
        if not arguments:
            assert f"{file.filename}.metadata is not taken: the index announces sha256=zz" in message
        assert locked_versions(project) == {"a": "1.0", "b": "1.0"}
    assert not [request for request in index.requests if request.path == f"/files/a/{file.filename}.metadata"]


@pytest.mark.parametrize("is_index", [True, False])
def test_a_page_of_links_is_held_to_the_same(
    index: LocalIndex,
    project: ProjectWriter,
    run_locktool: Command,
    is_index: bool,  # noqa: FBT001 - a case
) -> None:
    index.add("a", "1.0")
    announce(index, index.add("a", "2.0"), "zz", "/flat/")
    links = f"{index.root}/flat/"
    tool: dict[str, Any] = {"find-links": [links]}
    if is_index:
        tool = {"index": [{"name": "flat", "url": links, "format": "flat", "default": True}]}
    project.pyproject("a==2.0", tool=tool)
    arguments = () if is_index else ("--no-index",)
    message = one_line(run_locktool("lock", *arguments).failed(1).err)
    assert f"{links} says that a-2.0-py3-none-any.whl has sha256=zz" in message
    project.pyproject("a", tool=tool)
    assert "a 2.0 was left out for 1.0" in one_line(run_locktool("lock", *arguments).succeeded().err)
    assert locked_versions(project) == {"a": "1.0"}


def test_links_on_this_machine_are_held_to_the_same(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    (file,) = index.add("a", "1.0").files
    project.write("links/page.html", f'<a href="{file.filename}#sha256=zz">a</a>')
    (project.directory / "links" / file.filename).write_bytes(file.content)
    project.pyproject("a", tool={"find-links": ["links/page.html"]})
    message = one_line(run_locktool("lock", "--no-index").failed(1).err)
    assert f"links/page.html says that {file.filename} has sha256=zz" in message
