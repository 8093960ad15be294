"""Where a scenario happens: its indexes, its project, the command in this process, and what the oracle knows of it."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_index import LocalIndex, Release
from lock_oracle import ProjectRequirements
from scenarios.rule_file import RuleScenario, Step, filled_in, releases_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from conftest import ProjectWriter


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
        """Everything that is published, with requirements as they are read."""
        published = [*self.vendored, *(release for index in self.indexes.values() for release in index.releases())]
        reads = self.scenario.world.get("reads", {})
        return [replace(one, requires=tuple(reads.get(text, text) for text in one.requires)) for one in published]

    def addresses(self) -> dict[str, str]:
        """What stands in the place of names in braces."""
        default = self.indexes["default"]
        flat = {f"flat:{name}": index.flat_url for name, index in self.indexes.items()}
        return (
            {name: index.url for name, index in self.indexes.items()}
            | flat
            | {"root": default.root}
            | self.repositories
        )

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
        """Run the command in this process; its exit code and both streams."""
        from locktool.cli import main

        code = main(arguments)
        streams = self.capture.readouterr()
        return code, streams.out + streams.err

    def succeeds(self, *arguments: str, says: Sequence[str] = ()) -> None:
        """Run the command, which must succeed and say each of these fragments."""
        code, said = self.run(*arguments)
        assert code == 0, said
        assert unsaid(says, said) == [], said

    def fails(self, *arguments: str, says: Sequence[str]) -> None:
        """Run the command, which must answer with a no that says each of these fragments."""
        code, said = self.run(*arguments)
        assert code == 1, said
        assert unsaid(says, said) == [], said


def unsaid(fragments: Sequence[str], said: str) -> list[str]:
    """The fragments that a text, however it is wrapped, lacks."""
    text = " ".join(said.split())
    return [fragment for fragment in fragments if fragment not in text]


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
    """Put everything in a universe on an index."""
    for name, version, description in releases_of(universe):
        index.add(name, version, **description)


def project_requirements(scenario: RuleScenario, step: Step) -> ProjectRequirements:
    """What the oracle is told of the project."""
    tool, groups = step.tool, scenario.world.get("groups", {})
    left_out = tool.get("workspace", {}).get("exclude", [])
    files = {
        path: text for path, text in scenario.world.get("files", {}).items() if str(Path(path).parent) not in left_out
    }
    places = [files, *scenario.world.get("repositories", {}).values()]
    trees = [tomllib.loads(text)["project"] for files in places for text in files.values()]
    theirs = [text for tree in trees for text in tree["dependencies"]]
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


def conflicting_names(scenario: RuleScenario, step: Step) -> list[list[str]]:
    """The extras and groups that may not be chosen together, and what conflicts with them because it leads there."""
    declared = [[item.get("extra") or item["group"] for item in items] for items in step.tool.get("conflicts", [])]
    return [*declared, *scenario.world.get("conflicting", [])]
