"""locktool beside uv on published projects, against one replayed index: seconds, peak memory, and their ratio.

Cold: no cache, no lock. Warm: a filled cache, no lock. Again: cache and lock are there. Check: does the lock hold?
Usage: python benchmarks/side_by_side.py [PROJECT...] [--repeat N] [--nginx] [--json FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import Run, interpreter_for, locktool_program, run, uv_program
from projects import PROJECTS, Question, fetch
from replay import Replay, Store, Upstream, configured_index, default_store
from replay.nginx import nginx_in_front

if TYPE_CHECKING:
    from collections.abc import Mapping

PHASES = ("cold", "warm", "again", "check")


@dataclass(frozen=True)
class Tool:
    """How a tool is asked to lock and to check, what its lock is called, and where it caches."""

    name: str
    lock: tuple[str | Path, ...]
    check: tuple[str | Path, ...]
    lock_name: str
    cache_variable: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Measured:
    """The median of the runs of one phase; a failure has its last line."""

    project: str
    tool: str
    phase: str
    seconds: float
    peak_megabytes: float
    packages: int
    failure: str = ""


def tools_for(question: Question, url: str) -> list[Tool]:
    """Both tools, asking the same index."""
    locktool, uv = locktool_program(), uv_program()
    interpreter = str(interpreter_for(question.requires_python))
    return [
        Tool(
            "locktool",
            (locktool, "lock", "--quiet"),
            (locktool, "check", "--frozen", "--quiet"),
            "pylock.toml",
            "LOCKTOOL_CACHE_DIR",
            {"LOCKTOOL_INDEX_URL": url},
        ),
        Tool(
            "uv",
            (uv, "lock", "--quiet"),
            (uv, "lock", "--check", "--offline", "--quiet"),
            "uv.lock",
            "UV_CACHE_DIR",
            {"UV_DEFAULT_INDEX": url, "UV_PYTHON": interpreter, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"},
        ),
    ]


def measure(tools: list[Tool], question: Question, repeat: int) -> list[Measured]:
    """All phases of all tools on one project, each `repeat` times; the tools take turns, so a busy machine is fair."""
    with tempfile.TemporaryDirectory() as temporary:
        seats = [_Seat(tool, question, Path(temporary) / tool.name) for tool in tools]
        for seat in seats:
            seat.first = run(seat.tool.lock, seat.folder, seat.environment)
        for _ in range(repeat):
            for phase in PHASES:
                for seat in seats:
                    seat.take(phase)
        return [
            _median(question, seat.tool, phase, seat.runs[phase], seat.packages(), seat.failure())
            for seat in seats
            for phase in PHASES
        ]


class _Seat:
    """A tool with a folder and a cache of its own, and its runs so far."""

    def __init__(self, tool: Tool, question: Question, place: Path) -> None:
        self.tool = tool
        self.folder = question.write(place)
        self.cache, self.lock = place / "cache", self.folder / tool.lock_name
        self.environment = {**tool.environment, tool.cache_variable: str(self.cache)}
        self.runs: dict[str, list[Run]] = {phase: [] for phase in PHASES}
        # The first run records what the index has not served yet; it is not measured.
        self.first: Run | None = None

    def take(self, phase: str) -> None:
        """One more run of a phase, from the state that the phase begins with."""
        if phase == "cold":
            shutil.rmtree(self.cache, ignore_errors=True)
        if phase in {"cold", "warm"}:
            self.lock.unlink(missing_ok=True)
        command = self.tool.check if phase == "check" else self.tool.lock
        self.runs[phase].append(run(command, self.folder, self.environment))

    def packages(self) -> int:
        return self.lock.read_text(encoding="utf-8").count("[[package") if self.lock.exists() else 0

    def failure(self) -> str:
        if self.first is None or not self.first.code:
            return ""
        return (self.first.output.strip().splitlines() or [""])[-1]


def _median(question: Question, tool: Tool, phase: str, runs: list[Run], packages: int, failure: str) -> Measured:
    failed = next((each.output.strip()[-200:] for each in runs if each.code), failure)
    return Measured(
        project=f"{question.name} {question.version}",
        tool=tool.name,
        phase=phase,
        seconds=statistics.median(each.seconds for each in runs),
        peak_megabytes=max(each.peak_megabytes for each in runs),
        packages=packages,
        failure=failed,
    )


def report(rows: list[Measured]) -> None:
    """A table: for each project and phase both tools, and locktool's time as a share of uv's."""
    widths = "{:<32} {:<6} {:>10} {:>8} {:>6} {:>6} {:>6} {:>6} {:>6}"
    print(widths.format("project", "phase", "locktool s", "uv s", "ratio", "MB", "uv MB", "pkgs", "uv"))
    by_tool = {(row.project, row.phase, row.tool): row for row in rows}
    for project, phase in dict.fromkeys((row.project, row.phase) for row in rows):
        ours, theirs = by_tool[project, phase, "locktool"], by_tool[project, phase, "uv"]
        ratio = "-" if ours.failure or theirs.failure else f"{ours.seconds / theirs.seconds:.2f}"
        seconds = (f"{ours.seconds:.3f}", f"{theirs.seconds:.3f}", ratio)
        memory = (f"{ours.peak_megabytes:.0f}", f"{theirs.peak_megabytes:.0f}")
        print(widths.format(project, phase, *seconds, *memory, ours.packages, theirs.packages))
        for row in (ours, theirs):
            if row.failure:
                print(f"    {row.tool}: {row.failure.splitlines()[-1]}")


def main() -> None:
    """Measure, print the table, keep the numbers if asked."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("names", nargs="*", default=PROJECTS)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--nginx", action="store_true", help="serve the replay through nginx")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer (not with --nginx)")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    arguments = parser.parse_args()
    upstream = Upstream(configured_index())
    rows: list[Measured] = []
    with contextlib.ExitStack() as stack:
        store = Store(default_store(), upstream)
        url = stack.enter_context(Replay(store, delay=arguments.delay)).url
        if arguments.nginx:
            url = stack.enter_context(nginx_in_front(store.directory, url))
        for name in arguments.names:
            question = fetch(name, upstream)
            found = measure(tools_for(question, url), question, arguments.repeat)
            report(found)
            rows += found
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
