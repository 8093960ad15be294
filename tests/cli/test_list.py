"""`locktool list`: what an environment installs of the lock."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock

from locktool.cli import main
from locktool.cli.table import table_lines

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PYTHON = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with extras that conflict, groups, a fork and files for some platforms, locked."""
    index.add("web", "1.0", requires=["win ; sys_platform == 'win32'", "nix ; sys_platform != 'win32'"])
    index.add("win", "1.0", wheel_tags=["py3-none-win_amd64"])
    index.add("nix", "1.0", wheel_tags=["py3-none-any", "py3-none-win_amd64"], sdist=True)
    index.add("src", "1.0", wheel_tags=[], sdist=True)
    index.add("torch", "1.0")
    index.add("torch", "2.0")
    index.add("docs", "1.0")
    index.add("num", "1.0")
    index.add("num", "2.0", requires_python=">=3.99")
    project.pyproject(
        "web",
        "num",
        extras={"cpu": ["torch<2"], "cuda": ["torch>=2"]},
        groups={"dev": ["src"], "docs": ["docs"]},
        tool={"conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]], "default-groups": ["dev"]},
    )
    run_locktool("lock").succeeded()
    index.forget_requests()
    return run_locktool


@pytest.mark.parametrize(
    ("extras", "groups"),
    [((), None), (("cpu",), None), (("cuda",), ("docs",)), ((), ()), ((), ("dev", "docs"))],
)
def test_it_is_what_packaging_selects(
    locked: Command, project: ProjectWriter, extras: tuple[str, ...], groups: tuple[str, ...] | None
) -> None:
    lock = Pylock.from_dict(tomllib.loads(project.read()))
    expected = lock.select(extras=list(extras), dependency_groups=None if groups is None else list(groups))
    words = [word for extra in extras for word in ("--extra", extra)]
    if groups is not None:
        words += ["--no-default-groups", *(word for group in groups for word in ("--group", group))]
    document = json.loads(locked("list", "--json", *words).succeeded().out)
    assert [(package["name"], package["version"], package["source"]) for package in document["packages"]] == [
        (package.name, str(package.version), getattr(source, "filename", None)) for package, source in expected
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="the table has the files of other platforms")
def test_the_table_names_the_files(locked: Command, index: LocalIndex) -> None:
    finished = locked("list").succeeded()
    assert finished.out.splitlines() == [
        "nix  1.0  nix-1.0-py3-none-any.whl",
        "num  1.0  num-1.0-py3-none-any.whl",
        "src  1.0  src-1.0.tar.gz",
        "web  1.0  web-1.0-py3-none-any.whl",
    ]
    assert f"4 packages for CPython {PYTHON}" in finished.err
    assert locked("list", "--python", sys.executable).succeeded().out == finished.out
    assert not index.requests


def test_other_environments_and_parts_are_listed(locked: Command) -> None:
    windows = locked("list", "--python-version", "3.12", "--python-platform", "windows").succeeded().out
    assert [line.split()[0] for line in windows.splitlines()] == ["num", "src", "web", "win"]
    wanted = ("--python-version", "3.12", "--python-platform", "windows")
    assert locked("list", *wanted).succeeded().err == "4 packages for Python 3.12 on windows\n"
    assert locked("list", "--only-group", "docs").succeeded().out.split()[:2] == ["docs", "1.0"]
    assert locked("list", "--package", "demo", "--no-default-groups").succeeded().out.count("\n") == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--extra", "cpu", "--extra", "cuda"], 2, "extra cpu and extra cuda"),
        (["--python-version", "3.9"], 1, "the lock is not for this environment, but for Python >=3.11"),
        (["--python", "3.11", "--python-version", "3.12"], 2, "--python is an environment of its own"),
        (["--extra", "gpu"], 2, "no extra 'gpu'"),
        (["--python", "nowhere"], 2, "nowhere is neither a Python version"),
    ],
)
def test_what_cannot_be_listed_is_told(locked: Command, arguments: list[str], code: int, message: str) -> None:
    assert message in locked("list", *arguments).failed(code).err


def test_an_environment_that_no_file_suits_is_told(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("odd", "1.0", wheel_tags=["py3-none-win_arm64"])
    project.pyproject("odd")
    run_locktool("lock").succeeded()
    assert "no wheel of odd 1.0 suits" in run_locktool("list").failed(1).err


def test_the_files_of_a_named_platform_are_those_that_install_there(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    wheels = ("manylinux_2_28_x86_64", "musllinux_1_2_x86_64", "macosx_14_0_arm64")
    index.add("ext", "1.0", wheel_tags=[f"cp312-cp312-{platform}" for platform in wheels])
    project.pyproject("ext", requires_python=">=3.12")
    run_locktool("lock").succeeded()
    for name, platform in zip(("linux", "x86_64-unknown-linux-musl", "macos-14"), wheels, strict=True):
        listed = run_locktool("list", "--python-version", "3.12", "--python-platform", name).succeeded()
        assert listed.out == f"ext  1.0  ext-1.0-cp312-cp312-{platform}.whl\n"
    for name in ("x86_64-manylinux2014", "macos-12", "windows"):
        refused = run_locktool("list", "--python-version", "3.12", "--python-platform", name).failed(1)
        assert "no wheel of ext 1.0 suits the environment" in refused.err


def test_directories_and_repositories_are_named(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject(tool={"package": True})
    run_locktool("lock").succeeded()
    assert run_locktool("list").succeeded().out == "demo  -  directory .\n"
    project.pyproject(tool={"package": False})
    run_locktool("lock").succeeded()
    assert run_locktool("list").succeeded().out == ""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("words", "is_whole"), [([], False), (["-v"], True)], ids=["plain", "verbose"])
def test_a_terminal_gets_one_line_for_each_package(
    index: LocalIndex,
    project: ProjectWriter,
    run_locktool: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    *,
    is_whole: bool,
) -> None:
    index.add("package-of-a-long-name", "1.0.0")
    project.pyproject("package-of-a-long-name")
    run_locktool("lock").succeeded()
    piped = run_locktool("list", env={"COLUMNS": "80"}).succeeded().out
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    assert main(["list", "--project", str(project.directory), *words]) == 0
    assert len(piped) > 61
    assert terminal.getvalue() == (piped if is_whole else f"{piped[:57]}...\n")


def test_a_cut_row_ends_in_dots_and_keeps_what_identifies_it() -> None:
    rows = [("a", "1.0", "x" * 100), ("b" * 70, "2.0", "short")]
    assert table_lines(rows)[0].endswith("x" * 100)
    first, second = table_lines([("a", "1.0", "x" * 100), ("b", "2.0", "short")], 40)
    assert first == f"a  1.0  {'x' * 29}..."
    assert second == "b  2.0  short"
    assert len(table_lines(rows, 40)[0]) == 70 + 2 + 3 + 2 + 20
