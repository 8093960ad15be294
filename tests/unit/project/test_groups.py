"""Dependency groups (PEP 735): includes, cycles, spellings."""

from pathlib import Path

import pytest

from locktool import Requirement
from locktool._native import Project
from locktool.exceptions import ProjectError


def groups_of(tmp_path: Path, text: str) -> dict[str, list[str]]:
    path = tmp_path / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return Project.read(str(tmp_path)).current.groups


def test_includes_are_expanded_transitively_and_without_repetitions(tmp_path: Path) -> None:
    text = """
[dependency-groups]
all = [{ include-group = "A" }, { include-group = "b" }, "x"]
a = ["x", { include-group = "b" }]
b = ["y"]
"""
    assert groups_of(tmp_path, text) == {"a": ["x", "y"], "all": ["x", "y"], "b": ["y"]}


def test_development_dependencies_of_uv_join_the_group_dev(tmp_path: Path) -> None:
    text = '[dependency-groups]\ndev = ["b"]\n[tool.uv]\ndev-dependencies = ["a"]\n'
    assert groups_of(tmp_path, text) == {"dev": ["a", "b"]}


def test_a_group_may_be_for_newer_pythons_only(tmp_path: Path) -> None:
    text = (
        '[dependency-groups]\nA = ["x", "y; sys_platform == \'linux\'"]\nb = [{ include-group = "a" }]\n'
        '[tool.uv.dependency-groups]\na = { requires-python = ">=3.12,<4" }\n'
    )
    groups = groups_of(tmp_path, text)
    expected = [
        str(Requirement(each))
        for each in (
            "x; python_full_version >= '3.12' and python_full_version < '4'",
            "y; python_full_version >= '3.12' and python_full_version < '4' and sys_platform == 'linux'",
        )
    ]
    assert groups == {"a": expected, "b": expected}
    with pytest.raises(ProjectError, match="'c' is not a dependency group"):
        groups_of(tmp_path, "[dependency-groups]\n[tool.uv.dependency-groups]\nc = {}\n")


def test_default_groups_are_those_of_some_member(tmp_path: Path) -> None:
    text = "[dependency-groups]\ndev = []\n[tool.locktool]\ndefault-groups = ['{}']\n"
    assert groups_of(tmp_path, text.format("Dev")) == {"dev": []}
    with pytest.raises(ProjectError, match=r"pyproject.toml:4:\d+: .*de"):
        groups_of(tmp_path, text.format("de"))


@pytest.mark.parametrize(
    ("code", "group", "message"),
    [
        ("group-cycle", 'a = [{ include-group = "b" }]\nb = [{ include-group = "a" }]', r":3:6: .*a -> b -> a"),
        ("group-cycle", 'a = [{ include-group = "A" }]', "a -> a"),
        ("unknown-group", 'tests = ["x"]\nb = [{ include-group = "test" }]', r":3:6: .*did you mean 'tests'"),
        ("duplicate-name", "a-b = []\nA_b = []", r":3:1: .*'A_b' and 'a-b' are the same name"),
        ("wrong-type", "a = [{}]", "must be a requirement string or"),
        ("wrong-type", 'a = [{ include-group = "a", more = 1 }]', "must be a requirement string or"),
        ("wrong-type", "a = [{ include-group = 1 }]", "the name of a group"),
        ("wrong-type", 'a = "x"', "must be an array"),
        ("invalid-requirement", 'a = ["x", "y >"]', r":2:11: "),
        ("invalid-name", '"-" = []', ":2:1: dependency-groups.-: "),
    ],
)
def test_a_bad_group_is_refused_with_its_location(tmp_path: Path, code: str, group: str, message: str) -> None:
    with pytest.raises(ProjectError, match=message) as caught:
        groups_of(tmp_path, f"[dependency-groups]\n{group}\n")
    assert caught.value.code == code
