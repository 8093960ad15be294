"""Every scenario of our own gives the lock it states; the lock is sound, proves itself, and is a fixed point."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.pylock import Pylock

from local_index import LocalIndex, Release
from lock_oracle import ProjectRequirements, read_project, refutations, selections_for, violations
from scenarios.rule_file import RuleScenario, Step, filled_in, lines_of, read_rules, releases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

RULES = [rule for path in sorted((Path(__file__).parent / "rules").glob("*.toml")) for rule in read_rules(path)]


def test_there_are_as_many_as_asked_for_and_each_has_its_own_name() -> None:
    names = [str(rule) for rule in RULES]
    assert len(names) == len(set(names))
    assert len(names) >= 60


@dataclass
class World:
    """Where a scenario happens: the default index, the others by name, the project, and the command in this process."""

    scenario: RuleScenario
    indexes: dict[str, LocalIndex]
    project: ProjectWriter
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        """Publish what there is from the start."""
        world = self.scenario.world
        for name, index in self.indexes.items():
            publish(index, world.get("index", {}) if name == "default" else world["indexes"][name])
        self.vendored = [
            Release(name, version, **description) for name, version, description in releases_of(world.get("vendor", {}))
        ]
        for file in (file for release in self.vendored for file in release.files):
            self.project.write(f"vendor/{file.filename}", "")
            (self.project.directory / "vendor" / file.filename).write_bytes(file.content)
        for path, text in world.get("files", {}).items():
            self.project.write(path, text)
        self.repositories = {
            f"git:{name}": make_repository(self.project.directory.parent / name, files)
            for name, files in world.get("repositories", {}).items()
        }

    def releases(self) -> list[Release]:
        return [*self.vendored, *(release for index in self.indexes.values() for release in index.releases())]

    def addresses(self) -> dict[str, str]:
        default = self.indexes["default"]
        return {name: index.url for name, index in self.indexes.items()} | {"root": default.root} | self.repositories

    def write(self, step: Step, *, backwards: bool = False) -> None:
        """Write the project, with every list the other way round if asked."""
        world, order = self.scenario.world, -1 if backwards else 1
        self.project.pyproject(
            *filled_in(step.requires[::order], self.addresses()),
            requires_python=world.get("requires_python", ">=3.11"),
            extras={name: texts[::order] for name, texts in list(world.get("extras", {}).items())[::order]},
            groups=dict(list(world.get("groups", {}).items())[::order]),
            tool=filled_in(step.tool, self.addresses()),
        )

    def run(self, *arguments: str) -> tuple[int, str]:
        from locktool.cli import main

        code = main(arguments)
        streams = self.capture.readouterr()
        return code, streams.out + streams.err

    def succeeds(self, *arguments: str) -> None:
        code, said = self.run(*arguments)
        assert code == 0, said


def make_repository(folder: Path, files: dict[str, str]) -> str:
    """A repository of one commit, tagged v1; its address."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], [*identity, "commit", "-q", "-m", "one"], ["tag", "v1"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return folder.as_uri()


def publish(index: LocalIndex, universe: dict[str, Any]) -> None:
    for name, version, description in releases_of(universe):
        index.add(name, version, **description)


