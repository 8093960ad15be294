"""Every way a lock can be unreadable is one LockError that says where and what to do."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from locktool._native import LockFile
from locktool.exceptions import LockError
from locktool.lock.model import Lock
from locktool.lock.read import lock_of, read_lock

PATH = Path("pylock.toml")

FULL = """\
lock-version = "1.0"
environments = ["sys_platform == 'linux'"]
requires-python = ">=3.11"
extras = ["s3"]
dependency-groups = ["dev"]
default-groups = ["dev"]
created-by = "another"

[[packages]]
name = "a"
version = "1.0"
marker = "'s3' in extras"
requires-python = ">=3.9"
dependencies = [{ name = "b" }]
index = "https://example.invalid/simple/"
sdist = { name = "a-1.0.tar.gz", upload-time = 2025-01-02T03:04:05Z, url = "https://example.invalid/a-1.0.tar.gz", \
size = 3, hashes = { sha256 = "00" } }
wheels = [
  { url = "https://example.invalid/a-1.0-py3-none-any.whl", size = 4, hashes = { sha256 = "11", md5 = "22" } },
]
attestation-identities = [{ kind = "GitHub", repository = "a/a", workflow = "w.yml" }]

[[packages]]
name = "b"
vcs = { type = "git", url = "https://example.invalid/b", requested-revision = "main", commit-id = "ff" }

[[packages]]
name = "c"
directory = { path = "c", editable = true, subdirectory = "s" }

[[packages]]
name = "d"
archive = { path = "d.zip", hashes = { sha256 = "33" }, subdirectory = "s" }
"""


def test_every_key_of_the_standard_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(FULL, encoding="utf-8")
    lock = read_lock(path)
    document = tomllib.loads(FULL)
    document["packages"][0]["sdist"]["upload-time"] = "2025-01-02T03:04:05Z"
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(lock)) == document
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(lock), type=Lock) == lock
    assert (lock.inputs, lock.members) == ({}, ())
    assert [file.hashes["sha256"] for file in lock.packages[0].files()] == ["11", "00"]


def test_a_missing_lock_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="does not exist") as caught:
        read_lock(tmp_path / "pylock.toml")
    assert caught.value.code == "lock-missing"
    assert "locktool lock" in caught.value.fields["suggestion"]


def test_a_directory_in_its_place_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").mkdir()
    with pytest.raises(LockError) as caught:
        read_lock(tmp_path / "pylock.toml")
    assert caught.value.code == "lock-unreadable"


def test_broken_toml_is_told_with_its_place() -> None:
    with pytest.raises(LockError) as caught:
        LockFile.parse(b'lock-version = "1.0"\npackages = [\n', "pylock.toml")
    assert (caught.value.code, caught.value.line) == ("lock-unreadable", 2)
    assert "line 2" in caught.value.message


def test_conflict_markers_are_told_as_such() -> None:
    with pytest.raises(LockError) as caught:
        LockFile.parse(b"a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other\n", "pylock.toml")
    assert (caught.value.code, caught.value.line) == ("lock-conflicted", 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "lock-invalid"),
        (b"packages = 3", "lock-invalid"),
        (b'lock-version = "1.0"\ncreated-by = "x"\npackages = [{ version = "1" }]', "lock-invalid"),
        (b'lock-version = "1.0"\ncreated-by = "x"\npackages = []\ntool.locktool.members = [{}]', "lock-invalid"),
        (b'lock-version = "2.0"\ncreated-by = "x"\npackages = []', "lock-version-unsupported"),
    ],
)
def test_a_document_of_another_kind_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(LockError) as caught:
        lock_of(LockFile.parse(content, "pylock.toml"), PATH)
    assert caught.value.code == code


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00", b"a" * 10_000, b"[" * 10_000])
def test_hostile_bytes_are_an_error_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(LockError):
        LockFile.parse(content, "pylock.toml")


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "=======", ">>>>>>> other"])
def test_a_stray_conflict_marker_is_nothing_that_lock_resolves(line: str) -> None:
    with pytest.raises(LockError) as caught:
        LockFile.parse(f'lock-version = "1.0"\n{line}\n'.encode(), "pylock.toml")
    assert (caught.value.code, caught.value.line) == ("lock-conflicted", 2)
    assert "incomplete" in caught.value.message
    assert caught.value.fields["suggestion"].startswith("restore the file")
