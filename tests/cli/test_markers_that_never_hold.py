"""A requirement that is installed nowhere is locked as the specification has it, with a warning that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

TYPOS = {
    "a dot at the end": "python_version >= '3.9.'",
    "a comma": "python_version >= '3,9'",
    "a word": "python_version >= 'py39'",
    "nothing": "python_version >= ''",
    "the full version": "python_full_version >= '3.9.'",
    "the other way round": "'3.9.' <= python_version",
    "inside a longer marker": "sys_platform == 'linux' and (python_version >= '3.9.' or os_name == 'nt')",
}
NEVER = {
    "two Pythons": "python_version < '3' and python_version > '3.9'",
    "two platforms": "sys_platform == 'linux' and sys_platform == 'win32'",
}
PLACES = ["dependencies", "extra", "group", "member"]


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    """An index with a package that is required everywhere and one that the marker is for."""
    index.add("plain", "1.0")
    index.add("numpy", "1.0")
    return index


def warnings_of(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith("warning:")]


@pytest.mark.parametrize("kind", TYPOS)
def test_a_literal_that_is_no_version_is_said_with_its_requirement(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    project.require_in("dependencies", f"numpy; {TYPOS[kind]}")
    for command in (["lock"], ["check", "--frozen"]):
        warnings = warnings_of(run_locktool(*command).succeeded().err)
        assert any("numpy" in warning and "no version" in warning for warning in warnings), (command, warnings)


@pytest.mark.parametrize("kind", NEVER)
def test_a_marker_that_never_holds_is_said_with_its_requirement(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    project.require_in("dependencies", f"numpy; {NEVER[kind]}")
    warnings = warnings_of(run_locktool("lock").succeeded().err)
    assert any("numpy" in warning for warning in warnings), warnings
    assert 'name = "numpy"' not in project.read()
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("marker", [TYPOS["a dot at the end"], NEVER["two Pythons"]], ids=["typo", "never"])
def test_a_requirement_is_looked_at_wherever_it_stands(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, marker: str, place: str
) -> None:
    project.require_in(place, f"numpy; {marker}")
    warnings = warnings_of(run_locktool("lock").succeeded().err)
    assert any("numpy" in warning for warning in warnings), warnings


@pytest.mark.parametrize(
    "marker",
    [
        "python_version >= '3.9'",
        "python_version == '3.12.*'",
        "python_version in '3.11 3.12'",
        "python_version not in '3.11, 3.12'",
        "sys_platform == 'win32'",
        "platform_release >= '5.4.0-generic'",
        "python_full_version < '3.13.0rc1'",
    ],
)
def test_a_marker_that_holds_somewhere_draws_no_warning(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, marker: str
) -> None:
    project.require_in("dependencies", f"numpy; {marker}")
    assert warnings_of(run_locktool("lock").succeeded().err) == []
    assert 'name = "numpy"' in project.read()
