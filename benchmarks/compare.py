"""Do locktool and uv choose the same versions? Asked of both locks in every usual environment, by `packaging`.

Both lock the same project against the same replayed index; uv's lock is read through `uv export --format pylock.toml`
with all extras and groups. Each difference is printed once, with the environments it holds in.
Usage: python benchmarks/compare.py [PROJECT...]
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from measure import run
from projects import COMPARED, MEASURED, find_all
from replay import Replay, Store, Upstream, configured_index, default_store
from tools import Tool, tools_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from question import Question

PLATFORMS = (
    ("posix", "linux", "Linux", "x86_64"),
    ("posix", "linux", "Linux", "aarch64"),
    ("posix", "darwin", "Darwin", "arm64"),
    ("nt", "win32", "Windows", "AMD64"),
)
PYTHONS = ("3.9.18", "3.10.12", "3.11.9", "3.12.7", "3.13.5", "3.14.2")


def environments(requires_python: str) -> Iterator[tuple[str, dict[str, str]]]:
    """A label and the values of the marker variables."""
    admitted = SpecifierSet(requires_python)
    for python, (os_name, platform, system, machine) in itertools.product(PYTHONS, PLATFORMS):
        if admitted.contains(python):
            yield (
                f"{python.rpartition('.')[0]} {platform} {machine}",
                {
                    "implementation_name": "cpython",
                    "implementation_version": python,
                    "os_name": os_name,
                    "platform_machine": machine,
                    "platform_python_implementation": "CPython",
                    "platform_release": "",
                    "platform_system": system,
                    "platform_version": "",
                    "python_full_version": python,
                    "python_version": python.rpartition(".")[0],
                    "sys_platform": platform,
                },
            )


def selected(lock: dict[str, Any], environment: dict[str, str], own: frozenset[str]) -> dict[str, str]:
    """Name and version of what a lock selects with all its extras and groups."""
    chosen = {
        "extras": frozenset(lock.get("extras", [])),
        "dependency_groups": frozenset(lock.get("dependency-groups", [])),
    }
    return {
        entry["name"]: entry.get("version", "")
        for entry in lock["packages"]
        if entry["name"] not in own
        and ("marker" not in entry or Marker(entry["marker"]).evaluate({**environment, **chosen}, context="lock_file"))
    }


def differences(
    question: Question, ours: dict[str, Any], theirs: dict[str, Any]
) -> dict[tuple[str, str, str], list[str]]:
    """(name, our version, their version) -> the environments in which they differ."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for label, environment in environments(question.requires_python):
        left, right = selected(ours, environment, question.own), selected(theirs, environment, question.own)
        for name in sorted(left.keys() | right.keys()):
            if left.get(name) != right.get(name):
                found[name, left.get(name, "absent"), right.get(name, "absent")].append(label)
    return found


def locked(tool: Tool, question: Question, folder: Path) -> dict[str, Any]:
    """A tool's lock as a pylock document. Raises RuntimeError with the tool's output where it fails."""
    environment = {**tool.environment, tool.cache_variable: str(folder / "cache")}
    done = run(tool.lock, folder, environment)
    if not done.code and tool.name == "uv":
        everything = ["--all-extras", "--all-groups", "--no-emit-project", "--no-header", "--quiet"]
        export = [tool.lock[0], "export", "--format", "pylock.toml", *everything, "-o", "pylock.toml"]
        done = run(export, folder, environment)
    if done.code:
        message = f"{tool.name} on {question.name}: {done.output.strip()[-2000:]}"
        raise RuntimeError(message)
    return tomllib.loads((folder / "pylock.toml").read_text(encoding="utf-8"))


def report(question: Question, ours: dict[str, Any], theirs: dict[str, Any]) -> int:
    """Print the differences of one project; gives their number."""
    found = differences(question, ours, theirs)
    tried = sum(1 for _ in environments(question.requires_python))
    entries = len(ours["packages"])
    print(f"{question.title}: {entries} entries, {len(found)} differences in {tried} environments")
    for (package, left, right), labels in found.items():
        where = "everywhere" if len(labels) == tried else ", ".join(labels)
        print(f"    {package}: locktool {left}, uv {right} ({where})")
    return len(found)


def main() -> None:
    """Print each project's differences; the exit code is 1 where there are any."""
    parser = argparse.ArgumentParser(description=sys.modules[__name__].__doc__)
    parser.add_argument("names", nargs="*", default=[*MEASURED, *COMPARED])
    arguments = parser.parse_args()
    store = Store(default_store(), Upstream(configured_index()))
    total = 0
    with Replay(store) as index:
        for question in filter(lambda each: each.solvable, find_all(arguments.names, store)):
            locks = []
            with tempfile.TemporaryDirectory() as temporary:
                try:
                    for tool in tools_for(question, index.url):
                        locks.append(locked(tool, question, question.write(Path(temporary) / tool.name)))  # noqa: PERF401 - may raise
                except RuntimeError as error:
                    print(error)
                    total += 1
                    continue
            total += report(question, locks[0], locks[1])
    sys.exit(bool(total))


if __name__ == "__main__":
    main()
