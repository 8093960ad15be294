"""Counts the instructions of two fixed runs with callgrind: a check, and a lock from a filled cache.

A count is nearly the same under every load, where a clock is not. It is that of the extension alone: what the
interpreter executes depends on its version. tests/data/instruction_limits.toml has a limit for each case, which a
person raises on purpose; it holds for a build with the `ci` profile on x86-64. Exit code 1 where a count is more than
5 % above its limit, or so far below that the limit should be lowered.

    python benchmarks/instructions.py
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from measure import clean_environment, locktool_program, run
from replay import Replay, Store
from synthetic import SyntheticIndex, project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIMITS = Path(__file__).parents[1] / "tests" / "data" / "instruction_limits.toml"
PACKAGES = 200
CASES = {"check": ("check", "--frozen", "--quiet"), "warm": ("lock", "--offline", "--quiet")}
EXTENSION = "_native"
ALLOWED = 1.05
TIGHT = 0.9


def by_object(lines: Iterable[str]) -> Counter[str]:
    """The instructions that each object file executed itself, of the lines of a callgrind file.

    `ob=(1) path` names an object, `ob=(1)` means it again; a cost line ends with a count, and the one behind `calls=`
    has that of the called function, which is counted where it is executed.
    """
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    current, called = "", False
    for line in lines:
        if found := re.match(r"c?ob=\((\d+)\)(?: (.*))?", line):
            names.setdefault(found[1], found[2])
            current = current if line.startswith("c") else names[found[1]]
        elif line.startswith("calls="):
            called = True
        elif line[:1].isdigit() or line[:1] in {"+", "-", "*"}:
            counts[current] += 0 if called else int(line.split()[-1])
            called = False
    return counts


def counted(command: Iterable[str | Path], folder: Path, environment: Mapping[str, str]) -> dict[str, int]:
    """The instructions of a run: those of the extension, and all."""
    kept = folder / "callgrind.out"
    program = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={kept}", sys.executable, *map(str, command)]
    finished = subprocess.run(
        program,
        cwd=folder,
        env=clean_environment({**environment, "PYTHONHASHSEED": "0"}),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        message = f"{' '.join(program)}: {finished.stderr[-2000:]}"
        raise RuntimeError(message)
    with kept.open(encoding="utf-8") as lines:
        counts = by_object(lines)
    return {
        "extension": sum(count for name, count in counts.items() if EXTENSION in name),
        "everything": counts.total(),
    }


def count_cases(folder: Path) -> dict[str, dict[str, int]]:
    """The counts of each case, on a registry that is made up from a seed."""
    question = project(SyntheticIndex(PACKAGES))
    place = question.write(folder)
    program = locktool_program()
    with Replay(Store(folder / "store", SyntheticIndex(PACKAGES))) as replay:
        environment = {"LOCKTOOL_INDEX_URL": replay.url, "LOCKTOOL_CACHE_DIR": str(folder / "cache")}
        if (done := run((program, "lock"), place, environment)).code:
            raise RuntimeError(done.output)
        found = {}
        for name, arguments in CASES.items():
            if name == "warm":
                (place / "pylock.toml").unlink()
            found[name] = counted((program, *arguments), place, environment)
    return found


def judged(name: str, count: int, limit: int) -> str | None:
    """What is wrong with a count, or None."""
    if count > limit * ALLOWED:
        return f"{name}: {count:,} instructions, {count / limit - 1:.1%} above the limit in {LIMITS.name}"
    if count < limit * TIGHT:
        return f"{name}: {count:,} instructions, {1 - count / limit:.1%} below the limit in {LIMITS.name}: lower it"
    return None


def main() -> None:
    """Print the counts; the exit code is 1 where one is not near its limit."""
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed")
    limits = tomllib.loads(LIMITS.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        found = count_cases(Path(folder))
    for name, counts in found.items():
        print(f"{name:<6} " + "  ".join(f"{of} {count:,}" for of, count in counts.items()))
    wrong = [text for name, counts in found.items() if (text := judged(name, counts["extension"], limits[name]))]
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
