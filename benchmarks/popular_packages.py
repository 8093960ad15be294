"""Popular packages, each asked for alone: the quality pass never gives an older version of what was asked for.

`locktool compile` resolves each package for Python 3.12 on Linux with and without `--no-quality-pass`. The names are
those of popular_packages.txt, a sample of them, or the ones that are given. Exit code 1 where the asked package is
older with the pass, or lost. What cannot be resolved in either way is counted and passed over. With `--results` an
interrupted run goes on where it stopped, and `--offline` asks only a cache.
Usage: python benchmarks/popular_packages.py [NAME...] [--count N] [--seed N] [--results FILE] [--offline]
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import Version

from measure import locktool_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMES = Path(__file__).with_name("popular_packages.txt")
# A name of the index that is not resolved for a moment is asked again.
TRIES = 3


@dataclass(frozen=True)
class Pair:
    """The version of the asked package with the quality pass and without it; None where there is no solution."""

    name: str
    improved: str | None
    first: str | None

    def verdict(self) -> str:
        """What the pass made of the asked package: `unresolved`, `lost`, `found`, `same`, `newer` or `older`."""
        if self.improved is None:
            return "unresolved" if self.first is None else "lost"
        if self.first is None:
            return "found"
        with_pass, without = Version(self.improved), Version(self.first)
        return "same" if with_pass == without else "older" if with_pass < without else "newer"


def version_of(name: str, options: Sequence[str]) -> str | None:
    """The version of a package asked for alone, or None where it cannot be resolved.

    Raises:
        RuntimeError: the index did not answer, in any of the tries.
    """
    program = [str(locktool_program()), "compile", "-", "--python-version", "3.12", "--python-platform", "linux"]
    finished = None
    for _ in range(TRIES):
        command = [*program, "--no-hashes", "--no-annotate", "--no-header", *options]
        finished = subprocess.run(command, input=f"{name}\n", capture_output=True, text=True, check=False)
        if finished.returncode == 1:
            return None
        if finished.returncode == 0:
            pins: dict[str, str] = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", finished.stdout, re.MULTILINE))
            return pins[canonicalize_name(name)]
    raise RuntimeError(f"{name}: {finished.stderr.strip() if finished else ''}")


def compared(names: Sequence[str], options: Sequence[str], results: Path | None) -> Iterator[Pair]:
    """Each package both ways; those in `results` are taken from there, and what is found is added to it."""
    known: dict[str, Pair] = {}
    if results and results.exists():
        pairs = [Pair(**json.loads(line)) for line in results.read_text(encoding="utf-8").splitlines()]
        known = {pair.name: pair for pair in pairs}
    for name in names:
        if name in known:
            yield known[name]
            continue
        try:
            pair = Pair(name, version_of(name, options), version_of(name, [*options, "--no-quality-pass"]))
        except RuntimeError as error:
            print(f"not asked: {error}", file=sys.stderr, flush=True)
            continue
        if results:
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(pair)) + "\n")
        yield pair


def main() -> int:
    """Compare the chosen packages, print what differs, and count."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--count", type=int, help="a sample of so many names (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--results", type=Path, help="a file of JSON lines to go on with")
    parser.add_argument("--before", help="the cutoff of uploads, such as 2026-11-20")
    parser.add_argument("--offline", action="store_true", help="use only what the cache has")
    parser.add_argument("--cache-dir", type=Path)
    arguments = parser.parse_args()
    names = arguments.names or NAMES.read_text(encoding="utf-8").split()
    if arguments.count:
        names = Random(arguments.seed).sample(names, min(arguments.count, len(names)))  # noqa: S311 - a sample
    options = ["--offline"] if arguments.offline else []
    options += ["--exclude-newer", arguments.before] if arguments.before else []
    options += ["--cache-dir", str(arguments.cache_dir)] if arguments.cache_dir else []
    counts: Counter[str] = Counter()
    for pair in compared(names, options, arguments.results):
        counts[pair.verdict()] += 1
        if pair.verdict() != "same":
            print(f"{pair.name}: {pair.verdict()}, {pair.improved} with the pass, {pair.first} without", flush=True)
    counts["not asked"] = len(names) - counts.total()
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()) if count))
    # A run that could ask for nothing has shown nothing.
    return int(counts["older"] + counts["lost"] > 0 or counts["not asked"] == len(names))


if __name__ == "__main__":
    raise SystemExit(main())
