"""The objects of `packaging` are taken where ours are; ours given to `packaging` work or raise, never a silent no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import packaging.markers
import packaging.specifiers
import packaging.version
import pytest

from locktool import LocktoolError, Marker, MarkerEnvironment, SpecifierSet, Version

if TYPE_CHECKING:
    from collections.abc import Callable

THEIRS = packaging.specifiers.SpecifierSet(">=1")
VERSION: Any = Version("1.5")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: THEIRS.contains(VERSION),
        lambda: VERSION in THEIRS,
        lambda: packaging.specifiers.Specifier(">=1").contains(VERSION),
        lambda: packaging.specifiers.SpecifierSet("").contains(VERSION),
        lambda: list(THEIRS.filter([VERSION])),
        lambda: packaging.version.Version(VERSION),
    ],
)
def test_packaging_refuses_our_versions_aloud(ask: Callable[[], object]) -> None:
    with pytest.raises((LocktoolError, TypeError)):
        ask()


def test_the_text_of_our_version_is_what_packaging_takes() -> None:
    assert THEIRS.contains(str(VERSION))
    with pytest.raises(LocktoolError, match=r"pass str\(version\)") as caught:
        THEIRS.contains(VERSION)
    assert caught.value.code == "not-a-text"


@pytest.mark.parametrize("text", ["python_version < '3.12'", "sys_platform == 'win32' and os_name == 'nt'"])
def test_operators_take_markers_of_either_library(text: str) -> None:
    ours, theirs = Marker("os_name == 'nt'"), packaging.markers.Marker(text)
    assert ours & theirs == theirs & ours == ours & Marker(text)
    assert ours | theirs == theirs | ours == ours | Marker(text)
    assert (ours & theirs).evaluate({"sys_platform": "win32", "os_name": "nt", "python_version": "3.11"})


def test_operators_take_no_text() -> None:
    marker: Any = Marker("os_name == 'nt'")
    with pytest.raises(TypeError):
        _ = marker & "os_name == 'nt'"
    with pytest.raises(TypeError):
        _ = "os_name == 'nt'" | marker


def test_relations_take_sets_of_either_library() -> None:
    assert SpecifierSet(">=2").is_subset(THEIRS)
    assert SpecifierSet(">=0.5").is_superset(THEIRS)
    assert SpecifierSet("<1").is_disjoint(THEIRS)
    with pytest.raises(TypeError, match="expected a SpecifierSet"):
        SpecifierSet("<1").is_disjoint(">=1")  # type: ignore[arg-type]


def test_an_environment_is_one_for_both_libraries() -> None:
    windows = MarkerEnvironment.for_target("3.12", "windows")
    for marker in (Marker("os_name == 'nt'"), packaging.markers.Marker("os_name == 'nt'")):
        assert marker.evaluate(windows)
        assert not marker.evaluate(MarkerEnvironment.for_target("3.12", "linux"))
