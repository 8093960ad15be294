"""The environments in which a lock is tried: the platforms people have, and the values that markers name.

Each marker literal that is no usual value (`sys_platform == 'os1'`) gives environments that have it, so that no branch
of a marker stays untried.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable

Environment = dict[str, str]

# os_name, sys_platform, platform_system, platform_machine
_PLATFORMS = (
    ("posix", "linux", "Linux", "x86_64"),
    ("posix", "linux", "Linux", "aarch64"),
    ("posix", "linux", "Linux", "i686"),
    ("posix", "darwin", "Darwin", "arm64"),
    ("posix", "darwin", "Darwin", "x86_64"),
    ("nt", "win32", "Windows", "AMD64"),
    ("nt", "win32", "Windows", "ARM64"),
)
_IMPLEMENTATIONS = (("cpython", "CPython"), ("pypy", "PyPy"))
_PYTHONS = ("3.8.0", "3.9.20", "3.10.4", "3.11.0", "3.11.9", "3.12.0", "3.12.4", "3.13.1", "3.14.0", "3.15.2")
_PYTHON_VARIABLES = frozenset({"python_version", "python_full_version", "implementation_version"})
# What of a platform follows from a value is fixed; a literal of these is tried with every platform's other values.
_OPEN_VARIABLES = frozenset({"sys_platform", "os_name", "platform_system", "platform_machine"})


def environments_for(markers: Iterable[str], requires_python: str | None) -> list[Environment]:
    """The usual environments and those that the marker texts name, where `requires_python` admits their Python."""
    literals = sorted({literal for text in markers for literal in _literals(text)})
    versions = set(_PYTHONS)
    for variable, value in literals:
        if variable in _PYTHON_VARIABLES:
            versions.update(_versions_around(value))
    admitted = SpecifierSet(requires_python or "")
    pythons = sorted((v for v in versions if admitted.contains(v, prereleases=True)), key=Version)
    found = [
        _environment(python, platform, implementation)
        for python, platform, implementation in itertools.product(pythons, _PLATFORMS, _IMPLEMENTATIONS)
    ]
    usual = list(found[: len(_PLATFORMS) * len(_IMPLEMENTATIONS)])
    known = {(variable, value) for environment in found for variable, value in environment.items()}
    for variable, value in literals:
        if variable not in _PYTHON_VARIABLES and (variable, value) not in known:
            found += [environment | {variable: value} for environment in usual]
    # Two odd values at once: the interplay of `sys_platform == 'os1'` with `platform_machine == 'x'`.
    odd = [entry for entry in literals if entry[0] in _OPEN_VARIABLES and entry not in known]
    for (first, value), (second, other) in itertools.combinations(odd, 2):
        if first != second:
            found += [environment | {first: value, second: other} for environment in usual]
    return found


def linux_environment(python: str) -> Environment:
    """CPython of that version on the platform that CI and most people share; `3.12` is `3.12.0`."""
    release = (*Version(python).release, 0, 0)[:3]
    return _environment(".".join(map(str, release)), _PLATFORMS[0], _IMPLEMENTATIONS[0])


def _environment(python: str, platform: tuple[str, str, str, str], implementation: tuple[str, str]) -> Environment:
    os_name, sys_platform, system, machine = platform
    release = Version(python).release
    return {
        "implementation_name": implementation[0],
        "implementation_version": python,
        "os_name": os_name,
        "platform_machine": machine,
        "platform_python_implementation": implementation[1],
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_full_version": python,
        "python_version": f"{release[0]}.{release[1]}",
        "sys_platform": sys_platform,
    }


def _literals(text: str) -> Iterable[tuple[str, str]]:
    try:
        marker = Marker(text) if ";" not in text else Requirement(text).marker
    except (InvalidRequirement, ValueError):
        return
    if marker is None:
        return
    # The canonical text of a marker has spaces around operators and double quotes around literals.
    for variable, value in re.findall(r'(\w+) (?:not in|in|[<>=!~]+) "([^"]*)"', str(marker)):
        yield variable, value
    for value, variable in re.findall(r'"([^"]*)" (?:not in|in|[<>=!~]+) (\w+)', str(marker)):
        yield variable, value


def _versions_around(text: str) -> Iterable[str]:
    for part in re.split(r"[,\s|]+", text.removesuffix(".*")):
        try:
            release = Version(part).release
        except InvalidVersion:
            continue
        major, minor, patch = (*release, 0, 0)[:3]
        if major == 3:
            yield f"{major}.{minor}.{patch}"
            yield f"{major}.{minor}.{patch + 1}"
            yield from ([f"{major}.{minor}.{patch - 1}"] if patch else [f"{major}.{max(0, minor - 1)}.9"])
            yield f"{major}.{minor + 1}.0"
