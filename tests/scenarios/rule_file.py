"""Reads the scenarios of our own: small universes, each with the rule it shows and what `lock` and `compile` must give.

A file of tests/scenarios/rules is a group of rules; each `[[scenario]]` has

- `rule`: the sentence that must hold, the name of the test
- `index`: package -> list of plain versions, or version -> description (the keywords of `LocalIndex.add`), or a list of
  descriptions where files of one version differ: the last is what the project's environments can install
- `indexes`: the same for further indexes by name; `{NAME}` in `tool` is the address of one, `{flat:NAME}` that of its
  page for find-links
- `vendor`: the same again, written as wheels into the folder `vendor` of the project
- `repositories`: name -> files of a git repository with the tag v1; `{git:NAME}` is its address
- `reads`: a requirement of a release -> what it is read as: a malformed one mended, one of a single wheel restricted
- `requires`, `requires_python` (`>=3.11`), `extras`, `groups`, `tool` ([tool.locktool]); `files`: further files as text
- `conflicting`: names of extras and groups that may not be chosen together, beside those that `tool` declares
- `options`: arguments of `lock`
- `lock`: one line an entry, `name==1.0 ; marker`, or `fails`: what the report must say
- `says`: what a run that succeeds must say
- `then`: steps on the lock that is there, each with any of `publish` (as `index`), `yank` (`a==1.0`), `requires`,
  `tool`, `options`, `lock`, `says` and `fails`
- `compile`: the pins of `compile` for Python 3.12 on Linux; or runs, each with `pins` or `fails`, and any of `says`,
  `options`, `python`, `platform` and `universal`
- `universal`: the pins of `compile --universal`, from the project's lowest Python on
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Universe = dict[str, Any]

_SCENARIO_KEYS = {
    *("rule", "index", "indexes", "vendor", "repositories", "files", "requires", "requires_python", "extras", "groups"),
    *("tool", "options", "lock", "says", "fails", "then", "compile", "universal", "reads"),
    "conflicting",
}
_STEP_KEYS = {"publish", "yank", "requires", "tool", "options", "lock", "says", "fails"}
_COMPILATION_KEYS = {"pins", "fails", "says", "options", "python", "platform", "universal"}


@dataclass(frozen=True)
class Step:
    """A run of `lock` and what it must give: entries, or fragments of the report of a failure."""

    requires: list[str]
    tool: dict[str, Any]
    options: list[str]
    lock: list[str]
    fails: list[str]
    says: list[str] = field(default_factory=list)
    publish: Universe = field(default_factory=dict)
    yank: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Compilation:
    """A run of `compile` on the project and what it must give: pins, or fragments of the report of a failure."""

    pins: list[str] = field(default_factory=list)
    fails: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    python: str = "3.12"
    platform: str = "linux"
    universal: bool = False

    def arguments(self) -> list[str]:
        """The arguments of the command."""
        target = ["--universal"] if self.universal else ["--python-platform", self.platform]
        plain = ["--no-hashes", "--no-annotate", "--no-header"]
        return ["compile", "pyproject.toml", "--python-version", self.python, *target, *plain, *self.options]

    def chosen(self, kind: str) -> frozenset[str]:
        """The names of one kind, `extra` or `group`, that the options choose."""
        return frozenset(option.partition("=")[2] for option in self.options if option.startswith(f"--{kind}="))


@dataclass(frozen=True)
class RuleScenario:
    """One rule: the world, and the runs that show it."""

    rule: str
    group: str
    world: Mapping[str, Any]
    steps: list[Step]
    compilations: list[Compilation]

    def __str__(self) -> str:
        """The name of its test."""
        return f"{self.group}/{self.rule.replace(' ', '-')}"


def read_rules(path: Path) -> Iterator[RuleScenario]:
    """The scenarios of one file; a key that is not known is a slip of the pen and no scenario."""
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["scenario"]:
        unknown = set(entry) - _SCENARIO_KEYS
        unknown |= {key for step in entry.get("then", []) for key in set(step) - _STEP_KEYS}
        if unknown:
            raise ValueError(f"{path.name}, {entry.get('rule')!r}: unknown keys {sorted(unknown)}")
        steps = [_step(entry, None)]
        for step in entry.get("then", []):
            steps.append(_step(step, steps[-1]))
        compilations = list(_compilations(entry))
        yield RuleScenario(entry["rule"], path.stem, entry, steps, compilations)


def _step(entry: Mapping[str, Any], before: Step | None) -> Step:
    if ("lock" in entry) == ("fails" in entry):
        raise ValueError(f"{entry.get('rule', 'a step')!r}: either `lock` or `fails` says what must come out")
    return Step(
        requires=entry.get("requires", before.requires if before else []),
        tool=entry.get("tool", before.tool if before else {}),
        options=entry.get("options", []),
        lock=entry.get("lock", []),
        fails=entry.get("fails", []),
        says=entry.get("says", []),
        publish=entry.get("publish", {}),
        yank=entry.get("yank", []),
    )


def _compilations(entry: Mapping[str, Any]) -> Iterator[Compilation]:
    runs = entry.get("compile", [])
    if runs and isinstance(runs[0], str):
        runs = [{"pins": runs}]
    if "universal" in entry:
        lowest = re.search(r">=\s*([\d.]+)", entry.get("requires_python", ">=3.11"))
        runs = [*runs, {"pins": entry["universal"], "universal": True, "python": lowest[1] if lowest else "3.8"}]
    for run in runs:
        if set(run) - _COMPILATION_KEYS or ("pins" in run) == ("fails" in run):
            raise ValueError(f"{entry['rule']!r}: a run of compile has `pins` or `fails`, and known keys: {run}")
        yield Compilation(**run)


def releases_of(universe: Universe) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, version and description of everything in a universe."""
    for name, versions in universe.items():
        described = versions if isinstance(versions, dict) else {version: {} for version in versions}
        for version, descriptions in described.items():
            for description in descriptions if isinstance(descriptions, list) else [descriptions]:
                # TOML has no null; no file was ever uploaded at no time.
                without = {"upload_time": None} if description.get("upload_time") == "" else {}
                yield name, version, description | without


def filled_in(value: Any, addresses: Mapping[str, str]) -> Any:  # noqa: ANN401 - any TOML value
    """The value with the addresses in the place of their names in braces."""
    if isinstance(value, str):
        return re.sub(r"\{([a-z:]+)\}", lambda found: addresses.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [filled_in(item, addresses) for item in value]
    if isinstance(value, dict):
        return {key: filled_in(item, addresses) for key, item in value.items()}
    return value


def lines_of(lock: Mapping[str, Any], indexes: Mapping[str, str]) -> list[str]:
    """A lock as scenarios write it: `a==1.0 from cpu ; marker`, `b==1.0 at vendor/b-1.0.whl`, `c at ../c`."""
    return [_line(entry, indexes) for entry in lock["packages"]]


def _line(entry: Mapping[str, Any], indexes: Mapping[str, str]) -> str:
    line: str = entry["name"] + (f"=={entry['version']}" if "version" in entry else "")
    place = next((entry[kind] for kind in ("archive", "directory", "vcs") if kind in entry), None)
    if place is not None:
        line += f" at {place.get('path') or place.get('url')}"
        line += f" @ {place['requested-revision']}" if "requested-revision" in place else ""
        line += f" # {place['subdirectory']}" if "subdirectory" in place else ""
    named = [name for name, url in indexes.items() if url == entry.get("index")]
    line += "".join(f" from {name}" for name in named)
    return line + (f" ; {entry['marker']}" if "marker" in entry else "")
