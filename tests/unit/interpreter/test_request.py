"""What a text asks of a Python, and which interpreters that admits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from locktool import InvalidSpecifier
from locktool.interpreter.probe import running_interpreter
from locktool.interpreter.request import Request

if TYPE_CHECKING:
    from locktool.interpreter.facts import Interpreter


def interpreter(version: str, implementation: str = "cpython", *, free_threaded: bool = False) -> Interpreter:
    here = running_interpreter()
    release = ".".join(part.rstrip("abcr+") or part for part in version.split("rc", maxsplit=1)[0].split(".")[:3])
    fields = here.marker_environment | {"python_full_version": version}
    return here._replace(
        version=release,
        implementation=implementation,
        free_threaded=free_threaded,
        marker_environment=fields,
    )


MACHINE = {
    "3.9": interpreter("3.9.18"),
    "3.12": interpreter("3.12.1"),
    "3.13": interpreter("3.13.0"),
    "3.13t": interpreter("3.13.0", free_threaded=True),
    "3.14rc": interpreter("3.14.0rc2"),
    "pypy3.10": interpreter("3.10.14", "pypy"),
    "graalpy3.11": interpreter("3.11.7", "graalpy"),
}


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        ("3", ["3.9", "3.12", "3.13", "3.14rc", "pypy3.10", "graalpy3.11"]),
        ("3.1", []),
        ("3.13", ["3.13"]),
        ("3.13.0", ["3.13"]),
        ("3.13.1", []),
        ("3.13t", ["3.13t"]),
        ("cpython3.13t", ["3.13t"]),
        ("3.12t", []),
        ("3.14", ["3.14rc"]),
        ("python3.12", ["3.12"]),
        ("cpython-3.12", ["3.12"]),
        ("cpython@3.12", ["3.12"]),
        ("cp312", ["3.12"]),
        ("cp313t", ["3.13t"]),
        ("pp310", ["pypy3.10"]),
        ("PyPy3.10", ["pypy3.10"]),
        ("3.10", ["pypy3.10"]),
        ("pypy", ["pypy3.10"]),
        ("cpython", ["3.9", "3.12", "3.13", "3.13t", "3.14rc"]),
        ("graalpy3.11", ["graalpy3.11"]),
        (">=3.11,<3.13", ["3.12", "graalpy3.11"]),
        ("cpython>=3.11,<3.13", ["3.12"]),
        ("pypy>=3.9", ["pypy3.10"]),
        ("==3.12.*", ["3.12"]),
        ("~=3.13", ["3.13", "3.13t", "3.14rc"]),
        (">=3.14", []),
        (" >= 3.14rc1 ", ["3.14rc"]),
        ("!=3.9.18", ["3.12", "3.13", "3.13t", "3.14rc", "pypy3.10", "graalpy3.11"]),
    ],
)
def test_a_request_admits_what_it_says(text: str, admitted: list[str]) -> None:
    request = Request.parse(text)
    assert request is not None
    assert [name for name, each in MACHINE.items() if request.admits(each)] == admitted


@pytest.mark.parametrize("text", [">=3.11,<3.13", "~=3.12.0", "==3.13.*", ">3.9", "<=3.12"])
def test_specifiers_admit_what_packaging_admits(text: str) -> None:
    request = Request.parse(text)
    assert request is not None
    for each in MACHINE.values():
        version = each.marker_environment["python_full_version"]
        assert request.admits(each) == SpecifierSet(text).contains(version, prereleases=True)


def test_a_build_from_a_working_tree_has_a_version() -> None:
    request = Request.parse(">=3.14a1")
    assert request is not None
    assert request.admits(interpreter("3.14.0a2+"))


@pytest.mark.parametrize("text", ["", "snake", "/usr/bin/python3", "./3.12/bin/python", "3.13-dev", "pypy3.10-7.3.12"])
def test_paths_and_names_are_no_requests(text: str) -> None:
    assert Request.parse(text) is None


@pytest.mark.parametrize("text", [">=3.x", ">=", "pypy<three"])
def test_a_specifier_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpecifier):
        Request.parse(text)


@pytest.mark.parametrize(
    ("text", "ruled_out"),
    [
        ("3.12", ["python3.11", "3.11.7", "pypy3.10-7.3.12", "python2", "pypy3.9"]),
        ("3.12.1", ["3.12.2", "python3.11"]),
        (">=3.12", ["3.11.7", "3.9.18"]),
        ("pypy", []),
    ],
)
def test_only_names_that_contradict_a_request_are_ruled_out(text: str, ruled_out: list[str]) -> None:
    request = Request.parse(text)
    assert request is not None
    for name in ruled_out:
        assert not request.may_be(name)
    for name in ("python", "python3", "python3.12", "3.12.1", "miniconda3-4.7"):
        assert request.may_be(name)
