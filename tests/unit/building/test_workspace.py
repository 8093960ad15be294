"""Directories of builds: below the cache, gone with the build, swept when their owner is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from locktool.building.git import run_git
from locktool.building.workspace import BUILDS, STALE_SECONDS, Swept, build_directory, sweep, sweep_all

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNS = """
import sys, time
from pathlib import Path
from locktool.building.workspace import build_directory
with build_directory(Path(sys.argv[1])) as directory:
    (directory / "file").write_text("content")
    print(directory, flush=True)
    time.sleep(600)
"""


def grown_old(directory: Path) -> Path:
    moment = time.time() - STALE_SECONDS - 60
    os.utime(directory, (moment, moment))
    return directory


@contextmanager
def owned_by_another(cache: Path) -> Iterator[Path]:
    """The directory of a build of another process, which is killed at the end."""
    command = [sys.executable, "-c", OWNS, str(cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Path(process.stdout.readline().strip())
        finally:
            process.kill()


def left_behind(cache: Path) -> Path:
    """The directory of a build whose process was killed."""
    with owned_by_another(cache) as directory:
        pass
    assert (directory / "file").read_text() == "content"
    return directory


def test_a_build_has_an_empty_directory_below_the_cache(tmp_path: Path) -> None:
    with build_directory(tmp_path) as one, build_directory(tmp_path) as other:
        assert one != other
        assert one.parent == other.parent == tmp_path / BUILDS
        (one / "sub").mkdir()
    assert not one.exists()
    assert not other.exists()


def test_without_a_cache_it_is_a_temporary_one(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    for cache in (None, blocked):
        with build_directory(cache) as directory:
            assert directory.parent == Path(tempfile.gettempdir())
        assert not directory.exists()


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_what_a_build_took_the_permissions_from_goes_too(tmp_path: Path) -> None:
    with build_directory(tmp_path) as directory:
        (directory / "a" / "b").mkdir(parents=True)
        (directory / "a" / "b" / "file").touch()
        (directory / "out").symlink_to(tmp_path)
        (directory / "a").chmod(0o000)
        directory.chmod(0o500)
    assert not directory.exists()
    assert tmp_path.stat().st_mode & 0o777 != 0o500


def test_a_build_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    stale, recent = grown_old(left_behind(tmp_path)), left_behind(tmp_path)
    with build_directory(tmp_path):
        assert (stale.exists(), recent.exists()) == (False, True)


def test_what_is_in_use_stays_however_old(tmp_path: Path) -> None:
    with owned_by_another(tmp_path) as directory, build_directory(tmp_path) as own:
        for path in (directory, own):
            grown_old(path)
        assert sweep(tmp_path) == sweep_all(tmp_path) == Swept(files=0, size=0)
        assert (directory / "file").exists()
        assert own.exists()


def test_a_sweep_tells_what_it_removed(tmp_path: Path) -> None:
    grown_old(left_behind(tmp_path))
    assert sweep_all(tmp_path) == Swept(files=2, size=len("content"))
    assert not (tmp_path / BUILDS).exists()
    assert sweep_all(tmp_path) == Swept(files=0, size=0)


def test_no_build_is_part_of_a_repository_above_the_cache(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", ".")
    with build_directory(tmp_path / "cache") as directory:
        assert run_git(directory, "rev-parse", "--show-toplevel").returncode != 0
