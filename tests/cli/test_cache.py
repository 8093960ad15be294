"""`locktool cache` shows, shrinks and empties what runs left, also while other runs use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from build_backends import hooks, write_member
from locktool.operations.cache_record import read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex

NAMES = ("a", "b", "c")


@pytest.fixture
def locked(run_locktool: Callable[..., Completed], index: LocalIndex, project: ProjectWriter) -> str:
    """A lock of three packages and a cache with a record of each."""
    for name in NAMES:
        index.add(name, "1.0")
    project.pyproject(*NAMES)
    run_locktool("lock").succeeded()
    return project.read()


def records(command: Command) -> dict[str, Path]:
    paths = (command.home / "cache").rglob("package-*.msgpack")
    return {path.stem.removeprefix("package-"): path for path in paths}


def unfinished(command: Command) -> Path:
    path = records(command)["a"].with_name(".writing-abc")
    path.write_bytes(b"half a record")
    return path


def test_info_counts_records_and_leftovers(
    locked: str, run_locktool: Callable[..., Completed], isolated_command: Command
) -> None:
    left = unfinished(isolated_command)
    content = json.loads(run_locktool("cache", "info", "--json").succeeded().out)
    assert (content["records"], content["leftovers"]) == (3, 1)
    held = [*records(isolated_command).values(), left]
    assert content["size"] >= sum(path.stat().st_size for path in held)
    assert content["directory"] == run_locktool("cache", "dir").succeeded().out.strip()


def test_prune_keeps_what_was_used_last(
    locked: str, run_locktool: Callable[..., Completed], isolated_command: Command
) -> None:
    left = unfinished(isolated_command)
    paths = records(isolated_command)
    for age, name in enumerate(NAMES):
        moment = time.time() - 3600 * (age + 1)
        os.utime(paths[name], (moment, moment))
    run_locktool("cache", "prune").succeeded()
    assert not left.exists()
    assert records(isolated_command) == paths
    size = paths["a"].stat().st_size + paths["b"].stat().st_size
    run_locktool("cache", "prune", "--maximum-size", f"{size}B").succeeded()
    assert set(records(isolated_command)) == {"a", "b"}


def test_a_record_that_serves_a_run_counts_as_used(
    locked: str, run_locktool: Callable[..., Completed], isolated_command: Command, project: ProjectWriter
) -> None:
    paths = records(isolated_command)
    weeks_ago = time.time() - 30 * 86400
    for path in paths.values():
        os.utime(path, (weeks_ago, weeks_ago))
    project.pyproject("b")
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock", "--offline").succeeded()
    run_locktool("cache", "prune", "--maximum-size", f"{paths['b'].stat().st_size}B").succeeded()
    assert set(records(isolated_command)) == {"b"}


def test_clean_forgets_the_named_packages_or_all_and_nothing_of_others(
    locked: str, run_locktool: Callable[..., Completed], isolated_command: Command
) -> None:
    foreign = isolated_command.home / "cache" / "notes.txt"
    foreign.write_text("not ours", encoding="utf-8")
    run_locktool("cache", "clean", "B").succeeded()
    assert set(records(isolated_command)) == {"a", "c"}
    run_locktool("cache", "clean").succeeded()
    assert records(isolated_command) == {}
    assert foreign.read_text(encoding="utf-8") == "not ours"
    assert run_locktool("cache", "prune", "a").failed(code=2).err.count("takes no package names") == 1


def test_runs_beside_prune_and_clean_get_the_same_lock(
    index: LocalIndex, isolated_command: Command, project: ProjectWriter, run_locktool: Callable[..., Completed]
) -> None:
    for number in range(8):
        for version in range(150):
            index.add(f"p{number}", f"1.{version}", requires=[f"p{number + 1}"] if number < 7 else [])
    project.pyproject("p0")
    run_locktool("lock").succeeded()
    expected = project.read()
    clearing = (
        "import sys, time\n"
        "from locktool._native import cache_clean, cache_prune\n"
        "while True:\n"
        "    cache_clean(sys.argv[1], ['p3'])\n"
        "    cache_prune(sys.argv[1], 20000)\n"
        "    time.sleep(0.002)\n"
    )
    cache = isolated_command.home / "cache"
    with subprocess.Popen([sys.executable, "-c", clearing, str(cache)]) as clearer:
        try:
            for attempt in range(8):
                (project.directory / "pylock.toml").unlink()
                done = run_locktool("lock", *(["--refresh"] if attempt % 2 else [])).succeeded()
                assert project.read() == expected
                assert "cannot be written" not in done.err
            assert clearer.poll() is None
        finally:
            clearer.kill()
    assert all(read_record(path.read_bytes()) for path in records(isolated_command).values())


@pytest.fixture
def cache_of_a_build(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Path:
    """A cache that keeps a wheel and an environment of a build."""
    index.add("tool", "1", modules={"tool_backend.py": hooks("plain")})
    index.add("plain", "1")
    write_member(project)
    run_locktool("lock").succeeded()
    return run_locktool.home / "cache"


def kept_by(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.name in {"wheels", "environments", "git"})


def test_what_builds_keep_is_counted_and_goes_with_the_rest(cache_of_a_build: Path, run_locktool: Command) -> None:
    assert kept_by(cache_of_a_build) == ["environments", "wheels"]
    size = json.loads(run_locktool("cache", "info", "--json").succeeded().out)["size"]
    assert size > sum(path.stat().st_size for path in cache_of_a_build.rglob("*.py"))
    foreign = cache_of_a_build / "environments" / "foreign"
    foreign.mkdir()
    run_locktool("cache", "clean").succeeded()
    assert [path.name for path in (cache_of_a_build / "environments").iterdir()] == ["foreign"]
    assert kept_by(cache_of_a_build) == ["environments"]


def test_prune_removes_what_builds_have_not_used_for_long(cache_of_a_build: Path, run_locktool: Command) -> None:
    run_locktool("cache", "prune").succeeded()
    assert kept_by(cache_of_a_build) == ["environments", "wheels"]
    long_ago = time.time() - 40 * 24 * 3600
    for path in (*(cache_of_a_build / "wheels").iterdir(), *(cache_of_a_build / "environments").iterdir()):
        os.utime(path, (long_ago, long_ago))
    run_locktool("cache", "prune").succeeded()
    assert kept_by(cache_of_a_build) == []


def test_a_build_after_a_clean_fetches_again(
    cache_of_a_build: Path, run_locktool: Command, project: ProjectWriter
) -> None:
    before = project.read()
    run_locktool("cache", "clean").succeeded()
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock").succeeded()
    assert project.read() == before
