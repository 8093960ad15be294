"""Requirement sets that resolvers find hard: does locktool find what a good answer holds, in any order of the lines?

Each set of hard-sets.toml is resolved against the configured index, its lines forward and reversed, twice each: the
second run has a filled cache and gives the seconds. Exit code 1 where an answer is missing, has what it must not have,
depends on the order or on how often it is asked, or where a set without an answer costs more than three times its
sister that has one.
Usage: python benchmarks/hard_sets.py [NAME...] [--sets FILE]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from measure import locktool_program

SETS = Path(os.environ.get("LOCKTOOL_SHARED", Path(__file__).parents[2] / "shared")) / "hard-sets.toml"
UNSATISFIABLE = "-unsat"
DEAREST_FAILURE = 3.0


@dataclass(frozen=True)
class Answer:
    """What came of one set: the pins, or None, the seconds of the warm run, and the last line that was said.

    `stays` tells whether compiling once more, without an upgrade, gave the same bytes.
    """

    pins: dict[str, str] | None
    seconds: float
    said: str
    stays: bool = True


def resolve(hard: dict[str, Any], lines: list[str], folder: Path) -> Answer:
    """Compile the lines, cold and warm; raises RuntimeError where the index did not answer."""
    (folder / "requirements.in").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    program = [str(locktool_program()), "compile", "requirements.in", "-o", "requirements.txt"]
    program += ["--python-version", hard["python"], "--cache-dir", str(folder.parent / "cache")]
    if before := hard.get("before"):
        program += ["--exclude-newer", before]
    seconds = 0.0
    for _ in ("cold", "warm"):
        started = time.perf_counter()
        finished = subprocess.run([*program, "--upgrade"], cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
    said = (finished.stderr.strip().splitlines() or [""])[-1]
    if finished.returncode > 1:
        raise RuntimeError(f"{hard['name']}: {finished.stderr.strip()}")
    if finished.returncode == 1:
        return Answer(None, seconds, said)
    text = (folder / "requirements.txt").read_text(encoding="utf-8")
    subprocess.run(program, cwd=folder, capture_output=True, check=True)
    stays = (folder / "requirements.txt").read_text(encoding="utf-8") == text
    return Answer(dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)), seconds, said, stays=stays)


def faults(hard: dict[str, Any], forward: Answer, backward: Answer) -> list[str]:
    """What is wrong with the answers to one set."""
    found = []
    if (forward.pins is not None) != hard.get("satisfiable", True):
        found.append(f"an answer was {'not ' if forward.pins is None else ''}found: {forward.said}")
    if forward.pins != backward.pins:
        found.append("the answer depends on the order of the lines")
    if not (forward.stays and backward.stays):
        found.append("compiling once more gives other bytes")
    for kind, wanted in (("good", True), ("bad", False)):
        for text in hard.get(kind, []):
            requirement = Requirement(text)
            pin = (forward.pins or {}).get(requirement.name)
            holds = pin is not None and requirement.specifier.contains(pin, prereleases=True)
            if holds != wanted:
                found.append(f"{requirement.name} is {pin}, {'not' if wanted else 'and so'} {requirement.specifier}")
    return found


def main() -> int:
    """Run the chosen sets and print a line for each."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sets", type=Path, default=SETS)
    arguments = parser.parse_args()
    if not arguments.sets.exists():
        print(f"skipped: there are no sets at {arguments.sets}; name the file with --sets")
        return 0
    chosen = tomllib.loads(arguments.sets.read_text(encoding="utf-8"))["set"]
    chosen = [hard for hard in chosen if not arguments.names or hard["name"] in arguments.names]
    seconds: dict[str, float] = {}
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        folder.mkdir()
        for hard in chosen:
            lines = hard["requires"]
            forward, backward = (resolve(hard, order, folder) for order in (lines, lines[::-1]))
            seconds[hard["name"]] = min(forward.seconds, backward.seconds)
            wrong = faults(hard, forward, backward)
            failed |= bool(wrong)
            count = "no answer" if forward.pins is None else f"{len(forward.pins)} packages"
            times = f"{forward.seconds:.2f} s, reversed {backward.seconds:.2f} s"
            print(f"{hard['name']}: {count}, {times}: {'; '.join(wrong) or 'good'}", flush=True)
    for name in [name for name in seconds if name.endswith(UNSATISFIABLE)]:
        if sister := seconds.get(name.removesuffix(UNSATISFIABLE)):
            ratio = seconds[name] / sister
            failed |= ratio > DEAREST_FAILURE
            print(f"{name}: {ratio:.2f} times the seconds of the set that has an answer")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
