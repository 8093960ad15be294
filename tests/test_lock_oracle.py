"""The oracle accepts a right lock and names each kind of wrong one."""

from __future__ import annotations

from typing import Any

import pytest

from local_index import Release
from lock_oracle import ProjectRequirements, environments_for, selections_for, violations

RELEASES = [
    Release("a", "1.0", requires=("b>=2 ; sys_platform == 'linux'", "b<2 ; sys_platform != 'linux'")),
    Release("b", "1.0"),
    Release("b", "2.0", requires_python=">=3.11"),
    Release("c", "1.0", requires=("a",), extras={"more": ("d",)}),
    Release("d", "1.0"),
]
PROJECT = ProjectRequirements(
    dependencies=("c",), extras={"full": ("c[more]",)}, groups={"test": ("d>=1", "demo[full]")}, name="demo"
)


def right_lock() -> dict[str, Any]:
    return {
        "requires-python": ">=3.11",
        "packages": [
            {"name": "a", "version": "1.0"},
            {"name": "b", "version": "1.0", "marker": "sys_platform != 'linux'"},
            {"name": "b", "version": "2.0", "marker": "sys_platform == 'linux'"},
            {"name": "c", "version": "1.0"},
            {"name": "d", "version": "1.0", "marker": "'full' in extras or 'test' in dependency_groups"},
        ],
    }


def test_a_right_lock_has_no_violations() -> None:
    assert violations(RELEASES, PROJECT, right_lock()) == []


@pytest.mark.parametrize(
    ("place", "key", "value", "sentence"),
    [
        (1, "marker", "sys_platform == 'win32'", "a 1.0 requires b<2 ; sys_platform != 'linux' and no b is selected"),
        (1, "marker", "sys_platform != 'darwin'", "b is selected more than once: 1.0, 2.0"),
        (2, "version", "1.0", 'a 1.0 requires b>=2; sys_platform == "linux" and b 1.0 is selected'),
        (4, "marker", "'full' in extras", "group test requires d>=1 and no d is selected"),
        (4, "marker", "python_version > '3'", "d is selected and nothing leads to it"),
        (0, "version", "1.1", "a 1.1 was never published"),
    ],
)
def test_a_wrong_lock_is_named(place: int, key: str, value: str, sentence: str) -> None:
    lock = right_lock()
    lock["packages"][place][key] = value
    assert any(found.startswith(f"{sentence} (") for found in violations(RELEASES, PROJECT, lock))


def test_a_python_too_old_for_an_entry_is_named() -> None:
    lock = right_lock() | {"requires-python": ">=3.10"}
    (found,) = violations(RELEASES, PROJECT, lock)
    assert found.startswith("b 2.0 needs Python >=3.11 (python 3.10.4 on linux")


def test_environments_of_the_lock_limit_what_is_tried() -> None:
    lock = right_lock() | {"environments": ["sys_platform == 'linux'"]}
    lock["packages"][1]["marker"] = "sys_platform == 'win32'"
    assert violations(RELEASES, PROJECT, lock) == []


def test_values_that_markers_name_are_tried() -> None:
    environments = environments_for(["sys_platform == 'os1'", "python_full_version >= '3.12.3'"], ">=3.12")
    assert any(environment["sys_platform"] == "os1" for environment in environments)
    assert {"3.12.2", "3.12.3"} <= {environment["python_full_version"] for environment in environments}


def test_conflicting_extras_are_never_chosen_together() -> None:
    project = ProjectRequirements(extras={"x": (), "y": (), "z": ()})
    chosen = [selection.extras for selection in selections_for(project, conflicts=[["x", "y"]])]
    assert chosen == [frozenset(), {"x"}, {"y"}, {"z"}, {"x", "z"}, {"y", "z"}]
