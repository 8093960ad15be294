"""Scripts with a metadata block (PEP 723): locked, checked and edited like projects."""

from __future__ import annotations

import json
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.pylock import Pylock

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

SCRIPT = """#!/usr/bin/env python
# -*- coding: utf-8 -*-
# /// other
# a = 1
# ///
'''doc'''

# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "web", # the web
#
# ]
#
# [tool.locktool] # settings
# resolution = "highest"
# ///

import web
"""


@pytest.fixture
def tool(index: LocalIndex, project: ProjectWriter) -> str:
    """A script that requires a package of the index."""
    index.add("web", "1.0", requires=["parts"])
    index.add("parts", "1.0")
    index.add("more", "2.0")
    project.write("tool.py", SCRIPT)
    return "tool.py"


def locked(project: ProjectWriter, path: str = "pylock.tool.toml") -> list[str]:
    document = tomllib.loads(project.read(path))
    Pylock.from_dict(document)
    return [package["name"] for package in document["packages"]]


def test_a_script_has_a_standard_lock_beside_it(tool: str, project: ProjectWriter, run_locktool: Command) -> None:
    finished = run_locktool("check", "--script", tool).failed(1)
    assert "locktool lock --script tool.py" in finished.err
    outcome = json.loads(run_locktool("lock", "--script", tool, "--json").succeeded().out)
    assert outcome["path"].endswith("pylock.tool.toml")
    assert locked(project) == ["parts", "web"]
    run_locktool("check", "--script", tool, "--strict").succeeded()
    run_locktool("check", "--script", project.directory / tool, cwd=project.directory.parent).succeeded()
    assert "up to date" in run_locktool("lock", "--script", tool).succeeded().err
    run_locktool("check", ".").succeeded()
    assert sorted(path.name for path in project.directory.iterdir()) == ["pylock.tool.toml", "tool.py"]


def test_a_changed_block_makes_the_lock_stale(tool: str, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock", "--script", tool).succeeded()
    project.write(tool, SCRIPT.replace("import web", "import web, sys"))
    run_locktool("check", "--script", tool).succeeded()
    project.write(tool, SCRIPT.replace('"web"', '"web>=2"'))
    finished = run_locktool("check", "--script", tool, "--json").failed(1)
    assert json.loads(finished.out)["holds"] is False
    assert "run `locktool lock --script tool.py`" in finished.err
    assert "web" in run_locktool("lock", "--script", tool).failed(1).err
    assert locked(project) == ["parts", "web"]


def test_what_is_added_to_a_script_goes_without_a_trace(
    tool: str, project: ProjectWriter, run_locktool: Command
) -> None:
    run_locktool("lock", "--script", tool).succeeded()
    lock = project.read("pylock.tool.toml")
    first = SCRIPT[SCRIPT.index("# /// script") :]
    for text in (SCRIPT, SCRIPT.replace("\n", "\r\n"), f"\ufeff{SCRIPT}", f"\ufeff{first}"):
        (project.directory / tool).write_bytes(text.encode())
        run_locktool("add", "--script", tool, "more").succeeded()
        after = (project.directory / tool).read_bytes().decode()
        newline = "\r\n" if "\r\n" in text else "\n"
        assert after == text.replace(f'#   "web",{" "}#', f'#   "more>=2.0",{newline}#   "web", #')
        assert locked(project) == ["more", "parts", "web"]
        run_locktool("check", "--script", tool).succeeded()
        run_locktool("remove", "--script", tool, "more").succeeded()
        assert (project.directory / tool).read_bytes() == text.encode()
        assert project.read("pylock.tool.toml") == lock


def test_a_script_without_a_lock_gets_none_from_an_edit(
    tool: str, project: ProjectWriter, run_locktool: Command
) -> None:
    outcome = json.loads(run_locktool("add", "--script", tool, "more", "--json").succeeded().out)
    assert outcome["lock"] is None
    assert '"more>=2.0"' in project.read(tool)
    assert [path.name for path in project.directory.iterdir()] == [tool]


@pytest.mark.usefixtures("tool")
@pytest.mark.parametrize("head", ["", "#!/usr/bin/env python\n", "#!/bin/sh\n# coding: utf-8\n", "\ufeff"])
def test_a_script_without_a_block_gets_one(project: ProjectWriter, run_locktool: Command, head: str) -> None:
    project.write("bare.py", f"{head}print(1)\n")
    run_locktool("add", "--script", "bare.py", "web", "--bounds", "exact").succeeded()
    text = project.read("bare.py")
    assert text.startswith(f"{head}# /// script\n# requires-python = ")
    assert text.endswith('# dependencies = [\n#     "web==1.0",\n# ]\n# ///\n\nprint(1)\n')
    run_locktool("lock", "--script", "bare.py").succeeded()
    assert locked(project, "pylock.bare.toml") == ["parts", "web"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("print()\n", "no metadata block"),
        ("# /// script\n# ///\n\n# /// script\n# ///\n", "two metadata blocks"),
        ('# /// script\n# dependencies = "web"\n# ///\n', "bad.py:2:3"),
        ("# /// script\n# dependencies = [\n# ///\n", "bad.py:"),
    ],
)
def test_a_bad_block_is_refused_by_every_command(
    tool: str, project: ProjectWriter, run_locktool: Command, text: str, message: str
) -> None:
    project.write("bad.py", text)
    commands = [["lock"], ["check"], ["add", "web"], ["remove", "web"]]
    for words in commands if "no metadata" not in message else commands[:2]:
        assert message in run_locktool(*words, "--script", "bad.py").failed(2).err
        assert project.read("bad.py") == text
    assert "cannot be read" in run_locktool("add", "--script", "absent.py", "web").failed(2).err


