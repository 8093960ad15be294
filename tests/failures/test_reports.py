"""Reports on conflicts as people have them: a dozen lines at most, and every change they suggest works."""

from __future__ import annotations

import json
import time
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import tomlkit

from failures.conflicts import CONFLICTS, Conflict
from local_index import LocalIndex, Slow
from locktool._native import Requirement, SpecifierSet

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter

MOST_LINES = 12


def write(conflict: Conflict, index: LocalIndex, project: ProjectWriter) -> None:
    for name, version, description in conflict.releases():
        index.add(name, version, **description)
    project.pyproject(*conflict.dependencies, **conflict.project)
    for path, keys in conflict.members.items():
        project.pyproject(*keys["dependencies"], member=path, name=path)


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda conflict: conflict.name)
def test_a_report_says_what_does_not_go_together_and_what_to_do(
    conflict: Conflict, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(conflict, index, project)
    finished = run_locktool("lock").failed(1)
    told = finished.err.strip().splitlines()
    expected = [line.removeprefix(" " * 12) for line in conflict.report.strip("\n").rstrip().splitlines()]
    assert told == expected
    assert len(told) <= MOST_LINES
    project.pyproject(*reversed(conflict.dependencies), **conflict.project)
    assert run_locktool("lock").failed(1).err == finished.err


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda conflict: conflict.name)
def test_every_suggestion_works(
    conflict: Conflict, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(conflict, index, project)
    error = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]
    assert len(error["suggestions"]) >= conflict.suggestions
    originals = {path: path.read_text(encoding="utf-8") for path in project.directory.rglob("pyproject.toml")}
    for suggestion in error["suggestions"]:
        for change in suggestion["changes"]:
            apply(project, change)
        run_locktool("lock", "--dry-run").succeeded()
        for path, text in originals.items():
            path.write_text(text, encoding="utf-8")


def test_the_derivation_is_a_tree_that_ends_in_facts(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write(CONFLICTS[0], index, project)
    tree = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]["tree"]
    assert tree["text"] == "not all requirements can be met"
    leaves = {step["text"] for step in steps(tree) if "because" not in step}
    assert "wagtail 5.2.6 requires django 5.0.9 and older" in leaves
    assert all(step["text"] for step in steps(tree))


