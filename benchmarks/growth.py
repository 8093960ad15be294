"""How time grows with the question: locktool beside uv, on registries and workspaces that are made up from a seed.

    registry  a project that reaches 100 to 3,200 packages: check, and a lock from a filled cache
    members   a workspace of 25 to 300 members over 400 packages: the same
    fleet     1 to 20 runs at once on one cache, for a project that reaches 200 packages: filled, and empty at first

The exponent of a curve is the slope of log(time) over log(size) in the larger half of the sizes, where start-up counts
least: 1 is linear. A fleet of n runs has n times the work, so its curve is that of all n together. With `--json` a run
goes on where the file stops; `--targets` ends with 1 where an exponent of locktool is above that of targets.toml.

    python benchmarks/growth.py [registry|members|fleet...] [--repeat N] [--json FILE] [--svg FILE]
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import results
import targets
from measure import run_together
from picture import curves_picture
from replay import Replay, Store
from replay.server import Counters
from runs import ToolRuns, figures, in_turns
from synthetic import SyntheticIndex, project, workspace
from tools import PAIR, tools_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from measure import Run
    from picture import Curve
    from question import Question
    from tools import Tool

SIZES = {
    "registry": (100, 200, 400, 800, 1600, 3200),
    "members": (25, 75, 150, 300),
    "fleet": (1, 5, 10, 20),
}
PHASES = {"registry": ("check", "warm"), "members": ("check", "warm"), "fleet": ("warm", "cold")}
TITLES = {"registry": "packages", "members": "members", "fleet": "runs at once"}
PACKAGES_OF_MEMBERS, PACKAGES_OF_FLEET = 400, 200
# A slope of fewer points than two says nothing; half of four are two.
FEWEST_SIZES = 4


def measure(question: Question, replay: Replay, folder: Path, repeat: int) -> list[results.Measured]:
    """Check and warm lock of both tools, taking turns."""
    all_runs = [ToolRuns(tool, question, folder / tool.name, replay) for tool in tools_for(question, replay.url)]
    return in_turns(all_runs, PHASES["registry"], repeat)


def fleet(count: int, replay: Replay, folder: Path, repeat: int) -> list[results.Measured]:
    """Runs of one tool at once, each in a folder of its own, on one cache: filled, and empty at first."""
    question = project(SyntheticIndex(PACKAGES_OF_FLEET))
    tools = tools_for(question, replay.url)
    for tool in tools:
        for number in range(count):
            question.write(folder / tool.name / str(number))
        _together(tool, count, folder)
    rows = []
    for phase in PHASES["fleet"]:
        done: dict[str, list[Run]] = {tool.name: [] for tool in tools}
        sent = {}
        for _ in range(repeat):
            for tool in tools:
                if phase == "cold":
                    shutil.rmtree(folder / tool.name / "cache")
                replay.counters = Counters()
                done[tool.name].append(_together(tool, count, folder))
                sent[tool.name] = replay.counters
        for name, runs in done.items():
            failure = next((each.output.strip()[-200:] for each in runs if each.code), "")
            requests, size = sent[name].requests, sent[name].bytes_sent
            row = results.Measured(
                f"fleet {count}", name, phase, **figures(runs), requests=requests, bytes_sent=size, failure=failure
            )
            rows.append(row)
    return rows


def _together(tool: Tool, count: int, folder: Path) -> Run:
    place = folder / tool.name
    environment = {**tool.environment, tool.cache_variable: str(place / "cache")}
    folders = [place / str(number) / "registry" for number in range(count)]
    for each in folders:
        (each / tool.lock_name).unlink(missing_ok=True)
    return run_together(tool.lock, folders, environment)


def curves(rows: Sequence[results.Measured]) -> dict[tuple[str, str, str], Curve]:
    """(kind, phase, tool) -> (size, seconds) in the order of the sizes."""
    found: dict[tuple[str, str, str], Curve] = {}
    for row in rows:
        if not row.failure:
            size = float(row.project.rpartition(" ")[2])
            found.setdefault((row.name, row.phase, row.tool), []).append((size, row.seconds))
    return {key: sorted(curve) for key, curve in found.items()}


def exponent(curve: Curve) -> float:
    """The slope of log(seconds) over log(size), by least squares, in the larger half of the sizes."""
    larger = curve[len(curve) // 2 :]
    return statistics.linear_regression(
        [math.log(size) for size, _ in larger], [math.log(seconds) for _, seconds in larger]
    ).slope


def cells(rows: Sequence[results.Measured]) -> list[tuple[str, ...]]:
    """A heading, and for each kind, phase and tool the exponent and the milliseconds of each size."""
    found: list[tuple[str, ...]] = [("kind", "phase", "tool", "exponent", "sizes")]
    for (kind, phase, tool), curve in curves(rows).items():
        sizes = ", ".join(f"{size:g}: {seconds * 1000:.0f} ms" for size, seconds in curve)
        slope = f"{exponent(curve):.2f}" if len(curve) >= FEWEST_SIZES else "-"
        found.append((TITLES[kind], phase, tool, slope, sizes))
    return found


def table(rows: Sequence[results.Measured]) -> str:
    """The cells as text."""
    return "\n".join(f"{row[0]:<13} {row[1]:<6} {row[2]:<9} {row[3]:>8}  {row[4]}" for row in cells(rows))


def draw(kept: results.Results) -> str:
    """A panel for each kind and phase."""
    panels: dict[str, dict[str, Curve]] = {}
    for (kind, phase, tool), curve in curves(kept.rows).items():
        panels.setdefault(f"{TITLES[kind]}: {phase}", {})[f"{tool}"] = curve
    lines = [f"medians; {kept.machine}; both axes are logarithmic", kept.command]
    return curves_picture("time over size", lines, panels)


def missed(rows: Sequence[results.Measured]) -> list[str]:
    """The curves of locktool that are steeper than the target."""
    most = targets.declared()["growth"]["at_most"]
    return [
        f"{kind}, {phase}: exponent {exponent(curve):.2f}, at most {most:g}"
        for (kind, phase, tool), curve in curves(rows).items()
        if tool == PAIR[0] and len(curve) >= FEWEST_SIZES and round(exponent(curve), 2) > most
    ]


def rows_of(kind: str, size: int, folder: Path, repeat: int) -> list[results.Measured]:
    """The rows of one size of a kind, with a registry of its own."""
    packages = {"members": PACKAGES_OF_MEMBERS, "fleet": PACKAGES_OF_FLEET}.get(kind, size)
    index = SyntheticIndex(packages)
    with Replay(Store(folder / "store", index)) as replay:
        if kind == "fleet":
            return fleet(size, replay, folder, repeat)
        question = project(index) if kind == "registry" else workspace(index, size)
        return measure(question, replay, folder, repeat)


def main() -> None:
    """Measure each size, print the curves, keep the numbers and draw the picture if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(SIZES)} (default: all)")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also keep the numbers here; what the file has is not measured again")
    parser.add_argument("--svg", type=Path, help="also draw the curves here")
    parser.add_argument("--targets", action="store_true", help="end with 1 where a target is missed")
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(SIZES):
        parser.error(f"there is no kind {', '.join(sorted(unknown))}")
    kept = results.read(arguments.json) if arguments.json and arguments.json.exists() else results.begin()
    for kind in arguments.kinds or SIZES:
        for size in SIZES[kind]:
            if kept.has(f"{kind} {size}", list(PAIR)):
                continue
            with tempfile.TemporaryDirectory() as folder:
                kept.replace(rows_of(kind, size, Path(folder), arguments.repeat))
            kept.versions |= {tool.name: tool.version for tool in tools_for(project(SyntheticIndex(1)), "")}
            if arguments.json:
                kept.write(arguments.json)
        print(table([row for row in kept.rows if row.name == kind]), flush=True)
    if arguments.svg:
        arguments.svg.write_text(draw(kept), encoding="utf-8")
    steep = missed(kept.rows)
    print("\n".join(f"missed: {each}" for each in steep))
    sys.exit(bool(steep) and arguments.targets)


if __name__ == "__main__":
    main()
