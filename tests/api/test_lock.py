"""A lock as a value: frozen, equal by what it says, written to the letter, and answering any number of threads."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from locktool import (
    InvalidName,
    Lock,
    LockError,
    Marker,
    MarkerEnvironment,
    PackageReference,
    ProjectError,
    RunOptions,
    diff,
    edit,
    lock,
    resolve,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Command
    from local_index import LocalIndex

TEXT = """\
# ours
lock-version = "1.0"
created-by = "example"

[[packages]]
name = "a"   # aligned
version = "1.0"
dependencies = [{ name = "b" }]
sdist = { url = "https://example.invalid/a-1.0.tar.gz", hashes = { sha256 = "00" } }

[[packages]]
name = "b"
version = "2.0"
marker = "sys_platform == 'win32'"
sdist = { url = "https://example.invalid/b-2.0.tar.gz", hashes = { sha256 = "00" } }
"""


def test_a_lock_is_frozen() -> None:
    found = Lock.parse(TEXT)
    for change in ("packages", "other"):
        with pytest.raises(AttributeError):
            setattr(found, change, ())
    with pytest.raises(AttributeError):
        found.packages[0].name = "c"  # type: ignore[misc]


@pytest.mark.parametrize(
    "call",
    [
        lambda text: Lock.parse(TEXT).select(extras=text),
        lambda text: Lock.parse(TEXT).select(groups=text),
        lambda text: RunOptions(upgrade=text),
        lambda text: RunOptions(refresh=text),
        lambda text: RunOptions(limit=text),
        lambda text: RunOptions(find_links=text),
        lambda text: RunOptions(extra_index_urls=text),
        lambda text: replace(MarkerEnvironment.for_target("3.12", "linux"), tags=text),
        lambda text: Marker("os_name == 'nt'").choose(extras=text),
        lambda text: Marker("os_name == 'nt'").choose(groups=text),
        lambda text: Marker("os_name == 'nt'").simplify(environments=text),
        resolve,
    ],
)
def test_one_text_is_not_taken_letter_by_letter(call: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"several .*, not one.*: write \['gpu'\]"):
        call("gpu")


def test_locks_are_equal_where_they_say_the_same() -> None:
    found, other = Lock.parse(TEXT), Lock.parse(TEXT.replace("# ours\n", ""))
    assert found == other
    assert hash(found) == hash(other)
    assert found != Lock.parse(TEXT.replace('"2.0"', '"2.1"'))
    assert found != TEXT
    assert pickle.loads(pickle.dumps(found)).text == TEXT


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_was_read_is_written_to_the_letter(newline: str, tmp_path: Path) -> None:
    path, copy = tmp_path / "pylock.toml", tmp_path / "pylock.copy.toml"
    path.write_bytes(TEXT.replace("\n", newline).encode())
    found = Lock.read(path)
    assert found.write(copy)
    assert copy.read_bytes() == path.read_bytes()
    assert not found.write(path)


def test_what_a_run_made_keeps_the_comments_of_what_it_replaces(locked: Command, index: LocalIndex) -> None:
    path = locked.directory / "pylock.toml"
    path.write_text("# ours\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    planned = lock(locked.directory, options=RunOptions(index_url=index.url, upgrade=True), dry_run=True)
    assert not planned.lock.write(path)
    assert path.read_text(encoding="utf-8").startswith("# ours\n")


def test_a_lock_of_another_tool_has_edges_and_no_project() -> None:
    found = Lock.parse(TEXT)
    assert found.dependencies() == ()
    (edge,) = found.dependencies("a")
    assert (str(edge.requirer), edge.requirement, edge.name) == ("a 1.0", "b", "b")
    assert edge.package == found.packages[1]
    assert found.packages[0].dependencies == (PackageReference(name="b"),)
    assert found.dependents("b") == (edge,)
    assert found.dependents("a") == ()
    assert [chain[0].requirer.name for why in found.why("b") for chain in why.chains] == ["a"]


def test_an_environment_of_packaging_selects_entries() -> None:
    from packaging.markers import default_environment

    environment = default_environment()
    environment["sys_platform"] = "win32"
    assert [(each.package.name, each.source is None) for each in Lock.parse(TEXT).select(environment)] == [
        ("a", False),
        ("b", False),
    ]


def test_a_package_that_is_not_there_is_an_error_with_a_code() -> None:
    found = Lock.parse(TEXT)
    for ask in (found.dependencies, found.dependents, found.why):
        with pytest.raises(LockError) as caught:
            ask("aa")
        assert caught.value.code == "not-locked"
        with pytest.raises(InvalidName):
            ask("no name")


def test_what_is_no_lock_is_refused_with_its_place() -> None:
    with pytest.raises(LockError) as caught:
        Lock.parse('lock-version = "1.0"\n<<<<<<<\n', "x.toml")
    assert (caught.value.path, caught.value.line) == ("x.toml", 2)
    with pytest.raises(LockError) as caught:
        Lock.parse('lock-version = "1.0"\n')
    assert caught.value.code == "lock-invalid"


def test_many_threads_ask_one_lock(locked: Command) -> None:
    found = Lock.read(locked.directory / "pylock.toml")
    names = [package.name for package in found.packages] * 20
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: (found.dependencies(name), found.dependents(name)), names))
    again = Lock.read(locked.directory / "pylock.toml")
    assert answers == [(again.dependencies(name), again.dependents(name)) for name in names]


def test_a_difference_takes_locks_and_files(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(TEXT, encoding="utf-8")
    moved = diff(path, Lock.parse(TEXT.replace('"2.0"', '"2.1"').replace("example.invalid/b", "other.invalid/b")))
    assert [(change.name, change.before, change.after) for change in moved.moved] == [("b", ("2.0",), ("2.1",))]
    assert moved.new_hosts == ("other.invalid",)
    assert [each.version for each in moved.sdist_only] == ["2.1"]


def test_an_edit_names_one_list(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="not to both"):
        edit.add("a", tmp_path, extra="x", group="y")
    with pytest.raises(ProjectError) as caught:
        edit.add("a", tmp_path)
    assert caught.value.code == "project-unreadable"
