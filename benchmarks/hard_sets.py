"""Requirement sets that resolvers find hard: does locktool find what a good answer holds, in any order of the lines?

Each set of the shared hard-sets.toml and of the one beside this file is resolved against the configured index, its
lines forward and reversed, twice each: the second run has a filled cache and gives the seconds. A set with extras, or
that says whether a project can be locked, is also locked. Exit code 1 where an answer is missing, has what it must not
have, depends on the order or on how often it is asked, or where a set without an answer costs more than three times
its sister that has one.
Usage: python benchmarks/hard_sets.py [NAME...] [--sets FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.pylock import Pylock
from packaging.requirements import Requirement

from measure import locktool_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from packaging.markers import Marker

    Question = Callable[[dict[str, Any], list[str], Path], "Answer"]

SHARED = Path(os.environ.get("LOCKTOOL_SHARED", Path(__file__).parents[2] / "shared"))
SETS = (SHARED / "hard-sets.toml", Path(__file__).with_name("hard_sets.toml"))
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


def timed(hard: dict[str, Any], program: list[str], folder: Path) -> tuple[bool, float, str]:
    """Whether a run found an answer, its seconds and its last line; RuntimeError where the index did not answer."""
    started = time.perf_counter()
    finished = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if finished.returncode > 1:
        raise RuntimeError(f"{hard['name']}: {finished.stderr.strip()}")
    return finished.returncode == 0, seconds, (finished.stderr.strip().splitlines() or [""])[-1]


def resolve(hard: dict[str, Any], lines: list[str], folder: Path) -> Answer:
    """Compile the lines, cold and warm; raises RuntimeError where the index did not answer."""
    (folder / "requirements.in").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    program = [str(locktool_program()), "compile", "requirements.in", "-o", "requirements.txt"]
    program += ["--python-version", hard["python"], "--cache-dir", str(folder.parent / "cache")]
    if before := hard.get("before"):
        program += ["--exclude-newer", before]
    timed(hard, [*program, "--upgrade"], folder)
    is_met, seconds, said = timed(hard, [*program, "--upgrade"], folder)
    if not is_met:
        return Answer(None, seconds, said)
    text = (folder / "requirements.txt").read_text(encoding="utf-8")
    subprocess.run(program, cwd=folder, capture_output=True, check=True)
    stays = (folder / "requirements.txt").read_text(encoding="utf-8") == text
    return Answer(dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)), seconds, said, stays=stays)


def lock(hard: dict[str, Any], lines: list[str], folder: Path) -> Answer:
    """Lock a project that supports this Python alone; the pins are those of a plain install on Linux."""
    (folder / "pylock.toml").unlink(missing_ok=True)
    (folder / "pyproject.toml").write_text(project_text(hard, lines), encoding="utf-8")
    program = [str(locktool_program()), "lock", "--project", str(folder), "--cache-dir", str(folder.parent / "cache")]
    program += ["--exclude-newer", hard["before"]] if "before" in hard else []
    is_met, seconds, said = timed(hard, program, folder)
    if not is_met:
        return Answer(None, seconds, said)
    pylock = Pylock.from_dict(tomllib.loads((folder / "pylock.toml").read_text(encoding="utf-8")))
    python = {"python_version": hard["python"], "python_full_version": f"{hard['python']}.1"}
    linux = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"}
    plain = [package for package in pylock.packages if installed(package.marker, {**python, **linux})]
    return Answer({package.name: str(package.version) for package in plain}, seconds, said)


def installed(marker: Marker | None, environment: dict[str, str]) -> bool:
    """Whether an entry of a lock is installed where no extra and no group is chosen."""
    chosen = {"extras": frozenset[str](), "dependency_groups": frozenset[str]()}
    return marker is None or marker.evaluate({**environment, **chosen}, context="lock_file")


def project_text(hard: dict[str, Any], lines: list[str]) -> str:
    """The pyproject.toml of a set; its extras conflict with each other."""
    major, minor = hard["python"].split(".")
    extras: dict[str, list[str]] = hard.get("extras", {})
    pythons = f">={major}.{minor},<{major}.{int(minor) + 1}"
    text = f'[project]\nname = "hard-set"\nversion = "1"\nrequires-python = "{pythons}"\n'
    text += f"dependencies = {json.dumps(lines)}\n[project.optional-dependencies]\n"
    text += "".join(f"{name} = {json.dumps(requires)}\n" for name, requires in extras.items())
    if extras:
        sides = ", ".join(f'{{ extra = "{name}" }}' for name in extras)
        text += f"[tool.locktool]\nconflicts = [[{sides}]]\n"
    return text


def faults(hard: dict[str, Any], forward: Answer, backward: Answer, *, is_satisfiable: bool) -> list[str]:
    """What is wrong with the answers to one set."""
    found = []
    if (forward.pins is not None) != is_satisfiable:
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
            if holds != wanted and forward.pins is not None:
                found.append(f"{requirement.name} is {pin}, {'not' if wanted else 'and so'} {requirement.specifier}")
    found += [f"{name} is there" for name in hard.get("absent", []) if name in (forward.pins or {})]
    return found


def questions(hard: dict[str, Any]) -> Iterator[tuple[str, Question, bool]]:
    """How a set is asked: the name of the run, the run, and whether it has a solution."""
    if "extras" not in hard:
        yield hard["name"], resolve, hard.get("satisfiable", True)
    if "extras" in hard or "lock_satisfiable" in hard:
        yield f"{hard['name']} (lock)", lock, hard.get("lock_satisfiable", True)


def main() -> int:
    """Run the chosen sets and print a line for each."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--sets", type=Path, nargs="+", default=SETS)
    arguments = parser.parse_args()
    chosen = []
    for path in arguments.sets:
        if not path.exists():
            print(f"skipped: there are no sets at {path}; name the file with --sets")
            continue
        chosen += tomllib.loads(path.read_text(encoding="utf-8"))["set"]
    chosen = [hard for hard in chosen if not arguments.names or hard["name"] in arguments.names]
    seconds: dict[str, float] = {}
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        folder.mkdir()
        for hard in chosen:
            for name, question, is_satisfiable in questions(hard):
                lines = hard["requires"]
                forward, backward = (question(hard, order, folder) for order in (lines, lines[::-1]))
                seconds[name] = min(forward.seconds, backward.seconds)
                wrong = faults(hard, forward, backward, is_satisfiable=is_satisfiable)
                failed |= bool(wrong)
                print(f"{name}: {described(forward, backward)}: {'; '.join(wrong) or 'good'}", flush=True)
    for name in [name for name in seconds if name.endswith(UNSATISFIABLE)]:
        if sister := seconds.get(name.removesuffix(UNSATISFIABLE)):
            ratio = seconds[name] / sister
            failed |= ratio > DEAREST_FAILURE
            print(f"{name}: {ratio:.2f} times the seconds of the set that has an answer")
    return int(failed)


def described(forward: Answer, backward: Answer) -> str:
    """The size of an answer and what it took in both orders."""
    count = "no answer" if forward.pins is None else f"{len(forward.pins)} packages"
    return f"{count}, {forward.seconds:.2f} s, reversed {backward.seconds:.2f} s"


if __name__ == "__main__":
    raise SystemExit(main())
