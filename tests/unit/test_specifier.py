"""What `locktool.Specifier` and `SpecifierSet` promise beyond agreeing with `packaging`."""

import pickle

import packaging.specifiers
import packaging.version
import pytest

from locktool import InvalidSpecifier, Specifier, SpecifierSet, Version


def test_versions_of_either_library_are_items() -> None:
    for item in ("1.5", Version("1.5"), packaging.version.Version("1.5")):
        assert item in Specifier(">=1")
        assert item in SpecifierSet(">=1,<2")
        assert list(SpecifierSet(">=1").filter([item])) == [item]
    with pytest.raises(TypeError):
        Specifier(">=1").contains(1.5)  # type: ignore[arg-type]


def test_made_from_specifiers_of_either_library() -> None:
    theirs = packaging.specifiers.SpecifierSet(">=1,<2")
    assert (
        SpecifierSet(theirs)
        == SpecifierSet(list(theirs))
        == SpecifierSet([Specifier(">=1"), "<2"])
        == SpecifierSet("<2,>=1")
    )
    assert Specifier(packaging.specifiers.Specifier("~=1.0")) == Specifier("~=1.0")
    assert SpecifierSet(SpecifierSet(">=1")) == SpecifierSet() & ">=1"


@pytest.mark.parametrize("prereleases", [None, True, False])
def test_pickle_keeps_text_and_rule(prereleases: bool | None) -> None:  # noqa: FBT001 - a parameter of the test
    for value in (Specifier(">=1.0rc1", prereleases), SpecifierSet("<2,>=1.0,===x", prereleases)):
        again = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
        assert (again, repr(again), hash(again)) == (value, repr(value), hash(value))


def test_equality_is_by_meaning() -> None:
    assert Specifier("==1.0") == Specifier("== 1.0.0") == "==1"
    assert Specifier("==1.0") != Specifier("~=1.0")
    assert Specifier("==1.0") != "nonsense"
    assert Specifier("==1.0") != 1
    assert SpecifierSet(">=1,>=1.0") == SpecifierSet(">=1")
    assert SpecifierSet(">=1") == Specifier(">=1.0")
    assert SpecifierSet(">=1") != 1
    assert len({Specifier("==1.0"), Specifier("==1.0.0"), Specifier("==1.0.*")}) == 2


def test_filter_takes_a_key_and_keeps_the_items() -> None:
    items = [{"version": "1.0"}, {"version": "2.0a1"}, {"version": "3"}]
    kept = list(SpecifierSet(">=2").filter(items, key=lambda item: item["version"]))
    assert kept == [{"version": "3"}]
    assert list(Specifier(">=1.5").filter(items, True, lambda item: item["version"])) == items[1:]


def test_an_error_in_a_key_or_an_iterable_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        list(SpecifierSet(">=2").filter(1 / 0 for _ in range(1)))
    with pytest.raises(KeyError):
        list(SpecifierSet(">=2").filter([{"name": "a"}], key=lambda item: item["version"]))


def test_a_rule_on_prereleases_may_not_contradict() -> None:
    assert (SpecifierSet(">=1", prereleases=True) & SpecifierSet("<2")).prereleases is True
    with pytest.raises(ValueError, match="pre-releases"):
        SpecifierSet(">=1", prereleases=True) & SpecifierSet("<2", prereleases=False)
    assert SpecifierSet(">=1").contains("2.0a1", prereleases=False) is False
    assert SpecifierSet(">=1", prereleases=False).contains("2.0a1", installed=True) is True


def test_relations_of_sets() -> None:
    assert SpecifierSet(">=3.12,<3.13").is_subset(SpecifierSet(">=3.12"))
    assert SpecifierSet(">=3.12.dev0").is_superset(SpecifierSet("==3.12.*"))
    assert SpecifierSet("<3.12").is_disjoint(SpecifierSet(">=3.12"))
    with pytest.raises(ValueError, match="==="):
        SpecifierSet("===1").is_subset(SpecifierSet())
    with pytest.raises(ValueError, match="rule on pre-releases"):
        SpecifierSet(">1", prereleases=True).is_disjoint(SpecifierSet(">1"))


def test_error_says_where_and_why() -> None:
    with pytest.raises(InvalidSpecifier) as caught:
        SpecifierSet(">=1.0, ~=2")
    error = caught.value
    assert (error.code, error.text, error.position) == ("invalid-specifier", ">=1.0, ~=2", 9)
    assert error.message.splitlines()[1:] == ["    >=1.0, ~=2", " " * 13 + "^"]


@pytest.mark.parametrize("text", [">=1.0\ud800", "\udfff"])
def test_lone_surrogates_are_no_text(text: str) -> None:
    for construct in (Specifier, SpecifierSet):
        with pytest.raises(InvalidSpecifier, match="lone surrogate"):
            construct(text)
    assert text not in SpecifierSet(">=1")


@pytest.mark.parametrize("text", [">=" + "1" * 10_000_000, "~" * 1_000_000, "!" * 1_000_000])
def test_enormous_input(text: str) -> None:
    with pytest.raises(InvalidSpecifier) as caught:
        SpecifierSet(text)
    assert len(caught.value.message) < 400


def test_a_long_list_is_one_set() -> None:
    assert SpecifierSet(">=1," * 100_000) == SpecifierSet(">=1")
    assert SpecifierSet("," * 1_000_000) == SpecifierSet()


def test_frozen() -> None:
    with pytest.raises(AttributeError):
        SpecifierSet(">=1").prereleases = True  # type: ignore[misc]
