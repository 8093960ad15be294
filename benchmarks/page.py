"""Writes the pages of the documentation that have what was measured, with their pictures; nobody edits them by hand.

In: the files of benchmarks/results, each as its benchmark wrote it with `--json`; what is not there is left out. Out:
the pages of times, of growth, of values and of missed targets, and the pictures, as texts by their paths from the
pages of the documentation.

    python benchmarks/page.py
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import growth
import misses
import report
import results
import targets
import values
from picture import ratios_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

FOLDER = Path(__file__).with_name("results")
PAGES = Path(__file__).parents[1] / ".github" / "docs" / "pages"
PAGE = "internals/benchmarks.md"
GROWTH_PAGE = "internals/growth.md"
MISSED_PAGE = "internals/missed-targets.md"
VALUES_PAGE = "internals/values.md"
PICTURES = {"side-by-side": "assets/side-by-side.svg", "growth": "assets/growth.svg"}

HEAD = """\
<!-- Written by `python benchmarks/page.py` from benchmarks/results. -->

# Benchmarks

Each table names the command that measured it, the machine and its load, and the versions. A ratio is locktool's share
of what the other tool takes in the same run, in turns: below one is less. The index is recorded and served on loopback,
so that no network is measured. Behind a ratio stands its target (`benchmarks/targets.toml`), with `!` where it is
missed; [why](missed-targets.md) is told apart.
"""

MISSED = """\
<!-- Written by `python benchmarks/page.py` from benchmarks/misses.toml and benchmarks/results. -->

# Missed targets

Targets of the [benchmarks](benchmarks.md) that are missed, where the profile shows that the time or the memory goes,
and what was tried.
"""

SIDE_BY_SIDE = """
## Beside uv

- check: does the lock hold?
- again: cache and lock are there
- upgrade: the same, and the first package that the project requires may move
- add: the same, and one requirement more
- warm: a filled cache, no lock
- cold: neither
- delayed: neither, and each response waits 20 ms

The ratios of the phases are of medians; memory is the largest peak, and the cache is that of cold runs. Seconds, their
spread, CPU, requests and bytes are in `benchmarks/results/side-by-side.json`.

![Time of locktool as a share of uv's, for check, warm and cold]({picture})
"""

OTHERS = """
## Beside other tools

Seconds without a lock, and the entries of the lock: what is locked differs. pip locks for one environment, nab for
three platforms and the Pythons of the project, the others for all; pdm leaves optional dependencies out, and poetry's
lock of pandas has no entries. A run is ended after two minutes.
"""

GROWTH = """\
<!-- Written by `python benchmarks/page.py` from benchmarks/results. -->

# Growth

Time over the size of the question, beside uv, as the [benchmarks](benchmarks.md) are measured.

Registries and workspaces that are made up from a seed, of the shape that `python benchmarks/shape.py` measures on the
recorded index. The exponent is the slope of the logarithm of the time over that of the size, in the larger half of the
sizes: 1 is linear, and at most {most:g} is aimed at.

![Time over size, on logarithmic axes]({picture})
"""

VALUES = """\
<!-- Written by `python benchmarks/page.py` from benchmarks/results. -->

# Values

How many times the time of locktool `packaging` takes, on the same inputs. Part of each figure is {calls}.
"""


def _table(rows: Iterable[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _list(lines: Sequence[str]) -> str:
    return "".join(f"\n- {line}" for line in lines) + ("\n" if lines else "")


def _source(command: str, machine: str, versions: dict[str, str]) -> str:
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"\n`{command}`, {machine}{': ' if named else ''}{named}.\n\n"


def _side_by_side(path: Path) -> tuple[str, dict[str, str]]:
    kept = results.read(path)
    text = SIDE_BY_SIDE.format(picture=f"../{PICTURES['side-by-side']}")
    text += _source(kept.command, kept.machine, kept.versions)
    text += _table(report.summary_cells(kept.rows))
    apart = [*map(str, report.other_judgements(kept.rows)), *map(str.strip, report.failures(kept.rows))]
    text += _list(apart)
    return text, {PICTURES["side-by-side"]: ratios_picture(kept)}


def _others(path: Path) -> tuple[str, dict[str, str]]:
    kept = results.read(path)
    return OTHERS + _source(kept.command, kept.machine, kept.versions) + _table(report.others_cells(kept.rows)), {}


def _growth(path: Path) -> tuple[str, dict[str, str]]:
    kept = results.read(path)
    text = GROWTH.format(most=targets.declared()["growth"]["at_most"], picture=f"../{PICTURES['growth']}")
    text += _source(kept.command, kept.machine, kept.versions)
    return text + _table(growth.cells(kept.rows)), {PICTURES["growth"]: growth.draw(kept)}


def _values(path: Path) -> tuple[str, dict[str, str]]:
    kept = values.read(path)
    text = VALUES.format(calls=values.calls(kept)) + _source(kept.command, kept.machine, kept.versions)
    return text + _table(values.cells(kept)), {}


# What a file of results becomes, and on which page.
SECTIONS: dict[str, tuple[str, Callable[[Path], tuple[str, dict[str, str]]]]] = {
    "side-by-side": (PAGE, _side_by_side),
    "other-tools": (PAGE, _others),
    "growth": (GROWTH_PAGE, _growth),
    "values": (VALUES_PAGE, _values),
}


def missed(folder: Path = FOLDER) -> str:
    """The page of missed targets."""
    lines = []
    if (path := folder / "side-by-side.json").exists():
        lines += misses.of_projects(targets.judge(results.read(path).rows))
    if (path := folder / "growth.json").exists():
        lines += misses.of_growth(results.read(path).rows)
    if (path := folder / "values.json").exists():
        lines += misses.of_values(values.read(path))
    return MISSED + _list(lines)


def written(folder: Path = FOLDER) -> dict[str, str]:
    """The pages and their pictures, by their paths from the pages of the documentation."""
    pages = {PAGE: HEAD, MISSED_PAGE: missed(folder)}
    pictures: dict[str, str] = {}
    for name, (page, section) in SECTIONS.items():
        path = folder / f"{name}.json"
        if path.exists():
            text, drawn = section(path)
            pages[page] = pages.get(page, "") + text
            pictures |= drawn
    return {**pages, **pictures}


def main() -> None:
    """Write the pages and their pictures."""
    for name, text in written().items():
        (PAGES / name).write_text(text, encoding="utf-8")
        print(PAGES / name)


if __name__ == "__main__":
    main()
