"""The questions of benchmarks/: projects on disk, and registries that are made up from a seed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import projects
from checkout import on_disk
from published import published
from question import Question
from replay import Replay, Store, Upstream
from replay.upstream import Missing
from runs import ToolRuns
from synthetic import SyntheticIndex, package_name, project, release_number, version_text, workspace
from targets import declared
from tools import tools_for

if TYPE_CHECKING:
    from pathlib import Path

    from local_index import LocalIndex


def tables(question: Question) -> dict[str, object]:
    return tomllib.loads(question.text)


def test_a_checkout_is_asked_without_what_has_a_source_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\nreadme = "no"\n'
        'dependencies = ["a", "b>=1"]\n'
        '[dependency-groups]\ndev = ["A", "c", "d @ https://example.invalid/d", { include-group = "all" }]\nall = []\n'
        '[tool.uv.sources]\na = { git = "https://example.invalid/a" }\n'
    )
    question = on_disk(tmp_path)
    assert tables(question) == {
        "project": {"name": tmp_path.name, "version": "1", "requires-python": ">=3.11", "dependencies": ["b>=1"]},
        "dependency-groups": {"dev": ["c", {"include-group": "all"}], "all": []},
    }
    assert question.requirements() == ["b>=1", "c"]


def test_files_of_requirements_are_a_project_with_groups(tmp_path: Path) -> None:
    folder = tmp_path / "requirements"
    folder.mkdir()
    (tmp_path / ".python-version").write_text("3.14.7\n")
    (folder / "main.in").write_text("a>=1  # why\n# all of it\n\nb[x]\n-r other.in\n")
    (folder / "tests.in").write_text("c\n")
    assert tables(on_disk(tmp_path)) == {
        "project": {
            "name": tmp_path.name,
            "version": "0",
            "requires-python": ">=3.14",
            "dependencies": ["a>=1", "b[x]"],
        },
        "dependency-groups": {"tests": ["c"]},
    }


def test_a_workspace_is_taken_whole(tmp_path: Path) -> None:
    question = workspace(SyntheticIndex(30), 3)
    written = question.write(tmp_path)
    assert on_disk(written).members == question.members
    assert on_disk(written).text == question.text
    assert question.own == {"members", "member0000", "member0001", "member0002"}
    assert not any(each.startswith("member") for each in question.requirements())


def test_a_directory_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="neither"):
        on_disk(tmp_path)


def test_a_narrowed_question_lacks_the_packages_everywhere() -> None:
    text = '[project]\nname = "x"\ndependencies = ["A.b>=1", "c"]\n[project.optional-dependencies]\ne = ["a_b"]\n'
    question = Question("x", "", text, "").without({"a-b"})
    assert question.requirements() == ["c"]


def test_a_release_without_an_sdist_is_no_question(index: LocalIndex, tmp_path: Path) -> None:
    index.add("a", "1.0")
    with pytest.raises(LookupError, match="no final release with an sdist"):
        published("a", Store(tmp_path, Upstream(index.url)))


@pytest.mark.parametrize("name", projects.WRITTEN)
def test_a_written_question_asks_for_other_packages_than_itself(name: str) -> None:
    question = projects.WRITTEN[name]
    written = tables(question)
    table = written["project"]
    assert isinstance(table, dict)
    assert question.requirements() == table["dependencies"] != []
    settings = written.get("tool", {})
    assert isinstance(settings, dict)
    assert question.for_both == bool(settings)
    assert settings.get("locktool") == settings.get("uv")


def test_every_project_says_what_it_is_for_once() -> None:
    assert not projects.MEASURED.keys() & projects.COMPARED.keys()
    assert all((projects.MEASURED | projects.COMPARED).values())
    assert projects.WRITTEN.keys() <= projects.MEASURED.keys()
    named = {name for target in declared()["target"] for name in (*target.get("projects", []), target.get("sister"))}
    assert named - {None} <= {name.partition("==")[0] for name in projects.MEASURED}


@pytest.mark.parametrize("size", [25, 120])
def test_roots_reach_every_package_of_a_synthetic_index(size: int) -> None:
    index = SyntheticIndex(size)
    reached = {Requirement(text).name for text in project(index).requirements()}
    waiting = [int(name.removeprefix("pack")) for name in reached]
    while waiting:
        new = {edge.on for edge in index.edges[waiting.pop()]} - {int(name.removeprefix("pack")) for name in reached}
        reached |= {package_name(package) for package in new}
        waiting += new
    assert reached == {package_name(package) for package in range(size)}


def test_a_synthetic_index_is_the_same_for_the_same_seed() -> None:
    first, same, other = SyntheticIndex(40), SyntheticIndex(40), SyntheticIndex(40, seed=1)
    pages = [[index.page(package_name(package)) for package in range(40)] for index in (first, same, other)]
    assert pages[0] == pages[1] != pages[2]
    assert first.edges == same.edges != other.edges


def test_bounds_of_all_releases_go_together() -> None:
    """Some release of each package is within every bound that any release of another one has on it."""
    index = SyntheticIndex(60)
    admitted = {
        package_name(package): {Version(version_text(release)) for release in range(index.versions(package))}
        for package in range(60)
    }
    for package in range(60):
        for release in {0, index.versions(package) // 2, index.versions(package) - 1}:
            head, _, _ = (
                index.metadata(f"{package_name(package)}-{version_text(release)}-x.whl").decode().partition("\n\n")
            )
            for line in head.splitlines():
                if line.startswith("Requires-Dist: "):
                    requirement = Requirement(line.removeprefix("Requires-Dist: "))
                    admitted[requirement.name] &= set(requirement.specifier.filter(admitted[requirement.name]))
    assert all(admitted.values())


def test_versions_of_releases_are_in_order() -> None:
    texts = [version_text(release) for release in range(200)]
    assert sorted(texts, key=Version) == texts
    assert [release_number(text) for text in texts] == list(range(200))


@pytest.mark.parametrize("name", ["pack0040", "other"])
def test_a_synthetic_index_lacks_what_it_lacks(name: str) -> None:
    with pytest.raises(Missing):
        SyntheticIndex(40).page(name)


def test_the_phases_of_a_run_begin_and_end_as_they_say(
    built: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.uv_program", lambda: tmp_path / "uv")
    index = SyntheticIndex(30)
    with Replay(Store(tmp_path / "store", index)) as replay:
        tool = tools_for(project(index), replay.url)[0]
        runs = ToolRuns(tool, project(index), tmp_path / "runs", replay)
        runs.record(["check"])
        for phase in ("check", "again", "upgrade", "warm", "cold"):
            runs.take(phase)
            row = runs.measured(phase)
            assert (row.failure, row.packages) == ("", 30)
            assert (row.requests > 30) == (row.cache_bytes > 0) == (phase == "cold")
        assert runs.baseline_measured().seconds > 0


def test_a_run_without_an_answer_is_expected_to_have_none(
    built: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.uv_program", lambda: tmp_path / "uv")
    text = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["{}"]\n'
    with Replay(Store(tmp_path / "store", SyntheticIndex(2))) as replay:
        found = []
        for number, requirement in enumerate(("pack0001>=10000", "pack0001")):
            question = Question("x", "", text.format(requirement), ">=3.11", solvable=False)
            runs = ToolRuns(tools_for(question, replay.url)[0], question, tmp_path / str(number), replay)
            runs.take("warm")
            found.append(runs.measured("warm").failure)
    assert found == ["", "an answer where there is none"]
