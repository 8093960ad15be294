"""Reasons are told once each, with the advice that belongs to them."""

from typing import NamedTuple

import pytest

from locktool.lock.reasons import render_reasons


class Reason(NamedTuple):
    message: str
    suggestion: str | None = None
    code: str = "code"
    package: str | None = None


def test_the_same_advice_is_given_once() -> None:
    reasons = [Reason("a moved", "run `locktool lock`"), Reason("b moved", "run `locktool lock`"), Reason("odd")]
    assert render_reasons(reasons) == ["a moved", "b moved", "  -> run `locktool lock`", "odd"]


def test_one_reason_takes_at_most_two_lines() -> None:
    assert len(render_reasons([Reason("a moved", "do this")])) == 2


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = render_reasons([Reason(str(number)) for number in range(20)], shown=3)
    assert lines == ["0", "1", "2", "... and 17 more (`--json` lists all)"]


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("`rich<16,>=15.0.0` is not in the lock", "`rich>=15.0.0,<16` is not in the lock"),
        ("`a[x]!=2,<3,>=1; python_version < '3.13'` is", "`a[x]>=1,!=2,<3; python_version < '3.13'` is"),
        ("`a>=1` is in `b`", "`a>=1` is in `b`"),
        ("run `a, b` or `c`", "run `a, b` or `c`"),
    ],
)
def test_requirements_are_shown_as_people_write_them(message: str, shown: str) -> None:
    assert render_reasons([Reason(message)]) == [shown]
