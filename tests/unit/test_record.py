"""Records are values: equal by their fields, frozen, copied with other fields, and pickled."""

from __future__ import annotations

import copy
import pickle
import sys

import pytest

from locktool.operations.options import RunOptions
from locktool.operations.outcome import Counters
from locktool.record import Record


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    name: str

    @property
    def text(self) -> str:
        return self._once("text", lambda: f"{self.name}{object()!r}")


def test_a_record_is_its_fields() -> None:
    assert Point(x=1) == Point(x=1, y=0)
    assert Point(x=1) != Point(x=1, y=2)
    assert Point(x=1) != Named(x=1, name="a")
    assert len({Point(x=1), Point(x=1, y=0), Point(x=2)}) == 2
    assert repr(Named(x=1, name="a")) == "Named(x=1, y=0, name='a')"


@pytest.mark.parametrize(
    ("fields", "message"),
    [({}, "Point needs a value for 'x'"), ({"x": 1, "z": 2}, "Point has no field 'z'")],
)
def test_a_record_has_its_fields_and_no_other(fields: dict[str, int], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(**fields)


def test_a_record_is_frozen() -> None:
    point = Point(x=1)
    with pytest.raises(AttributeError, match="Point is frozen: 'x' cannot be set"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Point is frozen: 'x' cannot be deleted"):
        del point.x
    assert point == Point(x=1)


def test_a_record_is_copied_with_other_fields() -> None:
    assert Point(x=1, y=2)._replace(x=3) == Point(x=3, y=2)
    with pytest.raises(TypeError, match="no field 'z'"):
        Point(x=1)._replace(z=2)
    if sys.version_info >= (3, 13):
        assert copy.replace(Point(x=1), y=2) == Point(x=1, y=2)


def test_what_follows_from_fields_is_made_once_and_again_for_other_fields() -> None:
    named = Named(x=1, name="a")
    assert named.text == named.text
    other = named._replace(name="b")
    assert other.text.startswith("b")
    assert named == Named(x=1, name="a")


@pytest.mark.parametrize("record", [RunOptions(upgrade=["a"], cache=False), Counters(pages=2)])
def test_public_records_are_pickled_and_copied(record: Record) -> None:
    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301 - its own bytes
    assert copy.deepcopy(record) == record
