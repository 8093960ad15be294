"""The locks of CI meet pyproject.toml, also after a change of the dependencies.

Read with `packaging` alone: every requirement of the project, of its group `dev` and of its build, and of the group
`docs`, is met by one pin with hashes, on each platform and Python that CI runs.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.dependency_groups import resolve_dependency_groups
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[1]
FILES = {"dev": "requirements.txt", "docs": "docs-requirements.txt"}
LOCKS = {group: (REPOSITORY / ".ci" / name).read_text(encoding="utf-8") for group, name in FILES.items()}
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
PLATFORMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}


def entries(group: str) -> list[tuple[Requirement, list[str]]]:
    """The pins, each with its hashes."""
    lines = re.sub(r"\\\n", " ", re.sub(r"^ *#.*\n", "", LOCKS[group], flags=re.MULTILINE)).splitlines()
    split = [line.split(" --hash=") for line in lines if line.strip()]
    return [(Requirement(pin.strip()), [text.strip() for text in hashes]) for pin, *hashes in split]


def requirements(group: str) -> list[Requirement]:
    """What the environment must hold; that of development has the project and its build as well."""
    groups = resolve_dependency_groups(PROJECT["dependency-groups"], group)
    project = (*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]) if group == "dev" else ()
    return [Requirement(text) for text in (*project, *groups)]


def environment(python: str, platform: str) -> dict[str, str]:
    """The marker environment of a CPython."""
    os_name, system = PLATFORMS[platform]
    changed = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform}
    fixed = {"platform_python_implementation": "CPython", "implementation_name": "cpython"}
    return {**default_environment(), **changed, **fixed, "os_name": os_name, "platform_system": system}  # type: ignore[dict-item]


def applies(requirement: Requirement, where: dict[str, str]) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(where)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("group", FILES)
def test_every_requirement_is_met_by_one_pin(group: str, python: str, platform: str) -> None:
    where = environment(python, platform)
    pins: dict[str, str] = {}
    for pin, _ in entries(group):
        if applies(pin, where):
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            assert canonicalize_name(pin.name) not in pins, f"{pin.name} is pinned twice"
            pins[canonicalize_name(pin.name)] = specifier.version
    for requirement in requirements(group):
        if applies(requirement, where):
            version = pins.get(canonicalize_name(requirement.name))
            assert version is not None, (
                f"{requirement} has no pin: lock again as the first lines of .ci/{FILES[group]} say"
            )
            assert requirement.specifier.contains(version, prereleases=True), f"{version} does not meet {requirement}"


@pytest.mark.parametrize("group", FILES)
def test_every_pin_has_hashes_and_no_address(group: str) -> None:
    assert len(entries(group)) > 10
    for pin, hashes in entries(group):
        assert pin.url is None
        assert hashes, pin
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", text) for text in hashes), pin
    assert "://" not in LOCKS[group]


@pytest.mark.parametrize("group", FILES)
def test_the_command_that_makes_the_lock_stands_in_it_and_in_the_instructions(group: str) -> None:
    command = LOCKS[group].splitlines()[1].removeprefix("#").strip()
    assert command.startswith("locktool compile ")
    assert f"--group {group} " in command
    assert command in (REPOSITORY / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