@pytest.fixture
def isolated(isolated_command: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give this process the environment and the directory of an isolated command."""
    variables = isolated_command.variables()
    for name in [name for name in os.environ if name not in variables]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(isolated_command.directory)
    return isolated_command.directory


@pytest.mark.parametrize("scenario", RULES, ids=str)
def test_rule(
    scenario: RuleScenario,
    isolated: Path,
    project: ProjectWriter,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as stack:
        names = ["default", *scenario.world.get("indexes", {})]
        world = World(scenario, {name: stack.enter_context(LocalIndex()) for name in names}, project, capsys)
        monkeypatch.setenv("LOCKTOOL_INDEX_URL", world.indexes["default"].url)
        for number, step in enumerate(scenario.steps):
            publish(world.indexes["default"], step.publish)
            for name, version in (text.split("==") for text in step.yank):
                world.indexes["default"].change(name, version, yanked=True)
            world.write(step)
            refresh = ["--refresh"] if number else []
            code, said = world.run("lock", *step.options, *refresh)
            if step.fails:
                assert code == 1, said
                assert [fragment for fragment in step.fails if fragment not in " ".join(said.split())] == [], said
                continue
            assert code == 0, said
            holds(world, step)
            if number == 0:
                does_not_depend_on_the_order(world, step)


def holds(world: World, step: Step) -> None:
    """The lock is the one that the scenario states, valid, sound, proved by `check`, and what locking again gives."""
    text = world.project.read()
    lock = tomllib.loads(text)
    shown = {name: index.url for name, index in world.indexes.items() if name != "default"}
    assert lines_of(lock, shown) == filled_in(step.lock, world.addresses())
    Pylock.from_dict(lock).validate()
    asked = project_requirements(world.scenario, step)
    selections = selections_for(asked, conflicting_names(step))
    assert violations(world.releases(), asked, lock, selections=selections) == []
    assert refutations(read_project(world.project.directory), lock) == []
    world.succeeds("check", "--frozen", *[option for option in step.options if not option.startswith("--upgrade")])
    world.succeeds("lock", "--refresh", *[option for option in step.options if not option.startswith("--upgrade")])
    assert world.project.read() == text


def does_not_depend_on_the_order(world: World, step: Step) -> None:
    text = world.project.read()
    (world.project.directory / "pylock.toml").unlink()
    world.write(step, backwards=True)
    world.succeeds("lock", *step.options)
    assert without_instants_of_spans(world.project.read()) == without_instants_of_spans(text)


def without_instants_of_spans(text: str) -> str:
    """A lock made later has another instant for a span before now."""
    text = re.sub(r'(exclude-newer\S*\.at = )"[^"]*"', r'\1""', text)
    # Of the run, which is the only digest that starts a line of [tool.locktool].
    return re.sub(r'^digest = "[0-9a-f]{16}"\n\n\[\[tool\.locktool', "[[tool.locktool", text, flags=re.MULTILINE)


def project_requirements(scenario: RuleScenario, step: Step) -> ProjectRequirements:
    """What the oracle is told of the project."""
    tool, groups = step.tool, scenario.world.get("groups", {})
    places = [scenario.world.get("files", {}), *scenario.world.get("repositories", {}).values()]
    trees = [tomllib.loads(text)["project"] for files in places for text in files.values()]
    names = {tree["name"] for tree in trees}
    theirs = [text for tree in trees for text in tree["dependencies"] if text not in names]
    return ProjectRequirements(
        name="demo",
        dependencies=(*step.requires, *theirs),
        extras=scenario.world.get("extras", {}),
        groups={name: list(expanded(name, groups)) for name in groups},
        constraints=tuple(text for text in tool.get("constraints", []) if isinstance(text, str)),
        overrides=tuple(text for text in tool.get("overrides", []) if isinstance(text, str)),
        excludes=tuple(text for text in tool.get("excludes", []) if isinstance(text, str)),
        scoped=tuple(scoped_changes(tool)),
    )


def expanded(group: str, groups: dict[str, list[Any]]) -> Iterator[str]:
    """The requirements of a group and of those it includes."""
    for entry in groups[group]:
        if isinstance(entry, dict):
            yield from expanded(entry["include-group"], groups)
        else:
            yield entry


def scoped_changes(tool: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each change under one parent: the kind, the parent as `a` or `a 1.0`, and the requirement or name."""
    for kind in ("constraints", "overrides", "excludes"):
        for entry in (entry for entry in tool.get(kind, []) if isinstance(entry, dict)):
            for text in entry["dependencies"]:
                yield kind, " ".join(entry["package"].values()), text


def conflicting_names(step: Step) -> list[list[str]]:
    return [[item.get("extra") or item["group"] for item in items] for items in step.tool.get("conflicts", [])]
