"""Projects without [project]: Poetry's and flit's tables and setup.cfg are locked without a build, and an edit is told.

The index has no build system, so that whatever is built fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from hostile_archives import TOP, member, write_tar
from input_changes import assert_locks_again, locked_packages, locked_versions

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

POETRY = """\
[build-system]
requires = ["poetry-core>=1.0"]
build-backend = "poetry.core.masonry.api"

[tool.poetry]
name = "demo"
version = "0.1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.11"
caret = "^1.2"
tilde = {version = "~1.2", extras = ["x"]}
either = [
    {version = "^1.0", python = "<3.12"},
    {version = "^2.0", python = ">=3.12"},
]
windows = {version = "*", platform = "win32"}
marked = {version = "*", markers = "implementation_name == 'pypy'"}
choice = {version = "*", optional = true}
unused = {version = "*", optional = true}
vendored = {path = "vendored", develop = true}
early = {version = "*", allow-prereleases = true}

[tool.poetry.extras]
more = ["choice"]

[tool.poetry.group.test.dependencies]
tester = ">=1,<3"

[tool.poetry.group.docs]
optional = true

[tool.poetry.group.docs.dependencies]
writer = "*"

[tool.poetry.dev-dependencies]
older = "1.*"
"""
VENDORED = """\
[tool.poetry]
name = "vendored"
version = "3.0"
[tool.poetry.dependencies]
python = "*"
caret = ">=1"
"""
FLIT = """\
[build-system]
requires = ["flit_core >=2,<4"]
build-backend = "flit_core.buildapi"

[tool.flit.metadata]
module = "demo"
author = "Somebody"
requires = ["caret >=1"]
requires-python = ">=3.11"
dev-requires = ["writer"]

[tool.flit.metadata.requires-extra]
more = ["choice"]
"""
SETUP_CFG = """\
[metadata]
name = demo
version = attr: demo.__version__

[options]
python_requires = >=3.11
install_requires =
    caret>=1
    # A comment.
    windows; sys_platform == "win32"
packages = find:

[options.extras_require]
more = choice
files = file: more.txt

