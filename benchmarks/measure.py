"""One run of a command: its time, peak memory and exit code; and the programs that are measured."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from replay import default_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNLIMITED = 3600.0
# Without bytecode on disk each run would compile what it imports.
_FOREIGN = ("PIP_", "UV_", "LOCKTOOL_", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Run:
    """What a run cost. `cpu_seconds` and `peak_megabytes` are of the process itself and of those that it waited for."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    code: int
    output: str


# Linux keeps the largest resident set of the process that forked, so a small one starts what is measured. What it
# starts leads a process group, which is killed whole at the limit.
_LAUNCHER = """
import os, signal, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True)
signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
signal.setitimer(signal.ITIMER_REAL, float(sys.argv[2]))
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
signal.setitimer(signal.ITIMER_REAL, 0)
with open(sys.argv[1], "w") as report:
    print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=report)
"""


def run(
    command: Sequence[str | Path], directory: Path, environment: Mapping[str, str], limit: float = UNLIMITED
) -> Run:
    """Run a command and wait for it, at most `limit` seconds; its output is kept for the case that it fails."""
    with tempfile.TemporaryDirectory() as temporary:
        report = Path(temporary) / "report"
        finished = subprocess.run(
            [sys.executable, "-S", "-E", "-c", _LAUNCHER, str(report), str(limit), *map(str, command)],
            cwd=directory,
            env=clean_environment(environment),
            capture_output=True,
            check=True,
        )
        seconds, cpu_seconds, peak, code = report.read_text(encoding="utf-8").split()
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(
        float(seconds), float(cpu_seconds), int(peak) / scale, int(code), finished.stdout.decode("utf-8", "replace")
    )


def run_together(command: Sequence[str | Path], directories: Sequence[Path], environment: Mapping[str, str]) -> Run:
    """Run a command in several directories at once; the seconds are those until the last has ended."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    processes = [
        subprocess.Popen(
            list(map(str, command)),
            cwd=directory,
            env=clean_environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for directory in directories
    ]
    outputs = [process.communicate()[0].decode("utf-8", "replace") for process in processes]
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    failed = [
        (process.returncode, output) for process, output in zip(processes, outputs, strict=True) if process.returncode
    ]
    return Run(seconds, cpu_seconds, 0.0, *(failed[0] if failed else (0, outputs[0])))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of this process without those that a tool would read, and those that it is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"NO_COLOR": "1"} | dict(environment)


def version_of(program: Path) -> str:
    """The version that a program says, or nothing where it says none."""
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+\S*", asked.stdout)
    return found[0].rstrip(")") if found else ""


def locktool_program() -> Path:
    """The `locktool` beside this interpreter."""
    program = Path(sys.executable).parent / "locktool"
    if not program.exists():
        message = f"{program} is missing: install locktool into this environment (not editable, to measure the release)"
        raise FileNotFoundError(message)
    return program


def uv_program(*, upgrade: bool = False) -> Path:
    """The newest uv, in an environment of its own beside the store."""
    home = default_store().parent / "locktool-benchmarks-uv"
    program = home / "bin" / "uv"
    if upgrade or not program.exists():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "-q", "--upgrade", "uv"], check=True)
    return program


def interpreter_for(requires_python: str) -> Path:
    """A real interpreter for uv, which wants one that the project admits; this one where none is found."""
    from packaging.specifiers import SpecifierSet

    admitted = SpecifierSet(requires_python)
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [Path(sys.executable), *sorted(installed.glob("*/bin/python3")), *_on_path()]
    for candidate in candidates:
        version = _python_version(candidate)
        if version and admitted.contains(version):
            return candidate.resolve()
    return Path(sys.executable).resolve()


def _on_path() -> list[Path]:
    return [Path(found) for minor in range(20, 10, -1) if (found := shutil.which(f"python3.{minor}"))]


def _python_version(interpreter: Path) -> str | None:
    # A shim of a version manager may stand on the path and lead nowhere: only its own answer counts.
    asked = [str(interpreter), "-c", "import platform; print(platform.python_version())"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
