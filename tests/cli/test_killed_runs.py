"""Runs that are killed at random points, two at a time on one cache: nothing they leave is wrong.

LOCKTOOL_KILLED_RUNS says how many runs are killed (the scheduled run kills 200), LOCKTOOL_PROPERTY_SEED when.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import pytest

from conftest import Command, ProjectWriter
from locktool.operations.cache_record import read_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local_index import LocalIndex

PACKAGES, VERSIONS = 25, 12
QUESTIONS = (["p0", "p1<1.5"], ["p0<1.9", "p2"])
# What a cache may hold once it is pruned, beside its records.
KEPT = {"CACHEDIR.TAG", "writers.lock", "last-tidied"}


@dataclass
class Side:
    """One of the two projects: what it is asked by turns, and the lock each question has."""

    writer: ProjectWriter
    command: Command
    answers: list[str]
    turn: int = 0

    @property
    def lock(self) -> Path:
        return self.writer.directory / "pylock.toml"

    def ask(self, turn: int) -> None:
        self.turn = turn
        self.writer.pyproject(*QUESTIONS[turn])

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "locktool", "lock", "--upgrade", "--quiet", *arguments],
            cwd=self.writer.directory,
            env=self.command.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )


def publish(index: LocalIndex) -> None:
    for number in range(PACKAGES):
        requires = [f"p{other}>=1.{number % 3}" for other in (number * 2 + 1, number * 2 + 2) if other < PACKAGES]
        for version in range(VERSIONS):
            index.add(f"p{number}", f"1.{version}", requires=requires)


def cache_files(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def leftovers(cache: Path) -> list[str]:
    names = [path for path in cache_files(cache) if path.name not in KEPT]
    return [str(path) for path in names if not path.name.startswith("package-")]


def damaged_records(cache: Path) -> list[str]:
    records = [path for path in cache_files(cache) if path.name.startswith("package-")]
    return [str(path) for path in records if read_record(path.read_bytes()) is None]


@pytest.fixture
def sides(tmp_path: Path, index: LocalIndex, built: None) -> list[Side]:
    publish(index)
    sides = []
    for name in ("one", "other"):
        directory, home = tmp_path / name, tmp_path / f"home-of-{name}"
        for folder in (directory, home):
            folder.mkdir()
        variables = {"LOCKTOOL_INDEX_URL": index.url, "LOCKTOOL_CACHE_DIR": str(tmp_path / "cache")}
        command = Command(home, directory, variables)
        side = Side(ProjectWriter(directory), command, [])
        for turn in range(len(QUESTIONS)):
            side.ask(turn)
            side.lock.unlink(missing_ok=True)
            command("lock", "--upgrade").succeeded()
            side.answers.append(side.lock.read_text(encoding="utf-8"))
        sides.append(side)
    return sides


def shortest_run(side: Side) -> float:
    started = time.monotonic()
    side.lock.unlink()
    run = side.start("--refresh")
    _, errors = run.communicate()
    assert run.returncode == 0, errors
    return time.monotonic() - started


def kill_both(sides: list[Side], delays: list[float], *arguments: str) -> int:
    """Start both runs and kill each after its delay; how many were still running."""
    started = time.monotonic()
    runs = [side.start(*arguments) for side in sides]
    killed = 0
    for delay, run in sorted(zip(delays, runs, strict=True), key=lambda pair: pair[0]):
        time.sleep(max(0.0, started + delay - time.monotonic()))
        killed += run.poll() is None
        run.kill()
    for run in runs:
        run.communicate()
    return killed


def test_killed_runs_leave_a_right_cache_and_an_old_or_a_whole_lock(
    sides: list[Side], tmp_path: Path, locked_by: Callable[[Side], str]
) -> None:
    dice = Random(os.environ.get("LOCKTOOL_PROPERTY_SEED", "440"))  # noqa: S311 - moments
    cache = tmp_path / "cache"
    wanted = int(os.environ.get("LOCKTOOL_KILLED_RUNS", "8"))
    duration = shortest_run(sides[0])
    killed = rounds = 0
    while killed < wanted and rounds < 4 * wanted:
        rounds += 1
        how = dice.choice(["cold", "warm", "refresh"])
        if how == "cold":
            shutil.rmtree(cache)
        before = []
        for side in sides:
            before.append(side.lock.read_text(encoding="utf-8") if side.lock.exists() else None)
            side.ask(1 - side.turn)
        delays = [dice.uniform(0.1, 1.1) * duration for _ in sides]
        killed += kill_both(sides, delays, *(["--refresh"] if how == "refresh" else []))
        assert damaged_records(cache) == [] if cache.exists() else True
        for side, earlier in zip(sides, before, strict=True):
            left = side.lock.read_text(encoding="utf-8") if side.lock.exists() else None
            assert left in (earlier, side.answers[side.turn]), f"round {rounds}, {how}"
        # The next run of each succeeds, on whatever the cache holds.
        for side in sides:
            assert locked_by(side) == side.answers[side.turn], f"round {rounds}, {how}"
            stray = sorted(path.name for path in side.writer.directory.iterdir())
            assert stray == ["pylock.toml", "pyproject.toml"], f"round {rounds}, {how}"
        assert damaged_records(cache) == []
        sides[0].command("cache", "prune").succeeded()
        assert leftovers(cache) == []
    assert killed >= wanted, f"only {killed} in {rounds} rounds"


@pytest.fixture
def locked_by() -> Callable[[Side], str]:
    def lock(side: Side) -> str:
        side.command("lock", "--upgrade").succeeded()
        return side.lock.read_text(encoding="utf-8")

    return lock
