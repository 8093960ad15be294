"""Reads a scenario: a small universe of packages, what is asked of it, and what must come out.

The format is that of ../shared/scenarios/README.md, plus `[project]` keys for scenarios of our own: `extras`, `groups`
and `tool` (the tables of [tool.locktool]).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex

DEFAULT_PYTHON = "3.12"


@dataclass(frozen=True)
class Scenario:
    """One file. `locks_a_project` is a run of `lock`, everything else one of `compile`."""

    name: str
    description: str
    requires: list[str]
    requires_python: str
    packages: dict[str, Any]
    satisfiable: bool
    expected: dict[str, str]
    locks_a_project: bool
    universal: bool
    python: str
    options: dict[str, Any]
    project: dict[str, Any] = field(default_factory=dict)

    def publish(self, index: LocalIndex) -> None:
        """Put every version on the index."""
        for name, package in self.packages.items():
            for version, release in package["versions"].items():
                index.add(
                    name,
                    version,
                    requires=release.get("requires", []),
                    requires_python=release.get("requires_python", ">=3.12") or None,
                    extras=release.get("extras", {}),
                    wheel_tags=release.get("wheel_tags", ["py3-none-any"]) if release.get("wheel", True) else [],
                    sdist=release.get("sdist", True),
                    yanked=release.get("yanked", False),
                )

    def compile_arguments(self) -> list[str]:
        """The options of `locktool compile` that the scenario asks for."""
        arguments = ["--python-version", self.python]
        if self.universal:
            arguments.append("--universal")
        if platform := self.options.get("python_platform"):
            arguments += ["--python-platform", platform]
        if self.options.get("prereleases"):
            arguments += ["--prerelease", "allow"]
        if resolution := self.options.get("resolution"):
            arguments += ["--resolution", resolution]
        for package in self.options.get("no_build", []):
            arguments += ["--no-build-package", package]
        for package in self.options.get("no_binary", []):
            arguments += ["--no-binary-package", package]
        return arguments

    def tool_table(self) -> dict[str, Any]:
        """What stands in [tool.locktool] of a project that is locked."""
        table: dict[str, Any] = dict(self.project.get("tool", {}))
        if self.options.get("prereleases"):
            table["prerelease"] = "allow"
        if resolution := self.options.get("resolution"):
            table["resolution"] = resolution
        if environments := self.options.get("required_environments"):
            table["required-environments"] = environments
        return table


def read_scenario(path: Path) -> Scenario:
    """The scenario of one file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    options = document.get("resolver_options", {})
    universal = options.get("universal", False)
    root = document["root"]
    return Scenario(
        name=document.get("name", path.stem),
        description=document.get("description", ""),
        requires=root["requires"],
        requires_python=root.get("requires_python", ">=3.12"),
        packages=document.get("packages", {}),
        satisfiable=document["expected"]["satisfiable"],
        expected=document["expected"].get("packages", {}),
        locks_a_project=universal and document.get("testgen", {}).get("kind") != "compile",
        universal=universal,
        python=options.get("python") or document.get("environment", {}).get("python") or DEFAULT_PYTHON,
        options=options,
        project=document.get("project", {}),
    )


def read_requirements(text: str) -> list[dict[str, str]]:
    """The pins of a requirements file as entries of a lock: name, version and perhaps a marker."""
    entries = []
    for line in text.replace("\\\n", " ").splitlines():
        found = re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;]+)\s*(?:;\s*(.*?))?\s*(?:--hash.*|#.*)?$", line)
        if found:
            name, version, marker = found.groups()
            entries.append({"name": name, "version": version} | ({"marker": marker} if marker else {}))
    return entries
