"""How many generated cases a run compares, and the dice they come from.

LOCKTOOL_PROPERTY_CASES asks for more (the scheduled run takes a million), LOCKTOOL_PROPERTY_SEED for others.
"""

import os
from random import Random

import pytest


@pytest.fixture
def cases() -> int:
    """The number of generated cases."""
    return int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "10000"))


@pytest.fixture
def dice() -> Random:
    """A source of choices that depends on the seed alone."""
    return Random(int(os.environ.get("LOCKTOOL_PROPERTY_SEED", "440")))  # noqa: S311 - generated cases
