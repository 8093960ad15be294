"""A release whose metadata cannot be used is left out, and a newest one that was is told with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from input_changes import locked_versions

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

BROKEN = {"a requirement": ["b bad ==", "b"], "a version": ["b>=one"], "a marker": ["b ; nonsense == '1'"]}


def warnings_of(err: str) -> list[str]:
    lines = " ".join(err.split()).split("warning: ")
    return [line for line in lines[1:] if "was left out" in line]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_newest_release_that_is_skipped_is_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    index.add("b", "1.0")
    index.add("a", "1.0", requires=["b"])
    index.add("a", "2.0", requires=BROKEN[kind])
    project.pyproject("a")
    (warning,) = warnings_of(run_locktool("lock").succeeded().err)
    assert "a 2.0 was left out for 1.0" in warning
    assert locked_versions(project)["a"] == "1.0"
    assert warnings_of(run_locktool("lock", "--upgrade").succeeded().err)
    project.write("requirements.in", "a\n")
    (warning,) = warnings_of(run_locktool("compile", "requirements.in").succeeded().err)
    assert "a 2.0 was left out for 1.0" in warning


def test_a_broken_release_that_is_older_or_not_allowed_is_not_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("b", "1.0")
    index.add("a", "1.0", requires=BROKEN["a version"])
    index.add("a", "2.0", requires=["b"])
    index.add("a", "3.0", requires=BROKEN["a version"])
    project.pyproject("a<3")
    assert warnings_of(run_locktool("lock").succeeded().err) == []


REPAIRED = {
    "b (>dev)": "2.0",
    "b>dev": "2.0",
    "b>=1.0.0a1.0": "2.0",
    "b>=1.0<2.0": "1.0",
    "b>=1.0,": "2.0",
    "b>=1.*": "2.0",
    "b!=2.0*": "1.0",
    "b!=~2.0": "1.0",
    "b >= '1.0'": "2.0",
}


@pytest.mark.parametrize("text", REPAIRED)
def test_malformed_requirements_of_old_releases_are_read_as_other_tools_read_them(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command, text: str
) -> None:
    for version in ("1.0", "2.0"):
        index.add("b", version)
    index.add("a", "1.0", requires=[text])
    project.pyproject("a")
    run_locktool("lock").succeeded()
    assert locked_versions(project) == {"a": "1.0", "b": REPAIRED[text]}
    run_locktool("check", "--frozen").succeeded()
