"""An extra that is asked for and does not exist is left out, with a warning that names it and the near one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PLACES = ["dependencies", "extra", "group", "member", "package"]


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    index.add("socks", "1.0")
    index.add("req", "2.1", extras={"socks": ["socks"], "use-proxy": ["socks"]})
    index.add("wants", "1.0", requires=["req[sokcs]"])
    index.add("plain", "1.0")
    return index


def warnings_of(err: str) -> list[str]:
    lines = " ".join(err.split()).split("warning: ")
    return [line for line in lines[1:] if "extra" in line]


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_extra_is_told_with_the_near_one_and_who_asks(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    if place == "package":
        project.pyproject("wants")
    else:
        project.require_in(place, "req[sokcs]")
    (warning,) = warnings_of(run_locktool("lock").succeeded().err)
    assert "req 2.1 has no extra 'sokcs'" in warning
    assert "did you mean 'socks'?" in warning
    asker = {"package": "wants", "member": "member", "group": "your project"}.get(place, "demo")
    assert f"which {asker} asks for" in warning
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("text", ["req[socks]", "req[SOCKS]", "req[Use_Proxy]", "req[socks,use-proxy]", "req"])
def test_an_extra_that_exists_is_not_told(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, text: str
) -> None:
    project.require_in("dependencies", text)
    assert warnings_of(run_locktool("lock").succeeded().err) == []


def test_an_extra_of_the_project_itself_is_told_too(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("plain", extras={"socks": ["socks"], "all": ["demo[sokcs]"]})
    (warning,) = warnings_of(run_locktool("lock").succeeded().err)
    assert "demo has no extra 'sokcs', which demo asks for" in warning
    assert "did you mean 'socks'?" in warning


def test_an_extra_that_only_an_older_version_has_is_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("socks", "1.0")
    index.add("req", "1.0", extras={"socks": ["socks"]})
    index.add("req", "2.0")
    project.pyproject("req[socks]")
    (warning,) = warnings_of(run_locktool("lock").succeeded().err)
    assert "req 2.0 has no extra 'socks'" in warning


def test_compile_tells_it_as_well(world: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("requirements.in", "req[sokcs]\n")
    for options in ([], ["--universal"]):
        (warning,) = warnings_of(run_locktool("compile", "requirements.in", *options).succeeded().err)
        assert "req 2.1 has no extra 'sokcs'" in warning
        assert "did you mean 'socks'?" in warning


@pytest.mark.parametrize("place", ["dependencies", "extra", "group"])
def test_a_requirement_of_the_project_that_asks_for_an_extra_is_told(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, place: str
) -> None:
    project.require_in(place, "socks ; extra == 'test'")
    for command in (["lock"], ["check", "--frozen"], ["compile", "pyproject.toml"]):
        (warning,) = warnings_of(run_locktool(*command).succeeded().err)
        assert "the marker of socks asks for an extra" in warning
        assert "optional-dependencies" in warning


def test_a_line_of_a_requirements_file_that_asks_for_an_extra_is_told(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("requirements.in", "plain\nsocks ; extra == 'test'\n")
    (warning,) = warnings_of(run_locktool("compile", "requirements.in").succeeded().err)
    assert "requirements.in" in warning
    assert "socks" in warning
