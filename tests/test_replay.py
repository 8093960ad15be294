"""The replay of benchmarks/ records what an index says and says it again without that index."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from replay import Replay, Store, Upstream

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex

JSON = "application/vnd.pypi.simple.v1+json"


def ask(url: str, **headers: str) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        body: bytes = answer.read()
        return body


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
