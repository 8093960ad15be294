"""The replay of benchmarks/ records what an index says and says it again without that index."""

from __future__ import annotations

import gzip
import json
import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from replay import Replay, Store, Upstream
from replay.nginx import SEARCHED, nginx_in_front
from replay.pages import FILE_LIFETIME

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex

JSON = "application/vnd.pypi.simple.v1+json"


def ask(url: str, **headers: str) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        body: bytes = answer.read()
        return body


def answer_of(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), b""


@pytest.mark.skipif(shutil.which("nginx", path=SEARCHED) is None, reason="nginx is not installed")
def test_nginx_serves_a_recorded_page_as_the_recorder_does(index: LocalIndex, tmp_path: Path) -> None:
    (wheel,) = index.add("a", "1.0", requires=["b>=1"]).files
    with Replay(Store(tmp_path, Upstream(index.url))) as replay, nginx_in_front(tmp_path, replay.url) as front:
        for form, media_type in (("json", JSON), ("html", "application/vnd.pypi.simple.v1+html")):
            # What is not recorded is passed on; afterwards nginx has it alone.
            _, _, recorded = answer_of(f"{front}a/", Accept=media_type)
            asked = replay.counters.requests
            status, headers, body = answer_of(f"{front}a/", Accept=media_type, Accept_Encoding="gzip")
            assert replay.counters.requests == asked
            assert (status, headers["Content-Type"], headers["Cache-Control"]) == (
                200,
                media_type,
                "max-age=600, public",
            )
            assert headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(body) == recorded == (tmp_path / "simple" / "a" / f"index.{form}").read_bytes()
            again = answer_of(f"{front}a/", Accept=media_type, Accept_Encoding="gzip", If_None_Match=headers["ETag"])
            assert again[0] == 304
        path = f"files/a/{wheel.filename}.metadata"
        by_nginx = answer_of(front.removesuffix("simple/") + path)
        by_recorder = answer_of(replay.url.removesuffix("simple/") + path)
        assert b"Requires-Dist: b>=1" in by_nginx[2]
        # A client that had to ask for a file again would be measured with requests that it never makes.
        assert by_nginx[1]["Cache-Control"] == by_recorder[1]["Cache-Control"] == FILE_LIFETIME
        assert answer_of(f"{front}other/", Accept=JSON)[0] == 404


@pytest.mark.parametrize("metadata", ["sidecar", "none"])
def test_what_is_recorded_is_served_without_the_index(index: LocalIndex, tmp_path: Path, metadata: str) -> None:
    release = index.add("a", "1.0", requires=["b>=1"], requires_python=">=3.9", metadata=metadata, yanked="old")  # type: ignore[arg-type] # parametrize widens
    (wheel,) = release.files
    answers = []
    for upstream in (Upstream(index.url), None):
        with Replay(Store(tmp_path, upstream)) as replay:
            page = ask(f"{replay.url}a/", Accept=JSON)
            html = ask(f"{replay.url}a/", Accept="text/html")
            sidecar = ask(f"{replay.url.removesuffix('simple/')}files/a/{wheel.filename}.metadata")
            with pytest.raises(urllib.error.HTTPError, match="404"):
                ask(f"{replay.url}other/")
            answers.append((page, html, sidecar))
    assert answers[0] == answers[1]
    (entry,) = json.loads(answers[0][0])["files"]
    assert entry["url"] == f"../../files/a/{wheel.filename}"
    assert entry["hashes"] == wheel.digests
    assert (entry["requires-python"], entry["yanked"], entry["core-metadata"]) == (">=3.9", "old", True)
    assert b"Requires-Dist: b>=1" in answers[0][2]
    assert b'data-yanked="old"' in answers[0][1]
