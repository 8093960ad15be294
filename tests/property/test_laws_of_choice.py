"""Laws of which versions are chosen, on registries that are thrown by dice; each case is named by the seed of its dice.

LOCKTOOL_PROPERTY_CASES asks for more cases, a two-hundredth of it of these whole runs.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from datetime import datetime
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from local_index.pages import PageStyle
from lock_oracle import ProjectRequirements, Selection, selections_for
from property.random_locks import lock, selected
from property.random_registry import EXTRA, Case, throw, throw_rivals

if TYPE_CHECKING:
    from conftest import ProjectWriter
    from local_index import LocalIndex

SEEDS = range(max(1, int(os.environ.get("LOCKTOOL_PROPERTY_CASES", "4000")) // 200))
FORKS = ("required by the project", "required by a package", "required by two packages")
OF_THE_FORK = {"fork", "knife", "spoon"}
PARTS = (
    ("sys_platform == 'linux'", "sys_platform != 'linux'"),
    ("python_version < '3.13'", "python_version >= '3.13'"),
    (
        "platform_machine == 'aarch64' or sys_platform == 'win32'",
        "platform_machine != 'aarch64' and sys_platform != 'win32'",
    ),
)


def packages(text: str) -> list[dict[str, Any]]:
    """The entries of a lock."""
    found: list[dict[str, Any]] = tomllib.loads(text).get("packages", [])
    return found


def add_fork(index: LocalIndex, kind: str, dice: Random) -> tuple[str, ...]:
    """Publish a package that forks and those that lead to it; return the requirements that do."""
    here, there = dice.choice(PARTS)
    forking = (f"fork<2 ; {here}", f"fork>=2 ; {there}")
    index.add("fork", "1.0")
    index.add("fork", "2.0")
    if kind == "required by the project":
        return forking
    if kind == "required by a package":
        index.add("knife", "1.0", requires=forking)
        return ("knife",)
    index.add("knife", "1.0", requires=forking[:1])
    index.add("spoon", "1.0", requires=forking[1:])
    return ("knife", "spoon")


def locks_beside_a_fork(
    case: Case, kind: str, dice: Random, index: LocalIndex, project: ProjectWriter
) -> tuple[str, str] | None:
    """The locks of a case without and with a package that forks; None where there is neither."""
    case.publish(index)
    first = lock(index, project, case.project)
    asked = [*case.project.dependencies, *add_fork(index, kind, dice)]
    dice.shuffle(asked)
    second = lock(index, project, replace(case.project, dependencies=tuple(asked)))
    assert (second is None) == (first is None), case
    return None if first is None or second is None else (first, second)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", FORKS)
def test_an_unrelated_package_that_forks_changes_no_version(
    seed: int, kind: str, index: LocalIndex, project: ProjectWriter
) -> None:
    """Whatever markers, extras and bounds on Python the others have; nor does it decide whether there is a lock."""
    dice = Random(seed)  # noqa: S311 - generated cases
    case = throw(dice)
    if locks := locks_beside_a_fork(case, kind, dice, index, project):
        everything = Selection(extras=frozenset(case.project.extras))
        for environment in case.environments():
            before, after = (selected(text, environment, everything) for text in locks)
            rest = {name: version for name, version in after.items() if name not in OF_THE_FORK}
            assert rest == before, (case, environment)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", FORKS)
def test_an_unrelated_package_that_forks_changes_no_entry_where_nothing_else_has_a_marker(
    seed: int, kind: str, index: LocalIndex, project: ProjectWriter
) -> None:
    """Beside markers the versions are the same, but the same marker may be written in another way."""
    dice = Random(seed)  # noqa: S311 - generated cases
    case = throw(dice, markers=False)
    if locks := locks_beside_a_fork(case, kind, dice, index, project):
        before, after = map(packages, locks)
        assert [entry for entry in after if entry["name"] not in OF_THE_FORK] == before, case


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("conflicts", [(), ("more", "other")], ids=["together", "in conflict"])
def test_renaming_extras_changes_no_version(
    seed: int, conflicts: tuple[str, ...], index: LocalIndex, project: ProjectWriter
) -> None:
    dice = Random(seed)  # noqa: S311 - generated cases
    case = throw(dice)
    more = throw(dice).project.dependencies
    extras = {"more": case.project.extras.get(EXTRA, ()), "other": known(more, case)}
    case = replace(case, project=replace(case.project, extras=extras))
    case.publish(index)
    first = lock(index, project, case.project, conflicts=conflicts)
    names = {"more": "z-last", "other": "a-first"}
    renamed = replace(case.project, extras={names[name]: texts for name, texts in extras.items()})
    second = lock(index, project, renamed, conflicts=tuple(names[name] for name in conflicts))
    assert (second is None) == (first is None), case
    if first is None or second is None:
        return
    for environment, selection in product(case.environments(), selections_for(case.project, [conflicts])):
        again = Selection(extras=frozenset(names[name] for name in selection.extras))
        assert selected(second, environment, again) == selected(first, environment, selection), (case, environment)


def known(texts: tuple[str, ...], case: Case) -> tuple[str, ...]:
    """The requirements of packages that the registry has."""
    there = {release.name for release in case.releases}
    return tuple(text for text in texts if Requirement(text).name in there)


@pytest.mark.parametrize("seed", SEEDS)
def test_renaming_the_extras_of_packages_changes_no_version(
    seed: int, index: LocalIndex, project: ProjectWriter
) -> None:
    case = throw(Random(seed))  # noqa: S311 - generated cases
    case.publish(index)
    first = lock(index, project, case.project)
    for name in {release.name for release in case.releases}:
        index.remove(name)
    renamed = case.changed(lambda text: text.replace(f"[{EXTRA}]", "[a-first]"))
    releases = [replace(one, extras={"a-first": one.extras[EXTRA]} if one.extras else {}) for one in renamed.releases]
    Case(tuple(releases), renamed.project).publish(index)
    second = lock(index, project, renamed.project)
    assert (second is None) == (first is None), case
    if first is not None and second is not None:
        assert versions(second) == versions(first), case


def versions(text: str) -> list[tuple[str, str, str]]:
    """What a lock pins, and where."""
    return [(entry["name"], entry["version"], entry.get("marker", "")) for entry in packages(text)]


WHEELS = ("cp311-abi3-manylinux_2_17_x86_64", "cp311-abi3-win_amd64", "cp311-abi3-macosx_11_0_arm64", "py3-none-any")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_files_on_a_page_changes_nothing(seed: int, index: LocalIndex, project: ProjectWriter) -> None:
    dice = Random(seed)  # noqa: S311 - generated cases
    case = throw(dice)
    releases = tuple(
        replace(release, wheel_tags=tuple(dice.sample(WHEELS, dice.randint(1, 3))), sdist=dice.random() < 0.3)
        for release in case.releases
    )
    Case(releases, case.project).publish(index)
    first = lock(index, project, case.project)
    index.style = PageStyle(backwards=True)
    assert lock(index, project, case.project) == first, case


def test_the_order_of_wheels_that_disagree_changes_nothing(index: LocalIndex, project: ProjectWriter) -> None:
    index.add("a", "1.0", wheel_tags=["cp311-abi3-win_amd64"], requires=["b"])
    index.add("a", "1.0", wheel_tags=["cp311-abi3-manylinux_2_17_x86_64"])
    index.add("b", "1.0")
    first = lock(index, project, ProjectRequirements(("a",)))
    index.style = PageStyle(backwards=True)
    assert lock(index, project, ProjectRequirements(("a",))) == first


def named(case: Case) -> set[str]:
    """The packages that the project itself asks for."""
    texts = [*case.project.dependencies, *(text for texts in case.project.extras.values() for text in texts)]
    return {Requirement(text).name for text in texts}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_project_s_own_requirements_are_never_improved_away(
    seed: int, index: LocalIndex, project: ProjectWriter
) -> None:
    """A named package is older with the quality pass only where the named ones together are less behind."""
    case = throw_rivals(Random(seed))  # noqa: S311 - generated cases
    case.publish(index)
    improved, first = (lock(index, project, case.project, quality_pass=quality_pass) for quality_pass in (True, False))
    assert (improved is None) == (first is None), case
    if improved is None or first is None:
        return
    uploaded = {(release.name, release.version): release.upload_time or "" for release in case.releases}
    pins = [{name: version for name, version, _ in versions(text) if name in named(case)} for text in (improved, first)]
    better, before = pins
    assert better.keys() == before.keys(), case
    days = [sum(datetime.fromisoformat(uploaded[pin]).toordinal() for pin in one.items()) for one in pins]
    is_older = any(Version(better[name]) < Version(version) for name, version in before.items())
    assert days[0] > days[1] if is_older else days[0] >= days[1], case
