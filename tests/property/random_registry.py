"""Small registries and projects thrown by dice, and whether they have an answer, found by trying everything.

A universal lock exists exactly when each environment has an answer of its own, so brute force goes environment by
environment: every choice of one version or none for each package.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_index import Release
from lock_oracle import ProjectRequirements, Selection, environments_for, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from random import Random

    from local_index import LocalIndex
    from lock_oracle import Environment

REQUIRES_PYTHON = ">=3.11"
NAMES = ("ant", "bee", "cat", "dog", "elk")
VERSIONS = ("1.0", "1.1", "2.0", "3.0")
MARKERS = (
    "sys_platform == 'linux'",
    "sys_platform != 'linux'",
    "sys_platform == 'win32'",
    "python_version < '3.13'",
    "python_version >= '3.12'",
    "sys_platform == 'darwin' and python_version >= '3.12'",
    "platform_machine == 'aarch64' or sys_platform == 'win32'",
)
EXTRA = "more"
EPOCH = datetime(2018, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A registry and a project that asks it."""

    releases: tuple[Release, ...]
    project: ProjectRequirements

    def publish(self, index: LocalIndex) -> None:
        """Put every release on an index."""
        for release in self.releases:
            index.add(
                release.name,
                release.version,
                requires=release.requires,
                extras=release.extras,
                requires_python=release.requires_python,
                wheel_tags=release.wheel_tags,
                sdist=release.sdist,
                upload_time=release.upload_time,
            )

    def changed(self, change: Callable[[str], str]) -> Case:
        """The case with each requirement, of a package or of the project, as the change makes it."""

        def each(texts: Iterable[str]) -> tuple[str, ...]:
            return tuple(map(change, texts))

        def all_of(extras: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
            return {name: each(texts) for name, texts in extras.items()}

        releases = (replace(one, requires=each(one.requires), extras=all_of(one.extras)) for one in self.releases)
        dependencies, extras = each(self.project.dependencies), all_of(self.project.extras)
        return Case(tuple(releases), replace(self.project, dependencies=dependencies, extras=extras))

    def environments(self) -> list[Environment]:
        """One environment for each way in which the case's markers and Python bounds can turn out."""
        from packaging.requirements import Requirement
        from packaging.specifiers import SpecifierSet

        texts = [*self.project.dependencies, *itertools.chain(*self.project.extras.values())]
        texts += [text for release in self.releases for text in (*release.requires, *release.extras.get(EXTRA, ()))]
        markers = {marker for text in texts if (marker := Requirement(text).marker)}
        bounds = {SpecifierSet(release.requires_python or "") for release in self.releases}
        different: dict[tuple[bool, ...], Environment] = {}
        for environment in environments_for(texts, REQUIRES_PYTHON):
            python = environment["python_full_version"]
            ways = (*(m.evaluate({**environment}) for m in markers), *(b.contains(python) for b in bounds))
            different.setdefault(ways, environment)
        return list(different.values())

    def has_an_answer(self) -> bool:
        """Whether every environment has one, with all extras chosen."""
        everything = Selection(extras=frozenset(self.project.extras))
        return all(self._answers(environment, everything) for environment in self.environments())

    def _answers(self, environment: Environment, selection: Selection) -> bool:
        return any(
            not _unmet(
                violations(self.releases, self.project, lock, environments=[environment], selections=[selection])
            )
            for lock in self._choices()
        )

    def _choices(self) -> Iterator[dict[str, list[dict[str, str]]]]:
        names = sorted({release.name for release in self.releases})
        by_name = [[None, *(r.version for r in self.releases if r.name == name)] for name in names]
        for versions in itertools.product(*by_name):
            chosen = zip(names, versions, strict=True)
            yield {"packages": [{"name": name, "version": version} for name, version in chosen if version]}


def _unmet(sentences: list[str]) -> list[str]:
    # A choice with something left over is an answer too: leaving it out is one.
    return [sentence for sentence in sentences if "nothing leads to it" not in sentence]


def throw(dice: Random, *, markers: bool = True) -> Case:
    """A case; most are small, some have no answer. Without markers only a bound on Python tells environments apart."""
    names = NAMES[: dice.randint(2, 4)]
    releases = tuple(
        Release(
            name,
            version,
            requires=tuple(_requirements(dice, [other for other in names if other != name], most=2)),
            extras={EXTRA: _requirements(dice, [other for other in names if other != name], most=1)}
            if dice.random() < 0.3
            else {},
            requires_python=">=3.12" if dice.random() < 0.1 else None,
        )
        for name in names
        for version in sorted(dice.sample(VERSIONS, dice.randint(1, 3)))
    )
    extras = {EXTRA: tuple(_requirements(dice, list(names), most=1))} if dice.random() < 0.4 else {}
    project = ProjectRequirements(
        dependencies=tuple(_requirements(dice, list(names), most=3)), extras=extras, name="demo"
    )
    case = Case(releases, project)
    return case if markers else case.changed(lambda text: text.partition(" ;")[0])


def throw_rivals(dice: Random) -> Case:
    """A case of packages whose releases cap each other, so that a newer pick of one costs an older pick of another."""
    names = NAMES[: dice.randint(3, 5)]
    releases = tuple(
        Release(name, f"{number}.0", requires=tuple(_caps(dice, [other for other in names if other != name])))
        for name in names
        for number in range(1, 6)
    )
    project = ProjectRequirements(tuple(dice.sample(names, dice.randint(1, len(names)))), name="demo")
    return _dated(Case(releases, project), dice)


def _caps(dice: Random, names: list[str]) -> Iterator[str]:
    for name in dice.sample(names, dice.randint(0, 2)):
        yield f"{name}<{dice.randint(2, 6)}.0"


def _dated(case: Case, dice: Random) -> Case:
    """The case with releases that were each uploaded up to two years after the one before."""
    days: dict[str, int] = {}
    releases = []
    for release in case.releases:
        days[release.name] = days.get(release.name, 0) + dice.choice([1, 20, 200, 700])
        uploaded = EPOCH + timedelta(days=days[release.name])
        text = uploaded.isoformat().replace("+00:00", "Z")
        releases.append(replace(release, upload_time=text))
    return replace(case, releases=tuple(releases))


def _requirements(dice: Random, names: list[str], most: int) -> list[str]:
    found = []
    for _ in range(dice.randint(0, most)):
        name = dice.choice(names)
        extra = f"[{EXTRA}]" if dice.random() < 0.2 else ""
        bound = dice.choice(["", ">=1.1", ">=2.0", "<2.0", "<3.0", f"=={dice.choice(VERSIONS)}", "!=1.1"])
        marker = f" ; {dice.choice(MARKERS)}" if dice.random() < 0.4 else ""
        found.append(f"{name}{extra}{bound}{marker}")
    return found
