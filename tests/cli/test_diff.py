"""`locktool diff`: what has changed between two locks, of files and of git revisions."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def git(project: ProjectWriter, *words: str) -> None:
    settings = ["-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=project.directory, check=True, capture_output=True)


@pytest.fixture
def changed(index: LocalIndex, project: ProjectWriter, run_locktool: Command) -> Command:
    """A project whose lock has moved since its last commit, in every way that a review should see."""
    index.add("web", "1.0")
    index.add("gone", "1.0")
    index.add("same", "1.0")
    project.pyproject("web", "gone", "same")
    git(project, "init", "-q")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "without a lock")
    run_locktool("lock").succeeded()
    git(project, "add", "-A")
    git(project, "commit", "-qm", "with a lock")
    index.add("web", "2.0", wheel_tags=[], sdist=True)
    index.add("fresh", "1.0", yanked="it was | broken")
    index.change("same", "1.0", wheel_tags=["py3-none-any", "py3-none-win_amd64"])
    project.pyproject("web", "same", "fresh==1.0")
    run_locktool("lock", "--upgrade", "--refresh").succeeded()
    return run_locktool


TEXT = """\
  + fresh 1.0
  - gone 1.0
  ~ web 1.0 -> 2.0
files that these versions did not have:
    same 1.0: same-1.0-py3-none-win_amd64.whl
versions that have to be built (no wheel):
    web 2.0
versions that were yanked:
    fresh 1.0: it was | broken
"""
MARKDOWN = r"""
| package | | before | after |
|---|---|---|---|
| web | moved | 1.0 | 2.0 |
| fresh | added |  | 1.0 |
| gone | removed | 1.0 |  |

**files that these versions did not have**

- same 1.0: same-1.0-py3-none-win\_amd64.whl

**versions that have to be built (no wheel)**

- web 2.0

**versions that were yanked**

- fresh 1.0: it was \| broken
"""


def test_a_lock_is_compared_with_that_of_the_last_commit(changed: Command, index: LocalIndex) -> None:
    index.forget_requests()
    finished = changed("diff").succeeded()
    assert finished.out == TEXT
    assert "1 added, 1 removed, 1 moved from HEAD to pylock.toml" in finished.err
    assert not index.requests


def test_markdown_shows_every_text_as_it_is(changed: Command) -> None:
    title, _, rest = changed("diff", "HEAD", "--markdown").succeeded().out.partition("\n")
    assert title == "### Lock: 1 added, 1 removed, 1 moved from HEAD to pylock.toml"
    assert rest == MARKDOWN


def test_json_says_the_same(changed: Command) -> None:
    document = json.loads(changed("diff", "--json").succeeded().out)
    assert document["moved"] == [{"name": "web", "from": ["1.0"], "to": ["2.0"]}]
    assert document["new_files"][0]["file"] == "same-1.0-py3-none-win_amd64.whl"
    assert document["sdist_only"] == [{"name": "web", "version": "2.0"}]
    assert document["yanked"] == [{"name": "fresh", "version": "1.0", "reason": "it was | broken"}]
    assert (document["new_hosts"], document["differ"]) == ([], True)


def test_files_directories_and_revisions_can_be_named(changed: Command, project: ProjectWriter) -> None:
    (project.directory / "copy").mkdir()
    project.write("copy/pylock.toml", project.read())
    assert "nothing has changed" in changed("diff", "copy", "pylock.toml").succeeded().err
    finished = changed("diff", "HEAD~1", "HEAD").succeeded()
    assert finished.out.startswith("  + gone 1.0\n  + same 1.0\n  + web 1.0\nhosts that are new:\n    127.0.0.1")
    assert "HEAD~1 has no pylock.toml" in finished.err
    project.write("copy/pylock.toml", project.read() + "\n# a comment\n")
    assert "no version has moved" in changed("diff", "copy").succeeded().err


def test_outside_a_repository_files_are_to_be_named(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    run_locktool("lock").succeeded()
    finished = run_locktool("diff").failed(2)
    assert "is in no git repository, so there is no last commit to compare with" in finished.err
    assert "hint: name files: `locktool diff OLD [NEW]`" in finished.err
    assert "fatal" not in finished.err


def test_versions_that_move_back_are_shown(changed: Command, project: ProjectWriter) -> None:
    project.write("new/pylock.toml", project.read())
    out = changed("diff", "new", "HEAD").succeeded().out
    assert "versions that moved back:\n    web 2.0 -> 1.0\n" in out
    assert "**versions that moved back**\n\n- web 2.0 -\\> 1.0\n" in changed("diff", "new", "HEAD", "--markdown").out


def test_hosts_that_are_new_are_shown(changed: Command, project: ProjectWriter) -> None:
    path = project.write("pylock.other.toml", project.read().replace("http://127.0.0.1", "http://elsewhere.invalid"))
    out = changed("diff", "pylock.toml", path).succeeded().out
    assert "hosts that are new:\n    elsewhere.invalid" in out


@pytest.mark.parametrize("name", ["nowhere", "--output=x", "HEAD:pylock.toml"])
def test_what_is_neither_a_file_nor_a_revision_is_told(changed: Command, project: ProjectWriter, name: str) -> None:
    assert "is neither a file nor a git revision" in changed("diff", "--", name).failed(2).err
    assert not (project.directory / "x").exists()


def test_without_a_lock_or_a_repository_it_says_so(project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject()
    (project.directory / ".git").write_text("gitdir: nowhere")
    assert "git" in run_locktool("diff").failed(2).err
    other = project.write("old/pylock.toml", 'lock-version = "1.0"\ncreated-by = "x"\npackages = []\n')
    assert "locktool lock" in run_locktool("diff", other).failed(1).err