def test_a_script_has_neither_groups_nor_a_project(tool: str, run_locktool: Command) -> None:
    assert "neither extras nor groups" in run_locktool("add", "--script", tool, "web", "--group", "x").failed(2).err
    assert "--script" in run_locktool("check", "--script", tool, "--project", "..").failed(2).err
    assert "did you mean 'web'" in run_locktool("remove", "--script", tool, "wbe").failed(1).err


def test_sources_stand_in_the_block(tool: str, project: ProjectWriter, run_locktool: Command) -> None:
    project.pyproject("parts", member="libs/mine", name="mine")
    run_locktool("add", "--script", tool, "mine", "--path", "libs/mine").succeeded()
    assert '# [tool.locktool.sources]\n# mine = { path = "libs/mine" }\n' in project.read(tool)
    run_locktool("lock", "--script", tool).succeeded()
    run_locktool("check", "--script", tool, "--strict").succeeded()
    run_locktool("remove", "--script", tool, "mine").succeeded()
    assert project.read(tool) == SCRIPT


@pytest.mark.parametrize(
    ("made", "maker"),
    [
        (("compile", "tool.py", "-o", "pylock.tool.toml"), "`locktool compile` made it"),
        (("compile", "web.in", "--universal", "-o", "pylock.tool.toml"), "`locktool compile` made it"),
        (("export", "--format", "pylock", "-o", "pylock.tool.toml"), "it is a lock by locktool that records no script"),
        (("lock",), "it is the lock of a project"),
    ],
)
def test_a_lock_that_is_not_of_the_script_stays(
    tool: str, project: ProjectWriter, run_locktool: Command, made: tuple[str, ...], maker: str
) -> None:
    project.write("web.in", "web\n")
    project.pyproject("web")
    run_locktool("lock").succeeded()
    run_locktool(*made).succeeded()
    if made == ("lock",):
        (project.directory / "pylock.toml").rename(project.directory / "pylock.tool.toml")
    before = project.read("pylock.tool.toml")
    for words in (["lock"], ["lock", "--dry-run"], ["add", "more"]):
        refused = run_locktool(*words, "--script", tool).failed(2)
        assert f"is where the lock of tool.py belongs, but {maker}" in refused.err
        assert "move it to the name of another lock, or delete it" in refused.err
    assert project.read("pylock.tool.toml") == before
    assert project.read(tool) == SCRIPT


