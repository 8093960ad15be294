"""Every exception: a code, a message complete on its own, its fields as attributes, a pickle."""

import pickle

import pytest

import locktool
from locktool import exceptions

CLASSES = [
    value
    for value in vars(exceptions).values()
    if isinstance(value, type) and issubclass(value, exceptions.LocktoolError)
]


@pytest.mark.parametrize("error_class", CLASSES)
def test_fields_are_attributes_and_absent_ones_are_none(error_class: type[exceptions.LocktoolError]) -> None:
    error = error_class("some-code", "Some message.", extra_fact=1)
    assert (error.code, error.message, str(error)) == ("some-code", "Some message.", "Some message.")
    assert error.fields == {**dict.fromkeys(error_class.field_names), "extra_fact": 1}
    assert all(getattr(error, name) is None for name in error_class.field_names)
    assert error_class.__doc__


@pytest.mark.parametrize("error_class", CLASSES)
def test_pickle_is_identity(error_class: type[exceptions.LocktoolError]) -> None:
    error = error_class("some-code", "Some message.", **dict.fromkeys(error_class.field_names, "fact"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(again), again.code, again.message, again.fields) == (
        error_class,
        error.code,
        error.message,
        error.fields,
    )


@pytest.mark.parametrize("name", locktool.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(locktool, name) is getattr(locktool, name)
    assert name in dir(locktool)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        locktool.nothing  # noqa: B018
