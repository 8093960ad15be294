"""How many times the time of locktool `packaging` takes, operation by operation, beside the targets.

Runs benchmarks/micro, or reads what pytest-benchmark kept of it. The medians are of one run of both sides.

    python benchmarks/values.py [--from pytest-benchmark.json] [--json FILE] [--targets]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import results
import targets

SIDES = ("locktool", "packaging")
MICRO = Path(__file__).with_name("micro")
# What is said apart: no operation of values, so no ratio to reach.
CALL = "call: no work"
CALLS = 100


@dataclass
class Values:
    """The median seconds of each operation on each side, and what they were measured with."""

    command: str
    machine: str
    versions: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    def ratio(self, group: str) -> float:
        """How many times the time of locktool packaging takes."""
        return self.seconds[group]["packaging"] / self.seconds[group]["locktool"]

    def missed(self) -> list[str]:
        """The operations below their target."""
        least = targets.declared()["values"]
        return [group for group in self.seconds if group in least and round(self.ratio(group), 1) < least[group]]


def read(path: Path) -> Values:
    """The values of a file."""
    return Values(**json.loads(path.read_text(encoding="utf-8")))


def of_benchmark(document: dict[str, Any]) -> Values:
    """The values in what pytest-benchmark keeps."""
    versions = {name: importlib.metadata.version(name) for name in SIDES}
    versions["python"] = document["machine_info"]["python_version"]
    made = Values(results.command(), results.machine(), versions)
    for benchmark in document["benchmarks"]:
        side = next(side for side in SIDES if side in benchmark["param"])
        made.seconds.setdefault(benchmark["group"], {})[side] = benchmark["stats"]["median"]
    return made


def cells(values: Values) -> list[tuple[str, ...]]:
    """A heading, and for each operation the microseconds of both sides, the ratio and its target."""
    least = targets.declared()["values"]
    rows: list[tuple[str, ...]] = [("operation", "packaging", "locktool", "times", "target")]
    for group in values.seconds:
        if group != CALL:
            target = f"≥{least[group]:g}" + ("!" if group in values.missed() else "")
            both = (f"{values.seconds[group][side] * 1e6:.2f} µs" for side in reversed(SIDES))
            rows.append((group, *both, f"{values.ratio(group):.1f}", target))
    return rows


def calls(values: Values) -> str:
    """What a call without work costs."""
    extension, python = (values.seconds[CALL][side] / CALLS * 1e9 for side in SIDES)
    return f"what a call costs that does no work: {extension:.0f} ns into the extension, {python:.0f} ns in Python"


def table(values: Values) -> str:
    """The cells as text, with the cost of a call."""
    rows = cells(values)
    lines = [f"{row[0]:<26}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows]
    return "\n".join([*lines, calls(values)])


def measure() -> dict[str, Any]:
    """Run benchmarks/micro."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.json"
        program = [sys.executable, "-m", "pytest", "-q", str(MICRO), f"--benchmark-json={kept}"]
        subprocess.run(program, cwd=MICRO.parents[1], check=True, capture_output=True)
        document: dict[str, Any] = json.loads(kept.read_bytes())
        return document


def main() -> None:
    """Print the table, and keep the values if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="kept", type=Path, help="what pytest-benchmark kept, instead of a run")
    parser.add_argument("--json", type=Path, help="also keep the medians here")
    parser.add_argument("--targets", action="store_true", help="end with 1 where a target is missed")
    arguments = parser.parse_args()
    values = of_benchmark(json.loads(arguments.kept.read_bytes()) if arguments.kept else measure())
    print(table(values))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(values), indent=1) + "\n", encoding="utf-8")
    for group in values.missed():
        least = targets.declared()["values"][group]
        print(f"missed: {group}: {values.ratio(group):.1f}, at least {least:g}")
    sys.exit(bool(values.missed()) and arguments.targets)


if __name__ == "__main__":
    main()
