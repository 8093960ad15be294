"""Metadata ahead of need: where versions keep being rejected, the next ones are asked for before the search tries them.

Counted in rounds, answers that came after one another, and in requests under way at once. What is locked is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_index import Corrupted, Slow

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

VERSIONS = 240


@pytest.fixture
def backtracking(index: LocalIndex, project: ProjectWriter) -> LocalIndex:
    """Of `big` only the oldest version goes with the pin of the project; answers take as long as each other."""
    for number in range(VERSIONS):
        index.add("big", f"1.{number}", requires=[f"pin=={number % 3 if number else 9}"])
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    index.fail("/files/*", Slow(delay=0.03))
    project.pyproject("big", "pin==9")
    return index


def test_rejected_versions_are_read_in_growing_batches(
    backtracking: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    assert 'name = "big"\nversion = "1.0"' in project.read()
    assert backtracking.counts["sidecar"] == VERSIONS + 1
    # One after the other they take 240 rounds; doubled up to 48 at once they take 3 + log2(48) + 240 / 48.
    assert backtracking.rounds <= 30
    assert 24 <= backtracking.most_in_flight <= 64


def test_a_warm_run_asks_nothing_and_finds_the_same(
    backtracking: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock").succeeded()
    first = project.read()
    backtracking.forget_requests()
    for arguments in ((), ("--offline",), ("--no-cache",)):
        (project.directory / "pylock.toml").unlink()
        run_locktool("lock", *arguments).succeeded()
        assert project.read() == first
        if arguments != ("--no-cache",):
            assert not backtracking.requests


def test_what_is_ahead_of_a_solution_is_not_asked_in_a_warm_run(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(VERSIONS):
        fits = number <= VERSIONS // 2
        index.add("big", f"1.{number}", requires=["pin==9" if fits else f"pin=={number % 3}"])
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    index.fail("/files/*", Slow(delay=0.03))
    project.pyproject("big", "pin==9")
    run_locktool("lock").succeeded()
    first = project.read()
    assert f'version = "1.{VERSIONS // 2}"' in first
    # The versions down to the chosen one, that of the pin, and no more in vain than is under way at once.
    assert index.counts["sidecar"] <= VERSIONS // 2 + 1 + 64
    index.forget_requests()
    (project.directory / "pylock.toml").unlink()
    run_locktool("lock").succeeded()
    assert not index.requests
    assert project.read() == first


def test_the_lowest_versions_are_asked_upwards(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(VERSIONS):
        is_newest = number == VERSIONS - 1
        index.add("big", f"1.{number}", requires=[f"pin=={9 if is_newest else number % 3}"])
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    index.fail("/files/*", Slow(delay=0.03))
    project.pyproject("big", "pin==9", tool={"resolution": "lowest"})
    run_locktool("lock").succeeded()
    assert f'version = "1.{VERSIONS - 1}"' in project.read()
    assert index.rounds <= 30


def test_what_an_unexpected_version_requires_is_asked_at_once(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """The walk ahead of the search expects `app` 2, whose requirement cannot be met; `app` 1 requires the rest."""
    parts = [f"part{number}" for number in range(24)]
    index.add("app", "1", requires=parts)
    index.add("app", "2", requires=["pin==2"])
    for version in ("1", "2"):
        index.add("pin", version)
    for name in parts:
        index.add(name, "1")
    index.fail("/files/*", Slow(delay=0.15))
    project.pyproject("app", "pin==1")
    run_locktool("lock").succeeded()
    assert 'name = "app"\nversion = "1"' in project.read()
    assert index.counts["sidecar"] <= len(parts) + 4
    assert index.most_in_flight >= len(parts) // 2


def test_what_other_requirements_allow_is_asked_at_once(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """The walk ahead of the search meets each part first without a bound, and `app` 1 has a bound for all of them."""
    parts = [f"part{number}" for number in range(24)]
    index.add("app", "1", requires=[f"{name}<2" for name in parts])
    index.add("app", "2", requires=["pin==2"])
    for version in ("1", "2"):
        index.add("pin", version)
        for name in parts:
            index.add(name, version)
    index.fail("/files/*", Slow(delay=0.15))
    project.pyproject("app", "pin==1", *parts)
    run_locktool("lock").succeeded()
    assert project.read().count('version = "1"') == len(parts) + 2
    assert index.counts["sidecar"] <= 2 * len(parts) + 4
    assert index.most_in_flight >= len(parts) // 2


def test_what_a_cutoff_hides_is_not_asked_ahead(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for version, uploaded in (("1", "2024-01-01T00:00:00Z"), ("2", "2026-01-01T00:00:00Z")):
        index.add("first", version, requires=["second"], upload_time=uploaded)
        index.add("second", version, upload_time=uploaded)
    project.pyproject("first", tool={"exclude-newer": "2025-01-01T00:00:00Z"})
    run_locktool("lock").succeeded()
    assert project.read().count('version = "1"') == 2
    assert index.counts["sidecar"] == 2


def test_on_the_way_to_a_suggestion_too(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    """The requirement on `big` admits three versions; the suggestion has to go through those below."""
    for number in range(VERSIONS):
        index.add("big", f"1.{number}", requires=[f"pin=={number % 3 if number else 9}"])
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    index.fail("/files/*", Slow(delay=0.01))
    project.pyproject(f"big>=1.{VERSIONS - 3}", "pin==9")
    refused = run_locktool("lock")
    assert refused.code == 1
    assert "big" in refused.err
    assert index.counts["sidecar"] >= VERSIONS
    assert index.rounds <= 40


def test_of_what_is_read_ahead_and_not_needed_nothing_is_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """The metadata of the versions below the chosen one is not what the index announces."""
    for number in range(40):
        index.add("big", f"1.{number}", requires=["pin==9" if number <= 20 else f"pin=={number % 3}"])
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    for number in range(20):
        index.fail(f"/files/big/big-1.{number}-*.metadata", Corrupted())
    index.fail("/files/*", Slow(delay=0.02))
    project.pyproject("big", "pin==9")
    finished = run_locktool("lock").succeeded()
    assert 'version = "1.20"' in project.read()
    assert any("big-1.1" in request.path for request in index.requests)
    assert "warning" not in finished.err


def test_source_distributions_are_not_read_ahead(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    """To read one may mean to build it."""
    versions = 12
    for number in range(versions):
        requires = [f"pin=={number % 3 if number else 9}"]
        index.add("big", f"1.{number}", requires=requires, wheel_tags=[], sdist=True)
    for version in ("0", "1", "2", "9"):
        index.add("pin", version)
    index.fail("/files/big/*", Slow(delay=0.02))
    project.pyproject("big", "pin==9")
    run_locktool("lock").succeeded()
    assert index.rounds >= versions
