"""Every scenario of our own gives the lock and the pins it states.

A lock is sound, proves itself and is a fixed point; neither it nor what `compile` pins depends on the order of lines.
"""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock

from local_index import LocalIndex
from lock_oracle import (
    Selection,
    environments_for,
    linux_environment,
    read_project,
    refutations,
    selections_for,
    violations,
)
from scenarios.rule_file import Compilation, RuleScenario, Step, filled_in, lines_of, read_rules
from scenarios.rule_world import World, conflicting_names, project_requirements, publish
from scenarios.scenario_file import read_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Command, ProjectWriter

RULES = [rule for path in sorted((Path(__file__).parent / "rules").glob("*.toml")) for rule in read_rules(path)]


def test_there_are_as_many_as_asked_for_and_each_has_its_own_name() -> None:
    names = [str(rule) for rule in RULES]
    assert len(names) == len(set(names))
    assert len(names) >= 290
    assert sum(bool(rule.compilations) for rule in RULES) >= 150


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


@pytest.fixture
def world(
    scenario: RuleScenario,
    isolated: Path,
    project: ProjectWriter,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """The indexes of a scenario, published, and its project, not yet written."""
    with ExitStack() as stack:
        names = ["default", *scenario.world.get("indexes", {})]
        indexes = {name: stack.enter_context(LocalIndex()) for name in names}
        monkeypatch.setenv("LOCKTOOL_INDEX_URL", indexes["default"].url)
        yield World(scenario, indexes, project, capsys)


@pytest.mark.parametrize("scenario", RULES, ids=str)
def test_rule(scenario: RuleScenario, world: World) -> None:
    for number, step in enumerate(scenario.steps):
        publish(world.indexes["default"], step.publish)
        for name, version in (text.split("==") for text in step.yank):
            world.indexes["default"].change(name, version, yanked=True)
        world.write(step)
        command = ["lock", *step.options, *(["--refresh"] if number else [])]
        if step.fails:
            world.fails(*command, says=step.fails)
            continue
        world.succeeds(*command, says=step.says)
        holds(world, step)
        if number == 0:
            does_not_depend_on_the_order(world, step)


@pytest.mark.parametrize("scenario", [rule for rule in RULES if rule.compilations], ids=str)
def test_rule_for_compile(scenario: RuleScenario, world: World) -> None:
    step = scenario.steps[0]
    output = world.project.directory / "requirements.txt"
    for run in scenario.compilations:
        command = [*run.arguments(), "-o", "requirements.txt"]
        output.unlink(missing_ok=True)
        world.write(step)
        if run.fails:
            world.fails(*command, says=run.fails)
            assert not output.exists()
            continue
        world.succeeds(*command, says=run.says)
        text = output.read_text(encoding="utf-8")
        assert text.splitlines() == filled_in(run.pins, world.addresses())
        are_sound(world, step, run, text)
        world.succeeds(*command, "--refresh")
        assert output.read_text(encoding="utf-8") == text
        output.unlink()
        world.write(step, backwards=True)
        world.succeeds(*command)
        assert output.read_text(encoding="utf-8") == text


def are_sound(world: World, step: Step, run: Compilation, text: str) -> None:
    """The pins answer what was asked in the environments that they are for; addresses are not known to the oracle."""
    entries = read_requirements(text)
    if len(entries) < len(text.splitlines()):
        return
    asked = project_requirements(world.scenario, step)
    markers = [entry["marker"] for entry in entries if "marker" in entry]
    texts = [*asked.dependencies, *(text for release in world.releases() for text in release.requires), *markers]
    everywhere = environments_for(texts, f">={run.python}")
    target = everywhere if run.universal else [linux_environment(run.python)] if run.platform == "linux" else []
    selection = Selection(run.chosen("extra"), run.chosen("group"))
    lock = {"packages": entries}
    if target:
        assert violations(world.releases(), asked, lock, environments=target, selections=[selection]) == []


def holds(world: World, step: Step) -> None:
    """The lock is the one that the scenario states, valid, sound, proved by `check`, and what locking again gives."""
    text = world.project.read()
    lock = tomllib.loads(text)
    shown = {name: index.url for name, index in world.indexes.items() if name != "default"}
    assert lines_of(lock, shown) == filled_in(step.lock, world.addresses())
    Pylock.from_dict(lock).validate()
    asked = project_requirements(world.scenario, step)
    selections = selections_for(asked, conflicting_names(world.scenario, step))
    assert violations(world.releases(), asked, lock, selections=selections) == []
    assert refutations(read_project(world.project.directory), lock) == []
    again = [option for option in step.options if not option.startswith("--upgrade")]
    world.succeeds("check", "--frozen", *[option for option in again if option != "--no-quality-pass"])
    world.succeeds("lock", "--refresh", *again)
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