[flake8]
max-line-length = 100
"""
SETUP_PY = '"""The build."""\nfrom setuptools import setup\n\nsetup()  # All is in setup.cfg.\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools>=61", "wheel"]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    """An index with what the projects require, and without any build system."""
    for name in ("windows", "marked", "choice", "unused", "tester", "writer", "older", "added"):
        index.add(name, "1.0")
    for version in ("1.1", "1.2.0", "1.9", "2.0"):
        index.add("caret", version)
        index.add("tilde", version, extras={"x": ["marked"]})
        index.add("either", version)
    index.add("early", "1.0")
    index.add("early", "2.0rc1")
    return index


def write_poetry(project: ProjectWriter) -> None:
    project.write("pyproject.toml", POETRY)
    project.write("vendored/pyproject.toml", VENDORED)


def test_a_project_of_poetry_is_locked_as_poetry_would(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    write_poetry(project)
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    versions = locked_versions(project)
    expected = {
        "caret": "1.9",
        "tilde": "1.2.0",
        "either": "1.9 2.0",
        "windows": "1.0",
        "marked": "1.0",
        "choice": "1.0",
        "vendored": "",
        "early": "2.0rc1",
        "tester": "1.0",
        "writer": "1.0",
        "older": "1.0",
    }
    assert {name: version for name, version in versions.items() if name != "demo"} == expected
    packages = {name: entries[0] for name, entries in locked_packages(project).items()}
    assert packages["windows"]["marker"] == "sys_platform == 'win32'"
    assert "docs" in packages["writer"]["marker"]
    assert "more" in packages["choice"]["marker"]
    assert packages["vendored"]["directory"] == {"path": "vendored", "editable": True}
    lock = project.read()
    assert 'dependency-groups = ["dev", "docs", "test"]' in lock
    assert 'default-groups = ["dev", "test"]' in lock
    assert 'extras = ["more"]' in lock


def test_a_tree_of_poetry_is_read_without_a_build(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("part", tool={"sources": {"part": {"path": "part"}}})
    project.write("part/pyproject.toml", POETRY.replace('name = "demo"', 'name = "part"'))
    project.write("part/vendored/pyproject.toml", VENDORED)
    run_locktool("lock").succeeded()
    versions = locked_versions(project)
    assert versions["caret"] == "1.9"
    assert "vendored" in versions
    assert not {"tester", "writer", "older", "choice"} & versions.keys()
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("is_whole", [True, False])
def test_an_archive_of_poetry_is_read_without_a_build(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, *, is_whole: bool
) -> None:
    """Where its requirements come from, an archive can say only once it is built."""
    text = POETRY if not is_whole else POETRY.replace('vendored = {path = "vendored", develop = true}\n', "")
    information = b"Metadata-Version: 2.1\nName: demo\nVersion: 0.1.0\n"
    members = [member(f"{TOP}/PKG-INFO", information), member(f"{TOP}/pyproject.toml", text.encode())]
    write_tar(project.directory / "demo-0.1.0.tar.gz", members)
    project.pyproject("demo", name="holder", tool={"sources": {"demo": {"path": "demo-0.1.0.tar.gz"}}})
    finished = run_locktool("lock")
    if not is_whole:
        assert "poetry-core is on none of the indexes" in finished.failed(2).err
        return
    finished.succeeded()
    assert locked_versions(project)["caret"] == "1.9"
    assert not {"tester", "writer", "older", "choice"} & locked_versions(project).keys()


def test_groups_and_what_is_dynamic_stand_beside_a_project_table(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    table = '[project]\nname = "demo"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n'
    text = POETRY.replace('name = "demo"\nversion = "0.1.0"\ndescription = ""\nauthors = []\n', "")
    project.write("pyproject.toml", table + text)
    project.write("vendored/pyproject.toml", VENDORED)
    run_locktool("lock").succeeded()
    versions = locked_versions(project)
    assert {"caret", "tilde", "vendored", "tester", "writer", "older"} <= versions.keys()
    run_locktool("check", "--frozen").succeeded()


def test_an_index_of_poetry_serves_what_names_it(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    source = f'[[tool.poetry.source]]\nname = "own"\nurl = "{world.url}"\npriority = "explicit"\n'
    table = '[tool.poetry]\nname = "demo"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.11"\n'
    project.write("pyproject.toml", f'{table}caret = {{version = "^1", source = "own"}}\n{source}')
    run_locktool("lock", env={"LOCKTOOL_INDEX_URL": "http://127.0.0.1:1/simple/"}).succeeded()
    assert locked_versions(project)["caret"] == "1.9"


def test_what_specifiers_cannot_say_is_told_at_its_line(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("pyproject.toml", POETRY.replace('caret = "^1.2"', 'caret = "<1.1 || >=1.9"'))
    finished = run_locktool("lock").failed(2)
    assert "pyproject.toml:13:1: tool.poetry.dependencies.caret: '<1.1 || >=1.9'" in finished.err


def test_a_project_of_flit_is_locked(world: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    project.write("pyproject.toml", FLIT)
    project.write("demo.py", '"""Demo."""\n__version__ = "1.2"\n')
    run_locktool("lock").succeeded()
    assert {"caret", "writer", "choice"} <= locked_versions(project).keys()
    assert 'extras = ["dev", "more"]' in project.read()
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("pyproject", ["", SETUPTOOLS])
@pytest.mark.parametrize("setup", [None, SETUP_PY])
def test_a_project_of_setup_cfg_is_locked(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, pyproject: str, setup: str | None
) -> None:
    project.write("pyproject.toml", pyproject)
    project.write("setup.cfg", SETUP_CFG)
    project.write("more.txt", "added  # A comment.\n")
    if setup is not None:
        project.write("setup.py", setup)
    run_locktool("lock").succeeded()
    assert locked_versions(project).keys() - {"demo"} == {"caret", "windows", "choice", "added"}
    assert 'extras = ["files", "more"]' in project.read()
    run_locktool("check", "--frozen").succeeded()


def test_a_required_directory_may_have_nothing_but_a_setup_cfg(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.pyproject("part", tool={"sources": {"part": {"path": "part"}}})
    project.write("part/setup.cfg", SETUP_CFG.replace("name = demo", "name = part").replace("more.txt", "other.txt"))
    project.write("part/other.txt", "added\n")
    run_locktool("lock").succeeded()
    assert locked_versions(project)["caret"] == "2.0"
    run_locktool("check", "--frozen").succeeded()
    project.write("part/setup.cfg", SETUP_CFG.replace("name = demo", "name = part").replace("caret>=1", "caret<2"))
    project.write("part/more.txt", "added\n")
    assert "caret" in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)
    assert locked_versions(project)["caret"] == "1.9"


@pytest.mark.parametrize(
    ("written", "computed"),
    [
        ("setup()", "setup(install_requires=[])"),
        ("from setuptools import setup\n", "from setuptools import setup\nfrom own import x\n"),
    ],
)
def test_a_setup_py_that_does_more_needs_its_build(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, written: str, computed: str
) -> None:
    project.write("pyproject.toml", SETUPTOOLS)
    project.write("setup.cfg", SETUP_CFG)
    project.write("more.txt", "")
    project.write("setup.py", SETUP_PY.replace(written, computed))
    assert "setuptools" in run_locktool("lock").failed(2).err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    caret>=1\n", "    %(caret)s\n"),
        ("    caret>=1\n", "    -r other.txt\n"),
        ("more = choice", 'more = choice; sys_platform == "win32"'),
        ("file: more.txt", "file: absent.txt"),
        ("file: more.txt", "file: ../more.txt"),
        (">=3.11", "no version"),
    ],
)
def test_what_a_setup_cfg_leaves_open_needs_its_build(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, old: str, new: str
) -> None:
    project.write("pyproject.toml", SETUPTOOLS)
    project.write("setup.cfg", SETUP_CFG.replace(old, new))
    project.write("more.txt", "")
    assert "setuptools" in run_locktool("lock").failed(2).err


@dataclass(frozen=True)
class Edit:
    """A file of a project, a text in it and what takes its place, and the package that is told and then locked."""

    files: dict[str, str]
    file: str
    old: str
    new: str
    named: str
    version: str | None


EDITS = {
    "a dependency of Poetry": Edit({"pyproject.toml": POETRY}, "pyproject.toml", '"^1.2"', '"~1.1"', "caret", "1.1"),
    "a group of Poetry": Edit({"pyproject.toml": POETRY}, "pyproject.toml", 'tester = ">=1,<3"', "", "tester", None),
    "an extra of Poetry": Edit({"pyproject.toml": POETRY}, "pyproject.toml", '["choice"]', "[]", "choice", None),
    "a source of Poetry": Edit(
        {"pyproject.toml": POETRY}, "pyproject.toml", '{path = "vendored", develop = true}', '"*"', "vendored", "4.0"
    ),
    "the development group of Poetry": Edit(
        {"pyproject.toml": POETRY}, "pyproject.toml", 'older = "1.*"', 'added = "*"', "added", "1.0"
    ),
    "a requirement of flit": Edit(
        {"pyproject.toml": FLIT}, "pyproject.toml", "caret >=1", "caret <1.9", "caret", "1.2.0"
    ),
    "an extra of flit": Edit({"pyproject.toml": FLIT}, "pyproject.toml", '["choice"]', '["added"]', "added", "1.0"),
    "a requirement of setup.cfg": Edit(
        {"pyproject.toml": "", "setup.cfg": SETUP_CFG}, "setup.cfg", "caret>=1", "caret<1.9", "caret", "1.2.0"
    ),
    "an extra of setup.cfg": Edit(
        {"pyproject.toml": "", "setup.cfg": SETUP_CFG}, "setup.cfg", "more = choice", "more = added", "added", "1.0"
    ),
    "a file that setup.cfg names": Edit(
        {"pyproject.toml": SETUPTOOLS, "setup.cfg": SETUP_CFG}, "more.txt", "tester", "added", "added", "1.0"
    ),
}


@pytest.mark.parametrize("kind", sorted(EDITS))
def test_an_edit_is_told_and_followed(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    world.add("vendored", "4.0")
    edit = EDITS[kind]
    files = edit.files | {"vendored/pyproject.toml": VENDORED, "more.txt": "tester\n"}
    for path, text in files.items():
        project.write(path, text)
    run_locktool("lock").succeeded()
    run_locktool("check", "--frozen").succeeded()
    assert edit.old in files[edit.file]
    project.write(edit.file, files[edit.file].replace(edit.old, edit.new, 1))
    assert edit.named in run_locktool("check", "--frozen").failed(1).err
    assert_locks_again(run_locktool, project)
    assert locked_versions(project).get(edit.named) == edit.version


HARMLESS = {
    "a description": ("pyproject.toml", POETRY, 'description = ""', 'description = "A demo."'),
    "another spelling of a constraint": ("pyproject.toml", POETRY, '"^1.2"', '">=1.2,<2.0"'),
    "another spelling of a requirement": ("pyproject.toml", FLIT, "caret >=1", "caret>= 1"),
    "a section of another tool": ("setup.cfg", SETUP_CFG, "= 100", "= 120"),
}


@pytest.mark.parametrize("kind", sorted(HARMLESS))
def test_an_edit_that_changes_nothing_is_none(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    file, text, old, new = HARMLESS[kind]
    files = {"pyproject.toml": "", file: text, "vendored/pyproject.toml": VENDORED, "more.txt": "tester\n"}
    for path, content in files.items():
        project.write(path, content)
    run_locktool("lock").succeeded()
    assert old in text
    project.write(file, text.replace(old, new, 1))
    run_locktool("check", "--frozen").succeeded()


@pytest.mark.parametrize("path", ["setup.cfg", "pyproject.toml"])
def test_compile_reads_a_setup_cfg(world: LocalIndex, project: ProjectWriter, run_locktool: Command, path: str) -> None:
    project.write("pyproject.toml", "")
    project.write("setup.cfg", SETUP_CFG)
    project.write("demo/__init__.py", "__version__ = '1.0'\n")
    project.write("more.txt", "added\n")
    out = run_locktool("compile", path, "--extra", "more").succeeded().out
    assert "caret==2.0" in out
    assert "choice==1.0" in out


def test_compile_reads_a_setup_py_beside_a_setup_cfg(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    project.write("setup.cfg", SETUP_CFG)
    project.write("setup.py", SETUP_PY)
    project.write("demo/__init__.py", "__version__ = '1.0'\n")
    project.write("more.txt", "added\n")
    assert "caret==2.0" in run_locktool("compile", "setup.py").succeeded().out
