"""Every edit of a lock that can be refuted is refused: the check and a second implementation of its proof agree.

Fifteen kinds of lock are made by `locktool lock`; each edit is made to them as it stands, and once more with the
digests of the blocks computed again.
"""

from __future__ import annotations

import tomllib
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from conftest import Command
from local_index import LocalIndex
from lock_oracle import read_project, refutations
from lock_oracle.proof import grid_of, installed
from tampering.edit import EveryInput, with_digests
from tampering.entry_edits import ENTRY_EDITS
from tampering.harmless import HARMLESS
from tampering.head_edits import HEAD_EDITS
from tampering.projects import PROJECTS, publish, write_project
from tampering.toml_text import toml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lock_oracle.project import Project
    from tampering.edit import EditedLock

    Judge = Callable[[str, str], list["Verdict"]]

Table = dict[str, Any]

EDITS = {**ENTRY_EDITS, **{f"head: {kind}": edit for kind, edit in HEAD_EDITS.items()}}

# An edit is made to these kinds of lock and to some others, which depend on the edit. Those with direct origins have
# entries of an index too, which are like those of other kinds and edited there.
DIRECT = frozenset({"archives", "git", "workspace"})
ALWAYS = DIRECT | {"cutoffs", "indexes"}

AS_IS, RECOMPUTED = "as it is", "digests recomputed"

# What the index alone can refute once digests are computed again: nothing in lock and project says it twice.
EXCEPTIONS: dict[str, tuple[str, ...]] = {
    "whether a hash is that of the file": (
        "archive: hash changed",
        "sdist: hash added",
        "sdist: hash changed",
        "wheels: hash added",
        "wheels: hash changed",
    ),
    "how large a file is": (
        "archive: size changed",
        "archive: size removed",
        "sdist: size changed",
        "sdist: size removed",
        "wheels: size changed",
        "wheels: size removed",
    ),
    "from which host a file is served": (
        "head: entries: files and versions of forks exchanged",
        "head: entries: files of forks exchanged",
        "sdist: host changed",
        "wheels: host changed",
    ),
    "which index serves a package, where the project names no default or several have it": (
        "head: entries: indexes exchanged",
        "index: changed",
        "index: without the path",
    ),
    "which files of a version there are": (
        "sdist: removed",
        "wheels: all removed beside an sdist",
        "wheels: emptied beside an sdist",
        "wheels: first removed",
        "wheels: for another platform",
    ),
    "what a published version requires": ("tool: requirement and edge removed",),
    "which commit a branch or tag is": ("vcs: commit changed",),
}

# What the check does not refuse, by cause: of edits as they are, and of those with digests computed again.
MISSES_AS_IS: dict[str, tuple[str, ...]] = {}
MISSES_RECOMPUTED: dict[str, tuple[str, ...]] = {}

# What the check refuses without naming what was edited, by cause.
UNNAMED_EDITS: dict[str, tuple[str, ...]] = {}

# What the check refuses although it means the same, with the cause.
FALSE_ALARMS: dict[str, str] = {}


def by_kind(causes: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {kind: cause for cause, kinds in causes.items() for kind in kinds}


MISSES = {AS_IS: by_kind(MISSES_AS_IS), RECOMPUTED: by_kind(MISSES_RECOMPUTED)}
UNNAMED = by_kind(UNNAMED_EDITS)


@dataclass(frozen=True)
class LockedProject:
    """A project on disk with the lock that was made for it."""

    directory: Path
    text: str

    @cached_property
    def document(self) -> Table:
        """The lock as a document."""
        return tomllib.loads(self.text)

    @cached_property
    def inputs(self) -> Project:
        """What the files of the project say."""
        return read_project(self.directory)

    def reasons(self, text: str) -> list[str]:
        """What the check says of another text of the lock."""
        from locktool._native import check
        from locktool.exceptions import LockError

        (self.directory / "pylock.toml").write_text(text, encoding="utf-8", newline="")
        try:
            found = check(str(self.directory)).reasons
        except LockError as error:
            # The path has the kind of the lock in it, which is no name of anything in the lock.
            return [str(error).replace(str(self.directory), "")]
        return [f"{reason.package} {reason.key}: {reason.message}" for reason in found]


@dataclass(frozen=True)
class Verdict:
    """What oracle and check say of one edit, and whether installers would see a difference."""

    words: tuple[str, ...]
    place: str
    refuted: list[str]
    reasons: list[str]
    is_changed: bool

    @property
    def is_named(self) -> bool:
        """Whether a reason says one of the words for what was edited."""
        return any(word in reason for reason in self.reasons for word in self.words)

    def __str__(self) -> str:
        return f"{self.place}: oracle {self.refuted[:3]}, check {self.reasons[:3]}"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, built: None) -> dict[str, LockedProject]:
    root = tmp_path_factory.mktemp("tampered")

    def lock(name: str) -> tuple[str, LockedProject]:
        folder = root / name / "project"
        write_project(PROJECTS[name], folder, main, second)
        home = root / name / "home"
        home.mkdir()
        options = [option.replace("SECOND", second.url) for option in PROJECTS[name].options]
        Command(home, folder, {"LOCKTOOL_INDEX_URL": main.url})("lock", *options).succeeded()
        return name, LockedProject(folder, (folder / "pylock.toml").read_text(encoding="utf-8"))

    with LocalIndex() as main, LocalIndex() as second, ThreadPoolExecutor(2) as pool:
        publish(main, second)
        return dict(pool.map(lock, PROJECTS))


