"""What a benchmark measured, kept as JSON: rows, with the machine, the versions and the command that made them.

A file that is written after each project lets an interrupted run go on where it stopped.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# The interpreter alone, which a check is compared with.
BASELINE = "python -c pass"


@dataclass(frozen=True)
class Measured:
    """The medians of the runs of one phase; a failure has its last line. What is sent counts for cold runs alone."""

    project: str
    tool: str
    phase: str
    seconds: float
    quickest: float
    slowest: float
    cpu_seconds: float
    peak_megabytes: float
    packages: int = 0
    cache_bytes: int = 0
    requests: int = 0
    bytes_sent: int = 0
    failure: str = ""

    @property
    def name(self) -> str:
        """The project without its version."""
        return self.project.partition(" ")[0]


@dataclass
class Results:
    """The rows so far, and what they were measured with."""

    command: str
    machine: str
    versions: dict[str, str] = field(default_factory=dict)
    rows: list[Measured] = field(default_factory=list)

    def has(self, project: str, tools: list[str]) -> bool:
        """Whether a project was measured with each of these tools."""
        return set(tools) <= {row.tool for row in self.rows if row.project == project}

    def replace(self, rows: list[Measured]) -> None:
        """Add rows, in the place of those of the same project, tool and phase."""
        keys = {(row.project, row.tool, row.phase) for row in rows}
        self.rows = [row for row in self.rows if (row.project, row.tool, row.phase) not in keys] + rows

    def write(self, path: Path) -> None:
        """Write the file whole, under another name first."""
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        partial.replace(path)


def read(path: Path) -> Results:
    """The results of a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["rows"] = [Measured(**row) for row in document["rows"]]
    return Results(**document)


def begin() -> Results:
    """No rows, of this machine and the running command."""
    return Results(command(), machine())


def command() -> str:
    """The running command, as it can be repeated from the root of the repository."""
    script, *arguments = sys.argv
    folder, _, name = script.rpartition("/")
    inside = folder.rpartition("benchmarks")[2]
    return " ".join(["python", f"benchmarks{inside}/{name}", *arguments])


def machine() -> str:
    """What the figures are measured on, and how busy it is."""
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{platform.machine()}, {os.cpu_count()} cores, {system}{load}"
