"""Environments of builds: made once, made again where something changed them, and never taken from a build in use."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import locktool.building.environment as environment_module
from local_index import Release
from locktool.building.environment import EnvironmentStore, Wheel
from locktool.building.process import run
from locktool.exceptions import BuildError
from locktool.interpreter.probe import running_interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from locktool.building.environment import BuildEnvironment


@pytest.fixture
def store(tmp_path: Path) -> EnvironmentStore:
    return EnvironmentStore(directory=tmp_path / "environments")


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    (file,) = Release("helper", "1.0", modules={"helper_module.py": "VALUE = 7\n"}).files
    path = tmp_path / file.filename
    path.write_bytes(file.content)
    return Wheel(path=path, sha256=file.digests["sha256"])


def value_in(environment: BuildEnvironment, code: str = "import helper_module; print(helper_module.VALUE)") -> str:
    return run([str(environment.python), "-c", code], environ=environment.environ(leaves_bytecode=True)).output.strip()


def test_what_is_installed_can_be_imported_and_nothing_else(store: EnvironmentStore, wheel: Wheel) -> None:
    environment = store.get(running_interpreter(), [wheel])
    assert value_in(environment) == "7"
    assert "No module named" in value_in(environment, "import msgspec")
    assert "No module named" in value_in(store.get(running_interpreter(), []))


def test_an_environment_is_made_once(store: EnvironmentStore, wheel: Wheel) -> None:
    first = store.get(running_interpreter(), [wheel])
    marker = first.directory / "pyvenv.cfg"
    made = marker.stat().st_mtime_ns
    assert store.get(running_interpreter(), [wheel]) == first
    assert marker.stat().st_mtime_ns == made


def test_bytecode_is_no_change(store: EnvironmentStore, wheel: Wheel) -> None:
    environment = store.get(running_interpreter(), [wheel])
    made = (environment.directory / "pyvenv.cfg").stat().st_mtime_ns
    value_in(environment)
    assert list(environment.directory.rglob("helper_module.*.pyc"))
    assert (store.get(running_interpreter(), [wheel]).directory / "pyvenv.cfg").stat().st_mtime_ns == made


@pytest.mark.parametrize("damage", ["changed", "removed", "added"])
def test_one_that_something_changed_is_made_again(store: EnvironmentStore, wheel: Wheel, damage: str) -> None:
    environment = store.get(running_interpreter(), [wheel])
    (module,) = environment.directory.rglob("helper_module.py")
    if damage == "removed":
        module.unlink()
    else:
        (module if damage == "changed" else module.with_name("sitecustomize.py")).write_text("raise SystemExit\n")
    assert value_in(store.get(running_interpreter(), [wheel])) == "7"
    assert not list(store.directory.glob("partial-*"))


def test_builds_at_once_get_the_same_environment(store: EnvironmentStore, wheel: Wheel) -> None:
    interpreter = running_interpreter()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: value_in(store.get(interpreter, [wheel])), range(8)))
    assert made == ["7"] * 8
    assert len(list(store.directory.iterdir())) == 1


@pytest.mark.parametrize("step", ["_install", "_record", "_is_intact"])
def test_an_environment_that_comes_between_any_two_steps_is_kept(
    store: EnvironmentStore, wheel: Wheel, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original = getattr(environment_module, step)
    came: list[int] = []

    def overtaken(*arguments: object) -> object:
        found = original(*arguments)
        directory = arguments[1] if step == "_install" else arguments[0]
        is_partial = "partial" in str(directory)
        # The first look, which finds nothing, is not yet that of a build which has made one itself.
        if not came and (is_partial or (step == "_is_intact" and list(store.directory.glob("partial-*")))):
            came.append(0)
            came[0] = store.get(running_interpreter(), [wheel]).directory.stat().st_ino
        return found

    monkeypatch.setattr(environment_module, step, overtaken)
    environment = store.get(running_interpreter(), [wheel])
    assert came in ([], [environment.directory.stat().st_ino])
    assert value_in(environment) == "7"


def test_a_damaged_wheel_is_an_error_that_names_it(store: EnvironmentStore, tmp_path: Path) -> None:
    path = tmp_path / "helper-1.0-py3-none-any.whl"
    path.write_bytes(b"PK nothing")
    with pytest.raises(BuildError, match=r"helper-1\.0-py3-none-any\.whl cannot be installed for a build"):
        store.get(running_interpreter(), [Wheel(path=path, sha256="0" * 64)])
    assert not list(store.directory.iterdir())


def test_what_is_unused_for_a_day_goes_beyond_the_number(store: EnvironmentStore, wheel: Wheel) -> None:
    kept, old = store.get(running_interpreter(), [wheel]), store.get(running_interpreter(), [])
    foreign, left = store.directory / "foreign", store.directory / "partial-left"
    long_ago = time.time() - 3 * 24 * 3600
    for path in (foreign, left):
        path.mkdir()
    for path in (old.directory, foreign, left):
        os.utime(path, (long_ago, long_ago))
    store.remove_unused(most=2)
    assert old.directory.exists()
    assert not left.exists()
    store.remove_unused(most=1)
    assert not old.directory.exists()
    assert kept.directory.exists()
    assert foreign.exists()
