"""Laws of locking, on registries that are thrown by dice; each case is named by the seed of its dice.

LOCKTOOL_PROPERTY_CASES asks for more cases, a hundredth of it of these whole runs.
"""

from __future__ import annotations

import os
import tomllib
from random import Random
from typing import TYPE_CHECKING

import pytest

from local_index import Slow
from lock_oracle import ProjectRequirements, read_project, refutations, violations
from property.random_locks import lock
from property.random_registry import throw

if TYPE_CHECKING:
    from conftest import ProjectWriter
    from local_index import LocalIndex

SEEDS = range(max(1, int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "4000")) // 100))


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
