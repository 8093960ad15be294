"""Unpacking: nothing leaves the directory, whatever the archive says, and what is honest is all there."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_archives import HOSTILE, TOP, hard_link, link, member, write_tar
from locktool.building.member_paths import MemberPaths, Refused
from locktool.building.unpack import unpack
from locktool.exceptions import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

POSIX = pytest.mark.skipif(os.name != "posix", reason="symbolic links need a privilege elsewhere")


def everything_below(directory: Path) -> dict[str, bytes | None]:
    """Every file of a directory with its content, links as they are."""
    return {
        str(path.relative_to(directory)): path.read_bytes() if path.is_file() and not path.is_symlink() else None
        for path in sorted(directory.rglob("*"))
    }


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_nothing_of_a_hostile_archive_stands_outside(tmp_path: Path, case: str) -> None:
    target = tmp_path / "in" / "target"
    target.mkdir(parents=True)
    for place in (tmp_path, tmp_path / "in"):
        (place / "outside").mkdir()
        (place / "outside" / "file").write_bytes(b"untouched")
    archive = write_tar(tmp_path / "demo-1.0.tar.gz", HOSTILE[case])

    def outside() -> dict[str, bytes | None]:
        found = everything_below(tmp_path)
        return {path: content for path, content in found.items() if not path.startswith(str(Path("in", "target")))}

    before = outside()
    with pytest.raises(BuildError, match=r"^demo-1\.0\.tar\.gz cannot be unpacked: ") as caught:
        unpack(archive, target)
    assert caught.value.code == "invalid-archive"
    assert outside() == before
    assert not any(path.is_symlink() for path in target.rglob("*"))


@POSIX
def test_honest_links_lead_where_they_say(tmp_path: Path) -> None:
    members = [
        link(f"{TOP}/before", "sub/file"),
        member(f"{TOP}/sub/file", b"content"),
        link(f"{TOP}/directory", "sub"),
        link(f"{TOP}/sub/up", "../directory/../sub/file"),
        link(f"{TOP}/dangling", "sub/absent"),
    ]
    tree = unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t")
    assert [(tree / name).read_bytes() for name in ("before", "directory/file", "sub/up")] == [b"content"] * 3
    assert (tree / "dangling").readlink() == Path("sub", "absent")


def test_a_hard_link_is_a_file_of_its_own(tmp_path: Path) -> None:
    members = [
        member(f"{TOP}/run", b"content", mode=0o755),
        hard_link(f"{TOP}/again", f"{TOP}/run"),
        hard_link(f"{TOP}/again", f"{TOP}/again"),
    ]
    tree = unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t")
    (tree / "run").write_bytes(b"changed")
    assert (tree / "again").read_bytes() == b"content"
    if os.name == "posix":
        assert (tree / "again").stat().st_mode & stat.S_IXUSR


def test_hard_links_count_as_what_they_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locktool.building.unpack.MAXIMUM_BYTES", 10_000)
    members = [member(f"{TOP}/0", bytes(1000)), *(hard_link(f"{TOP}/{each}", f"{TOP}/0") for each in range(1, 20))]
    with pytest.raises(BuildError, match="it unpacks to more than"):
        unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t")


def test_of_two_files_of_one_name_the_last_stays(tmp_path: Path) -> None:
    members = [member(f"{TOP}/file", b"first, and longer"), member(f"{TOP}/./file", b"last")]
    assert (unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t") / "file").read_bytes() == b"last"


def test_files_that_differ_in_case_are_unpacked(tmp_path: Path) -> None:
    members = [member(f"{TOP}/README", b"a"), member(f"{TOP}/readme", b"b")]
    tree = unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t")
    assert (tree / "readme").read_bytes() == b"b"


def test_modes_are_those_of_files_and_programs(tmp_path: Path) -> None:
    members = [member(f"{TOP}/program", mode=0o6777), member(f"{TOP}/secret", mode=0o000)]
    tree = unpack(write_tar(tmp_path / "demo-1.0.tar.gz", members), tmp_path / "t")
    assert (tree / "secret").read_bytes() == b""
    if os.name == "posix":
        assert stat.S_IMODE((tree / "program").stat().st_mode) == 0o755


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_every_compression_is_read(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        information = tarfile.TarInfo(f"{TOP}/file")
        information.size = 3
        tar.addfile(information, io.BytesIO(b"abc"))
    (tmp_path / "demo").write_bytes(compress(plain.getvalue()))
    assert (unpack(tmp_path / "demo", tmp_path / "t") / "file").read_bytes() == b"abc"


def test_a_member_of_a_zip_that_leads_outside_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "demo-1.0.zip", "w") as archive:
        archive.writestr(f"{TOP}/setup.py", "")
        archive.writestr(zipfile.ZipInfo(f"{TOP}\\..\\..\\outside"), "")
    with pytest.raises(BuildError, match="leads outside"):
        unpack(tmp_path / "demo-1.0.zip", tmp_path / "t")


NAMES = st.sampled_from(["a", "b", "c"])
TARGETS = st.lists(st.sampled_from(["a", "b", "c", "..", "."]), min_size=1, max_size=5).map("/".join)


@POSIX
@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), TARGETS, max_size=6))
def test_an_accepted_link_leads_where_the_system_takes_it(
    tmp_path_factory: pytest.TempPathFactory, links: dict[str, str]
) -> None:
    paths = MemberPaths()
    try:
        for name, target in links.items():
            paths.add(f"{TOP}/{name}", "link", target)
        resolved = paths.links()
    except Refused:
        return
    root = tmp_path_factory.mktemp("links").resolve()
    for parts, (target, _) in resolved.items():
        path = root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    for parts, (_, destination) in resolved.items():
        assert Path(os.path.realpath(root.joinpath(*parts))) == root.joinpath(*destination)
