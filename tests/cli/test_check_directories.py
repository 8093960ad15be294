"""`locktool check DIR...`: every lock at and below some directories, and one exit code for all of them."""

from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from locktool import _native
from locktool.cli.exit_code import exit_code_of
from locktool.exceptions import ProjectError
from locktool.operations.check import check_directories
from locktool.operations.find_locks import find_locks

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


@pytest.fixture
def tree(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """Two projects, a workspace and a folder of compiled requirements, all locked below one directory."""
    index.add("a", "1.0")
    index.add("b", "1.0")
    for name in ("one", "two"):
        project.pyproject("a", member=name, name=name)
        run_locktool("lock", "--project", name).succeeded()
    project.pyproject("b", member="space", name="space", tool={"workspace": {"members": ["inner"]}})
    project.pyproject("a", member="space/inner", name="inner")
    run_locktool("lock", "--project", "space").succeeded()
    project.write("tools/requirements.in", "b\n")
    run_locktool("compile", "tools/requirements.in", "--universal", "-o", "tools/pylock.toml").succeeded()
    run_locktool("compile", "tools/requirements.in", "--universal", "-o", "one/pylock.docs.toml").succeeded()
    return run_locktool


def paths(outcomes: list[dict[str, Any]], project: ProjectWriter) -> list[str]:
    start = f"{project.directory}/"
    return [outcome["path"].removeprefix(start) for outcome in outcomes]


def test_every_lock_below_is_checked_once(tree: Command, project: ProjectWriter) -> None:
    outcomes = json.loads(tree("check", ".", "one", "--json").succeeded().out)
    assert paths(outcomes, project) == [
        "one/pylock.docs.toml",
        "one/pylock.toml",
        "space/pylock.toml",
        "tools/pylock.toml",
        "two/pylock.toml",
    ]
    assert all(outcome["holds"] for outcome in outcomes)
    lines = tree("check", ".").succeeded().err.splitlines()
    assert [line for line in lines if "is sound (" in line] == [
        "one/pylock.docs.toml is sound (it is not compared with the files it was made from)",
        "tools/pylock.toml is sound (it is not compared with the files it was made from)",
    ]
    assert len(lines) == 5


def test_a_project_is_checked_without_its_siblings(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pylock.toml", "broken [")
    assert paths(json.loads(tree("check", "two", "tools", "--json").succeeded().out), project) == [
        "two/pylock.toml",
        "tools/pylock.toml",
    ]


def test_a_member_of_a_workspace_leads_to_the_lock_of_its_root(tree: Command, project: ProjectWriter) -> None:
    for directory in ("space/inner", "space"):
        assert paths(json.loads(tree("check", directory, "--json").succeeded().out), project) == ["space/pylock.toml"]


def test_a_folder_of_members_leads_to_the_lock_of_their_root(tree: Command, project: ProjectWriter) -> None:
    project.pyproject("b", member="space", name="space", tool={"workspace": {"members": ["packages/*"]}})
    for name in ("first", "second"):
        project.pyproject("a", member=f"space/packages/{name}", name=name)
    tree("lock", "--project", "space").succeeded()
    outcomes = json.loads(tree("check", "space/packages", "--json").succeeded().out)
    assert paths(outcomes, project) == ["space/pylock.toml"]


def test_a_lock_left_in_the_directory_of_a_member_is_out_of_date(tree: Command, project: ProjectWriter) -> None:
    shutil.copy(project.directory / "two" / "pylock.toml", project.directory / "space" / "inner" / "pylock.toml")
    for directory in ("space/inner", "space"):
        finished = tree("check", directory).failed(1)
        assert (
            "space/inner/pylock.toml is out of date: its project is a member of the workspace in space" in finished.err
        )
        assert "hint: delete space/inner/pylock.toml" in finished.err


def test_a_lock_that_is_compiled_for_a_member_is_checked_to_be_sound(tree: Command, project: ProjectWriter) -> None:
    tree("compile", "space/inner/pyproject.toml", "--universal", "-o", "space/inner/pylock.toml").succeeded()
    assert "space/inner/pylock.toml is sound (" in tree("check", "space").succeeded().err


def test_a_lock_that_is_stale_is_one_and_the_others_are_reported(tree: Command, project: ProjectWriter) -> None:
    project.pyproject("a", "b", member="one", name="one")
    finished = tree("check", ".").failed(1)
    assert "one/pylock.toml is not up to date" in finished.err
    assert "two/pylock.toml is up to date" in finished.err


def test_a_lock_that_cannot_be_read_is_two_and_the_others_are_reported(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pylock.toml", "broken [")
    project.pyproject("b", member="two", name="two")
    finished = tree("check", ".").failed(2)
    assert "error: one/pylock.toml" in finished.err
    assert "two/pylock.toml is not up to date" in finished.err
    assert "space/pylock.toml is up to date" in finished.err
    outcomes = json.loads(tree("check", ".", "--json").failed(2).out)
    assert [outcome["error"]["code"] for outcome in outcomes if "error" in outcome] == ["lock-unreadable"]


def test_a_project_that_cannot_be_read_is_two(tree: Command, project: ProjectWriter) -> None:
    project.write("one/pyproject.toml", "broken [")
    finished = tree("check", ".").failed(2)
    assert "one/pyproject.toml:1" in finished.err
    assert "two/pylock.toml is up to date" in finished.err


def test_an_entry_changed_by_hand_is_found_without_the_inputs(tree: Command, project: ProjectWriter) -> None:
    text = project.read("tools/pylock.toml")
    project.write("tools/pylock.toml", text.replace('version = "1.0"', 'version = "1.1"'))
    assert "tools/pylock.toml is not sound" in tree("check", "tools").failed(1).err


@pytest.mark.parametrize("folder", [".hidden", "node_modules", "__pycache__", "environment"])
def test_folders_that_are_no_projects_are_left_out(tree: Command, project: ProjectWriter, folder: str) -> None:
    project.write(f"two/{folder}/pylock.toml", "broken [")
    if folder == "environment":
        project.write("two/environment/pyvenv.cfg", "")
    tree("check", "two").succeeded()


def unsearchable(listed: str) -> OSError:
    return PermissionError(errno.EACCES, "Permission denied", listed)


def test_a_directory_that_cannot_be_listed_is_an_error(
    tree: Command, project: ProjectWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = str(project.directory / "tools")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path) == closed:
            raise unsearchable(closed)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    checks = {str(check.path): check for check in check_directories([project.directory])}
    outcome = checks[closed].outcome
    assert isinstance(outcome, ProjectError)
    assert outcome.code == "directory-unreadable"
    assert "tools cannot be listed: Permission denied" in outcome.message
    assert exit_code_of(outcome) == 2
    assert checks[str(project.directory / "two" / "pylock.toml")].holds


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_directory_without_permissions_does_not_stop_the_others(tree: Command, project: ProjectWriter) -> None:
    closed = project.directory / "tools"
    closed.chmod(0)
    try:
        finished = tree("check", ".").failed(2)
    finally:
        closed.chmod(0o755)
    assert "tools cannot be listed" in finished.err
    assert "two/pylock.toml is up to date" in finished.err


def test_the_root_of_a_workspace_is_looked_up_once(
    tree: Command, project: ProjectWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.pyproject("b", member="space", name="space", tool={"workspace": {"members": ["m*", "inner"]}})
    for number in range(5):
        project.pyproject("a", member=f"space/m{number}", name=f"m{number}")
    asked: list[str] = []
    find_root = _native.find_root

    def counted(directory: str) -> str:
        asked.append(directory)
        return find_root(directory)

    monkeypatch.setattr(_native, "find_root", counted)
    list(find_locks(project.directory / "space"))
    assert len(asked) == 1


def test_the_document_has_the_warnings_and_the_command_that_mends(tree: Command, project: ProjectWriter) -> None:
    project.pyproject("a", "b", member="one", name="one")
    finished = tree("check", "one", "--json").failed(1)
    outcome = next(outcome for outcome in json.loads(finished.out) if outcome["reasons"])
    assert outcome["warnings"] == []
    suggestion = outcome["reasons"][0]["suggestion"]
    assert "`locktool lock --project one`" in suggestion
    assert f"-> {suggestion}" in finished.err


def test_what_has_no_lock_is_said_and_does_not_stop_the_others(tree: Command, project: ProjectWriter) -> None:
    (project.directory / "empty").mkdir()
    finished = tree("check", "empty", "two").failed(1)
    assert "no lock in empty" in finished.err
    assert "two/pylock.toml is up to date" in finished.err
    assert "nowhere does not exist" in tree("check", "nowhere", "two").failed(2).err


def test_one_project_and_directories_are_not_both_named(tree: Command) -> None:
    assert "--project" in tree("check", "one", "--project", "two").failed(2).err


def test_a_required_directory_that_is_not_there_may_be_taken_as_recorded(
    index: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    index.add("a", "1.0")
    project.pyproject("part", member="app", name="app", tool={"sources": {"part": {"path": "../part"}}})
    project.pyproject("a", member="part", name="part")
    run_locktool("lock", "--project", "app").succeeded()
    run_locktool("check", "app").succeeded()
    shutil.rmtree(project.directory / "part")
    assert run_locktool("check", "app").code != 0
    finished = run_locktool("check", "app", "--absent-sources").succeeded()
    assert "part is not there; what the lock records of it is used" in finished.err
    (outcome,) = json.loads(run_locktool("check", "app", "--absent-sources", "--json").succeeded().out)
    assert len(outcome["absent"]) == 1


def test_a_lock_of_a_newer_release_asks_for_an_upgrade(tree: Command, project: ProjectWriter) -> None:
    for path in ("one/pylock.toml", "one/pylock.docs.toml", "space/pylock.toml"):
        text = project.read(path)
        for newer in (
            text.replace("schema = 2", "schema = 99"),
            text.replace('lock-version = "1.0"', 'lock-version = "2.0"'),
        ):
            assert newer != text
            project.write(path, newer)
            finished = tree("check", path.partition("/")[0]).failed(2)
            assert "hint: upgrade locktool" in finished.err
            assert "locktool lock`" not in finished.err
        project.write(path, text)


SCRIPT = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["a"]\n# ///\n'


@pytest.fixture
def scripts(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A script and its lock below a project."""
    index.add("a", "1.0")
    index.add("b", "1.0")
    project.pyproject("a")
    project.write("tools/t.py", SCRIPT)
    run_locktool("lock").succeeded()
    run_locktool("lock", "--script", "tools/t.py").succeeded()
    return run_locktool


def test_the_lock_of_a_script_is_compared_with_the_script_beside_it(scripts: Command, project: ProjectWriter) -> None:
    outcomes = json.loads(scripts("check", ".", "--json", "--strict").succeeded().out)
    compared = [outcome["compared_with"].removeprefix(f"{project.directory}/") for outcome in outcomes]
    assert compared == ["pyproject.toml", "tools/t.py"]
    assert "tools/pylock.t.toml is up to date and sound" in scripts("check", ".").succeeded().err
    project.write("tools/t.py", SCRIPT.replace('"a"', '"a", "b"'))
    for words in ([".", "--frozen"], ["tools/pylock.t.toml"], ["--script", "tools/t.py"]):
        assert "`locktool lock --script tools/t.py`" in scripts("check", *words).failed(1).err, words


@pytest.mark.parametrize("script", ["a.b.py", "window.pyw"])
def test_every_name_of_a_script_is_found(scripts: Command, project: ProjectWriter, script: str) -> None:
    project.write(script, SCRIPT)
    scripts("lock", "--script", script).succeeded()
    outcomes = json.loads(scripts("check", ".", "--json").succeeded().out)
    assert f"{project.directory}/{script}" in [outcome["compared_with"] for outcome in outcomes]


@pytest.mark.parametrize(
    "words",
    [
        ["compile", "t.in", "-o", "tools/pylock.t.toml"],
        ["compile", "tools/t.py", "--universal", "-o", "tools/pylock.t.toml"],
    ],
    ids=" ".join,
)
def test_what_was_compiled_is_not_compared_with_a_script_of_its_name(
    scripts: Command, project: ProjectWriter, words: list[str]
) -> None:
    (project.directory / "tools/pylock.t.toml").unlink()
    project.write("t.in", "a\n")
    scripts(*words).succeeded()
    (only,) = json.loads(scripts("check", "tools", "--json").succeeded().out)
    assert only["holds"]
    assert only["compared_with"] is None


def test_a_python_file_without_a_block_is_no_script(scripts: Command, project: ProjectWriter) -> None:
    project.write("tools/t.py", "print('hello')\n")
    (only,) = json.loads(scripts("check", "tools", "--json").succeeded().out)
    assert only["compared_with"] is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are of POSIX")
def test_a_pipe_with_the_name_of_a_script_is_not_waited_for(scripts: Command, project: ProjectWriter) -> None:
    (project.directory / "tools/t.py").unlink()
    os.mkfifo(project.directory / "tools/t.py")
    (only,) = json.loads(scripts("check", "tools", "--json").succeeded().out)
    assert only["compared_with"] is None


def test_a_script_that_is_wrong_is_an_error_of_its_lock_alone(scripts: Command, project: ProjectWriter) -> None:
    project.write("tools/t.py", SCRIPT.replace('["a"]', '["a"'))
    finished = scripts("check", ".").failed(2)
    assert "tools/t.py:" in finished.err
    assert "\npylock.toml is up to date and sound" in f"\n{finished.err}"


def test_one_lock_is_checked_alone(tree: Command, project: ProjectWriter) -> None:
    for path, compared in (("one/pylock.toml", "one/pyproject.toml"), ("one/pylock.docs.toml", None)):
        (only,) = json.loads(tree("check", path, "--json").succeeded().out)
        assert paths([only], project) == [path]
        assert only["compared_with"] == (compared and f"{project.directory}/{compared}")
    project.pyproject("b", member="one", name="one")
    assert "one/pylock.toml is not up to date" in tree("check", "one/pylock.toml").failed(1).err
    tree("check", "one/pylock.docs.toml").succeeded()
    assert "does not exist" in tree("check", "one/pylock.none.toml").failed(2).err
    assert "is neither a directory nor a lock" in tree("check", "tools/requirements.in").failed(2).err
