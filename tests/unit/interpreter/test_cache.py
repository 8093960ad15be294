"""An interpreter is asked once, until its file, its environment or the machine changes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from locktool.interpreter import cache as cache_module
from locktool.interpreter.cache import ProbeCache
from locktool.interpreter.probe import probe_interpreter
from stand_in_interpreters import POSIX_ONLY, stand_in, wrapper

if TYPE_CHECKING:
    from pathlib import Path

    from locktool.interpreter.facts import Interpreter

pytestmark = POSIX_ONLY


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The interpreters that were run."""
    paths: list[Path] = []

    def count(executable: Path) -> Interpreter:
        paths.append(executable)
        return probe_interpreter(executable)

    monkeypatch.setattr(cache_module, "probe_interpreter", count)
    return paths


def test_an_interpreter_is_asked_once_until_its_file_changes(tmp_path: Path, asked: list[Path]) -> None:
    python = stand_in(tmp_path / "python", "3.98.0")
    cache = ProbeCache(tmp_path / "cache")
    assert cache.probe(python) == cache.probe(python)
    assert len(asked) == 1
    stand_in(python, "3.98.10")
    assert cache.probe(python).version == "3.98.10"
    assert len(asked) == 2
    for record in (tmp_path / "cache").iterdir():
        record.write_bytes(record.read_bytes()[:-3])
    assert cache.probe(python).version == "3.98.10"
    assert len(asked) == 3


def test_a_file_with_the_size_and_time_of_another_is_another(tmp_path: Path, asked: list[Path]) -> None:
    python = stand_in(tmp_path / "python", "3.98.1")
    cache = ProbeCache(tmp_path / "cache")
    cache.probe(python)
    before = python.stat()
    stand_in(python, "3.98.2")
    os.utime(python, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert python.stat().st_size == before.st_size
    assert cache.probe(python).version == "3.98.2"
    assert len(asked) == 2


@pytest.mark.parametrize("change", ["settings", "platform", "kernel"])
def test_what_else_decides_an_answer_is_compared(
    tmp_path: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    python = stand_in(tmp_path / "environment" / "bin" / "python", "3.98.1")
    cache = ProbeCache(tmp_path / "cache")
    cache.probe(python)
    if change == "settings":
        (tmp_path / "environment" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    elif change == "platform":
        monkeypatch.setenv("_PYTHON_HOST_PLATFORM", "linux-armv7l")
    else:
        monkeypatch.setattr("platform.release", lambda: "6.99")
    cache.probe(python)
    cache.probe(python)
    assert len(asked) == 2


def test_a_program_that_starts_another_is_asked_each_time(tmp_path: Path, asked: list[Path]) -> None:
    shim = wrapper(tmp_path / "shims" / "python3", python=sys.executable)
    cache = ProbeCache(tmp_path / "cache")
    assert cache.probe(shim) == cache.probe(shim)
    assert len(asked) == 2


def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    python = stand_in(tmp_path / "python", "3.98.0")
    assert ProbeCache(tmp_path / "file" / "below").probe(python).version == "3.98.0"
