"""The work of six fixed runs, counted: it grows only where a person raises a limit in tests/data/work_limits.toml.

Counts are the same under every load, where a clock is not. A run that does far less than its limit allows fails as
well, so that what was gained is kept: lower the limit then.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

LIMITS = Path(__file__).parent / "data" / "work_limits.toml"

PACKAGES = 60
VERSIONS = 8
# What is asked ahead of need may turn out not to be needed: how much of it depends on what comes first.
AHEAD_OF_NEED = 1.1
TIGHT = 0.8


@pytest.fixture
def packages(index: LocalIndex) -> LocalIndex:
    """An index of packages that require those after them, and of sets that are hard in one way each."""
    for number in range(PACKAGES):
        for version in range(1, VERSIONS + 1):
            requires = [
                f"common{number + step:02}>={1 + (version * (number % 3)) // 3}"
                for step in (1, 2 + number % 5, 7 + number % 11)
                if number + step < PACKAGES and version > step % 3
            ]
            index.add(f"common{number:02}", str(version), requires=requires)
    for version in range(1, 41):
        # Each release of the tool wants its own core; all but the oldest refuse the old transport.
        index.add("tool", str(version), requires=[f"core=={version}"])
        index.add("core", str(version), requires=["transport>=2" if version > 1 else "transport"])
    for version in range(1, 3):
        index.add("transport", str(version))
    for version in range(1, VERSIONS + 1):
        index.add("needs-new", str(version), requires_python=f">=3.{8 + version}")
        index.add("side", str(version), requires=[f"common{version:02}"])
    return index


def work(command: Command, *arguments: str) -> dict[str, int]:
    """The counts of a run of `lock`."""
    trace = command.directory / "trace.json"
    finished = command("lock", "--json", "--trace", str(trace), *arguments).succeeded()
    counters: dict[str, int] = json.loads(finished.out)["counters"]
    events = Counter(event.get("cat") for event in json.loads(trace.read_text(encoding="utf-8"))["traceEvents"])
    cache = sum(path.stat().st_size for path in (command.home / "cache").rglob("*.msgpack"))
    lock = (command.directory / "pylock.toml").stat().st_size
    decisions = {"decisions": events["decide"], "conflicts": events["conflict"], "forks": events["fork"]}
    return {**counters, **decisions, "cache bytes": cache, "lock bytes": lock}


def judge(name: str, found: Mapping[str, int]) -> None:
    """Compare the counts of a run with its limits."""
    limits: dict[str, Any] = tomllib.loads(LIMITS.read_text(encoding="utf-8"))[name]
    assert set(limits) == set(found)
    more = {key: f"{count} of {limits[key]}" for key, count in found.items() if count > limits[key] * AHEAD_OF_NEED}
    assert more == {}, f"{name} does more than its limits in {LIMITS.name} allow"
    less = {key: f"{count} of {limits[key]}" for key, count in found.items() if count < limits[key] * TIGHT}
    assert less == {}, f"{name} does less than its limits in {LIMITS.name} allow: lower them"


def test_a_first_lock(packages: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("common00", "common01")
    judge("first", work(run_locktool))


def test_a_lock_from_a_filled_cache(packages: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    path = project.pyproject("common00", "common01")
    run_locktool("lock").succeeded()
    path.with_name("pylock.toml").unlink()
    judge("warm", work(run_locktool, "--offline"))


def test_one_requirement_more(packages: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("common00", "common01")
    run_locktool("lock").succeeded()
    project.pyproject("common00", "common01", "side")
    judge("added", work(run_locktool))


def test_versions_that_are_refused_one_after_another(
    packages: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("tool", "transport<2")
    judge("refused", work(run_locktool))


def test_pythons_that_need_versions_of_their_own(
    packages: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("needs-new", "common30")
    judge("pythons", work(run_locktool))


def test_extras_that_exclude_each_other(packages: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    extras = {f"x{number}": [f"side=={number}"] for number in range(1, 5)}
    conflicts = [[{"extra": name} for name in extras]]
    project.pyproject("common20", extras=extras, tool={"conflicts": conflicts})
    judge("extras", work(run_locktool))
