"""What moved between two locks."""

from itertools import combinations
from typing import Any

import pytest

from locktool.lock.diff import LockDiff, NewFile, PackageChange, SdistOnly, compare_packages
from locktool.lock.model import Archive, Directory, Distribution, Package, Vcs
from locktool.lock.origin import Origin

INDEX = (Origin("index"),)


def test_added_removed_and_moved_are_told_by_name() -> None:
    before = [Package(name="a", version="1"), Package(name="b", version="1"), Package(name="c", version="1")]
    after = [Package(name="a", version="1"), Package(name="c", version="2"), Package(name="d", version="4")]
    assert compare_packages(before, after) == LockDiff(
        added=(PackageChange("d", (), ("4",), (), INDEX),),
        removed=(PackageChange("b", ("1",), (), INDEX),),
        moved=(PackageChange("c", ("1",), ("2",), INDEX, INDEX),),
    )


def test_a_fork_is_a_move_to_several_versions() -> None:
    before = [Package(name="a", version="1")]
    after = [Package(name="a", version="1", marker="x"), Package(name="a", version="2", marker="y")]
    assert compare_packages(before, after).moved == (PackageChange("a", ("1",), ("1", "2"), INDEX, INDEX),)


def test_entries_that_differ_in_markers_only_are_no_move() -> None:
    before = [Package(name="a", version="1")]
    after = [Package(name="a", version="1", marker="x"), Package(name="a", version="1", marker="y")]
    assert not compare_packages(before, after)


def test_a_directory_counts_without_a_version() -> None:
    demo = Package(name="demo", directory=Directory(path="."))
    added = PackageChange("demo", (), ("",), (), (Origin("directory", "."),))
    assert compare_packages([], [demo]).added == (added,)


ORIGINS: dict[str, dict[str, Any]] = {
    "a directory": {"directory": Directory(path="../a")},
    "another directory": {"directory": Directory(path="a")},
    "a commit": {"vcs": Vcs(type="git", url="https://git.invalid/a", commit_id="0" * 40)},
    "another commit": {"vcs": Vcs(type="git", url="https://git.invalid/a", commit_id="1" * 40)},
    "another branch": {
        "vcs": Vcs(type="git", url="https://git.invalid/a", requested_revision="main", commit_id="0" * 40)
    },
    "an address": {"archive": Archive(url="https://files.invalid/a.zip", hashes={})},
    "an index": {"index": "https://a.invalid/simple"},
    "another index": {"index": "https://b.invalid/simple"},
}


@pytest.mark.parametrize(("first", "second"), [*combinations(ORIGINS, 2)])
def test_a_version_that_comes_from_elsewhere_has_moved(first: str, second: str) -> None:
    before, after = (Package(name="a", version="1", **ORIGINS[each]) for each in (first, second))
    diff = compare_packages([before], [after])
    assert diff
    assert [change.other_origin for change in diff.moved] == [True]
    assert not compare_packages([before], [before])


def test_an_index_that_a_lock_does_not_record_is_no_other_one() -> None:
    recorded = Package(name="a", version="1", index="https://a.invalid/simple")
    assert not compare_packages([recorded], [Package(name="a", version="1")])
    assert not compare_packages([recorded], [Package(name="a", version="1", index="https://a.invalid/simple/")])


@pytest.mark.parametrize(
    "entry",
    [
        Package(name="a", vcs=Vcs(type="git", url="https://user:secret@git.invalid/a", commit_id="0")),
        Package(name="a", archive=Archive(url="https://user:secret@files.invalid/a.zip", hashes={})),
        Package(name="a", version="1", index="https://user:secret@a.invalid/simple"),
    ],
)
def test_no_origin_holds_credentials(entry: Package) -> None:
    (change,) = compare_packages([], [entry]).added
    assert "secret" not in repr(change)
    assert "secret" not in str(change.origins_after[0])


def wheel(name: str, digest: str, host: str = "files.invalid") -> Distribution:
    return Distribution(url=f"https://{host}/{name}", hashes={"sha256": digest})


def test_a_file_that_a_version_gains_and_one_that_is_replaced_are_told() -> None:
    before = [Package(name="a", version="1", wheels=(wheel("a-1-py3-none-any.whl", "0"),))]
    after = [
        Package(
            name="a", version="1", wheels=(wheel("a-1-cp312-none-any.whl", "1"), wheel("a-1-py3-none-any.whl", "2"))
        )
    ]
    assert compare_packages(before, after).new_files == (
        NewFile("a", "1", "a-1-cp312-none-any.whl", replaced=False),
        NewFile("a", "1", "a-1-py3-none-any.whl", replaced=True),
    )
    moved = [Package(name="a", version="2", wheels=(wheel("a-2-py3-none-any.whl", "3"),))]
    assert compare_packages(before, moved).new_files == ()


def test_another_address_of_the_same_file_is_no_new_file() -> None:
    before = [Package(name="a", version="1", wheels=(wheel("a-1-py3-none-any.whl", "0"),))]
    after = [Package(name="a", version="1", wheels=(wheel("a-1-py3-none-any.whl", "0", "user:pw@Mirror.invalid:80"),))]
    diff = compare_packages(before, after)
    assert diff.new_files == ()
    assert diff.new_hosts == ("mirror.invalid:80",)


def test_the_hosts_of_repositories_and_archives_count() -> None:
    after = [
        Package(name="a", vcs=Vcs(type="git", url="https://git.invalid/a.git", commit_id="0")),
        Package(name="b", version="1", archive=Archive(url="https://files.invalid/b.zip", hashes={})),
        Package(name="c", directory=Directory(path="c")),
    ]
    assert compare_packages([], after).new_hosts == ("files.invalid", "git.invalid")


def test_versions_that_have_to_be_built_are_told_once() -> None:
    sdist = Package(name="a", version="1", sdist=wheel("a-1.tar.gz", "0"))
    assert compare_packages([], [sdist]).sdist_only == (SdistOnly("a", "1"),)
    assert compare_packages([sdist], [sdist]).sdist_only == ()


def test_a_lock_does_not_differ_from_itself() -> None:
    packages = [Package(name="a", version="1", sdist=wheel("a-1.tar.gz", "0"))]
    assert compare_packages(packages, packages) == LockDiff()
