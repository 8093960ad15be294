"""A lock of 400 packages: what is locked stays, an upgrade moves what it forces, other blocks keep their bytes."""

from __future__ import annotations

import os
import tomllib
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import ProjectWriter
    from local_index import LocalIndex

COUNT = 400
NAMES = [f"p{number:03}" for number in range(COUNT)]


class Registry:
    """A graph of packages thrown by dice: each requires some that come later in the list, none of them capped.

    Version 2.0 of a package needs version 2.0 of the first package it requires, and is content with any of the others.
    """

    def __init__(self, seed: int) -> None:
        dice = Random(seed)  # noqa: S311 - generated cases
        self.requires = {
            name: dice.sample(NAMES[number + 1 :], k=min(dice.randrange(5), COUNT - number - 1))
            for number, name in enumerate(NAMES)
        }

    def publish(self, index: LocalIndex, version: str) -> None:
        """Put one version of every package on the index."""
        for name, (*requires,) in self.requires.items():
            bounds = [version if place == 0 else "1.0" for place in range(len(requires))]
            index.add(
                name, version, requires=[f"{other}>={bound}" for other, bound in zip(requires, bounds, strict=True)]
            )

    def forced_by(self, name: str) -> set[str]:
        """What moves with version 2.0 of a package: it, the first it requires, the first of that, and so on."""
        moved = {name}
        while self.requires[name]:
            name = self.requires[name][0]
            moved.add(name)
        return moved


def lock(directory: Path, index: LocalIndex, upgrade: bool | list[str] = False) -> str:  # noqa: FBT001, FBT002 - a choice of RunOptions
    from locktool.operations.lock import lock_project
    from locktool.operations.options import RunOptions

    options = RunOptions(index_url=index.url, cache=False, refresh=True, upgrade=upgrade)
    return lock_project(directory, options).path.read_text(encoding="utf-8")


def versions(text: str) -> dict[str, str]:
    return {entry["name"]: entry["version"] for entry in tomllib.loads(text)["packages"]}


def blocks(text: str) -> dict[str, str]:
    """The text of each entry by its name."""
    _, *entries = text.split("[[packages]]\n")
    return {tomllib.loads(entry.split("[packages.tool", maxsplit=1)[0])["name"]: entry.strip() for entry in entries}


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, built: None) -> None:
    """No configuration of the machine reaches these runs, which happen in this process."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in [name for name in os.environ if name.startswith(("LOCKTOOL_", "PIP_"))]:
        if name != "PIP_CONFIG_FILE":
            monkeypatch.delenv(name)


def test_an_upgrade_of_one_of_400_packages_moves_it_and_what_it_forces(
    index: LocalIndex, project: ProjectWriter
) -> None:
    registry = Registry(seed=7)
    registry.publish(index, "1.0")
    project.pyproject(*NAMES)
    first = lock(project.directory, index)
    assert versions(first) == dict.fromkeys(NAMES, "1.0")

    registry.publish(index, "2.0")
    assert lock(project.directory, index) == first, "releases that appear move nothing"

    chain = max(NAMES, key=lambda name: len(registry.forced_by(name)))
    alone = next(name for name in NAMES if not registry.requires[name])
    for upgraded in (chain, alone):
        before = project.read()
        after = lock(project.directory, index, [upgraded])
        old = versions(before)
        forced = registry.forced_by(upgraded)
        moved = {name for name, version in versions(after).items() if version != old[name]}
        assert moved == {name for name in forced if old[name] != "2.0"}
        assert moved, "the case has to show something"
        old_blocks = blocks(before)
        changed = {name for name, text in blocks(after).items() if text != old_blocks[name]}
        assert changed == moved
        assert lock(project.directory, index) == after
