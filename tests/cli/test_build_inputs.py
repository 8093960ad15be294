"""Which files and tables of a tree count as read by its build: a change of theirs is named, another's is no change.

Where code may read what is not written in it, a check says that the member is unverified.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from input_changes import assert_named
from source_trees import OWN_BACKEND, add_build_systems

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Command, ProjectWriter
    from local_index import LocalIndex


def dynamic(requires: str, backend: str, rest: str = "") -> str:
    return (
        f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n'
        f'[project]\nname = "part"\nversion = "1.0"\nrequires-python = ">=3.11"\ndynamic = ["dependencies"]\n{rest}'
    )


SETUPTOOLS = dynamic('"setuptools"', "setuptools.build_meta")
HATCHLING = dynamic('"hatchling"', "hatchling.build")
PDM = dynamic('"pdm-backend"', "pdm.backend")
OWN = dynamic("", "own_backend").replace("[project]", 'backend-path = ["."]\n[project]', 1)
LISTED = f'{SETUPTOOLS}[tool.setuptools.dynamic]\ndependencies = {{ file = ["listed.txt"] }}\n'
REQUIRES = 'REQUIRES = ["c"]\n'


def setup(code: str, **files: str) -> dict[str, str]:
    """A tree of setuptools with a setup.py; keys of files have `__` for slashes and `_txt` for `.txt`."""
    named = {
        path.replace("__", "/").replace("_txt", ".txt").replace("_py", ".py"): text for path, text in files.items()
    }
    return {"pyproject.toml": SETUPTOOLS, "setup.py": f"{code}\n{REQUIRES}"} | named


def hatch(tables: str, **files: str) -> dict[str, str]:
    named = {path.replace("_txt", ".txt").replace("_toml", ".toml"): text for path, text in files.items()}
    return {"pyproject.toml": f"{HATCHLING}{tables}", "hatch_build.py": REQUIRES} | named


# The files of a tree, and the one whose change must be named.
READ: dict[str, tuple[dict[str, str], str]] = {
    "setup.cfg: file in a further line": (
        {"pyproject.toml": SETUPTOOLS, "setup.py": REQUIRES, "listed.txt": "c\n", "more.txt": "c\n"}
        | {"setup.cfg": "[options.extras_require]\nx = file:\n  listed.txt,\n  more.txt\n"},
        "more.txt",
    ),
    "setup.py: a name behind an apostrophe": (
        setup('x = "it\'s"; y = open("listed.txt")', listed_txt="c\n"),
        "listed.txt",
    ),
    "setup.py: os.path.join": (
        setup('import os\nopen(os.path.join("in", "base.txt"))', in__base_txt="c\n"),
        "in/base.txt",
    ),
    "setup.py: Path": (
        setup('from pathlib import Path\n(Path("in") / "base.txt").read_text()', in__base_txt="c\n"),
        "in/base.txt",
    ),
    "setup.py: a file in a file": (
        setup('open("listed.txt")', listed_txt="-r in/more.txt\n", in__more_txt="c\n"),
        "in/more.txt",
    ),
    "setup.py: an import": (
        setup("import sys; sys.path.insert(0, '.')\nfrom deps import R", deps_py="R = []\n"),
        "deps.py",
    ),
    "setup.py: an import of an import": (
        setup("import sys; sys.path.insert(0, '.')\nfrom deps import R", deps_py="import deep\nR = []\n", deep_py=""),
        "deep.py",
    ),
    "setuptools: a file in a file": (
        {"pyproject.toml": LISTED, "listed.txt": "c\n", "setup.py": "", "more.txt": "c\n"}
        | {"setup.cfg": "[options.extras_require]\nx = file: nested.txt\n", "nested.txt": "-c more.txt\n"},
        "more.txt",
    ),
    "hatch: the default file of requirements_txt": (
        hatch("[tool.hatch.metadata.hooks.requirements_txt]\n", requirements_txt="c\n"),
        "requirements.txt",
    ),
    "hatch: an extra of requirements_txt": (
        hatch(
            '[tool.hatch.metadata.hooks.requirements_txt.optional-dependencies]\nx = ["extra.txt"]\n', extra_txt="c\n"
        ),
        "extra.txt",
    ),
    "hatch: hatch.toml": (
        hatch("", hatch_toml='[metadata.hooks.requirements_txt]\nfiles = ["a.txt"]\n', a_txt="c\n"),
        "hatch.toml",
    ),
    "pdm: custom-hook": (
        {"pyproject.toml": f'{PDM}[tool.pdm.build]\ncustom-hook = "hooks/mine.py"\n', "pdm_build.py": REQUIRES}
        | {"hooks/mine.py": "x = 1\n"},
        "hooks/mine.py",
    ),
    "an own backend that is a package": (
        {"pyproject.toml": OWN, "own_backend/__init__.py": OWN_BACKEND, "own_backend/deep/parts.py": "x = 1\n"},
        "own_backend/deep/parts.py",
    ),
    "an own backend in a folder": (
        {"pyproject.toml": OWN.replace('["."]', '["tools"]'), "tools/own_backend.py": OWN_BACKEND, "tools/b.py": ""},
        "tools/b.py",
    ),
}
CHANGES = {"hatch.toml": '[metadata.hooks.requirements_txt]\nfiles = ["a.txt", "b.txt"]\n'}


@pytest.fixture
def world(index: LocalIndex) -> LocalIndex:
    """An index with the stand-ins of the build systems."""
    add_build_systems(index)
    index.add("c", "1.0")
    return index


def lock(project: ProjectWriter, run: Command, files: dict[str, str]) -> None:
    """Lock a workspace with the member `part`, whose files these are."""
    project.pyproject("part", tool={"sources": {"part": {"workspace": True}}, "workspace": {"members": ["part"]}})
    for path, text in files.items():
        project.write(f"part/{path}", text)
    run("lock").succeeded()


def unverified(run: Command) -> list[str]:
    found: list[str] = json.loads(run("check", "--frozen", "--json").succeeded().out)["unverified"]
    return found


@pytest.mark.parametrize("kind", READ)
def test_what_a_build_reads_is_an_input(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    files, changed = READ[kind]
    lock(project, run_locktool, files)
    run_locktool("check", "--frozen").succeeded()
    project.write(f"part/{changed}", CHANGES.get(changed, f"{files[changed]}d\n"))
    assert_named(run_locktool, changed)


UNKNOWN = {
    "a computed name": setup('import os\nname = "x"\nopen(os.devnull if name else name)'),
    "a formatted name": setup('def f(name): return open(f"{name}.txt")'),
    "the environment": setup("import os\nos.environ.get('X')"),
    "a foreign hook of hatch": hatch("[tool.hatch.metadata.hooks.foreign]\n"),
    "a cache key that is no file": {
        "pyproject.toml": f'{OWN}[tool.uv]\ncache-keys = [{{ file = "a.in" }}, {{ git = {{ commit = true }} }}]\n',
        "own_backend.py": OWN_BACKEND,
    },
    "a cache key of the environment": {
        "pyproject.toml": f'{OWN}[tool.uv]\ncache-keys = [{{ env = "X" }}]\n',
        "own_backend.py": OWN_BACKEND,
    },
    "a known name in the tree": {
        "pyproject.toml": OWN.replace('"own_backend"', '"hatchling"'),
        "hatchling.py": OWN_BACKEND,
    },
}


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_cannot_be_known_is_unverified(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    lock(project, run_locktool, UNKNOWN[kind])
    assert unverified(run_locktool) == ["part"]
    text = UNKNOWN[kind]["pyproject.toml"]
    project.write("part/pyproject.toml", f'{text}[tool.locktool]\nbuild-inputs = ["setup.py"]\n')
    run_locktool("lock").succeeded()
    assert unverified(run_locktool) == []


HARMLESS: dict[str, tuple[dict[str, str], str, str, str]] = {
    "a comment of setup.cfg": (
        {"setup.cfg": "[options]\ninstall_requires =\n  c\n", "setup.py": ""},
        "setup.cfg",
        "  c\n",
        "  # why\n  C\n",
    ),
    "another tool in setup.cfg": (
        {"setup.cfg": "[options]\ninstall_requires =\n  c\n", "setup.py": ""},
        "setup.cfg",
        "  c\n",
        "  c\n[flake8]\nmax-line-length = 80\n[metadata]\nversion = file: VERSION\n",
    ),
    "order and comments of a requirements file": (
        {"pyproject.toml": LISTED, "listed.txt": "c\nc>=0\n"},
        "listed.txt",
        "c\nc>=0\n",
        "# all\nC >= 0  # why\n\nc\n",
    ),
    "a README that setuptools names": (
        {"pyproject.toml": f'{LISTED}readme = {{ file = ["text.md"] }}\n', "listed.txt": "c\n", "text.md": "a"},
        "text.md",
        "a",
        "b",
    ),
    "a README that setup.py names": (setup('open("README.md")') | {"README.md": "a"}, "README.md", "a", "b"),
    "package data of setuptools": (
        {"pyproject.toml": LISTED, "listed.txt": "c\n"},
        "pyproject.toml",
        "[tool.setuptools.dynamic]",
        "[tool.setuptools]\nzip-safe = true\npackages = ['x']\n[tool.setuptools.dynamic]",
    ),
    "an environment of hatch": (
        hatch(""),
        "pyproject.toml",
        "[project]",
        "[tool.hatch.envs.x]\ndependencies = ['d']\n[project]",
    ),
    "a script of pdm": (
        {"pyproject.toml": PDM, "pdm_build.py": REQUIRES},
        "pyproject.toml",
        "[project]",
        "[tool.pdm.scripts]\nx = 'y'\n[project]",
    ),
    "spelling of static lists": (
        hatch("[project.optional-dependencies]\nx = ['c', 'c>=0']\n"),
        "pyproject.toml",
        "x = ['c', 'c>=0']",
        "X = ['C >= 0', 'c']",
    ),
    "the version": (hatch(""), "pyproject.toml", 'version = "1.0"', 'version = "1.1"'),
    "order of dynamic": (
        hatch(""),
        "pyproject.toml",
        '["dependencies"]',
        '["readme", "dependencies"]',
    ),
    "pyproject.toml in cache-keys": (
        hatch('[tool.uv]\ncache-keys = [{ file = "pyproject.toml" }]\n'),
        "pyproject.toml",
        'version = "1.0"',
        'version = "1.1"',
    ),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_decides_no_requirement_is_no_change(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, kind: str
) -> None:
    files, changed, old, new = HARMLESS[kind]
    lock(project, run_locktool, {"pyproject.toml": SETUPTOOLS} | files)
    text = project.read(f"part/{changed}")
    assert old in text
    project.write(f"part/{changed}", text.replace(old, new, 1))
    assert unverified(run_locktool) == []


def test_the_version_is_an_input_where_code_reads_it(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command
) -> None:
    lock(project, run_locktool, hatch("") | {"hatch_build.py": f"x = lambda metadata: metadata['version']\n{REQUIRES}"})
    project.write("part/pyproject.toml", HATCHLING.replace('"1.0"', '"1.1"'))
    assert_named(run_locktool, "project.version")


def test_a_path_of_the_machine_is_in_no_lock(world: LocalIndex, project: ProjectWriter, run_locktool: Command) -> None:
    outside = project.directory.parent / "outside.txt"
    outside.write_text("c\n")
    inside = project.directory / "part" / "listed.txt"
    text = LISTED.replace('"listed.txt"', f'"{outside}", "{inside}"')
    lock(project, run_locktool, {"pyproject.toml": text, "listed.txt": "c\n"})
    assert str(project.directory.parent) not in project.read()
    assert '"listed.txt"' in project.read()
    assert unverified(run_locktool) == ["part"]


@pytest.mark.parametrize("missing", [["setup.cfg", "in/base.txt"], ["setup.py"], ["setup.py", "setup.cfg", "in"]])
def test_absent_build_inputs_are_believed_on_request_and_said(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, missing: list[str]
) -> None:
    code = 'import os\nversion = "1"\nopen(os.path.join("in", "base.txt"))'
    files = setup(code, in__base_txt="c\n") | {"setup.cfg": "[options]\ninstall_requires =\n  c\n"}
    lock(project, run_locktool, files)
    for name in missing:
        path = project.directory / "part" / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    run_locktool("check", "--frozen").failed(1)
    outcome = json.loads(run_locktool("check", "--frozen", "--absent-sources", "--json").succeeded().out)
    expected = [f"part/{name}" if name != "in" else "part/in/base.txt" for name in missing]
    assert sorted(outcome["absent"]) == sorted(expected)
    project.write("part/pyproject.toml", SETUPTOOLS.replace('"setuptools"', '"setuptools>1"', 1))
    run_locktool("check", "--frozen", "--absent-sources").failed(1)


@pytest.mark.parametrize("kind", ["links to itself", "directories of this machine"])
def test_a_tree_without_end_is_read(
    world: LocalIndex, project: ProjectWriter, run_locktool: Command, tmp_path: Path, kind: str
) -> None:
    part = project.directory / "part"
    places = ["x", "y"]
    if kind == "links to itself":
        part.mkdir()
        for link in places:
            (part / link).symlink_to(".", target_is_directory=True)
    else:
        places = [str(tmp_path), "usr/local"]
        (part / "usr" / "local").mkdir(parents=True)
    lock(project, run_locktool, setup(f'open("listed.txt"); {places}', listed_txt="c\n"))
    run_locktool("check", "--frozen").succeeded()
    project.write("part/listed.txt", "d\n")
    assert_named(run_locktool, "listed.txt")
