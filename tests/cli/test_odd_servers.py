"""Servers, proxies and files of credentials that do less than the standards say, or not what they should."""

from __future__ import annotations

import json
import os
import socket
import stat
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from local_index import LocalIndex, Replaced, Status

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index.release import ServedFile

WEB_PAGE = Replaced(b"<!DOCTYPE html><title>Not here</title>", "text/html")


def entries(project: ProjectWriter) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in tomllib.loads(project.read())["packages"]}


@pytest.mark.parametrize("code", [403, 501])
def test_a_refused_range_falls_back_to_the_whole_file(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, code: int
) -> None:
    index.add("a", "1.0", requires=["b"], metadata="none")
    index.add("b", "1.0", metadata="none")
    index.ranges = code
    project.pyproject("a")
    run_locktool("lock").succeeded()
    assert entries(project).keys() == {"a", "b"}
    # The host is asked for a range once, and for no metadata after the first that it lacked.
    assert sum(1 for request in index.requests if request.status == code) <= 2


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_file_is_refused_access(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, code: int
) -> None:
    index.add("a", "1.0", metadata="none")
    index.fail("/files/*", Status(code))
    project.pyproject("a")
    assert "refused access" in run_locktool("lock").failed(2).err


def test_metadata_that_is_not_announced_is_tried_once_for_each_host(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.formats = ("html",)
    for number in range(20):
        index.add(f"package-{number}", "1.0", metadata="none")
    project.pyproject(*(f"package-{number}" for number in range(20)))
    run_locktool("lock").succeeded()
    assert sum(1 for request in index.requests if request.path.endswith(".metadata")) == 1


@pytest.mark.parametrize("place", ["page", "directory"])
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_the_python_of_a_release_is_read_from_its_metadata_where_the_listing_does_not_say(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str, kind: str
) -> None:
    """A directory and the page that a web server makes of it have no Requires-Python; pip refuses what it excludes."""
    files: list[ServedFile] = []
    for version, requires_python in (("1.0", None), ("2.0", ">=3.12"), ("3.0", ">=3.99")):
        tags = ["py3-none-any"] if kind == "wheel" else []
        release = index.add("a", version, requires_python=requires_python, wheel_tags=tags, sdist=not tags)
        files += release.files
    links = "".join(f'<a href="{index.root}/files/a/{file.filename}">{file.filename}</a>' for file in files)
    index.fail("/simple/a/", Replaced(links.encode(), "text/html"))
    tool: dict[str, list[str]] = {}
    if place == "directory":
        tool["find-links"] = ["wheels"]
        project.write("wheels/README", "")
        for file in files:
            (project.directory / "wheels" / file.filename).write_bytes(file.content)
    project.pyproject("a", requires_python=">=3.11,<3.14", tool=tool)
    run_locktool("lock").succeeded()
    locked = tomllib.loads(project.read())["packages"]
    assert {(entry["version"], entry.get("marker")) for entry in locked} == {
        ("1.0", "python_version < '3.12'"),
        ("2.0", "python_version >= '3.12'"),
    }


def test_each_host_is_tried_for_metadata_that_is_not_announced(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    with LocalIndex(formats=("html",)) as other:
        index.formats = ("html",)
        for number in range(6):
            (index if number % 2 else other).add(f"package-{number}", "1.0", metadata="none")
        project.pyproject(*(f"package-{number}" for number in range(6)))
        run_locktool("lock", "--extra-index-url", other.url).succeeded()
        for host in (index, other):
            assert sum(1 for request in host.requests if request.path.endswith(".metadata")) == 1


def test_a_web_page_in_the_place_of_metadata_is_none(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """A soft 404: the server answers 200 for what it does not have."""
    index.formats = ("html",)
    index.add("a", "1.0", requires=["b"], metadata="none")
    index.add("b", "1.0", metadata="none")
    index.fail("/files/*.metadata", WEB_PAGE)
    project.pyproject("a")
    finished = run_locktool("lock").succeeded()
    assert "warning" not in finished.err
    assert entries(project).keys() == {"a", "b"}
    assert sum(1 for request in index.requests if request.path.endswith(".metadata")) == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY", "PIP_PROXY", "LOCKTOOL_PROXY"])
def test_a_proxy_that_is_down_is_named(project: ProjectWriter, run_locktool: Command, variable: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        proxy = f"http://ann:sesame@127.0.0.1:{free.getsockname()[1]}"
    project.pyproject("a")
    environment = {variable: proxy, "LOCKTOOL_INDEX_URL": "http://packages.invalid/simple/", "http_proxy": ""}
    message = run_locktool("lock", env=environment).failed(2).err
    assert f"through the proxy {proxy.replace('ann:sesame@', '')}" in message
    assert "sesame" not in message


NO_PROXIES = [
    "not a proxy",
    "http://",
    "http://h:99999",
    "127.0.0.1:port",
    "::::",
    "ftp://127.0.0.1:9",
    "socks5://h:1",
    "http://ann:sesame@[x",
]


@pytest.mark.parametrize("text", NO_PROXIES)
def test_a_proxy_that_is_none_is_named_by_its_setting(
    project: ProjectWriter, run_locktool: Command, tmp_path: Path, text: str
) -> None:
    project.pyproject("a")
    settings = tmp_path / "settings.toml"
    settings.write_text(f"proxy = {json.dumps(text)}\n", encoding="utf-8")
    for name, variables in (
        ("LOCKTOOL_PROXY is ", {"LOCKTOOL_PROXY": text}),
        (f"{settings.name}, the settings of this user, has proxy = ", {"LOCKTOOL_CONFIG_FILE": str(settings)}),
    ):
        message = " ".join(run_locktool("lock", env=variables).failed(2).err.split())
        assert name in message
        assert "which is not the address of a proxy: it starts with http:// or https://" in message
        assert "sesame" not in message
    message = run_locktool("lock", env={"PIP_PROXY": text}).failed(2).err
    assert "it is set as the proxy and is not the address of one" in message
    assert "sesame" not in message


@pytest.mark.skipif(os.name == "nt", reason="a script is no program on Windows")
@pytest.mark.parametrize(
    ("provider", "is_asked"),
    [
        ({}, True),
        ({"PIP_KEYRING_PROVIDER": "subprocess"}, True),
        ({"PIP_KEYRING_PROVIDER": "disabled"}, False),
        ({"PIP_KEYRING_PROVIDER": "subprocess", "LOCKTOOL_KEYRING_PROVIDER": "disabled"}, False),
    ],
)
def test_the_keyring_is_asked_when_a_server_is(
    project: ProjectWriter,
    run_locktool: Command,
    tmp_path: Path,
    provider: dict[str, str],
    is_asked: bool,  # noqa: FBT001 - a case
) -> None:
    calls = tmp_path / "calls"
    program = tmp_path / "keyring"
    program.write_text(f'#!/bin/sh\necho "$@" >> {calls}\necho sesame\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with LocalIndex(credentials=("ann", "sesame")) as locked:
        locked.add("a", "1.0")
        project.pyproject("a")
        url = locked.url.replace("//", "//ann@")
        environment = {
            "LOCKTOOL_INDEX_URL": url,
            "PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]]),
            **provider,
        }
        finished = run_locktool("lock", env=environment)
        if not is_asked:
            finished.failed(2)
            assert not calls.exists()
            return
        finished.succeeded()
        assert calls.read_text(encoding="utf-8").split() == ["get", locked.url, "ann"]
        (project.directory / "pylock.toml").unlink()
        run_locktool("lock", env=environment).succeeded()
        assert len(calls.read_text(encoding="utf-8").splitlines()) == 1


def test_a_netrc_that_cannot_be_read_is_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    index.add("a", "1.0")
    project.pyproject("a")
    netrc = tmp_path / "netrc"
    netrc.write_bytes(b"machine \xff")
    for path in (netrc, tmp_path / "missing", tmp_path):
        finished = run_locktool("lock", "--refresh", "--upgrade", env={"NETRC": str(path)}).succeeded()
        assert f"{path} cannot be read" in finished.err
    assert "netrc" not in run_locktool("lock", "--refresh", "--upgrade").succeeded().err


def test_the_credentials_of_uv_count_for_a_named_index(project: ProjectWriter, run_locktool: Command) -> None:
    with LocalIndex(credentials=("ann", "sesame")) as locked:
        locked.add("a", "1.0")
        project.write(
            "pyproject.toml",
            '[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["a"]\n'
            f'[[tool.uv.index]]\nname = "in-ner"\nurl = "{locked.url}"\ndefault = true\n',
        )
        run_locktool("lock").failed(2)
        variables = {"UV_INDEX_IN_NER_USERNAME": "ann", "UV_INDEX_IN_NER_PASSWORD": "sesame"}
        run_locktool("lock", env=variables).succeeded()
        assert "sesame" not in project.read()


def test_a_cutoff_without_upload_times_says_what_is_missing(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", upload_time=None)
    project.pyproject("a", tool={"exclude-newer": "2024-06-01"})
    message = run_locktool("lock").failed(1).err
    assert "a 1.0 has no upload time, which exclude-newer needs" in message
    assert "exclude-newer-package = { a = false }" in message
    assert "newer than" not in message


def test_what_lies_in_the_project_wins_over_the_index_under_a_cutoff_too(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", upload_time="2025-01-01T00:00:00Z")
    index.add("a", "0.9", upload_time="2023-01-01T00:00:00Z")
    with LocalIndex() as elsewhere:
        (wheel,) = elsewhere.add("a", "1.0", requires=["b"]).files
    index.add("b", "1.0", upload_time="2023-01-01T00:00:00Z")
    project.write("wheels/README", "")
    (project.directory / "wheels" / wheel.filename).write_bytes(wheel.content)
    for cutoff in ({}, {"exclude-newer": "2024-01-01"}):
        project.pyproject("a", tool={"find-links": ["wheels"], **cutoff})
        run_locktool("lock").succeeded()
        entry = entries(project)["a"]
        assert (entry["version"], entry["index"]) == ("1.0", "wheels")
        assert [file["path"] for file in entry["wheels"]] == [f"wheels/{wheel.filename}"]
        assert "b" in entries(project)
        run_locktool("check", "--frozen").succeeded()
