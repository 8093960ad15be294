"""Laws of locking, on registries that are thrown by dice; each case is named by the seed of its dice.

LOCKTOOL_PROPERTY_CASES asks for more cases, a hundredth of it of these whole runs.
"""

from __future__ import annotations

import os
import tomllib
from random import Random
from typing import TYPE_CHECKING

import pytest

from local_index import LocalIndex, Slow
from lock_oracle import ProjectRequirements, read_project, refutations, violations
from property.random_registry import REQUIRES_PYTHON, throw

if TYPE_CHECKING:
    from conftest import ProjectWriter

SEEDS = range(max(1, int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "4000")) // 100))


def lock(index: LocalIndex, project: ProjectWriter, asked: ProjectRequirements) -> str | None:
    """The lock's text, made from nothing; None where there is no resolution."""
    from locktool.exceptions import ResolutionImpossible
    from locktool.operations.lock import lock_project
    from locktool.operations.options import RunOptions

    (project.directory / "pylock.toml").unlink(missing_ok=True)
    project.pyproject(
        *asked.dependencies,
        requires_python=REQUIRES_PYTHON,
        extras={name: list(requires) for name, requires in asked.extras.items()},
    )
    try:
        lock_project(project.directory, RunOptions(index_url=index.url, cache=False))
    except ResolutionImpossible:
        return None
    return project.read()


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, built: None) -> None:
    """No configuration of the machine reaches these runs, which happen in this process."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in [
        name for name in os.environ if name.startswith(("LOCKTOOL_INDEX", "PIP_FIND", "PIP_INDEX", "PIP_EXTRA"))
    ]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lock_is_found_exactly_when_there_is_one_and_is_sound(
    seed: int, index: LocalIndex, project: ProjectWriter
) -> None:
    case = throw(Random(seed))  # noqa: S311 - generated cases
    case.publish(index)
    text = lock(index, project, case.project)
    assert (text is not None) == case.has_an_answer(), case
    if text is not None:
        document = tomllib.loads(text)
        assert violations(case.releases, case.project, document) == [], case
        assert refutations(read_project(project.directory), document) == [], case


@pytest.mark.parametrize("seed", SEEDS[: len(SEEDS) // 4 + 1])
def test_a_lock_depends_neither_on_the_order_of_requirements_nor_on_that_of_answers(
    seed: int, index: LocalIndex, project: ProjectWriter
) -> None:
    dice = Random(seed)  # noqa: S311 - generated cases
    case = throw(dice)
    case.publish(index)
    first = lock(index, project, case.project)
    for release in case.releases:
        index.fail(f"*/{release.name}/*", Slow(delay=dice.choice([0.0, 0.005, 0.02])))
    shuffled = dice.sample(case.project.dependencies, len(case.project.dependencies))
    again = lock(index, project, ProjectRequirements(tuple(shuffled), case.project.extras, name="demo"))
    assert again == first, case


def test_the_dice_throw_cases_with_an_answer_and_without() -> None:
    found = [throw(Random(seed)).has_an_answer() for seed in range(40)]  # noqa: S311 - generated cases
    assert found.count(True) >= 10
    assert found.count(False) >= 5
