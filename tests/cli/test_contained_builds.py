"""Builds of strangers' packages: whatever they do, they end with the run, leave nothing, and the old lock stands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hostile_archives import HOSTILE, TOP, member, write_tar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Command, Completed, ProjectWriter
    from local_index import LocalIndex

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and process groups are POSIX's")

ARCHIVE = "demo-1.0.tar.gz"
PYPROJECT = b'[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
WRITES_METADATA = """
    folder = os.path.join(metadata_directory, "demo-1.0.dist-info")
    os.mkdir(folder)
    with open(os.path.join(folder, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\n")
    return "demo-1.0.dist-info"
"""
STARTS_ANOTHER = """
import os, signal, subprocess, sys, time

def another(script, **options):
    return subprocess.Popen([sys.executable, "-S", "-c", script], **options)

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
"""
CHILD_THAT_STAYS = f"""{STARTS_ANOTHER}
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    another(DEAF)
    if sys.platform == "linux":
        another(DEAF, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
{WRITES_METADATA}"""
DEAF_AND_ENDLESS = f"""{STARTS_ANOTHER}
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    another(DEAF)
    open(os.environ["BEGUN"], "w").close()
    time.sleep(600)
"""
GIGABYTE = """
import sys

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    print("the first line", flush=True)
    line = "x" * ((1 << 20) - 1) + "\\n"
    for _ in range(1 << 10):
        sys.stdout.write(line)
    raise SystemExit("the cause")
"""


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path) -> Command:
    """A project whose lock has one package, and that now requires an sdist too, which is not there yet."""
    index.add("plain", "1.0")
    project.pyproject("plain", name="holder")
    run_locktool("lock").succeeded()
    sources = {"sources": {"demo": {"path": ARCHIVE}}}
    project.pyproject("plain", "demo", name="holder", tool=sources)
    (tmp_path / "temporary").mkdir()
    run_locktool.environment["TMPDIR"] = str(tmp_path / "temporary")
    run_locktool.environment["LOCKTOOL_TEST_MARK"] = str(project.directory)
    return run_locktool


@pytest.fixture
def terminal_may_close() -> Iterator[None]:
    """A closed terminal ends what is started, also where the caller ignores it, as `nohup` does."""
    previous = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, previous)


@pytest.fixture
def unchanged(locked: Command, project: ProjectWriter, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Whether the lock is the old one, no process of the run is left, and no file outside of the project."""
    before = project.read()
    outside = files_outside(tmp_path)

    def check() -> None:
        assert project.read() == before
        assert files_outside(tmp_path) == outside
        assert left_running(locked) == []

    yield check
    for process in left_running(locked):
        os.kill(process, signal.SIGKILL)


def files_outside(directory: Path) -> set[Path]:
    """What lies in the directories of a test, without the project and what a cache keeps on purpose."""
    cache = Path("home", "cache")
    own = {Path("home", "peak-memory"), cache, cache / "CACHEDIR.TAG", cache / "builds", cache / "builds" / ".git"}
    found = {path.relative_to(directory) for path in directory.rglob("*")} - own
    kept = [Path("project"), cache / "v1", cache / "environments", cache / "interpreters"]
    return {path for path in found if not any(path.is_relative_to(one) for one in kept)}


def left_running(run: Command) -> list[int]:
    """The processes that carry the mark of the test, where the system shows environments."""
    mark = f"LOCKTOOL_TEST_MARK={run.environment['LOCKTOOL_TEST_MARK']}".encode()
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            environment = (directory / "environ").read_bytes()
        except OSError:
            continue
        if mark in environment.split(b"\0"):
            found.append(int(directory.name))
    return found


def sdist(project: ProjectWriter, backend: str) -> None:
    members = [member(f"{TOP}/pyproject.toml", PYPROJECT), member(f"{TOP}/own.py", backend.encode())]
    write_tar(project.directory / ARCHIVE, members)


@pytest.mark.parametrize("case", sorted(HOSTILE))
def test_a_hostile_archive_changes_nothing(
    locked: Command, project: ProjectWriter, unchanged: Callable[[], None], case: str
) -> None:
    write_tar(project.directory / ARCHIVE, HOSTILE[case])
    finished: Completed = locked("lock").failed(2)
    assert "demo-1.0.tar.gz cannot be unpacked" in finished.err
    unchanged()


def test_children_that_stay_end_with_their_build(
    locked: Command, project: ProjectWriter, unchanged: Callable[[], None]
) -> None:
    sdist(project, CHILD_THAT_STAYS)
    locked("lock", "--dry-run").succeeded()
    unchanged()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=str,
)
@pytest.mark.parametrize("place", ["requirement", "project"])
@pytest.mark.usefixtures("interruptible", "terminal_may_close")
def test_a_signal_ends_the_build_that_ignores_it(
    locked: Command, project: ProjectWriter, unchanged: Callable[[], None], number: int, code: int, place: str
) -> None:
    sdist(project, DEAF_AND_ENDLESS)
    if place == "project":
        project.write("own.py", DEAF_AND_ENDLESS)
        own = '[project]\nname = "a"\nversion = "1.0"\ndynamic = ["dependencies"]\n'
        project.write("pyproject.toml", PYPROJECT.decode() + own)
    begun = project.directory / "begun"
    with subprocess.Popen(
        [sys.executable, "-m", "locktool", "lock"],
        cwd=project.directory,
        env=locked.variables({"BEGUN": str(begun)}),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            deadline = time.monotonic() + 60
            while not begun.exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            running.send_signal(number)
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert running.returncode == code, err
    assert len(err.splitlines()) == 1
    unchanged()


def test_a_gigabyte_of_output_is_neither_kept_nor_shown(
    locked: Command, project: ProjectWriter, unchanged: Callable[[], None]
) -> None:
    sdist(project, GIGABYTE)
    finished: Completed = locked("lock", measured=True).failed(2)
    assert "the cause" in finished.err
    assert len(finished.err) < 20_000
    assert finished.peak_megabytes is None or finished.peak_megabytes < 200
    unchanged()
