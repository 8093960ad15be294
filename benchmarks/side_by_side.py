"""locktool beside uv on published projects, against one replayed index: what each phase costs, and the ratios.

    check    does the lock hold?
    again    cache and lock are there
    upgrade  the same, and the first package that the project requires may move
    add      the same, and the project requires one package more
    warm     a filled cache, no lock
    cold     no cache, no lock
    delayed  the same, with 20 ms before each answer of the index

The tools take turns, so that a busy machine is fair; each figure is the median of its runs, and the kept rows
have the spread. The machine has to be quiet all the same: with two cores a third process is in the way of both. With
`--tools` pip, pdm, poetry and nab take their turns in `warm` and `cold`, each killed after two minutes. With `--json`
the rows are written after each project, and a run goes on where the file stops. `--targets` ends with 1 where a ratio
is above that of targets.toml.

    python benchmarks/side_by_side.py [PROJECT...] [--directory DIR...] [--repeat N] [--json FILE] [--svg FILE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import results
import targets
from checkout import on_disk
from measure import UNLIMITED
from picture import ratios_picture
from projects import MEASURED, find_all
from replay import Replay, Store, Upstream, configured_index, default_store
from report import others_table, table
from runs import PHASES, PHASES_WITHOUT_LOCK, ToolRuns, in_turns
from tools import OTHERS, PAIR, Tool, others_for, tools_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from question import Question

LIMIT_OF_OTHERS = 120.0


def measure(
    question: Question, tools: Sequence[Tool], replay: Replay, phases: Sequence[str], repeat: int
) -> list[results.Measured]:
    """Phases of the tools on one project, each `repeat` times."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        all_runs = [
            ToolRuns(tool, question, place / tool.name, replay, UNLIMITED if tool.name in PAIR else LIMIT_OF_OTHERS)
            for tool in tools
        ]
        rows = in_turns(all_runs, phases, repeat)
        return rows + [runs.baseline_measured() for runs in all_runs[:1] if "check" in phases]


def main() -> None:
    """Measure, print the table, keep the numbers and draw the picture if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", help="projects of projects.py, or published ones (default: those of MEASURED)"
    )
    parser.add_argument("--directory", type=Path, action="append", default=[], help="a project on disk (repeatable)")
    parser.add_argument("--phase", action="append", choices=PHASES, default=[], help="only this one (repeatable)")
    parser.add_argument("--tools", default="", help=f"other tools beside both, of {','.join(OTHERS)}: warm and cold")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--targets", action="store_true", help="end with 1 where a target is missed")
    parser.add_argument("--json", type=Path, help="also keep the numbers here; what the file has is not measured again")
    parser.add_argument("--svg", type=Path, help="also draw the ratios here")
    arguments = parser.parse_args()
    others = [name for name in arguments.tools.split(",") if name]
    if unknown := set(others) - set(OTHERS):
        parser.error(f"--tools has {', '.join(sorted(unknown))}; it knows {', '.join(OTHERS)}")
    store = Store(default_store(), Upstream(configured_index()))
    names = arguments.names or ([] if arguments.directory else list(MEASURED))
    questions = chain((on_disk(directory.resolve()) for directory in arguments.directory), find_all(names, store))
    kept = results.read(arguments.json) if arguments.json and arguments.json.exists() else results.begin()
    with Replay(store) as replay:
        for question in questions:
            tools = [*tools_for(question, replay.url), *others_for(question, replay.url, others)]
            if not kept.has(question.title, [tool.name for tool in tools]):
                possible = PHASES_WITHOUT_LOCK[:2] if others else PHASES if question.solvable else PHASES_WITHOUT_LOCK
                phases = [phase for phase in possible if phase in (arguments.phase or PHASES)]
                kept.replace(measure(question, tools, replay, phases, arguments.repeat))
                kept.versions |= {tool.name: tool.version for tool in tools}
                if arguments.json:
                    kept.write(arguments.json)
            rows = [row for row in kept.rows if row.project == question.title]
            print(others_table(rows) if others else table(rows), flush=True)
    if arguments.svg:
        arguments.svg.write_text(ratios_picture(kept), encoding="utf-8")
    missed = [judgement for judgement in targets.judge(kept.rows) if not judgement.reached]
    print("\n".join(f"missed: {judgement}" for judgement in missed))
    sys.exit(bool(missed) and arguments.targets)


if __name__ == "__main__":
    main()
