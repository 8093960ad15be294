"""What `locktool.Requirement` promises beyond agreeing with `packaging`."""

import pickle

import packaging.requirements
import pytest

from locktool import InvalidRequirement, Marker, Requirement, SpecifierSet

TEXTS = [
    "a",
    "Foo.Bar[B_c,a]>=1,<2; python_version < '3.13' and extra == 'x'",
    "a[b] @ https://example.invalid/a-1.0.whl#sha256=0 ; os_name == 'nt'",
    "a===anything",
]


def test_parts() -> None:
    requirement = Requirement("Foo.Bar[B_c,a]>=1,<2; python_version < '3.13'")
    assert requirement.name == "foo-bar"
    assert requirement.extras == {"a", "b-c"}
    assert requirement.specifier == SpecifierSet(">=1,<2")
    assert requirement.url is None
    assert requirement.marker == Marker("python_version < '3.13'")
    assert str(requirement) == "foo-bar[a,b-c]<2,>=1; python_version < '3.13'"
    assert repr(requirement) == f"<Requirement({str(requirement)!r})>"


def test_url() -> None:
    requirement = Requirement("a @ https://example.invalid/a;b ; os_name == 'nt'")
    assert requirement.url == "https://example.invalid/a;b"
    assert requirement.specifier == SpecifierSet()
    assert requirement.marker == Marker("os_name == 'nt'")


def test_a_marker_that_always_holds_is_none() -> None:
    assert Requirement("a; python_version >= '0'").marker is None
    assert Requirement("a; python_version >= '0'") == Requirement("a")


def test_marker_evaluates_as_written() -> None:
    marker = Requirement("a; python_version < '3'").marker
    assert marker is not None
    assert marker.evaluate({"python_version": "2.7"})


@pytest.mark.parametrize("text", TEXTS)
def test_text_and_pickle_are_stable(text: str) -> None:
    requirement = Requirement(text)
    assert str(Requirement(str(requirement))) == str(requirement)
    again = pickle.loads(pickle.dumps(requirement))  # noqa: S301 - our own bytes
    assert (again, hash(again), str(again)) == (requirement, hash(requirement), str(requirement))


@pytest.mark.parametrize("text", TEXTS)
def test_made_from_requirements_of_either_library(text: str) -> None:
    assert Requirement(packaging.requirements.Requirement(text)) == Requirement(Requirement(text)) == Requirement(text)
    with pytest.raises(TypeError):
        Requirement(1)  # type: ignore[arg-type]


def test_equality_is_by_meaning() -> None:
    assert Requirement("A_b>=1.0,<2 ; 'nt' == os_name") == Requirement("a-b<2,>=1.0.0; (os_name == 'nt')")
    assert Requirement("a>=1") != Requirement("a>=2")
    assert Requirement("a") != "a"
    assert len({Requirement("A"), Requirement("a")}) == 1


def test_error_says_where_and_why() -> None:
    with pytest.raises(InvalidRequirement) as caught:
        Requirement("é")
    assert (caught.value.code, caught.value.position) == ("invalid-requirement", 0)
    with pytest.raises(InvalidRequirement) as caught:
        Requirement("a>=1; os_name == 'nt' andd x")
    assert caught.value.position == 22
    with pytest.raises(InvalidRequirement) as caught:
        Requirement("a>=1,~=2")
    assert caught.value.position in {5, 7}


@pytest.mark.parametrize("text", ["a\ud800", "\udfff", "a; os_name == '\ud800'"])
def test_lone_surrogates_are_no_text(text: str) -> None:
    with pytest.raises(InvalidRequirement, match="lone surrogate"):
        Requirement(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000_000 + "!",
        "a>=" + "1" * 10_000_000,
        "a[" + "b," * 1_000_000,
        "a; " + "(" * 1_000_000,
        "a\0",
        " " * 10_000_000,
        "a>=1," * 500_000 + ";",
    ],
)
def test_enormous_and_odd_input(text: str) -> None:
    with pytest.raises(InvalidRequirement) as caught:
        Requirement(text)
    assert len(caught.value.message) < 500
