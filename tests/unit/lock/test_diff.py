"""What moved between two locks."""

from locktool.lock.diff import LockDiff, PackageChange, compare_packages
from locktool.lock.model import Package


def test_added_removed_and_moved_are_told_by_name() -> None:
    before = [Package(name="a", version="1"), Package(name="b", version="1"), Package(name="c", version="1")]
    after = [Package(name="a", version="1"), Package(name="c", version="2"), Package(name="d", version="4")]
    assert compare_packages(before, after) == LockDiff(
        added=(PackageChange("d", (), ("4",)),),
        removed=(PackageChange("b", ("1",), ()),),
        moved=(PackageChange("c", ("1",), ("2",)),),
    )


def test_a_fork_is_a_move_to_several_versions() -> None:
    before = [Package(name="a", version="1")]
    after = [Package(name="a", version="1", marker="x"), Package(name="a", version="2", marker="y")]
    assert compare_packages(before, after).moved == (PackageChange("a", ("1",), ("1", "2")),)


def test_entries_that_differ_in_markers_only_are_no_move() -> None:
    before = [Package(name="a", version="1")]
    after = [Package(name="a", version="1", marker="x"), Package(name="a", version="1", marker="y")]
    assert not compare_packages(before, after)


def test_a_directory_counts_without_a_version() -> None:
    assert compare_packages([], [Package(name="demo")]).added == (PackageChange("demo", (), ("",)),)
