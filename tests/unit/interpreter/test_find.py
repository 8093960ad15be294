"""Which interpreter answers a request: the nearest that is admitted, whatever else lies in its way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from locktool.exceptions import LocktoolError
from locktool.interpreter.find import find_interpreter, interpreters, version_file_request
from locktool.interpreter.probe import running_interpreter
from locktool.interpreter.request import Request
from stand_in_interpreters import POSIX_ONLY, program, stand_in, wrapper

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An activated environment, two directories of PATH and pyenv, with interpreters that exist nowhere else."""
    stand_in(tmp_path / "active" / "bin" / "python", "3.98.1")
    program(tmp_path / "bin" / "python3.99", "echo the shim has nothing behind it >&2; exit 127")
    stand_in(tmp_path / "bin" / "python3", "3.97.4")
    stand_in(tmp_path / "bin" / "pypy3.97", "3.97.0", "pypy")
    stand_in(tmp_path / "second" / "python3.95", "3.95.2")
    stand_in(tmp_path / "second" / "python3.95t", "3.95.3", free_threaded=True)
    stand_in(tmp_path / "second" / "python3.95-config", "3.94.0")
    for version in ("3.99.1", "3.99.12", "3.99.2"):
        stand_in(tmp_path / "pyenv" / "versions" / version / "bin" / "python", version)
    stand_in(tmp_path / "pyenv" / "versions" / "pypy3.96-7.3.12" / "bin" / "pypy3", "3.96.9", "pypy")
    return {
        "PATH": f"{tmp_path / 'bin'}:{tmp_path / 'missing'}:{tmp_path / 'second'}",
        "VIRTUAL_ENV": str(tmp_path / "active"),
        "PYENV_ROOT": str(tmp_path / "pyenv"),
    }


@pytest.fixture
def find(environ: dict[str, str], tmp_path: Path) -> Callable[[str], str]:
    """The path of what a request finds, below the test's directory."""

    def found(request: str | None) -> str:
        interpreter = find_interpreter(request, environ=environ, directory=tmp_path)
        return Path(interpreter.executable).relative_to(tmp_path).as_posix()

    return found


@POSIX_ONLY
@pytest.mark.parametrize(
    ("request_text", "path"),
    [
        ("3.98", "active/bin/python"),
        ("3.97", "bin/pypy3.97"),
        ("cpython3.97", "bin/python3"),
        ("python3.97", "bin/python3"),
        ("pypy-3.97", "bin/pypy3.97"),
        ("pypy", "bin/pypy3.97"),
        ("3.99", "pyenv/versions/3.99.12/bin/python"),
        ("3.99.2", "pyenv/versions/3.99.2/bin/python"),
        ("3.95", "second/python3.95"),
        ("3.95t", "second/python3.95t"),
        (">=3.95,<3.97", "second/python3.95"),
        (">3.98.1", "pyenv/versions/3.99.12/bin/python"),
        ("pypy3.96", "pyenv/versions/pypy3.96-7.3.12/bin/pypy3"),
        ("pypy3.96-7.3.12", "pyenv/versions/pypy3.96-7.3.12/bin/pypy3"),
        ("python3.95t", "second/python3.95t"),
        ("{}/active", "active/bin/python"),
        ("{}/bin/python3", "bin/python3"),
    ],
)
def test_the_nearest_interpreter_that_is_admitted_is_found(
    find: Callable[[str], str], tmp_path: Path, request_text: str, path: str
) -> None:
    assert find(request_text.format(tmp_path)) == path


@POSIX_ONLY
@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        ("3.90", "no Python 3.90 on this machine"),
        ("3.97t", "no Python 3.97t on this machine"),
        (">=3.100", "no Python >=3.100 on this machine"),
        ("graalpy", "no Python graalpy on this machine"),
        ("snake", "snake is neither a Python version, nor a path, nor a program on PATH"),
        ("/nowhere/python", "/nowhere/python is neither a Python version"),
    ],
)
def test_what_is_not_there_is_an_error(find: Callable[[str], str], request_text: str, message: str) -> None:
    with pytest.raises(LocktoolError) as caught:
        find(request_text)
    assert caught.value.code == "no-interpreter"
    assert caught.value.message.startswith(message)


