"""Packages from git repositories: which commit is locked, when it moves, and what is refused."""

from __future__ import annotations

import json
import os
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from git_repository import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


class Repository:
    """A repository on disk that is committed to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)

    def commit(self, *requires: str) -> str:
        """Commit a tree that requires something; its id."""
        text = f"[project]\nname = 'b'\nversion = '1.0'\ndependencies = {list(requires)}\n"
        (self.folder / "pyproject.toml").write_text(text, encoding="utf-8")
        return commit_all(self.folder)


@pytest.fixture
def repository(tmp_path: Path, index: LocalIndex) -> Repository:
    index.add("c", "1.0")
    index.add("d", "1.0")
    return Repository(tmp_path / "b")


def ask(project: ProjectWriter, repository: Repository, *requires: str, **source: str) -> None:
    source = {"git": repository.folder.as_uri(), **source}
    project.pyproject("b", *requires, tool={"sources": {"b": source}})


def locked(project: ProjectWriter) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(project.read())["packages"][0]
    assert found["name"] == "b"
    return found


def test_a_commit_stays_until_its_package_is_to_move(
    repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    first = repository.commit("c")
    ask(project, repository)
    run_locktool("lock").succeeded()
    second = repository.commit("d")
    ask(project, repository, "c")
    run_locktool("lock", "--refresh").succeeded()
    assert locked(project)["vcs"]["commit-id"] == first
    run_locktool("lock", "--upgrade-package", "b").succeeded()
    entry = locked(project)
    assert entry["vcs"] == {"type": "git", "url": repository.folder.as_uri(), "commit-id": second}
    assert "version" not in entry
    assert entry["dependencies"] == [{"name": "d"}]
    run_locktool("check", "--frozen").succeeded()


def test_a_commit_that_moves_is_told(repository: Repository, project: ProjectWriter, run_locktool: Command) -> None:
    first = repository.commit("c")
    ask(project, repository)
    run_locktool("lock").succeeded()
    project.write("pylock.old.toml", project.read())
    second = repository.commit("c")
    moved = f"  ~ b {first[:7]} -> {second[:7]}\n"
    finished = run_locktool("upgrade", "b").succeeded()
    assert moved in finished.err
    assert "Wrote pylock.toml: 1 moved" in finished.err
    assert run_locktool("diff", "pylock.old.toml").succeeded().out == moved
    markdown = run_locktool("diff", "pylock.old.toml", "--markdown").succeeded().out
    assert f"| b | moved | {first[:7]} (git) | {second[:7]} (git) |" in markdown
    (change,) = json.loads(run_locktool("diff", "pylock.old.toml", "--json").succeeded().out)["moved"]
    assert [change[key][0]["commit"] for key in ("from_origins", "to_origins")] == [first, second]


def test_a_repository_that_has_another_commit_is_outdated(
    repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    first = repository.commit("c")
    ask(project, repository)
    run_locktool("lock").succeeded()
    assert "0 of 1 package is outdated" in run_locktool("outdated").succeeded().err
    second = repository.commit("c")
    finished = run_locktool("outdated").succeeded()
    assert finished.out.splitlines()[1].split() == ["b", first[:7], second[:7], second[:7], "upgrade"]
    assert "1 of 1 package is outdated; `locktool lock --upgrade` moves 1 of them" in finished.err
    (package,) = json.loads(run_locktool("outdated", "--json").succeeded().out)["outdated"]
    assert (package["kind"], package["locked"], package["newest"]) == ("git", first, second)
    assert locked(project)["vcs"]["commit-id"] == first


def test_where_nothing_can_be_newer_outdated_says_so(project: ProjectWriter, run_locktool: Command) -> None:
    (project.directory.parent / "b").mkdir()
    project.write("../b/pyproject.toml", "[project]\nname = 'b'\nversion = '1.0'\n")
    project.pyproject("b", tool={"sources": {"b": {"path": "../b"}}})
    run_locktool("lock").succeeded()
    assert "nothing to compare" in run_locktool("outdated").succeeded().err


def test_a_package_that_comes_from_elsewhere_is_told(
    repository: Repository, project: ProjectWriter, index: LocalIndex, run_locktool: Command
) -> None:
    commit = repository.commit("c")
    index.add("b", "1.0", requires=["c"])
    project.pyproject("b")
    run_locktool("lock").succeeded()
    project.write("pylock.old.toml", project.read())
    ask(project, repository)
    assert f"  ~ b 1.0 -> {commit[:7]} (index -> git)\n" in run_locktool("lock").succeeded().err
    out = run_locktool("diff", "pylock.old.toml").succeeded().out
    assert out.endswith(
        "packages that come from elsewhere:\n"
        f"    b: index {index.url.rstrip('/')} -> git {repository.folder.as_uri()} (commit {commit})\n"
    )
    project.write("pylock.old.toml", project.read())
    repository.git("branch", "other")
    ask(project, repository, branch="other")
    run_locktool("lock").succeeded()
    assert f"  ~ b {commit[:7]} (default branch -> branch other)\n" in run_locktool("diff", "pylock.old.toml").out


def test_a_commit_is_added_and_removed_as_one(
    repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    commit = repository.commit("c")
    project.pyproject()
    run_locktool("lock").succeeded()
    added = run_locktool("add", "b", "--git", repository.folder.as_uri()).succeeded().err
    assert f"  + b {commit[:7]} (git)\n" in added
    assert f"  - b {commit[:7]} (git)\n" in run_locktool("remove", "b").succeeded().err


@pytest.mark.parametrize("way", ["branch", "tag", "rev", "short rev"])
def test_a_revision_is_found_in_each_of_its_spellings(
    way: str, repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    wanted = repository.commit("c")
    repository.git("branch", "old")
    repository.git("tag", "v1")
    repository.commit("d")
    source = {
        "branch": {"branch": "old"},
        "tag": {"tag": "v1"},
        "rev": {"rev": wanted},
        "short rev": {"rev": wanted[:10]},
    }
    ask(project, repository, **source[way])
    run_locktool("lock").succeeded()
    assert locked(project)["vcs"]["commit-id"] == wanted


def test_a_block_whose_commit_was_changed_by_hand_does_not_hold(
    repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    commit = repository.commit("c")
    ask(project, repository)
    run_locktool("lock").succeeded()
    project.write("pylock.toml", project.read().replace(commit, "0" * 40))
    assert "not as it was written" in run_locktool("check", "--frozen").failed().err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"rev": "nowhere"}, "could not be checked out: there is no commit, tag or branch 'nowhere'"),
        ({"tag": "v9"}, "there is no tag 'v9'"),
        ({"branch": "old"}, "there is no branch 'old'"),
        ({"git": "file:///nowhere"}, "'/nowhere' does not appear to be a git repository"),
        ({"rev": "--upload-pack=touch seen"}, "could not be checked out"),
        ({"subdirectory": "absent"}, "no such subdirectory"),
        ({"subdirectory": ".."}, "no such subdirectory"),
        ({"git": "ext::touch seen"}, "could not be checked out"),
    ],
)
def test_what_cannot_be_checked_out_is_told(
    source: dict[str, str], said: str, repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    repository.commit("c")
    ask(project, repository, **source)
    finished = run_locktool("lock").failed(2)
    assert said in " ".join(finished.err.split())
    assert not (project.directory / "pylock.toml").exists()
    assert not list(project.directory.parent.rglob("seen"))


@pytest.mark.skipif(os.name == "nt", reason="a script stands for git")
def test_git_speaks_english_on_every_machine(
    repository: Repository, project: ProjectWriter, run_locktool: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    git = folder / "git"
    git.write_text(
        '#!/bin/sh\n[ "$LC_ALL" = C ] && echo "fatal: no way in" >&2 || echo "Schwerwiegend: kein Weg hinein" >&2\n'
        'echo "Please make sure that you may." >&2\nexit 128\n'
    )
    git.chmod(0o755)
    ask(project, repository)
    german = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    refused = run_locktool("lock", env=german).failed(2)
    assert refused.err.splitlines()[0].endswith("could not be checked out: fatal: no way in")
    assert "Please" not in refused.err
    assert "fatal: no way in" in run_locktool("diff", "v1", "v2", env=german).failed(2).err


def test_compile_pins_the_commit(repository: Repository, project: ProjectWriter, run_locktool: Command) -> None:
    commit = repository.commit("c")
    repository.git("tag", "v1")
    project.write("requirements.in", f"b @ git+{repository.folder.as_uri()}@v1\n")
    run_locktool("compile", "requirements.in", "-o", "requirements.txt").succeeded()
    text = project.read("requirements.txt")
    assert f"b @ git+{repository.folder.as_uri()}@{commit}" in text
    assert "c==1.0" in text


def test_a_repository_is_added_and_goes_without_a_trace(
    repository: Repository, project: ProjectWriter, run_locktool: Command
) -> None:
    commit = repository.commit("c")
    repository.git("tag", "v1")
    project.pyproject("d")
    run_locktool("lock").succeeded()
    before = project.read("pyproject.toml"), project.read()
    address = repository.folder.as_uri()
    run_locktool("add", "b", "--git", address, "--tag", "v1").succeeded()
    assert locked(project)["vcs"]["commit-id"] == commit
    values = tomllib.loads(project.read("pyproject.toml"))
    assert values["project"]["dependencies"] == ["b", "d"]
    assert values["tool"]["locktool"]["sources"] == {"b": {"git": address, "tag": "v1"}}
    run_locktool("check", "--strict").succeeded()
    run_locktool("remove", "b").succeeded()
    assert (project.read("pyproject.toml"), project.read()) == before


def test_what_an_upgrade_takes_of_a_repository_stays_when_bounds_are_raised(
    repository: Repository, project: ProjectWriter, run_locktool: Command, index: LocalIndex
) -> None:
    repository.commit("c")
    ask(project, repository, "d>=1")
    run_locktool("lock").succeeded()
    commit = repository.commit("c")
    index.add("d", "1.1")
    run_locktool("upgrade", "--bump", "--refresh").succeeded()
    assert locked(project)["vcs"]["commit-id"] == commit
    assert tomllib.loads(project.read("pyproject.toml"))["project"]["dependencies"] == ["b", "d>=1.1"]
    run_locktool("check", "--strict").succeeded()


@pytest.mark.parametrize("revision", ["", "@v1"])
def test_a_repository_is_added_by_the_name_that_it_has(
    project: ProjectWriter, run_locktool: Command, repository: Repository, revision: str
) -> None:
    commit = repository.commit("c")
    repository.git("tag", "v1")
    project.pyproject()
    address = repository.folder.as_uri()
    run_locktool("add", f"git+{address}{revision}").succeeded()
    values = tomllib.loads(project.read("pyproject.toml"))
    assert values["project"]["dependencies"] == ["b"]
    assert values["tool"]["locktool"]["sources"] == {"b": {"git": address} | ({"rev": "v1"} if revision else {})}
    assert locked(project)["vcs"]["commit-id"] == commit
    run_locktool("check").succeeded()
