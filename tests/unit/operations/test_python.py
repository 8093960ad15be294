"""The environment that a person chooses: what variables of the machine say of a platform that names no version."""

from __future__ import annotations

import pytest

from locktool import ProjectError
from locktool.operations.python import PythonChoice, chosen_environment


def first_tag(platform: str) -> str:
    return chosen_environment(PythonChoice(python_version="3.12", python_platform=platform)).tags[0]


@pytest.mark.parametrize(
    ("target", "platform", "tag"),
    [
        ("11", "macos", "macosx_11_0_arm64"),
        ("10.15", "x86_64-apple-darwin", "macosx_10_15_x86_64"),
        ("14.2", "aarch64-macos", "macosx_14_0_arm64"),
        ("11", "macos-14", "macosx_14_0_arm64"),
        ("11", "windows", "win_amd64"),
        ("", "macos", "macosx_13_0_arm64"),
    ],
)
def test_the_deployment_target_is_the_oldest_macos_where_a_platform_names_none(
    monkeypatch: pytest.MonkeyPatch, target: str, platform: str, tag: str
) -> None:
    monkeypatch.setenv("MACOSX_DEPLOYMENT_TARGET", target)
    assert first_tag(platform) == f"cp312-cp312-{tag}"


@pytest.mark.parametrize("target", ["ventura", "14.0.1", "-1"])
def test_a_deployment_target_that_is_no_version_is_an_error(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setenv("MACOSX_DEPLOYMENT_TARGET", target)
    with pytest.raises(ProjectError, match="MACOSX_DEPLOYMENT_TARGET") as caught:
        first_tag("macos")
    assert caught.value.code == "invalid-setting"
