"""Locks of random projects, and what they select in an environment."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker

from property.random_registry import REQUIRES_PYTHON

if TYPE_CHECKING:
    from conftest import ProjectWriter
    from local_index import LocalIndex
    from lock_oracle import Environment, ProjectRequirements, Selection


def lock(
    index: LocalIndex,
    project: ProjectWriter,
    asked: ProjectRequirements,
    *,
    conflicts: tuple[str, ...] = (),
    quality_pass: bool = True,
) -> str | None:
    """The lock's text, made from nothing; None where there is no resolution. `conflicts` are extras of one conflict."""
    from locktool.exceptions import ResolutionImpossible
    from locktool.operations.lock import lock_project
    from locktool.operations.options import RunOptions

    (project.directory / "pylock.toml").unlink(missing_ok=True)
    project.pyproject(
        *asked.dependencies,
        requires_python=REQUIRES_PYTHON,
        extras={name: list(requires) for name, requires in asked.extras.items()},
        tool={"conflicts": [[{"extra": name} for name in conflicts]]} if conflicts else None,
    )
    choices = {} if quality_pass else {"quality-pass": False}
    try:
        lock_project(project.directory, RunOptions(index_url=index.url, cache=False, choices=choices))
    except ResolutionImpossible:
        return None
    return project.read()


def selected(text: str, environment: Environment, selection: Selection) -> dict[str, str]:
    """The versions that a lock selects for an environment and a choice of extras."""
    context = {"extras": selection.extras, "dependency_groups": selection.groups}
    entries: list[dict[str, Any]] = tomllib.loads(text).get("packages", [])
    return {
        entry["name"]: entry["version"]
        for entry in entries
        if "marker" not in entry or Marker(entry["marker"]).evaluate({**environment, **context}, context="lock_file")
    }
