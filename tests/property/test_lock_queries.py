"""What programs are told of a lock agrees with itself and with `packaging`, for locks of random registries.

LOCKTOOL_PROPERTY_CASES asks for more cases, LOCKTOOL_PROPERTY_SEED for others.
"""

from __future__ import annotations

import itertools
import os
import tomllib
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock, PylockSelectError
from packaging.tags import Tag

from locktool import (
    Dependency,
    Lock,
    LockError,
    Marker,
    MarkerEnvironment,
    ResolutionImpossible,
    RunOptions,
    lock,
)
from property.random_registry import REQUIRES_PYTHON, throw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from conftest import ProjectWriter
    from local_index import LocalIndex

FIRST = int(os.environ.get("LOCKTOOL_PROPERTY_SEED", "440"))
SEEDS = [FIRST + case for case in range(max(12, int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "0")) // 500))]
TAGS = ("py3-none-any",)


def environments() -> Iterator[MarkerEnvironment]:
    for python, platform in itertools.product(("3.11", "3.12", "3.13", "3.14"), ("linux", "windows", "macos")):
        yield replace(MarkerEnvironment.for_target(python, platform), tags=TAGS)


def choices(found: Lock) -> Iterator[tuple[str, ...]]:
    for count in range(len(found.extras) + 1):
        yield from itertools.combinations(found.extras, count)


@pytest.fixture(params=SEEDS)
def found(
    request: pytest.FixtureRequest, index: LocalIndex, project: ProjectWriter, monkeypatch: pytest.MonkeyPatch
) -> Lock:
    """A lock of a random registry."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    case = throw(Random(request.param))  # noqa: S311 - generated cases
    case.publish(index)
    extras = {name: list(requires) for name, requires in case.project.extras.items()}
    project.pyproject(*case.project.dependencies, requires_python=REQUIRES_PYTHON, extras=extras)
    try:
        return lock(project.directory, options=RunOptions(index_url=index.url, cache=False)).lock
    except ResolutionImpossible:
        pytest.skip("this case has no answer")


def selected(found: Lock, environment: MarkerEnvironment, extras: Iterable[str]) -> set[tuple[str, str | None]] | None:
    """Names and versions that an environment installs; None where the choice is refused."""
    try:
        packages = found.select(environment, extras=extras)
    except LockError:
        return None
    return {(package.name, package.version) for package, _ in packages}


def reached(found: Lock, environment: MarkerEnvironment, extras: Iterable[str]) -> set[tuple[str, str | None]]:
    """The same, by walking from the project along the edges that apply."""
    values: dict[str, str | AbstractSet[str] | None] = {
        **environment,
        "extras": frozenset(extras),
        "dependency_groups": frozenset[str](),
    }

    def applies(edge: Dependency) -> bool:
        return edge.marker is None or Marker(edge.marker).evaluate(values, "lock_file")

    chosen = {None, *extras}
    waiting = [edge for edge in found.dependencies() if edge.requirer.extra in chosen and applies(edge)]
    seen: set[tuple[str, str | None, str | None]] = set()
    while waiting:
        edge = waiting.pop()
        assert edge.package is not None
        for extra in (None, *edge.extras):
            node = (edge.name, edge.package.version, extra)
            if node not in seen:
                seen.add(node)
                below = found.dependencies(edge.name)
                waiting += [next_edge for next_edge in below if next_edge.requirer[:3] == node and applies(next_edge)]
    return {node[:2] for node in seen}


def test_walking_the_graph_reaches_what_an_environment_installs(found: Lock) -> None:
    for environment, extras in itertools.product(environments(), choices(found)):
        installed = selected(found, environment, extras)
        if installed is not None:
            assert reached(found, environment, extras) == installed, (environment, extras)


def test_an_environment_installs_what_packaging_selects(found: Lock) -> None:
    pylock = Pylock.from_dict(tomllib.loads(found.text))
    tags = [Tag(*tag.split("-")) for tag in TAGS]
    for environment, extras in itertools.product(environments(), choices(found)):
        try:
            theirs = {
                (str(package.name), str(package.version))
                for package, _ in pylock.select(environment=environment, tags=tags, extras=extras)  # type: ignore[arg-type]
            }
        except PylockSelectError:
            assert selected(found, environment, extras) is None
        else:
            assert selected(found, environment, extras) == theirs


def test_the_edges_of_an_entry_are_those_that_the_lock_lists(found: Lock) -> None:
    for package in found.packages:
        edges = found.dependencies(package.name)
        names = {edge.name for edge in edges if edge.requirer.version == package.version}
        assert names == {reference.name for reference in package.dependencies}
        assert all(edge in found.dependents(edge.name) for edge in edges)


def test_every_entry_is_required_by_the_project(found: Lock) -> None:
    for package in found.packages:
        chains = [chain for why in found.why(package.name) if why.package == package for chain in why.chains]
        assert chains
        assert all(chain[0].requirer.member == "." for chain in chains)


def test_a_lock_survives_being_written_and_read(found: Lock, project: ProjectWriter) -> None:
    copy = project.directory / "pylock.copy.toml"
    assert found.write(copy)
    assert not found.write(copy)
    assert Lock.read(copy) == found == Lock.parse(found.text)
    assert hash(Lock.read(copy)) == hash(found)
