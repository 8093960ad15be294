"""The runs of one tool on one question: each phase from the state that it begins with, and what the runs cost."""

from __future__ import annotations

import contextlib
import shutil
import statistics
import sys
from typing import TYPE_CHECKING, Any

import tomlkit

from measure import UNLIMITED, Run, run
from question import name_of
from replay.server import Counters
from results import BASELINE, Measured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from question import Question
    from replay import Replay
    from tools import Tool

PHASES = ("check", "again", "upgrade", "add", "warm", "cold", "delayed")
# Without an answer there is no lock to begin with, and for other tools only these are asked.
PHASES_WITHOUT_LOCK = ("warm", "cold", "delayed")
DELAY_SECONDS = 0.02
# Small, without requirements, and in no project that is measured.
ADDED = "toolz"


class ToolRuns:
    """A tool with a folder and a cache of its own, and its runs so far. A run is killed after `limit` seconds."""

    def __init__(self, tool: Tool, question: Question, place: Path, replay: Replay, limit: float = UNLIMITED) -> None:
        self.tool, self.question, self.replay, self.limit = tool, question, replay, limit
        self.folder = question.write(place)
        self.cache, self.lock = place / "cache", self.folder / tool.lock_name
        self.environment = {**tool.environment, tool.cache_variable: str(self.cache)}
        self.runs: dict[str, list[Run]] = {phase: [] for phase in PHASES}
        self.baseline: list[Run] = []
        self.sent = Counters()
        self.cache_bytes = 0
        for name, text in (tool.files or {}).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        project = self.folder / "pyproject.toml"
        project.write_text(f"{project.read_text(encoding='utf-8')}\n{tool.tables}", encoding="utf-8")

    def record(self, phases: Sequence[str]) -> None:
        """Let the index record what it has not served yet, and fill the cache; this is not measured."""
        self._run(self.tool.lock, UNLIMITED)
        if "add" in phases:
            with self._with(ADDED):
                self._run(self.tool.lock, UNLIMITED)
            self._run(self.tool.lock, UNLIMITED)

    def take(self, phase: str) -> None:
        """One more run of a phase, from the state that the phase begins with; the lock is there afterwards."""
        if self.runs[phase] and self._over(self.runs[phase][-1]):
            return
        command = self.tool.lock
        if phase in {"cold", "delayed"}:
            shutil.rmtree(self.cache, ignore_errors=True)
        if phase in PHASES_WITHOUT_LOCK:
            self.lock.unlink(missing_ok=True)
        if phase == "check":
            command = self.tool.check
            self.baseline.append(self._run((sys.executable, "-c", "pass"), self.limit))
        if phase == "upgrade":
            command = self.tool.upgrade(name_of(self.question.requirements()[0]))
        self.replay.delay = DELAY_SECONDS if phase == "delayed" else 0.0
        self.replay.counters = Counters()
        with self._with(ADDED) if phase == "add" else contextlib.nullcontext():
            self.runs[phase].append(self._run(command, self.limit))
        self.replay.delay = 0.0
        if phase == "cold":
            self.sent = self.replay.counters
            self.cache_bytes = sum(path.stat().st_size for path in self.cache.rglob("*") if path.is_file())
        if phase == "add":
            # The lock without the added package, for what comes next.
            self._run(self.tool.lock, self.limit)

    def _run(self, command: Sequence[str | Path], limit: float) -> Run:
        return run(command, self.folder, self.environment, limit)

    def _over(self, done: Run) -> bool:
        return done.seconds >= self.limit

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

    def measured(self, phase: str) -> Measured:
        """What the runs of a phase cost."""
        cold = phase == "cold"
        return Measured(
            project=self.question.title,
            tool=self.tool.name,
            phase=phase,
            **figures(self.runs[phase]),
            packages=self.lock.read_text(encoding="utf-8").count("[[package") if self.lock.exists() else 0,
            cache_bytes=self.cache_bytes if cold else 0,
            requests=self.sent.requests if cold else 0,
            bytes_sent=self.sent.bytes_sent if cold else 0,
            failure=next(filter(None, map(self._failure, self.runs[phase])), ""),
        )

    def baseline_measured(self) -> Measured:
        """What the interpreter alone costs, beside the checks."""
        return Measured(self.question.title, BASELINE, "check", **figures(self.baseline))

    def _failure(self, done: Run) -> str:
        if self._over(done):
            return f"no answer in {self.limit:.0f} s"
        if self.question.solvable:
            return done.output.strip()[-200:] if done.code else ""
        return "" if done.code else "an answer where there is none"


def in_turns(all_runs: Sequence[ToolRuns], phases: Sequence[str], repeat: int) -> list[Measured]:
    """Each phase so many times, the tools taking turns, so that a busy machine is fair."""
    for runs in all_runs:
        runs.record(phases)
    for phase in phases:
        for _ in range(repeat):
            for runs in all_runs:
                runs.take(phase)
    return [runs.measured(phase) for runs in all_runs for phase in phases]


def figures(runs: Sequence[Run]) -> dict[str, Any]:
    """The medians of runs and their spread, as fields of a row."""
    seconds = [each.seconds for each in runs]
    return {
        "seconds": statistics.median(seconds),
        "quickest": min(seconds),
        "slowest": max(seconds),
        "cpu_seconds": statistics.median(each.cpu_seconds for each in runs),
        "peak_megabytes": max(each.peak_megabytes for each in runs),
    }