@pytest.fixture(scope="module")
def verdicts(projects: dict[str, LockedProject]) -> Judge:
    known: dict[tuple[str, str], list[Verdict]] = {}

    def find(kind: str, digests: str) -> list[Verdict]:
        if (kind, digests) not in known:
            known[kind, digests] = list(judged(projects, kind, digests))
        return known[kind, digests]

    return find


def every_edit(projects: dict[str, LockedProject], kind: str) -> Iterator[tuple[str, EditedLock]]:
    """The edits of a kind with the kinds of lock that they are made to; each recorded input is edited in one."""
    others = sorted(projects.keys() - ALWAYS, key=lambda name: zlib.crc32(f"{kind} {name}".encode()))
    is_of_inputs = isinstance(EDITS[kind], EveryInput)
    wanted = len(others) if is_of_inputs else 1 if kind in ENTRY_EDITS else 3
    inputs = set()
    for name in [*sorted(ALWAYS), *others]:
        edits = [
            edited
            for edited in EDITS[kind].edits(projects[name].document, kind)
            if edited.place not in inputs and not (edited.is_served and name in DIRECT)
        ]
        if name not in ALWAYS and edits:
            wanted -= 1
        if wanted >= 0:
            yield from ((name, edited) for edited in edits)
        if is_of_inputs:
            inputs |= {edited.place for edited in edits}


def judged(projects: dict[str, LockedProject], kind: str, digests: str) -> Iterator[Verdict]:
    """The verdicts on the edits of a kind; with digests recomputed only where one changes."""
    for name, edited in every_edit(projects, kind):
        project = projects[name]
        lock = with_digests(edited.lock) if digests == RECOMPUTED else edited.lock
        if digests == RECOMPUTED and lock == edited.lock:
            continue
        found = refutations(project.inputs, lock)
        yield Verdict(
            words=edited.words,
            place=f"{name}: {edited.place}",
            refuted=[f"{one.subject}: {one.sentence}" for one in found],
            reasons=project.reasons(toml_text(lock)),
            is_changed=not found and is_changed(project, lock),
        )


def is_changed(project: LockedProject, lock: Table) -> bool:
    """Whether installers take something else from an edited lock, anywhere on the grid."""
    grid = grid_of(project.inputs, [project.document, lock])
    return installed(lock, grid) != installed(project.document, grid)


def expected_to_fail(reason: str | None) -> list[pytest.MarkDecorator]:
    return [] if reason is None else [pytest.mark.xfail(strict=True, reason=reason)]


def test_there_are_as_many_as_asked_for(projects: dict[str, LockedProject]) -> None:
    counts = {kind: sum(1 for _ in every_edit(projects, kind)) for kind in EDITS}
    assert len(projects) >= 8
    assert sum(counts.values()) >= 400
    assert [kind for kind, count in counts.items() if not count] == []
    assert len(EXCEPTIONS) <= 20
    assert len(HARMLESS) >= 24


def test_every_lock_as_it_was_made_is_proved(projects: dict[str, LockedProject]) -> None:
    for project in projects.values():
        assert refutations(project.inputs, project.document) == []
        assert project.reasons(project.text) == []


@pytest.mark.parametrize(
    ("kind", "digests"),
    [
        pytest.param(kind, digests, id=f"{kind} ({digests})", marks=expected_to_fail(misses.get(kind)))
        for digests, misses in MISSES.items()
        for kind in EDITS
    ],
)
def test_the_check_refuses_what_the_oracle_refutes(verdicts: Judge, kind: str, digests: str) -> None:
    missed = [str(verdict) for verdict in verdicts(kind, digests) if verdict.refuted and not verdict.reasons]
    assert not missed, missed


def test_the_check_refuses_nothing_that_the_oracle_proves(verdicts: Judge) -> None:
    every = [(kind, verdict) for kind in EDITS for digests in MISSES for verdict in verdicts(kind, digests)]
    assert [f"{kind}: {verdict}" for kind, verdict in every if verdict.reasons and not verdict.refuted] == []


def test_what_changes_an_installation_is_refuted_or_known_to_the_index_alone(verdicts: Judge) -> None:
    def changed(digests: str) -> set[str]:
        return {kind for kind in EDITS if any(verdict.is_changed for verdict in verdicts(kind, digests))}

    assert changed(AS_IS) == set()
    assert changed(RECOMPUTED) == {kind for kinds in EXCEPTIONS.values() for kind in kinds}


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=expected_to_fail(UNNAMED.get(kind))) for kind in EDITS])
def test_a_reason_names_what_was_edited(verdicts: Judge, kind: str) -> None:
    both = [*verdicts(kind, AS_IS), *verdicts(kind, RECOMPUTED)]
    unnamed = [str(verdict) for verdict in both if verdict.reasons and not verdict.is_named]
    assert not unnamed, unnamed


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=expected_to_fail(FALSE_ALARMS.get(kind))) for kind in HARMLESS]
)
def test_what_means_the_same_is_proved(projects: dict[str, LockedProject], kind: str) -> None:
    edited = {name: HARMLESS[kind](projects[name].text) for name in sorted(ALWAYS | {"extras", "forks"})}
    assert any(text != projects[name].text for name, text in edited.items())
    for name, text in edited.items():
        assert refutations(projects[name].inputs, tomllib.loads(text)) == [], name
        assert projects[name].reasons(text) == [], name
