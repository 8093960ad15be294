"""`locktool why`: who requires a package, and what holds another version back."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local_index import Reset

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def locked(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project with an extra, locked; afterwards a version appears that a published requirement does not admit."""
    index.add("web", "1.0.0", requires=["parts>=1,<2", "win ; sys_platform == 'win32'"])
    index.add("parts", "1.0.0")
    index.add("win", "3.0.0")
    index.add("store", "2.0.0", requires=["parts<3"])
    project.pyproject("web", extras={"s3": ["store"]})
    run_locktool("lock").succeeded()
    return run_locktool


def test_requirers_are_told_from_the_lock_alone(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    index.forget_requests()
    assert locked("why", "Parts").succeeded().out.splitlines() == [
        "parts 1.0.0 is locked:",
        "  demo requires web",
        "    web 1.0.0 requires parts>=1,<2",
        "  extra s3 of demo requires store",
        "    store 2.0.0 requires parts<3",
    ]
    assert locked("why", "win").succeeded().out.splitlines() == [
        "win 3.0.0 is locked where sys_platform == 'win32':",
        "  demo requires web",
        "    web 1.0.0 requires win where sys_platform == 'win32'",
    ]
    assert not index.requests


def test_requirers_as_json(locked: Command) -> None:
    document = json.loads(locked("why", "win", "--json").succeeded().out)
    (entry,) = document["entries"]
    assert (document["name"], entry["version"], entry["marker"]) == ("win", "3.0.0", "sys_platform == 'win32'")
    ((first, second),) = entry["chains"]
    assert (first["name"], first["member"], first["requirement"]) == ("demo", ".", "web")
    assert (second["name"], second["version"], second["marker"]) == ("web", "1.0.0", "sys_platform == 'win32'")


def test_a_package_that_is_not_locked_is_told(locked: Command) -> None:
    finished = locked("why", "part").failed(1)
    assert "part is not in the lock" in finished.err
    assert "did you mean 'parts'?" in finished.err
    assert "no good" in locked("why", "no good").failed(2).err


@pytest.mark.parametrize("words", [["part==1"], ["part>=2"], ["part", "--latest"]])
def test_a_package_that_no_index_has_is_told_in_one_line(locked: Command, words: list[str]) -> None:
    finished = locked("why", *words).failed(1)
    assert finished.out == ""
    assert finished.err == "error: part is neither in the lock nor on an index that was asked; did you mean 'parts'?\n"
    offline = locked("why", *words, "--offline").failed(1).err.splitlines()
    assert offline[0] == finished.err.rstrip()


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_a_terminal_shows_that_the_indexes_are_asked_before_they_answer(locked: Command, index: LocalIndex) -> None:
    # Closing the connection is the only answer: whatever is shown was shown before one came.
    index.fail("/simple/parts/", Reset())
    reader, terminal = os.openpty()
    command = [sys.executable, "-m", "locktool", "why", "parts", "--latest", "--refresh"]
    variables = locked.variables({"TERM": "xterm"})
    run = subprocess.Popen(
        command, cwd=locked.directory, env=variables, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    # The end of a pseudo-terminal is an error on Linux.
    with contextlib.suppress(OSError):
        while part := os.read(reader, 4096):
            shown += part
    os.close(reader)
    assert run.wait() == 2
    assert b"asking which v" in shown


def test_without_a_lock_it_says_how_to_make_one(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    assert "locktool lock" in run_locktool("why", "web").failed(1).err


def test_what_holds_a_version_back_is_told_by_the_solver(
    locked: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.add("parts", "2.0.0")
    before = project.read()
    finished = locked("why", "parts", "--latest", "--refresh").succeeded()
    title, *reasons = finished.out.splitlines()
    assert title == "parts 2.0.0 is held back (the lock has 1.0.0):"
    assert any("web" in line and "requires parts>=1,<2" in line for line in reasons)
    assert not any("store" in line for line in reasons)
    assert not any(line.startswith("  -> ") for line in reasons)
    assert project.read() == before
    assert locked("why", "parts==2.0.0", "--refresh").succeeded().out == finished.out


def test_a_version_that_does_not_exist_is_told(locked: Command) -> None:
    out = locked("why", "parts==7").succeeded().out
    assert out.startswith("parts 7 does not exist")
    assert "1.0.0" in out
    assert "invalid version" in locked("why", "parts==seven").failed(2).err
    assert "one version" in locked("why", "parts==7", "--latest").failed(2).err


def test_a_version_that_only_waits_for_an_upgrade_is_told(locked: Command, index: LocalIndex) -> None:
    index.add("parts", "1.1.0")
    assert locked("why", "parts", "--latest", "--refresh").succeeded().out.splitlines() == [
        "Nothing holds parts 1.1.0 back (the lock has 1.0.0).",
        "  -> run `locktool lock --upgrade-package parts`",
    ]
    assert "is locked" in locked("why", "parts==1.0").succeeded().out


def test_a_version_for_which_others_move_back_is_told(locked: Command, index: LocalIndex) -> None:
    index.add("web", "0.9.0", requires=["parts"])
    index.add("parts", "2.0.0")
    finished = locked("why", "parts", "--latest", "--refresh").succeeded()
    assert finished.out.splitlines()[0] == (
        "parts 2.0.0 is possible, but other packages move back (the lock has 1.0.0):"
    )
    assert "  ~ web 1.0.0 -> 0.9.0" in finished.out
    assert "requires parts>=1,<2" in finished.out
    assert '  -> to have it, require "parts>=2.0.0" in the project and lock again' in finished.out
    document = json.loads(locked("why", "parts", "--latest", "--json").succeeded().out)
    assert (document["verdict"], document["locked"]) == ("possible", ["1.0.0"])
    assert document["moves"]["moved"] == [{"name": "web", "from": ["1.0.0"], "to": ["0.9.0"]}]
    assert document["because"]["facts"]


def test_a_version_is_asked_for_only_where_the_package_is_needed(locked: Command, index: LocalIndex) -> None:
    index.add("win", "4.0.0", wheel_tags=["py3-none-win_amd64"])
    assert locked("why", "win", "--latest", "--refresh").succeeded().out.startswith("Nothing holds win 4.0.0 back")


def test_a_change_of_the_project_that_lets_a_version_in_is_told(
    locked: Command, project: ProjectWriter, index: LocalIndex
) -> None:
    index.add("web", "2.0.0", requires=["parts>=2"])
    index.add("parts", "2.0.0")
    project.pyproject("web<2")
    out = locked("why", "parts", "--latest", "--refresh").succeeded().out
    assert '  -> change "web<2" to "web" (dependencies of demo)' in out.splitlines()
    assert "parts==2.0.0 is asked for" in out
    project.pyproject("web")
    locked("lock", "--upgrade").succeeded()
    assert "parts 2.0.0 is locked" in locked("why", "parts==2.0.0").succeeded().out


@pytest.fixture
def ruled(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project whose rules change what its packages require."""
    index.add("web", "1.0", requires=["parts>=2", "tool>=2", "gone", "deep"])
    index.add("deep", "1.0", requires=["gone"])
    for name in ("parts", "tool", "gone", "deep"):
        for version in ("1.0", "2.0", "3.0"):
            index.add(name, version)
    tool = {
        "overrides": ["parts<2", {"package": {"name": "web"}, "dependencies": ["tool<2"]}],
        "excludes": ["gone"],
        "constraints": ["deep<2"],
    }
    project.pyproject("web", tool=tool)
    run_locktool("lock").succeeded()
    return run_locktool


def test_the_rules_of_the_project_stand_beside_what_they_change(ruled: Command) -> None:
    replaced = ", which an override of the project replaces by "
    assert f'web 1.0 requires parts>=2{replaced}"parts<2"\n' in ruled("why", "parts").succeeded().out
    assert f'web 1.0 requires tool>=2{replaced}"tool<2"\n' in ruled("why", "tool").succeeded().out
    assert '  the constraint "deep<2" of the project holds for it\n' in ruled("why", "deep").succeeded().out
    (entry,) = json.loads(ruled("why", "parts", "--json").succeeded().out)["entries"]
    assert entry["chains"][0][-1]["overrides"] == ["parts<2"]


def test_a_package_that_is_excluded_is_told(ruled: Command) -> None:
    finished = ruled("why", "gone").failed(1)
    assert (
        'gone is not in the lock: deep 1.0 requires gone, web 1.0 requires gone, and the exclude "gone"' in finished.err
    )
    assert "take gone out of `excludes`" in finished.err
    for question in (("gone", "--latest"), ("gone==1.0",)):
        out = ruled("why", *question).succeeded().out
        assert 'is left out by the exclude "gone" of the project.' in out
        assert "require" not in out


def test_what_is_excluded_under_one_parent_is_no_requirement_of_it(ruled: Command, project: ProjectWriter) -> None:
    project.pyproject("web", tool={"excludes": [{"package": {"name": "web"}, "dependencies": ["gone"]}]})
    ruled("lock").succeeded()
    out = ruled("why", "gone").succeeded().out
    assert "deep 1.0 requires gone" in out
    assert "web 1.0 requires gone" not in out


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("parts", 'the override "parts<2"'),
        ("tool", 'the override "tool<2" (of what web requires)'),
        ("deep", 'the constraint "deep<2"'),
    ],
)
def test_a_version_that_a_rule_forbids_is_had_by_changing_the_rule(name: str, rule: str, ruled: Command) -> None:
    out = ruled("why", name, "--latest").succeeded().out
    assert "Nothing holds" not in out
    assert any(line.startswith("  -> change ") for line in out.splitlines())
    assert rule.partition(" (")[0].removeprefix("the ") in out
    document = json.loads(ruled("why", f"{name}==3.0", "--json").succeeded().out)
    assert [each["requirement"] for each in document["rules"]] == [f"{name}<2"]
    assert document["advice"] == f"change {rule}, and lock again"


def test_a_version_that_an_override_admits_is_had_by_an_upgrade(ruled: Command, project: ProjectWriter) -> None:
    project.pyproject("web", tool={"overrides": ["parts"], "excludes": ["gone"]})
    assert ruled("why", "parts==2.0").succeeded().out.endswith("  -> run `locktool upgrade parts==2.0`\n")
    ruled("upgrade", "parts==2.0").succeeded()
    assert "parts 2.0 is locked" in ruled("why", "parts==2.0").succeeded().out


@pytest.mark.parametrize("source", ["path", "url"])
@pytest.mark.parametrize("question", [("web", "--latest"), ("web==9",)])
def test_an_index_has_no_version_of_what_comes_from_elsewhere(
    source: str, question: tuple[str, ...], index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("web", "9")
    index.add("web", "0.1")
    (project.directory / "web").mkdir()
    project.write("web/pyproject.toml", "[project]\nname = 'web'\nversion = '1.0'\n")
    where = {"path": "web"} if source == "path" else {"url": f"{index.root}/files/web/web-0.1-py3-none-any.whl"}
    project.pyproject("web", tool={"sources": {"web": where}})
    for _ in ("not locked", "locked"):
        out = run_locktool("why", *question).succeeded().out
        assert out.startswith(f"web comes from {'directory' if source == 'path' else 'archive'} ")
        assert "web>=" not in out
        assert "web==" not in out
        run_locktool("lock").succeeded()


def test_the_advice_for_a_version_leads_to_it(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    for version in ("1.0", "2.0", "3.0"):
        index.add("extra", version)
    assert '-> to have it, require "extra==2.0" in' in locked("why", "extra==2.0").succeeded().out
    assert '-> to have it, require "extra>=3.0" in' in locked("why", "extra==3.0").succeeded().out
    project.pyproject("web", "extra==2.0", extras={"s3": ["store"]})
    locked("lock").succeeded()
    project.pyproject("web", "extra", extras={"s3": ["store"]})
    assert locked("why", "extra==1.0").succeeded().out.endswith("-> run `locktool upgrade extra==1.0`\n")


def test_a_version_that_some_environments_have_is_held_back_in_the_others(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    for version in ("1.0", "2.0"):
        index.add("torch", version)
    extras = {"cpu": ["torch<2"], "cuda": ["torch>=2"]}
    project.pyproject(extras=extras, tool={"conflicts": [[{"extra": "cpu"}, {"extra": "cuda"}]]})
    run_locktool("lock").succeeded()
    title = run_locktool("why", "torch", "--latest").succeeded().out.splitlines()[0]
    assert title == "torch 2.0 is held back (the lock has it in some environments, in others 1.0):"


def test_a_version_that_was_never_published_does_not_exist(locked: Command) -> None:
    out = locked("why", "parts==7").succeeded().out
    assert out.startswith("parts 7 does not exist (the lock has 1.0.0):")
    assert "hint: there is no parts 7: parts exists in one version, 1.0.0" in out


def test_an_index_has_no_version_of_the_project_itself(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("demo", "9")
    project.pyproject("helper", tool={"workspace": {"members": ["helper"]}, "sources": {"helper": {"workspace": True}}})
    project.pyproject(member="helper", name="helper")
    run_locktool("lock").succeeded()
    index.add("helper", "9")
    finished = run_locktool("why", "helper", "--latest").succeeded()
    assert finished.out == "helper comes from directory helper: versions of an index do not matter.\n"


def test_a_range_of_versions_may_be_asked_for(locked: Command, index: LocalIndex) -> None:
    index.add("parts", "2.0.0")
    index.add("parts", "1.1.0")
    out = locked("why", "parts>=2", "--refresh").succeeded().out
    assert out.startswith("parts>=2 is held back (the lock has 1.0.0):")
    assert "requires parts>=1,<2" in out
    assert locked("why", "parts>1").succeeded().out.splitlines() == [
        "Nothing holds parts>1 back (the lock has 1.0.0). These move with it:",
        "  ~ parts 1.0.0 -> 1.1.0",
        "  -> run `locktool lock --upgrade-package parts`",
    ]
    assert locked("why", "parts<2").succeeded().out.startswith("parts<2 is locked as 1.0.0: nothing holds it back")
    assert locked("why", "parts>=9").succeeded().out.startswith("parts>=9 does not exist (the lock has 1.0.0):")
    document = json.loads(locked("why", "parts ~= 2.0", "--json").succeeded().out)
    assert (document["version"], document["specifier"], document["verdict"]) == (None, "~=2.0", "impossible")


def test_the_advice_for_a_range_leads_to_it(locked: Command, project: ProjectWriter, index: LocalIndex) -> None:
    for version in ("1.1.0", "1.2.0"):
        index.add("parts", version)
    out = locked("why", "parts>1,<1.2", "--refresh").succeeded().out
    (command,) = re.findall(r"-> run `locktool (.*)`", out)
    locked(*shlex.split(command)).succeeded()
    assert 'version = "1.1.0"' in project.read("pylock.toml")
