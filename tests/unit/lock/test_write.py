"""A rewritten lock changes where its content does, and nowhere else."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from packaging.pylock import Pylock

from locktool._native import LockFile
from locktool.lock.model import Distribution, Lock, LockTool, Package, PackageRecord, PackageReference, PackageTool


def render_lock(lock: Lock, previous: str | None = None) -> str:
    """The text of a lock in place of another one."""
    replaced = None if previous is None else LockFile.parse(previous.encode(), "pylock.toml")
    return LockFile.decode(msgspec.msgpack.encode(lock)).write(replaced)


def wheel(name: str, version: str) -> Distribution:
    return Distribution(
        url=f"https://files.example.invalid/{name}-{version}-py3-none-any.whl",
        size=10,
        upload_time="2025-01-02T03:04:05Z",
        hashes={"sha256": (name + version).encode().hex().ljust(64, "0")},
    )


def package(name: str, version: str, *, needs: tuple[str, ...] = (), marker: str | None = None) -> Package:
    return Package(
        name=name,
        version=version,
        marker=marker,
        dependencies=tuple(PackageReference(name=need) for need in needs),
        wheels=(wheel(name, version),),
        tool=PackageTool(locktool=PackageRecord(digest="0123456789abcdef", requires=needs)),
    )


def lock(*packages: Package, overrides: tuple[str, ...] = (), requires_python: str = ">=3.11") -> Lock:
    member = {
        "name": "demo",
        "path": ".",
        "dependencies": ["a>=1"],
        "extras": {"s3": ["b"]},
        "groups": {"dev": ["c", "d; os_name=='nt'"]},
    }
    inputs = {"schema": 2, "requires-python": requires_python, "members": [member]}
    return Lock(
        lock_version="1.0",
        requires_python=requires_python,
        extras=("s3",),
        dependency_groups=("dev",),
        created_by="locktool",
        tool=LockTool(locktool=inputs | ({"overrides": list(overrides)} if overrides else {})),
        packages=packages,
    )


BEFORE = lock(package("a", "1.0", needs=("b",)), package("b", "1.0"), package("c", "1.0"))


def test_a_written_lock_is_valid_and_starts_with_what_it_is() -> None:
    text = render_lock(BEFORE)
    document = tomllib.loads(text)
    Pylock.from_dict(document)
    assert text.startswith("# Made by locktool")
    assert document["tool"]["locktool"]["members"][0]["groups"]["dev"] == ["c", "d; os_name=='nt'"]
    assert list(document)[-1] == "packages"


def test_a_lock_without_packages_is_valid() -> None:
    text = render_lock(lock())
    Pylock.from_dict(tomllib.loads(text))
    assert "[tool.locktool]\n" in text
    assert render_lock(lock(), text) == text


def test_locking_again_without_change_keeps_the_text() -> None:
    edited = render_lock(BEFORE).replace('name = "b"\n', 'name = "b"    # mine\n\n\n') + "\n# the end\n"
    assert render_lock(BEFORE, edited) == edited


def test_unchanged_blocks_keep_their_bytes_and_changed_ones_their_comments() -> None:
    text = render_lock(BEFORE)
    edited = text.replace('[[packages]]\nname = "b"', '# why b\n[[packages]]\nname =   "b"  # odd spaces').replace(
        'name = "c"\nversion = "1.0"', 'name = "c"\nversion = "1.0"  # slow to move'
    )
    after = lock(package("a", "1.0", needs=("b",)), package("b", "1.0"), package("c", "2.0"))
    result = render_lock(after, edited)
    assert '# why b\n[[packages]]\nname =   "b"  # odd spaces' in result
    assert 'name = "c"\nversion = "2.0"  # slow to move' in result
    assert tomllib.loads(result) == tomllib.loads(render_lock(after))


def test_added_and_removed_packages_leave_the_others_alone() -> None:
    text = render_lock(BEFORE).replace('[[packages]]\nname = "b"', '# why b\n[[packages]]\nname = "b"')
    after = lock(package("a", "1.0", needs=("b",)), package("aa", "3"), package("b", "1.0"))
    result = render_lock(after, text)
    assert "# why b\n" in result
    assert result.replace("# why b\n", "") == render_lock(after)


def test_entries_of_one_name_are_told_apart_by_version() -> None:
    forked = lock(
        package("n", "1.0", marker="python_version < '3.12'"), package("n", "2.0", marker="python_version >= '3.12'")
    )
    text = (
        render_lock(forked)
        .replace('version = "1.0"', 'version = "1.0"  # old')
        .replace('version = "2.0"', 'version = "2.0"  # young')
    )
    after = lock(
        package("n", "2.0", marker="python_version == '3.12.*'"), package("n", "3.0", marker="python_version >= '3.13'")
    )
    result = render_lock(after, text)
    assert 'version = "2.0"  # young' in result
    assert 'version = "3.0"  # old' in result


def test_a_changed_header_keeps_comments_and_the_packages_their_bytes() -> None:
    text = render_lock(BEFORE).replace("[tool.locktool]", "# inputs\n[tool.locktool]")
    after = lock(*BEFORE.packages, requires_python=">=3.12")
    result = render_lock(after, text)
    assert result == render_lock(after).replace("[tool.locktool]", "# inputs\n[tool.locktool]")


def test_overrides_are_named_in_the_header_and_no_longer_when_they_are_gone() -> None:
    overridden = render_lock(lock(package("a", "1.0"), overrides=("a==1.0",)), render_lock(BEFORE))
    assert "--no-deps" in overridden.partition("lock-version")[0]
    assert "--no-deps" not in render_lock(BEFORE, overridden)


def test_line_ends_of_windows_stay() -> None:
    text = render_lock(BEFORE).replace("\n", "\r\n")
    assert render_lock(BEFORE, text) == text
    after = render_lock(lock(package("a", "2.0")), text)
    assert "\n" not in after.replace("\r\n", "")


@pytest.mark.parametrize(
    "previous",
    [
        'lock-version = "1.0"\ncreated-by = "another"\n',
        'lock-version = "1.0"\ncreated-by = "another"\npackages = [{ name = "b", version = "1.0" }]\n',
        'lock-version = "1.0"\ncreated-by = "another"\n[[packages]]\nname = "b"  # mine\n[tool.other]\nkey = 1\n',
    ],
)
def test_whatever_stood_there_the_result_is_the_lock(previous: str) -> None:
    assert tomllib.loads(render_lock(BEFORE, previous)) == tomllib.loads(render_lock(BEFORE))


def test_a_lock_with_conflict_markers_is_written_anew(tmp_path: Path) -> None:
    text = render_lock(BEFORE)
    theirs = '<<<<<<< HEAD\nname = "b"\n=======\nname = "bb"\n>>>>>>> b\n'
    conflict = text.replace('name = "b"\n', theirs, 1)
    path = tmp_path / "pylock.toml"
    path.write_text(conflict, encoding="utf-8")
    replaced = LockFile.read_replaced(str(path))
    assert replaced is not None
    assert (replaced.is_conflicted, replaced.text) == (True, conflict)
    assert replaced.write(replaced) == text
