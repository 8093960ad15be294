"""Requirements as written: only the part that is meant differs, and bounds mean what they say."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from locktool import Version
from locktool.edit.written import BOUNDS, Written, is_same_entry, merged, next_release, raised, with_bound

TEXTS = [
    "a",
    "A.b_c >= 1 , < 2",
    "a[x,Y_z]>=1; os_name == 'nt'",
    "a[ x ]",
    "a @ https://host.invalid/a.whl ; os_name == 'nt'",
    "a[x]@ https://host.invalid/a;b.whl",
    "a (>=1,<2)",
    "a~=1.4.2;python_version<'4'",
    "a===1.0",
]
VERSIONS = ["0", "0.0.3", "0.4.2", "1", "1.4.2", "1.4.2rc1", "1.4.2+cpu", "1.4.2.post1", "2!1.4", "10.20.30.40"]


@pytest.mark.parametrize("text", TEXTS)
def test_the_parts_give_an_equal_requirement(text: str) -> None:
    written = Written.of(text)
    assert Requirement(str(written)) == Requirement(text)
    assert {extra.lower().replace("_", "-") for extra in written.extras} == {
        extra.lower().replace("_", "-") for extra in Requirement(text).extras
    }


@pytest.mark.parametrize("old", TEXTS)
@pytest.mark.parametrize("new", TEXTS)
def test_merging_keeps_extras_and_takes_versions(old: str, new: str) -> None:
    if not is_same_entry(old, new):
        return
    one, other, result = Requirement(old), Requirement(new), Requirement(merged(old, new))
    assert {extra.lower() for extra in result.extras} == {extra.lower() for extra in one.extras | other.extras}
    named = other if other.url or other.specifier else one
    assert (result.url, result.specifier) == (named.url, named.specifier)
    assert result.marker in (one.marker, other.marker)
    assert merged(merged(old, new), new) == merged(old, new)


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize(("low", "high"), list(combinations_with_replacement(VERSIONS, 2)))
def test_bounds_admit_every_version_that_was_resolved(bounds: str, low: str, high: str) -> None:
    versions = [Version(low), Version(high)]
    text = with_bound("a[x]; os_name == 'nt'", versions, bounds)
    specifier = Requirement(text).specifier
    assert all(specifier.contains(str(version), prereleases=True) for version in versions), text
    assert (specifier == SpecifierSet()) == (bounds == "none")
    assert str(Requirement(text).marker) == 'os_name == "nt"'


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_next_release_is_the_first_that_differs_there(version: str, place: int) -> None:
    known = Version(version)
    following = Version(next_release(known, place))
    padded = [*known.release, 0, 0, 0]
    assert following > known
    assert list(following.release[:place]) == padded[:place]
    assert following.release[place] == padded[place] + 1
    assert following.epoch == known.epoch


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("a>=1", "1.4.2", "a>=1.4.2"),
        ("a >= 1 , < 2 # no", "1.4.2", None),
        ("A [x] >= 1 , < 2 ; os_name == 'nt'", "1.4.2", "A [x] >= 1.4.2 , < 2 ; os_name == 'nt'"),
        ("a~=1.4", "1.6.2", "a~=1.6"),
        ("a~=1.4.0", "1.4.5", "a~=1.4.5"),
        ("a~=1.4", "1.6rc1", "a~=1.4"),
        ("a>=1.4.2", "1.4.2", "a>=1.4.2"),
        ("a>=2", "1.4.2", "a>=2"),
        ("a>=1.4", "1.4.0", "a>=1.4"),
        ("a>=1", "2!1.0+cpu", "a>=2!1.0"),
        ("a<2", "1.4.2", "a<2"),
        ("a==1.*", "1.4.2", "a==1.*"),
        ("a", "1.4.2", "a"),
        ("a (>=1,<2)", "1.4.2", "a (>=1.4.2,<2)"),
        ("a @ https://host.invalid/a>=1.whl", "1.4.2", "a @ https://host.invalid/a>=1.whl"),
    ],
)
def test_only_a_lower_bound_is_raised(requirement: str, version: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="invalid"):
            raised(requirement, Version(version))
    else:
        assert raised(requirement, Version(version)) == expected