def test_what_is_said_of_a_script_names_the_script(tool: str, project: ProjectWriter, run_locktool: Command) -> None:
    run_locktool("lock", "--script", tool).succeeded()
    assert "  tool.py requires web\n" in run_locktool("why", "web", "--script", tool).succeeded().out
    assert run_locktool("tree", "--script", tool).succeeded().out.startswith("tool.py\n")
    exported = run_locktool("export", "--script", tool).succeeded().out
    assert exported.startswith("# Made by `locktool export` from pylock.tool.toml;")
    assert "    # via tool.py\n" in exported
    assert "pyproject.toml" not in exported
    project.write(tool, SCRIPT.replace('"web", # the web', '"web", "more",'))
    error = run_locktool("check", "--script", tool).failed(1).err
    assert "is in the dependencies of tool.py and not in the lock" in error


def test_a_script_with_the_name_of_a_package_is_not_the_package(
    tool: str, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("web", SCRIPT)
    run_locktool("lock", "--script", "web").succeeded()
    assert run_locktool("tree", "--script", "web").succeeded().out == "./web\n└── web 1.0\n    └── parts 1.0\n"


def test_a_block_without_an_end_is_no_reason_for_a_second_one(project: ProjectWriter, run_locktool: Command) -> None:
    text = "# /// script\n# dependencies = []\n\nprint()\n"
    project.write("open.py", text)
    for words in (["lock"], ["add", "web"]):
        error = run_locktool(*words, "--script", "open.py").failed(2).err
        assert "open.py:1: the metadata block has no end" in error
    assert project.read("open.py") == text


def test_a_script_is_looked_into_and_upgraded_as_a_project_is(
    tool: str, project: ProjectWriter, index: LocalIndex, run_locktool: Command
) -> None:
    assert "`locktool lock --script tool.py`" in run_locktool("upgrade", "--script", tool).failed(1).err
    assert "`locktool lock --script tool.py`" in run_locktool("outdated", "--script", tool).failed(1).err
    project.write(tool, SCRIPT.replace('"web",', '"web>=1",'))
    run_locktool("lock", "--script", tool).succeeded()
    (project.directory / "old").mkdir()
    project.write("old/pylock.tool.toml", project.read("pylock.tool.toml"))
    index.add("web", "2.0", requires=["parts"])
    asked = ("--script", tool, "--refresh")
    assert "web      1.0     2.0      2.0     upgrade" in run_locktool("outdated", *asked).succeeded().out
    assert "web 1.0 (newest: 2.0)" in run_locktool("tree", "--outdated", *asked).succeeded().out
    assert "Nothing holds web 2.0 back" in run_locktool("why", "web", "--latest", *asked).succeeded().out
    run_locktool("upgrade", "--bump", *asked).succeeded()
    assert '#   "web>=2.0", # the web' in project.read(tool)
    run_locktool("check", "--script", tool).succeeded()
    assert run_locktool("diff", "old", "--script", tool).succeeded().out.startswith("  ~ web 1.0 -> 2.0\n")
    assert run_locktool("upgrade", "web==1.0", "--script", tool).failed(1).err


def test_the_lock_of_a_script_is_compared_with_that_of_a_commit(
    tool: str, project: ProjectWriter, index: LocalIndex, run_locktool: Command
) -> None:
    run_locktool("lock", "--script", tool).succeeded()
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "a script")):
        settings = ("-c", "user.name=A", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *settings, *words], cwd=project.directory, check=True)
    index.add("web", "2.0", requires=["parts"])
    run_locktool("upgrade", "--script", tool, "--refresh").succeeded()
    finished = run_locktool("diff", "--script", tool).succeeded()
    assert finished.out.startswith("  ~ web 1.0 -> 2.0\n")
    assert "from HEAD to pylock.tool.toml" in finished.err
