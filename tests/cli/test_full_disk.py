"""A full disk: for the cache it means no cache and one warning, for the lock an error and the old lock."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex

pytestmark = pytest.mark.skipif(os.name == "nt", reason="disks are limited here in POSIX's ways")

LARGE = 300
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
os.execv(sys.executable, [sys.executable, "-m", "locktool", *sys.argv[2:]])
"""


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A tmpfs of a size; a skip where this user may not mount one."""
    place.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(place: Path) -> None:
    with (place / "filling").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def publish(index: LocalIndex) -> None:
    """Two packages; the record of one is far larger than a lock of both."""
    index.add("small", "1.0", requires=["large"])
    for version in range(LARGE):
        index.add("large", f"1.{version}")


def limited(command: Command, size: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, which may write no file larger than `size`."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), *arguments],
        cwd=command.directory,
        env=command.variables() | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def told_once(output: str) -> bool:
    return output.count("cannot be written") == 1 and "Traceback" not in output


def test_a_full_disk_for_the_cache_is_no_cache_and_one_warning(
    run_locktool: Callable[..., Completed], index: LocalIndex, project: ProjectWriter, tmp_path: Path
) -> None:
    publish(index)
    project.pyproject("small")
    run_locktool("lock").succeeded()
    expected = project.read()
    disk = tmp_path / "disk"
    there = {"LOCKTOOL_CACHE_DIR": str(disk / "cache")}
    with small_disk(disk, "128k"):
        for is_full in (False, True):
            (project.directory / "pylock.toml").unlink()
            if is_full:
                fill(disk)
            done = run_locktool("lock", "--refresh", env=there).succeeded()
            assert project.read() == expected
            assert told_once(done.err) == is_full, done.err
        # What was written before the disk was full still serves, and needs no room.
        (project.directory / "pylock.toml").unlink()
        done = run_locktool("lock", "--offline", env=there).succeeded()
        assert project.read() == expected
        assert "cannot be written" not in done.err


def test_a_cache_that_may_not_grow_is_no_cache_and_one_warning(
    run_locktool: Callable[..., Completed], isolated_command: Command, index: LocalIndex, project: ProjectWriter
) -> None:
    publish(index)
    project.pyproject("small")
    run_locktool("lock").succeeded()
    expected = project.read()
    (project.directory / "pylock.toml").unlink()
    isolated_command.environment["LOCKTOOL_CACHE_DIR"] = str(isolated_command.home / "other-cache")
    size = len(expected.encode()) + 512
    done = limited(isolated_command, size, "lock")
    assert done.returncode == 0, done.stderr
    assert told_once(done.stderr), done.stderr
    assert project.read() == expected
    assert not list((isolated_command.home / "other-cache").rglob(".writing-*"))


@pytest.mark.parametrize("way", ["disk", "limit"])
def test_a_full_disk_for_the_lock_keeps_the_old_one_and_says_so(
    run_locktool: Callable[..., Completed],
    isolated_command: Command,
    index: LocalIndex,
    project: ProjectWriter,
    way: str,
) -> None:
    publish(index)
    project.pyproject("small")
    run_locktool("lock").succeeded()
    before = project.read()

    def failed(done: subprocess.CompletedProcess[str] | Completed, error: str) -> None:
        assert project.read() == before
        assert "pylock.toml" in error, done
        assert "the file is left as it was" in error, done
        assert "Traceback" not in error
        assert sorted(path.name for path in project.directory.iterdir()) == ["pylock.toml", "pyproject.toml"]

    if way == "limit":
        project.pyproject("small", "large<1.5")
        done = limited(isolated_command, 200, "lock")
        assert done.returncode == 2, done
        failed(done, done.stderr)
        return
    with small_disk(project.directory, "16k"):
        project.pyproject("small", "large<1.5")
        (project.directory / "pylock.toml").write_text(before, encoding="utf-8")
        fill(project.directory)
        done_by_command = run_locktool("lock").failed(code=2)
        (project.directory / "filling").unlink()
        failed(done_by_command, done_by_command.err)