@POSIX_ONLY
def test_without_a_request_the_activated_environment_is_taken(
    find: Callable[[str | None], str], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".python-version").write_text("3.95\n")
    assert find(None) == "active/bin/python"
    del environ["VIRTUAL_ENV"]
    assert find(None) == "second/python3.95"
    (tmp_path / ".python-version").write_text("3.90\n")
    with pytest.raises(LocktoolError, match=r"^\.python-version: no Python 3\.90 on this machine") as caught:
        find(None)
    assert caught.value.code == "no-interpreter"
    (tmp_path / ".python-version").unlink()
    assert find_interpreter(None, environ=environ, directory=tmp_path) == running_interpreter()


@pytest.mark.parametrize(
    ("text", "request_text"),
    [
        ("3.12\n", "3.12"),
        ("# the project's\n\n  pypy3.10-7.3.12  # why\n3.11\n", "pypy3.10-7.3.12"),
        ("system\n", None),
        ("", None),
    ],
)
def test_the_nearest_version_file_is_read(tmp_path: Path, text: str, request_text: str | None) -> None:
    (tmp_path / ".python-version").write_text(text)
    (tmp_path / "below").mkdir()
    assert version_file_request(tmp_path / "below") == request_text


def test_the_running_interpreter_is_nearer_than_others_of_its_version() -> None:
    assert find_interpreter(HERE, environ={}).executable == sys.executable
    assert find_interpreter(f"=={HERE}.*", environ={}).executable == sys.executable


@POSIX_ONLY
def test_all_interpreters_are_listed_once(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / "python").symlink_to("python3")
    (tmp_path / "second" / "python3").symlink_to(tmp_path / "bin" / "python3")
    wrapper(tmp_path / "second" / "python3.90")
    found = [each.executable for each in interpreters(environ=environ)]
    assert len(found) == len(set(found))
    assert found[:2] == [str(tmp_path / "active" / "bin" / "python"), sys.executable]
    assert [Path(each).relative_to(tmp_path).as_posix() for each in found[2:]] == [
        "bin/python3",
        "bin/pypy3.97",
        "second/python3.95",
        "second/python3.95t",
        "pyenv/versions/3.99.12/bin/python",
        "pyenv/versions/3.99.2/bin/python",
        "pyenv/versions/3.99.1/bin/python",
        "pyenv/versions/pypy3.96-7.3.12/bin/pypy3",
    ]


@POSIX_ONLY
def test_the_choice_of_pyenv_stands_for_its_shims(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shims = tmp_path / "pyenv" / "shims"
    for name in ("python", "python3", "python3.99"):
        program(shims / name, f"touch {tmp_path / 'ran'}")
    environ["PATH"] = f"{shims}:{environ['PATH']}"
    monkeypatch.chdir(tmp_path)

    def first(request: str = ">=3.95") -> str:
        found = find_interpreter(request, environ=environ | {"VIRTUAL_ENV": ""})
        return Path(found.executable).relative_to(tmp_path).as_posix()

    assert first() == "bin/python3"
    (tmp_path / "pyenv" / "version").write_text("system\n3.99.1\n")
    assert first() == "pyenv/versions/3.99.1/bin/python"
    (tmp_path / ".python-version").write_text("3.99.2\n")
    assert first() == "pyenv/versions/3.99.2/bin/python"
    environ["PYENV_VERSION"] = "pypy3.96-7.3.12:3.99.1"
    assert first() == "pyenv/versions/pypy3.96-7.3.12/bin/pypy3"
    assert first("3.99") == "pyenv/versions/3.99.1/bin/python"
    assert not (tmp_path / "ran").exists()


@POSIX_ONLY
def test_relative_directories_of_path_are_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("python3.95", "bin/python3.95"):
        program(tmp_path / name, f"touch {tmp_path / 'ran'}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LocktoolError, match=r"no Python 3\.95"):
        find_interpreter("3.95", environ={"PATH": ".:bin::", "HOME": str(tmp_path)})
    assert not (tmp_path / "ran").exists()


@POSIX_ONLY
def test_names_that_contradict_a_request_are_not_run(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.95", f"touch {tmp_path / 'ran'}")
    program(tmp_path / "pyenv" / "versions" / "3.95.1" / "bin" / "python", f"touch {tmp_path / 'ran'}")
    environ = {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv")}
    wanted = Request.parse("3.96")
    assert [each for each in interpreters(wanted, environ=environ) if each.version.startswith("3.96")] == []
    assert not (tmp_path / "ran").exists()
