"""locktool beside uv on published projects, against one replayed index: what each phase costs, and the ratios.

    check    does the lock hold?
    again    cache and lock are there
    upgrade  the same, and the first package that the project requires may move
    add      the same, and the project requires one package more
    warm     a filled cache, no lock
    cold     no cache, no lock
    delayed  the same, with 20 ms before each answer of the index

The tools take turns, so that a busy machine is fair; each figure is the median of its runs. The machine has to be quiet
all the same: with two cores a third process is in the way of both.

    python benchmarks/side_by_side.py [PROJECT...] [--directory DIR...] [--repeat N] [--json FILE] [--svg FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import statistics
import sys
import tempfile
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import tomlkit

from measure import Run, run
from projects import PROJECTS, Question, fetch
from replay import Replay, Store, Upstream, configured_index, default_store
from replay.server import Counters
from report import Measured, draw, table
from tools import Tool, tools_for

if TYPE_CHECKING:
    from collections.abc import Iterator

PHASES = ("check", "again", "upgrade", "add", "warm", "cold", "delayed")
DELAY_SECONDS = 0.02
# Small, without requirements, and in no project that is measured.
ADDED = "toolz"


class Seat:
    """A tool with a folder and a cache of its own, and its runs so far."""

    def __init__(self, tool: Tool, question: Question, place: Path, replay: Replay) -> None:
        self.tool = tool
        self.replay = replay
        self.folder = question.write(place)
        self.cache, self.lock = place / "cache", self.folder / tool.lock_name
        self.environment = {**tool.environment, tool.cache_variable: str(self.cache)}
        self.runs: dict[str, list[Run]] = {phase: [] for phase in PHASES}
        self.sent: list[Counters] = []
        self.cache_bytes = 0

    def record(self) -> None:
        """Let the index record what it has not served yet, and fill the cache; this is not measured."""
        self.first = run(self.tool.lock, self.folder, self.environment)
        with self._with(ADDED):
            run(self.tool.lock, self.folder, self.environment)
        run(self.tool.lock, self.folder, self.environment)

    def take(self, phase: str) -> None:
        """One more run of a phase, from the state that the phase begins with; the lock is there afterwards."""
        command = self.tool.lock
        if phase in {"cold", "delayed"}:
            shutil.rmtree(self.cache, ignore_errors=True)
        if phase in {"cold", "delayed", "warm"}:
            self.lock.unlink(missing_ok=True)
        if phase == "check":
            command = self.tool.check
        if phase == "upgrade":
            command = self.tool.upgrade(_first_requirement(self.folder))
        self.replay.delay = DELAY_SECONDS if phase == "delayed" else 0.0
        self.replay.counters = Counters()
        with self._with(ADDED) if phase == "add" else contextlib.nullcontext():
            self.runs[phase].append(run(command, self.folder, self.environment))
        if phase == "cold":
            self.sent.append(self.replay.counters)
            self.cache_bytes = sum(path.stat().st_size for path in self.cache.rglob("*") if path.is_file())
        if phase == "add":
            # The lock without the added package, for what comes next.
            run(self.tool.lock, self.folder, self.environment)

    @contextlib.contextmanager
    def _with(self, package: str) -> Iterator[None]:
        """The project with one requirement more."""
        path = self.folder / "pyproject.toml"
        text = path.read_text(encoding="utf-8")
        document = tomlkit.parse(text)
        document["project"].setdefault("dependencies", []).append(package)
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def measured(self, question: Question, phase: str) -> Measured:
        """What the runs of a phase cost."""
        runs = self.runs[phase]
        failed = next((each.output.strip()[-200:] for each in runs if each.code), "")
        sent = self.sent[-1] if self.sent and phase == "cold" else Counters()
        text = self.lock.read_text(encoding="utf-8") if self.lock.exists() else ""
        return Measured(
            project=f"{question.name} {question.version}".strip(),
            tool=self.tool.name,
            phase=phase,
            seconds=statistics.median(each.seconds for each in runs),
            cpu_seconds=statistics.median(each.cpu_seconds for each in runs),
            peak_megabytes=max(each.peak_megabytes for each in runs),
            packages=text.count("[[package"),
            cache_bytes=self.cache_bytes if phase == "cold" else 0,
            requests=sent.requests,
            bytes_sent=sent.bytes_sent,
            failure=failed,
        )


def _first_requirement(folder: Path) -> str:
    """The name of the first package that a project requires."""
    document = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    found = re.match(r"[A-Za-z0-9._-]+", document["project"]["dependencies"][0])
    return found[0] if found else ""


def measure(question: Question, replay: Replay, phases: tuple[str, ...], repeat: int) -> list[Measured]:
    """Phases of both tools on one project, each `repeat` times."""
    with tempfile.TemporaryDirectory() as temporary:
        tools = tools_for(question, replay.url)
        seats = [Seat(tool, question, Path(temporary) / tool.name, replay) for tool in tools]
        for seat in seats:
            seat.record()
        for phase in phases:
            for _ in range(repeat):
                for seat in seats:
                    seat.take(phase)
        return [seat.measured(question, phase) for seat in seats for phase in phases]


def of_directory(directory: Path) -> Question:
    """A project on disk; only its pyproject.toml is taken."""
    text = (directory / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text).get("project", {})
    return Question(project.get("name", directory.name), "", text, project.get("requires-python", ""))


def main() -> None:
    """Measure, print the table, keep the numbers and draw the picture if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="published projects (default: those of projects.py)")
    parser.add_argument("--directory", type=Path, action="append", default=[], help="a project on disk (repeatable)")
    parser.add_argument("--phase", action="append", choices=PHASES, default=[], help="only this one (repeatable)")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    parser.add_argument("--svg", type=Path, help="also draw the ratios here")
    arguments = parser.parse_args()
    upstream = Upstream(configured_index())
    names = arguments.names or ([] if arguments.directory else PROJECTS)
    questions = [of_directory(directory) for directory in arguments.directory]
    questions += [fetch(name, upstream) for name in names]
    rows: list[Measured] = []
    with Replay(Store(default_store(), upstream)) as replay:
        for question in questions:
            found = measure(question, replay, tuple(arguments.phase) or PHASES, arguments.repeat)
            print(table(found), flush=True)
            rows += found
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    if arguments.svg:
        arguments.svg.write_text(draw(rows, " ".join(["python", *sys.argv])), encoding="utf-8")


if __name__ == "__main__":
    main()
