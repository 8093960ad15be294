"""The index the other tests rest on, seen by another client: pip installs from it, `packaging` reads what it makes."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from packaging.metadata import Metadata

from local_index import (
    Corrupted,
    LocalIndex,
    RangeIgnored,
    Redirect,
    Replaced,
    Reset,
    Slow,
    Status,
    Truncated,
    WrongLength,
)
from local_index.pages import HTML, JSON, PageStyle

if TYPE_CHECKING:
    from pathlib import Path


def ask(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request without redirects or decoding; header names in keyword spelling."""
    host, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(
            "GET", f"/{path}", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def run_pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Pip without the machine's configuration."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return subprocess.run(
        [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--no-cache-dir", *arguments],
        env=variables | {"PIP_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("formats", [["json"], ["html"]])
def test_pip_installs_a_wheel_and_what_it_requires(tmp_path: Path, formats: list[str]) -> None:
    with LocalIndex(formats=formats) as index:  # type: ignore[arg-type] # parametrize widens the literals
        index.add("a", "1.0.0", requires=["b>=1"], extras={"more": ["c ; python_version >= '3'"]})
        index.add("b", "1.0.0")
        index.add("b", "2.0.0", requires_python="<3")
        index.add("c", "1.0.0", wheel_tags=[], sdist=True)
        finished = run_pip("install", "--target", str(tmp_path), "--index-url", index.url, "a[more]")
    assert finished.returncode == 0, finished.stderr
    found = {entry.name for entry in tmp_path.iterdir() if entry.suffix == ".dist-info"}
    assert found == {"a-1.0.0.dist-info", "b-1.0.0.dist-info", "c-1.0.0.dist-info"}


def test_archives_are_the_same_bytes_every_time() -> None:
    with LocalIndex() as first, LocalIndex() as second:
        for index in (first, second):
            index.add("a", "1.0.0", requires=["b"], sdist=True, padding=100)
        contents = [[file.content for file in index.releases("a")[0].files] for index in (first, second)]
    assert contents[0] == contents[1]


def test_metadata_is_valid_and_the_same_in_wheel_sidecar_and_sdist(index: LocalIndex) -> None:
    release = index.add(
        "Some.Name",
        "1.0rc1",
        requires=["b>=1", "c; os_name == 'nt'"],
        extras={"x": ["d"]},
        requires_python=">=3.8",
        sdist=True,
    )
    source, wheel = release.files
    stem = "some_name-1.0rc1"
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        assert archive.testzip() is None
        inside = archive.read(f"{stem}.dist-info/METADATA")
    with tarfile.open(fileobj=io.BytesIO(source.content)) as sources:
        packed = sources.extractfile(f"{stem}/PKG-INFO")
        assert packed is not None
        assert packed.read() == inside == wheel.sidecar
    metadata = Metadata.from_email(inside, validate=True)
    assert [str(requirement) for requirement in metadata.requires_dist or []] == [
        "b>=1",
        'c; os_name == "nt"',
        'd; extra == "x"',
    ]


def test_a_dynamic_field_is_declared_and_left_out(index: LocalIndex) -> None:
    release = index.add("a", "1", requires=["b"], wheel_tags=[], sdist=True, dynamic=["Requires-Dist"])
    with tarfile.open(fileobj=io.BytesIO(release.files[0].content)) as sources:
        packed = sources.extractfile("a-1/PKG-INFO")
        assert packed is not None
        metadata = Metadata.from_email(packed.read(), validate=True)
    assert metadata.dynamic == ["requires-dist"]
    assert metadata.requires_dist is None


def test_the_page_has_the_form_that_is_asked_for(index: LocalIndex) -> None:
    index.add("a", "1.0.0", yanked="broken <here>", requires_python=">=3.9")
    _, headers, body = ask(f"{index.url}a/", Accept=f"{JSON}, {HTML};q=0.2, text/html;q=0.01")
    (entry,) = json.loads(body)["files"]
    assert headers["content-type"] == JSON
    assert entry["yanked"] == "broken <here>"
    assert entry["hashes"]["sha256"] == hashlib.sha256(ask(entry["url"])[2]).hexdigest()
    assert entry["core-metadata"]["sha256"] == hashlib.sha256(ask(entry["url"] + ".metadata")[2]).hexdigest()
    _, headers, body = ask(f"{index.url}a/", Accept="text/html")
    assert headers["content-type"].startswith("text/html")
    assert b'data-requires-python="&gt;=3.9" data-yanked="broken &lt;here&gt;"' in body
    assert ask(f"{index.url}a/", Accept="application/pdf")[0] == 406


def test_pages_revalidate_and_compress(index: LocalIndex) -> None:
    index.add("a", "1.0.0")
    _, headers, body = ask(f"{index.url}a/", Accept=JSON, Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["name"] == "a"
    status, again, body = ask(f"{index.url}a/", Accept=JSON, Accept_Encoding="gzip", If_None_Match=headers["etag"])
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    index.add("a", "1.0.1")
    assert ask(f"{index.url}a/", Accept=JSON, Accept_Encoding="gzip", If_None_Match=headers["etag"])[0] == 200
    assert index.counts == {"page": 2, "not-modified": 1}


@pytest.mark.parametrize(
    ("wanted", "expected"), [("bytes=0-3", slice(0, 4)), ("bytes=-5", slice(-5, None)), ("bytes=7-", slice(7, None))]
)
def test_ranges_of_files(index: LocalIndex, wanted: str, expected: slice) -> None:
    (file,) = index.add("a", "1.0.0").files
    url = f"{index.root}/files/a/{file.filename}"
    status, headers, body = ask(url, Range=wanted)
    assert (status, body) == (206, file.content[expected])
    assert headers["content-range"].endswith(f"/{len(file.content)}")
    assert ask(url, Range=f"bytes={len(file.content)}-")[0] == 416
    index.fail("/files/*", RangeIgnored())
    assert ask(url, Range=wanted)[::2] == (200, file.content)


def test_names_and_slashes_are_redirected_to_the_normalised_page(index: LocalIndex) -> None:
    index.add("Some_Name", "1")
    assert ask(f"{index.url}Some_Name/")[1]["location"] == "/simple/some-name/"
    assert ask(f"{index.url}some-name")[1]["location"] == "/simple/some-name/"
    assert ask(f"{index.url}other/")[0] == 404
    assert b"some-name/" in ask(index.url)[2]
    assert b"some_name-1-py3-none-any.whl" in ask(index.flat_url)[2]


def test_credentials_are_required_where_they_are_set() -> None:
    with LocalIndex(credentials=("user", "secret")) as index:
        index.add("a", "1")
        assert ask(f"{index.url}a/")[0] == 401
        assert ask(f"{index.url}a/", Authorization="Basic dXNlcjpzZWNyZXQ=")[0] == 200
        assert index.url_with_credentials.startswith("http://user:secret@127.0.0.1:")


def test_a_project_can_declare_its_status(index: LocalIndex) -> None:
    index.declare("a", PageStyle(api_version="1.4", status="quarantined", status_reason="malware"))
    document = json.loads(ask(f"{index.url}a/", Accept=JSON)[2])
    assert document["project-status"] == {"status": "quarantined", "reason": "malware"}


def test_faults_wear_off(index: LocalIndex) -> None:
    index.add("a", "1")
    page = f"{index.url}a/"
    index.fail("/simple/a/", Status(503, {"Retry-After": "0"}), times=2)
    assert [ask(page)[0] for _ in range(3)] == [503, 503, 200]
    index.fail("/simple/*", Redirect("/simple/a/"))
    assert ask(page)[1]["location"] == "/simple/a/"
    index.heal()
    index.fail("/simple/*", Replaced(b"<html><script>", "text/html"), times=1)
    assert ask(page)[2] == b"<html><script>"
    index.fail("/simple/*", Slow(drip=(40, 0.001)), times=1)
    assert ask(page)[2] == ask(page)[2]
    index.fail("/files/*", Corrupted())
    (file,) = index.releases("a")[0].files
    assert ask(f"{index.root}/files/a/{file.filename}")[2] != file.content


@pytest.mark.parametrize("fault", [Truncated(10), WrongLength(100)])
def test_a_body_that_ends_early_is_seen_as_such(index: LocalIndex, fault: Truncated | WrongLength) -> None:
    index.add("a", "1")
    index.fail("/simple/*", fault)
    with pytest.raises(http.client.IncompleteRead):
        ask(f"{index.url}a/")


@pytest.mark.parametrize("sent", [None, 20])
def test_a_reset_is_seen_as_such(index: LocalIndex, sent: int | None) -> None:
    index.add("a", "1")
    index.fail("/simple/*", Reset(sent))
    with pytest.raises(ConnectionError):
        ask(f"{index.url}a/")