def test_a_try_reads_no_source_distribution(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    index.add("plugin", "1.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True)
    index.add("plugin", "2.0", requires=["base<1"])
    index.add("base", "0.5")
    index.add("base", "2.0")
    project.pyproject("base>=2", "plugin>=2")
    report = run_locktool("lock").failed(1).err
    assert 'change "base>=2" to "base>=0.5"' in report
    assert "plugin>=1.0" not in report
    assert not [request for request in index.requests if request.path.endswith(".tar.gz")]


def test_a_package_that_the_first_index_lacks_in_that_version_is_told_with_the_index(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("models", "1.0")
    with LocalIndex() as other:
        other.add("models", "2.0")
        project.pyproject("models>=2")
        report = run_locktool("lock", "--extra-index-url", index.url, "--index-url", other.url).failed(1).err
    assert f"hint: models is taken from {index.url} alone, the first index that has it" in report
    assert "models exists in one version, 1.0" in report


def test_offline_says_that_the_index_may_have_more(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("models", "1.0")
    project.pyproject("models")
    run_locktool("lock").succeeded()
    index.add("models", "2.0")
    project.pyproject("models>=2")
    report = run_locktool("lock", "--offline").failed(1).err
    assert "--offline knows of models what the cache holds; the index may have more" in report


def test_a_long_proof_is_told_in_a_dozen_lines(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(12):
        index.add(f"step{number}", "1.0", requires=[f"step{number + 1}>=1"])
    index.add("step12", "0.9")
    project.pyproject("step0")
    report = run_locktool("lock").failed(1)
    assert len(report.err.splitlines()) <= MOST_LINES
    assert "more (--json lists all of them)" in report.err
    facts = json.loads(run_locktool("lock", "--json").failed(1).out)["error"]["facts"]
    assert [fact.partition(" requires ")[0] for fact in facts[:3]] == ["demo", "step0 1.0", "step1 1.0"]
    assert facts[-1] == "there is no step12 newer than 0.9"
    assert len(facts) == 14


def test_a_build_that_failed_on_the_way_rules_out_what_is_older(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "3.0", requires=["parts>=3"])
    for version in ("1.0", "1.1"):
        index.add("web", version, sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True)
    for version in ("1.0", "3.0"):
        index.add("parts", version)
    project.pyproject("web", "parts<2")
    report = run_locktool("lock").failed(1).err
    assert len(report.splitlines()) <= MOST_LINES
    assert "  web 1.1 and older cannot be used: building web 1.1 failed" in report
    assert report.count("this source distribution does not build") == 2, "the line of the code and the error, once"


def test_a_build_that_is_the_only_reason_ends_with_its_last_lines(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0", sdist=True, wheel_tags=[], dynamic=["requires-dist"], build_fails=True)
    project.pyproject("web")
    report = run_locktool("lock").failed(2).err
    assert len(report.splitlines()) <= MOST_LINES
    assert "building web 1.0 failed" in report
    assert "this source distribution does not build" in report


def test_requirements_that_an_override_replaces_are_told_as_published(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for number in range(1, 5):
        index.add("web", f"{number}.0", requires=[f"parts>={number}"])
        index.add("parts", f"{number}.0")
    project.pyproject("web", tool={"overrides": ["parts<3"]})
    run_locktool("lock").succeeded()
    report = run_locktool("upgrade", "parts==4.0").failed(1).err
    assert "  every version of web requires parts, each in its own range\n" in report
    assert "no version of parts" not in report


@pytest.mark.parametrize(
    ("rule", "text"), [("overrides", "asks for parts<2 instead"), ("constraints", "allows only parts<2")]
)
def test_a_rule_under_one_parent_is_a_fact(
    rule: str, text: str, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0", requires=["parts"])
    for version in ("1.0", "2.0"):
        index.add("parts", version)
    project.pyproject("web", "parts>=2", tool={rule: [{"package": {"name": "web"}, "dependencies": ["parts<2"]}]})
    kind = rule.removesuffix("s")
    article = "an" if kind == "override" else "a"
    assert f"  {article} {kind} of the project {text}, under web\n" in run_locktool("lock").failed(1).err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--no-build"], "no-build leaves out source distributions"),
        (["--no-build-package", "web"], "no-build leaves out source distributions"),
        (
            ["--no-binary-package", "web", "--no-build"],
            "no-build leaves out source distributions, no-binary leaves out wheels",
        ),
    ],
)
def test_an_option_that_leaves_files_out_is_the_reason(
    words: list[str], reason: str, index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    wheels = ["py3-none-any"] if "--no-binary-package" in words else []
    index.add("web", "1.0", sdist=True, wheel_tags=wheels)
    project.pyproject("web")
    report = run_locktool("lock", *words).failed(1).err
    assert f"web 1.0 has no file that can be used where it is needed ({reason})\n" in report


def test_a_cutoff_that_leaves_later_files_out_is_a_reason(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0", sdist=True, wheel_upload_time="2025-01-01T00:00:00Z")
    project.pyproject("web")
    report = run_locktool("lock", "--no-build", "--exclude-newer", "2024-06-01").failed(1).err
    reasons = "no-build leaves out source distributions, exclude-newer leaves out later files"
    assert f"web 1.0 has no file that can be used where it is needed ({reasons})\n" in report


@pytest.mark.parametrize("words", [["web==99"], ["web==99", "parts==99"]])
def test_a_limit_of_the_run_that_no_version_meets_is_told(
    words: list[str], index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for version in ("1.0", "2.0"):
        index.add("web", version)
        index.add("parts", version)
    project.pyproject("web", "parts")
    run_locktool("lock").succeeded()
    report = run_locktool("upgrade", *words).failed(1).err
    assert "hint: there is no web 99: web exists in 2 versions, from 1.0 to 2.0" in report


def test_the_steps_of_a_derivation_are_sentences(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "1.0")
    project.pyproject("absent", "web")
    texts = [
        step["text"]
        for words in (("lock", "--json"), ("add", "absent-too", "--json"))
        for step in steps(json.loads(run_locktool(*words).failed(1).out)["error"]["tree"])
    ]
    project.pyproject("web")
    run_locktool("lock").succeeded()
    tree = json.loads(run_locktool("why", "web==9", "--json").succeeded().out)["because"]["tree"]
    texts += [step["text"] for step in steps(tree)]
    assert not [text for text in texts if "no no" in text or "project in " in text or "  " in text]
    assert "absent has no version that may be used" in texts


def steps(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [step, *(below for cause in step.get("because", []) for below in steps(cause))]


def apply(project: ProjectWriter, change: dict[str, Any]) -> None:
    """Make a change in the file of the member that it names."""
    path = project.directory / change["member"] / "pyproject.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    *tables, key = change["key"].split(".")
    place: Any = document
    for table in tables:
        place = place.setdefault(table, tomlkit.table())
    if change["from"] is None:
        place[key] = added(change)
    elif key == "requires-python":
        assert SpecifierSet(place[key]) == SpecifierSet(change["from"])
        place[key] = change["to"]
    else:
        # A list that includes another has only its name here; the requirement stands in the other one.
        replace(place[key], change)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def added(change: dict[str, Any]) -> Any:  # noqa: ANN401 - a TOML value
    if change["key"].endswith(".conflicts"):
        return tomllib.loads(f"value = [{change['to']}]")["value"]
    if change["key"].endswith(".environments"):
        return [change["to"]]
    return False if change["to"] == "false" else change["to"]


def replace(requirements: list[Any], change: dict[str, Any]) -> None:
    for place, written in enumerate(requirements):
        if isinstance(written, str) and Requirement(written) == Requirement(change["from"]):
            requirements[place] = change["to"]


def test_a_report_does_not_wait_for_a_slow_index(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0", requires=["b<2"])
    index.add("a", "2.0")
    for version in ("1.0", "2.0"):
        index.add("b", version)
    index.fail("/files/a/a-2.0*", Slow(20.0))
    project.pyproject("a<2", "b>=2")
    started = time.monotonic()
    finished = run_locktool("lock").failed(1)
    assert time.monotonic() - started < 10
    assert "a 1.0 requires b<2" in finished.err
    assert "this works" not in finished.err
    index.heal()
    assert "this works" in run_locktool("lock").failed(1).err
