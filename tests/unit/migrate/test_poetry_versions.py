"""Poetry's constraints mean the same as the specifiers that they become."""

from __future__ import annotations

import itertools

import pytest
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from locktool._native import poetry_python_marker as python_marker
from locktool._native import poetry_specifiers as specifiers_of
from locktool.exceptions import ProjectError

NUMBERS = ("0", "1", "2", "3", "10")
VERSIONS = [Version(".".join(release)) for length in (1, 2, 3) for release in itertools.product(NUMBERS, repeat=length)]


def released(version: Version) -> tuple[int, int, int]:
    first, second, third = (*version.release, 0, 0, 0)[:3]
    return first, second, third


def caret(base: str) -> tuple[int, int, int]:
    """The first release that a caret leaves out, by Poetry's documentation: the leftmost non-zero number stays."""
    numbers = [int(number) for number in base.split(".")]
    place = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
    first, second, third = (*numbers[:place], numbers[place] + 1, 0, 0, 0)[:3]
    return first, second, third


def tilde(base: str) -> tuple[int, int, int]:
    """The first release that a tilde leaves out: the last number may change, or the second where three are written."""
    numbers = [int(number) for number in base.split(".")]
    place = 0 if len(numbers) == 1 else 1
    first, second, third = (*numbers[:place], numbers[place] + 1, 0, 0, 0)[:3]
    return first, second, third


BASES = [".".join(release) for length in (1, 2, 3) for release in itertools.product(("0", "1", "3"), repeat=length)]


@pytest.mark.parametrize("base", BASES)
def test_carets_and_tildes_allow_what_poetry_documents(base: str) -> None:
    for sign, end in (("^", caret(base)), ("~", tilde(base))):
        specifiers = SpecifierSet(specifiers_of(sign + base))
        for version in VERSIONS:
            expected = version >= Version(base) and released(version) < end
            assert (version in specifiers) is expected, (sign, base, version)


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("*", ""),
        ("1.2.3", "==1.2.3"),
        ("=1.2", "==1.2"),
        ("1.2.*", "==1.2.*"),
        ("~=1.4.2", "~=1.4.2"),
        (">= 1 , < 2", ">=1,<2"),
        (">=1 <2", ">=1,<2"),
        ("^1.2,!=1.5", ">=1.2,<2.0,!=1.5"),
        ("^1 || ^2", ">=1,<3"),
        ("^2.0|^1.0", ">=1.0,<3.0"),
        ("^1 || ^3", ">=1,!=2.*,<4"),
        ("^2.7 || ^3.2", ">=2.7,!=3.0.*,!=3.1.*,<4.0"),
        (">=1.2,<1.2.3 || ^1.2.5", ">=1.2,!=1.2.3.*,!=1.2.4.*,<2.0.0"),
        (">=1 || >=3,<4", ">=1"),
        ("^1.0b1", ">=1.0b1,<2.0"),
        ("^1!2.0", ">=1!2.0,<1!3.0"),
        ("* || ^1", ""),
    ],
)
def test_constraints_become_specifiers(constraint: str, expected: str) -> None:
    assert specifiers_of(constraint) == expected
    SpecifierSet(expected)


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("~2.7 || ^3.4", ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,<4.0"),
        (">=2.6,<2.8 || >=3.0", ">=2.6"),
        ("~2.7 || ~3.6 || ~3.8", ">=2.7,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*,!=3.4.*,!=3.5.*,!=3.7.*,<3.9"),
        ("^3.8 || ^3.10", ">=3.8,<4.0"),
    ],
)
def test_no_python_lies_between_two_and_three(constraint: str, expected: str) -> None:
    assert specifiers_of(constraint, of_python=True) == expected


@pytest.mark.parametrize(
    "constraint", ["~2.7 || ^3.4", "^1 || ^2000", "<1.2 || >=2.3", "nonsense one", "^", "==1 || ==2", ""]
)
def test_what_specifiers_cannot_say_is_refused(constraint: str) -> None:
    if constraint == "":
        assert specifiers_of(constraint) == ""
        return
    with pytest.raises(ProjectError, match="cannot be written as specifiers"):
        specifiers_of(constraint)


@pytest.mark.parametrize(
    ("constraint", "within", "outside"),
    [
        ("<3.12", ["3.11.9"], ["3.12.0", "3.13.1"]),
        ("^3.11", ["3.11.0", "3.14.2"], ["3.10.9", "4.0.0"]),
        ("~3.11.4", ["3.11.4"], ["3.11.3", "3.12.0"]),
        ("<3.9 || >=3.12", ["3.8.1", "3.12.0"], ["3.10.0"]),
        ("3.11.*", ["3.11.7"], ["3.12.0"]),
        (">3.11", ["3.11.1", "3.12.0"], ["3.11.0"]),
        ("<=3.11", ["3.10.9", "3.11.0"], ["3.11.1"]),
        ("!=3.11", ["3.11.1"], ["3.11.0"]),
    ],
)
def test_a_python_constraint_becomes_a_marker(constraint: str, within: list[str], outside: list[str]) -> None:
    marker = Marker(python_marker(constraint) or "")
    for python, expected in [*((text, True) for text in within), *((text, False) for text in outside)]:
        environment = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
        assert marker.evaluate(environment) is expected, python
    assert python_marker("*") is None
