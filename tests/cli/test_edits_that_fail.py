"""An edit that fails, is interrupted or is killed leaves the project and its lock as they were."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from local_index import Slow, Status

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

posix_only = pytest.mark.skipif(os.name == "nt", reason="signals as POSIX has them")


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A locked project of one package, and an index of others."""
    index.add("web", "1.0")
    index.add("web", "2.0")
    index.add("slow", "1.0")
    index.add("clash", "1.0", requires=["web<1"])
    index.add("other", "1.0", requires=["web>=2"])
    project.write(
        "pyproject.toml",
        '# mine\n[project]\nname = "demo"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["web<2"] # one\n',
    )
    run_locktool("lock").succeeded()
    return run_locktool


def state(project: ProjectWriter) -> dict[str, bytes]:
    """Every file of the project by its name."""
    return {path.name: path.read_bytes() for path in sorted(project.directory.iterdir())}


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["add", "clash"], 1, None),
        (["add", "other"], 1, None),
        (["add", "nowhere"], 1, None),
        (["add", "slow", "--offline"], 2, None),
        (["add", "slow", "--git", "https://127.0.0.1:1/slow"], 2, None),
        (["add", "slow", "--path", "not-there"], 2, None),
        (["add", "not-uploaded", "web>=1"], 1, None),
        (["upgrade", "web==3"], 1, None),
        (["remove", "nowhere"], 1, "not-required"),
    ],
)
def test_a_failure_leaves_project_and_lock(
    locked: Command, project: ProjectWriter, words: list[str], code: int, error: str | None
) -> None:
    before = state(project)
    finished = locked(*words, "--json")
    assert finished.code in {1, 2}, finished.err
    finished.failed(finished.code)
    assert state(project) == before
    document = json.loads(finished.out)
    assert document["error"]["message"]
    assert error is None or document["error"]["code"] == error
    assert finished.code == code


def test_an_index_that_fails_leaves_project_and_lock(
    locked: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    before = state(project)
    index.fail("/simple/slow/", Status(403))
    locked("add", "slow").failed(2)
    assert state(project) == before


def start(command: Command, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "locktool", *words],
        cwd=command.directory,
        env=command.variables(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@posix_only
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_leaves_project_and_lock(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    before = state(project)
    index.fail("/simple/slow/", Slow(delay=60))
    run = start(locked, "add", "slow")
    deadline = time.monotonic() + 30
    while not any("/simple/slow/" in request.path for request in index.requests) and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 130, errors
    assert errors == b"interrupted: nothing was written\n"
    assert state(project) == before


@posix_only
def test_a_killed_edit_leaves_the_old_or_the_new(locked: Command, project: ProjectWriter) -> None:
    before = state(project)
    started = time.monotonic()
    locked("add", "slow").succeeded()
    duration = time.monotonic() - started
    after = state(project)
    dice = Random("killed")  # noqa: S311 - moments
    for _ in range(12):
        for name, content in before.items():
            (project.directory / name).write_bytes(content)
        run = start(locked, "add", "slow")
        time.sleep(dice.uniform(0.5, 1.1) * duration)
        run.kill()
        run.communicate()
        left = {name: content for name, content in state(project).items() if not name.endswith(".tmp")}
        # The project comes first, so the one thing that a kill can leave is a stale lock.
        assert left in (before, after, after | {"pylock.toml": before["pylock.toml"]})
    locked("remove", "web").succeeded()
    assert not [name for name in state(project) if name.endswith(".tmp")]


def test_a_file_that_is_saved_in_the_meantime_is_not_overwritten(
    locked: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.fail("/simple/slow/", Slow(delay=3))
    run = start(locked, "add", "slow")
    deadline = time.monotonic() + 30
    while not any("/simple/slow/" in request.path for request in index.requests) and time.monotonic() < deadline:
        time.sleep(0.02)
    path = project.directory / "pyproject.toml"
    path.write_text(path.read_text(encoding="utf-8") + "# saved by an editor\n", encoding="utf-8")
    mine = state(project)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 2
    assert b"was changed while" in errors
    assert state(project) == mine


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_leaves_both(locked: Command, project: ProjectWriter) -> None:
    before = state(project)
    project.directory.chmod(0o555)
    try:
        finished = locked("add", "slow").failed(2)
    finally:
        project.directory.chmod(0o755)
    assert "the file is left as it was" in finished.err
    assert state(project) == before


def test_links_and_line_endings_stay(locked: Command, project: ProjectWriter) -> None:
    path = project.directory / "pyproject.toml"
    target = Path(project.write("real/pyproject.toml", ""))
    target.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    path.unlink()
    path.symlink_to(target)
    locked("add", "slow").succeeded()
    assert path.is_symlink()
    assert target.read_bytes().count(b"\n") == target.read_bytes().count(b"\r\n")
    assert b'dependencies = ["slow>=1.0", "web<2"] # one\r\n' in target.read_bytes()
    locked("check").succeeded()


@pytest.mark.skipif(os.name != "posix", reason="directories have locks there")
def test_parallel_edits_lose_nothing(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    names = ["ant", "bee", "cat", "dog", "elk"]
    for name in names:
        index.add(name, "1.0")
    project.pyproject()
    run_locktool("lock").succeeded()
    words = [sys.executable, "-m", "locktool", "add"]
    variables = run_locktool.variables()
    running = [
        subprocess.Popen([*words, name], cwd=project.directory, env=variables, stderr=subprocess.PIPE, text=True)
        for name in names
    ]
    ended = {name: (each.communicate()[1], each.returncode) for name, each in zip(names, running, strict=True)}
    written = tomllib.loads(project.read("pyproject.toml"))["project"]["dependencies"]
    for name, (said, code) in ended.items():
        assert (code == 0) == (f"{name}>=1.0" in written), said
        assert code == 0 or "was changed while its requirements were resolved" in said
    assert written
    run_locktool("check", "--frozen").succeeded()


def test_two_requirements_on_one_package_are_refused(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("ant", "1.0")
    before = project.pyproject().read_text(encoding="utf-8")
    assert "write one requirement" in run_locktool("add", "ant>=1", "ant<2").failed(2).err
    assert project.read("pyproject.toml") == before
