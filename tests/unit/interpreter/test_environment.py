"""One environment: of this interpreter, of another one, and of a platform that is not this one."""

from __future__ import annotations

import pickle
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from locktool import InvalidVersion, LocktoolError, MarkerEnvironment, ProjectError


def test_an_interpreter_has_the_environment_that_it_says_itself() -> None:
    current = MarkerEnvironment.current()
    assert MarkerEnvironment.of(sys.executable) == MarkerEnvironment.of(Path(sys.executable)) == current
    assert MarkerEnvironment.of(f"{sys.version_info[0]}.{sys.version_info[1]}").python_version == current.python_version


@pytest.mark.parametrize(("request_text", "code"), [("9.99", "no-interpreter"), ("/nowhere/python", "no-interpreter")])
def test_an_interpreter_that_is_not_there_is_an_error(request_text: str, code: str) -> None:
    with pytest.raises(LocktoolError) as caught:
        MarkerEnvironment.of(request_text)
    assert caught.value.code == code


def test_it_is_a_frozen_mapping_of_its_fields() -> None:
    environment = MarkerEnvironment.for_target("3.12.4", "macos")
    assert dict(environment) == {name: getattr(environment, name) for name in environment}
    assert (environment["python_full_version"], environment["sys_platform"]) == ("3.12.4", "darwin")
    assert len(environment) == 11
    for key in ("tags", "extra", "nothing"):
        assert key not in environment
        with pytest.raises(KeyError):
            environment[key]
    with pytest.raises(FrozenInstanceError):
        environment.os_name = "nt"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(environment)) == environment  # noqa: S301 - our own bytes
    assert hash(replace(environment)) == hash(environment)


def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidVersion):
        MarkerEnvironment.for_target("three")
    with pytest.raises(ProjectError, match="vax"):
        MarkerEnvironment.for_target(platform="vax")
