"""Every way a lock can be unreadable is one LockError that says where and what to do."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from locktool.exceptions import LockError
from locktool.lock.build import build_lock
from locktool.lock.model import Lock
from locktool.lock.read import decode_lock, parse_content, read_content, read_lock
from locktool.lock.write import render_lock

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


def test_every_key_of_the_standard_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(FULL, encoding="utf-8")
    lock = read_lock(path)
    assert tomllib.loads(render_lock(lock)) == tomllib.loads(FULL)
    assert (lock.inputs, lock.members) == ({}, ())
    assert [file.hashes["sha256"] for file in lock.packages[0].files()] == ["11", "00"]


def test_a_missing_lock_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(LockError, match="does not exist") as caught:
        read_content(tmp_path / "pylock.toml")
    assert caught.value.code == "lock-missing"
    assert "locktool lock" in caught.value.fields["suggestion"]


def test_a_directory_in_its_place_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").mkdir()
    with pytest.raises(LockError) as caught:
        read_content(tmp_path / "pylock.toml")
    assert caught.value.code == "lock-unreadable"


def test_broken_toml_is_told_with_its_place() -> None:
    with pytest.raises(LockError) as caught:
        parse_content(b'lock-version = "1.0"\npackages = [\n', PATH)
    assert (caught.value.code, caught.value.line) == ("lock-unreadable", 2)
    assert "line 2" in caught.value.message


def test_conflict_markers_are_told_as_such() -> None:
    with pytest.raises(LockError) as caught:
        parse_content(b"a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> other\n", PATH)
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
        decode_lock(parse_content(content, PATH), PATH)
    assert caught.value.code == code


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00", b"a" * 10_000, b"[" * 10_000])
def test_hostile_bytes_are_an_error_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(LockError):
        parse_content(content, PATH)


def resolution_of(**inputs: object) -> bytes:
    packages = [{"name": "a", "version": "1"}]
    return msgspec.msgpack.encode({"packages": packages, "requires-python": ">=3.11", "inputs": inputs})


def test_a_lock_is_built_of_a_resolution() -> None:
    members = [
        {"name": "one", "path": ".", "extras": {"b": [], "a": []}, "groups": {"dev": []}},
        {"name": "two", "path": "two", "extras": {"a": ["x"]}, "groups": {"docs": [], "dev": []}},
    ]
    inputs = {"schema": 2, "environments": ["os_name == 'posix'"], "default-groups": ["dev"], "members": members}
    lock = build_lock(resolution_of(**inputs))
    assert (lock.extras, lock.dependency_groups, lock.default_groups) == (("a", "b"), ("dev", "docs"), ("dev",))
    assert lock.requires_python == ">=3.11"
    assert lock.environments == ("os_name == 'posix'",)
    assert lock.inputs == inputs
    assert (lock.members[1].name, lock.members[1].path) == ("two", "two")
    assert lock.members[1].extras == {"a": ("x",)}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(lock), type=Lock) == lock


def test_what_the_command_line_said_comes_first() -> None:
    members = [{"path": ".", "groups": {"dev": [], "docs": []}}]
    command_line = {"environments": ["os_name == 'nt'"], "default-groups": "all"}
    lock = build_lock(
        resolution_of(
            environments=["os_name == 'posix'"],
            members=members,
            **{"default-groups": ["dev"], "command-line": command_line},
        )
    )
    assert (lock.environments, lock.default_groups) == (("os_name == 'nt'",), ("dev", "docs"))
