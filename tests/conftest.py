"""What every test may ask for: an index on loopback, a project on disk, and the command in a world of its own.

The command never reaches further than loopback: its home, cache and configuration are the test's, and every address
that pip's configuration or the environment could add is taken away.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from forked_command import ForkServer
from local_index import LocalIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

# What a machine may say about indexes, proxies and caches; none of it belongs in a test.
_FOREIGN_PREFIXES = ("GITHUB_", "PIP_", "UV_", "LOCKTOOL_", "XDG_", "VIRTUAL_ENV", "CONDA_")
_FOREIGN_NAMES = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "NETRC", "PYTHONWARNINGS"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: a test of the command waits for processes, servers and disks.

    Three files of tests/cli on two cores: 44 s with two workers, 35 s with three (2026-11-26).
    """
    return (os.cpu_count() or 1) + 1


# Linux counts the memory of the process that forked to its child, so a small one starts what is measured.
_LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as report:
    report.write(str(usage.ru_maxrss))
sys.exit(process.returncode)
"""


@dataclass(frozen=True)
class Completed:
    """What a run of the command left: its exit code, both streams, and its peak memory where that was measured."""

    code: int
    out: str
    err: str
    arguments: tuple[str, ...]
    peak_megabytes: float | None = None

    def succeeded(self) -> Completed:
        """The result itself, or a failing test that shows both streams."""
        assert self.code == 0, f"{self.arguments} ended with {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"
        return self

    def failed(self, code: int = 1) -> Completed:
        """The result itself, or a failing test if the run ended in any other way, a traceback of locktool included.

        What a build printed is shown indented.
        """
        assert self.code == code, f"{self.arguments} ended with {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"
        assert not any(line.startswith("Traceback") for line in self.err.splitlines()), self.err
        return self


@dataclass
class Command:
    """`locktool` in a process of its own; call it with arguments. `environment` holds for every call."""

    home: Path
    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def variables(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a run."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_FOREIGN_PREFIXES) and name.upper() not in _FOREIGN_NAMES
        }
        isolated = {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "APPDATA": str(self.home / "AppData"),
            "LOCALAPPDATA": str(self.home / "AppData"),
            "LOCKTOOL_CACHE_DIR": str(self.home / "cache"),
            # An address that answers nothing stands where no index was asked for.
            "LOCKTOOL_INDEX_URL": "http://127.0.0.1:1/simple/",
            "PIP_CONFIG_FILE": os.devnull,
            "NO_COLOR": "1",
            "COLUMNS": "120",
            "PYTHONUTF8": "1",
        }
        return kept | isolated | self.environment | dict(extra or {})

    def __call__(
        self,
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: str | None = None,
        timeout: float = 120.0,
        measured: bool = False,
    ) -> Completed:
        """Run `python -m locktool ARGUMENTS` in the test's directory, or in `cwd`.

        With `measured` the result has the peak memory, where the system tells it.
        """
        texts = tuple(str(argument) for argument in arguments)
        server = None if measured else _server()
        forked = server and server.run(texts, cwd or self.directory, self.variables(env), stdin, timeout)
        if forked:
            return Completed(*forked, texts)
        report = self.home / "peak-memory"
        measured = measured and hasattr(os, "wait4")
        launcher = [sys.executable, "-S", "-E", "-c", _LAUNCHER, str(report)] if measured else []
        finished = subprocess.run(
            [*launcher, sys.executable, "-m", "locktool", *texts],
            cwd=cwd or self.directory,
            env=self.variables(env),
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
        peak = int(report.read_text()) / scale if measured else None
        return Completed(finished.returncode, finished.stdout, finished.stderr, texts, peak)


@functools.cache
def _server() -> ForkServer | None:
    """What runs the command for the tests of this process; none where forking is not safe."""
    if sys.platform != "linux":
        return None
    server = ForkServer(os.environ | {"PYTHONUTF8": "1"})
    atexit.register(server.close)
    return server


@dataclass(frozen=True)
class ProjectWriter:
    """A project in a directory of the test: files are written as text, the tables of `pyproject.toml` as values."""

    directory: Path

    def write(self, path: str, text: str) -> Path:
        """Write a file, its folders included."""
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        return target

    def read(self, path: str = "pylock.toml") -> str:
        """The text of a file, of the lock unless told."""
        return (self.directory / path).read_text(encoding="utf-8")

    def pyproject(
        self,
        *dependencies: str,
        member: str = ".",
        extras: Mapping[str, list[str]] | None = None,
        groups: Mapping[str, list[Any]] | None = None,
        tool: Mapping[str, Any] | None = None,
        **project: Any,  # noqa: ANN401 - any key of [project]
    ) -> Path:
        """Write a pyproject.toml; `requires_python` and other keywords become keys of [project]."""
        import tomlkit

        table: dict[str, Any] = {"name": "demo", "version": "0.1.0", "requires-python": ">=3.11"}
        table |= {key.replace("_", "-"): value for key, value in project.items()}
        table = {key: value for key, value in table.items() if value is not None}
        table["dependencies"] = list(dependencies)
        if extras:
            table["optional-dependencies"] = dict(extras)
        document: dict[str, Any] = {"project": table}
        if groups:
            document["dependency-groups"] = dict(groups)
        if tool:
            document["tool"] = {"locktool": dict(tool)}
        return self.write(f"{member}/pyproject.toml", tomlkit.dumps(document))

    def require_in(self, place: str, requirement: str) -> None:
        """Write a project that requires `plain`, and more in `dependencies`, an `extra`, `group` or `member`."""
        self.pyproject(
            *(["plain", requirement] if place == "dependencies" else ["plain"]),
            extras={"x": [requirement]} if place == "extra" else None,
            groups={"dev": [requirement]} if place == "group" else None,
            tool={"workspace": {"members": ["member"]}} if place == "member" else None,
        )
        if place == "member":
            self.pyproject(requirement, member="member", name="member")


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    """An empty index on loopback that speaks JSON and HTML."""
    with LocalIndex() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> ProjectWriter:
    """An empty directory to write a project into."""
    directory = tmp_path / "project"
    directory.mkdir()
    return ProjectWriter(directory)


@pytest.fixture(scope="session")
def built() -> None:
    """Skip where the extension is not built; a run in CI has it, so there nothing is skipped."""
    found = importlib.util.find_spec("locktool") and importlib.util.find_spec("locktool._native")
    if not found and not os.environ.get("CI"):
        pytest.skip("locktool is not built: .ci/run or `maturin develop` does that")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT interrupts this process and those it starts, also where the caller ignores it, as background shells do.

    A process inherits an ignored signal, and Python leaves it ignored.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture
def isolated_command(tmp_path: Path, project: ProjectWriter, built: None) -> Command:
    """The command in the project's directory, without any index."""
    home = tmp_path / "home"
    home.mkdir()
    return Command(home=home, directory=project.directory)


@pytest.fixture
def run_locktool(isolated_command: Command, index: LocalIndex) -> Callable[..., Completed]:
    """The command in the project's directory, with `index` configured."""
    isolated_command.environment["LOCKTOOL_INDEX_URL"] = index.url
    return isolated_command
