"""Names: the normal writing, and what is no name."""

import pytest
from packaging.utils import canonicalize_name

from locktool import InvalidName
from locktool._native import normalize_name


@pytest.mark.parametrize("name", ["a", "A", "Foo.Bar_baz", "a--_.b", "9x", "x-9"])
def test_normal_writing_is_that_of_packaging(name: str) -> None:
    assert normalize_name(name) == canonicalize_name(name)
    assert normalize_name(normalize_name(name)) == normalize_name(name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "é", "a\n", "a_", "a/b", "\0", "a\ud800"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(InvalidName) as caught:
        normalize_name(name)
    assert caught.value.code == "invalid-name"
