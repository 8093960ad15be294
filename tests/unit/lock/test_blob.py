"""The remembered form of a lock is right or absent, whatever happened to the cache."""

import os
from pathlib import Path

import pytest

from locktool.lock.blob import DIRECTORY, load_blob, store_blob

CONTENT, PAYLOAD = b"the lock", b"its messagepack"


def test_what_was_stored_is_found_under_the_same_bytes_only(tmp_path: Path) -> None:
    assert load_blob(CONTENT, tmp_path) is None
    store_blob(CONTENT, PAYLOAD, tmp_path)
    assert load_blob(CONTENT, tmp_path) == PAYLOAD
    assert load_blob(CONTENT + b" edited", tmp_path) is None


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b[:10], lambda _: b"", lambda b: b"x" + b[1:]])
def test_a_damaged_blob_is_a_miss(tmp_path: Path, damage: object) -> None:
    store_blob(CONTENT, PAYLOAD, tmp_path)
    (path,) = (tmp_path / DIRECTORY).iterdir()
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert load_blob(CONTENT, tmp_path) is None
    store_blob(CONTENT, PAYLOAD, tmp_path)
    assert load_blob(CONTENT, tmp_path) == PAYLOAD


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store_blob(CONTENT, PAYLOAD, tmp_path / "file")
    assert load_blob(CONTENT, tmp_path / "file") is None


def test_the_oldest_blobs_go_first(tmp_path: Path) -> None:
    for number in range(70):
        store_blob(b"%d" % number, PAYLOAD, tmp_path)
        for path in (tmp_path / DIRECTORY).iterdir():
            stamp = path.stat().st_mtime_ns - 10**9
            os.utime(path, ns=(stamp, stamp))
    assert len(list((tmp_path / DIRECTORY).iterdir())) == 64
    assert load_blob(b"0", tmp_path) is None
    assert load_blob(b"69", tmp_path) == PAYLOAD
