"""Interpreters: what they say of themselves, which one answers a request, what is remembered."""

import os
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.tags import sys_tags

from locktool.exceptions import LocktoolError
from locktool.interpreter import cache as cache_module
from locktool.interpreter.cache import ProbeCache
from locktool.interpreter.find import find_interpreter
from locktool.interpreter.probe import Interpreter, probe_interpreter, running_interpreter

posix_only = pytest.mark.skipif(os.name == "nt", reason="writes shell scripts as interpreters")


def test_the_running_interpreter_agrees_with_packaging() -> None:
    found = running_interpreter()
    assert found.marker_environment == dict(default_environment())
    assert found.tags == tuple(str(tag) for tag in sys_tags())
    assert found.version == ".".join(str(part) for part in sys.version_info[:3])
    assert found.is_virtual == (sys.prefix != sys.base_prefix)


def test_a_subprocess_says_the_same_as_the_running_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    here = running_interpreter()
    monkeypatch.setattr("locktool.interpreter.probe.is_running", lambda _: False)
    assert probe_interpreter(Path(sys.executable)) == here


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def stand_in(path: Path, version: str, implementation: str = "cpython") -> Path:
    """A program that answers as an interpreter of another version would."""
    answer = running_interpreter()
    import msgspec

    text = msgspec.json.encode(
        msgspec.structs.replace(answer, version=version, implementation=implementation, executable=str(path))
    ).decode()
    return script(path, f"cat <<'END'\n{text}\nEND")


@posix_only
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exit 3", "it ended with code 3"),
        ("echo no such version >&2; exit 127", "no such version"),
        ("echo '{}'", "not an interpreter's answer"),
        ("echo nonsense", "not an interpreter's answer"),
    ],
)
def test_what_is_no_interpreter_is_refused_with_a_reason(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LocktoolError, match=message) as caught:
        probe_interpreter(script(tmp_path / "python", text))
    assert caught.value.code == "not-an-interpreter"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocktoolError, match="cannot be used as a Python"):
        probe_interpreter(tmp_path / "python")


@posix_only
def test_the_nearest_interpreter_that_answers_is_found(tmp_path: Path) -> None:
    stand_in(tmp_path / "active" / "bin" / "python", "3.98.1")
    script(tmp_path / "bin" / "python3.99", "echo the shim has nothing behind it >&2; exit 127")
    stand_in(tmp_path / "bin" / "python3", "3.97.4")
    stand_in(tmp_path / "bin" / "pypy3.97", "3.97.0", "pypy")
    for version in ("3.99.1", "3.99.12", "3.99.2"):
        stand_in(tmp_path / "pyenv" / "versions" / version / "bin" / "python", version)
    environ = {
        "PATH": str(tmp_path / "bin"),
        "VIRTUAL_ENV": str(tmp_path / "active"),
        "PYENV_ROOT": str(tmp_path / "pyenv"),
    }

    def find(request: str) -> str:
        return Path(find_interpreter(request, environ=environ).executable).relative_to(tmp_path).as_posix()

    assert find("3.98") == "active/bin/python"
    assert find("3.97") == "bin/pypy3.97"
    assert find("cpython3.97") == "bin/python3"
    assert find("python3.97") == "bin/python3"
    assert find("pypy-3.97") == "bin/pypy3.97"
    assert find("3.99") == "pyenv/versions/3.99.12/bin/python"
    assert find("3.99.2") == "pyenv/versions/3.99.2/bin/python"
    assert find("pypy3.97") == "bin/pypy3.97"
    assert find(str(tmp_path / "active")) == "active/bin/python"
    assert find(str(tmp_path / "bin" / "python3")) == "bin/python3"
    with pytest.raises(LocktoolError, match=r"no Python 3\.96 on this machine"):
        find("3.96")
    with pytest.raises(LocktoolError, match="neither a Python version, nor a path, nor a program"):
        find("snake")


def test_without_a_request_it_is_the_running_one() -> None:
    assert find_interpreter() == running_interpreter()
    assert find_interpreter(f"{sys.version_info[0]}.{sys.version_info[1]}").executable == sys.executable


@posix_only
def test_an_interpreter_is_asked_once_until_its_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def count(executable: Path) -> Interpreter:
        asked.append(executable)
        return probe_interpreter(executable)

    monkeypatch.setattr(cache_module, "probe_interpreter", count)
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


@posix_only
def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    python = stand_in(tmp_path / "python", "3.98.0")
    assert ProbeCache(tmp_path / "file" / "below").probe(python).version == "3.98.0"
