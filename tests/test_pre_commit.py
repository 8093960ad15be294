"""The hooks of .pre-commit-hooks.yaml under the real pre-commit: a commit that changes an input of a lock is refused.

One repository has a project with every kind of input, a nested project and a compiled lock. Each test works on a copy,
changes one file and stages that file alone. The hooks are those of the manifest, run from this interpreter, so that
pre-commit has nothing to fetch or to build.
"""

from __future__ import annotations

import importlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import Command, Completed, ProjectWriter
from documentation import markdown, pages
from local_index import LocalIndex, Release

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[1]
MANIFEST = REPOSITORY / ".pre-commit-hooks.yaml"
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false")

# A build backend of the project's own, under the name of setuptools: what setuptools reads is what is digested.
BACKEND = """\
import configparser, pathlib

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    requirements = pathlib.Path("requirements.txt").read_text().split()
    config = configparser.ConfigParser()
    config.read("setup.cfg")
    requirements += config["options"]["install_requires"].split()
    folder = pathlib.Path(metadata_directory, "built-1.0.dist-info")
    folder.mkdir()
    lines = ["Metadata-Version: 2.1", "Name: built", "Version: 1.0", *("Requires-Dist: " + one for one in requirements)]
    folder.joinpath("METADATA").write_text("\\n".join(lines))
    return folder.name
"""
BUILT = """\
[build-system]
requires = []
build-backend = "setuptools.build_meta"
backend-path = ["backend"]

[project]
name = "built"
version = "1.0"
readme = "README.md"
dynamic = ["dependencies"]

[tool.setuptools.dynamic]
dependencies = { file = ["requirements.txt"] }
"""


class Repository(ProjectWriter):
    """A git repository whose commits pre-commit checks."""

    def git(self, *arguments: str) -> Completed:
        return self.run("git", *IDENTITY, *arguments)

    def pre_commit(self, *arguments: str) -> Completed:
        return self.run(sys.executable, "-m", "pre_commit", *arguments)

    def run(self, *arguments: str) -> Completed:
        """Run a program in the repository, without what the machine says of git, pre-commit and indexes."""
        command = Command(self.directory.parent, self.directory)
        foreign = ("GIT_", "PRE_COMMIT", "SKIP")
        variables = {name: value for name, value in command.variables().items() if not name.startswith(foreign)}
        variables |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        variables |= {"PRE_COMMIT_HOME": str(self.directory.parent / "pre-commit")}
        finished = subprocess.run(
            arguments, cwd=self.directory, env=variables, capture_output=True, text=True, encoding="utf-8", check=False
        )
        return Completed(finished.returncode, finished.stdout, finished.stderr, arguments)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a file, and stage it alone."""
        text = self.read(path)
        assert text.count(old) >= 1, f"{path} does not have {old!r}"
        self.write(path, text.replace(old, new))
        self.git("add", path).succeeded()


def read_yaml(path: Path) -> Any:  # noqa: ANN401 - any document
    """Read a file with the parser that pre-commit reads it with."""
    return importlib.import_module("yaml").safe_load(path.read_text(encoding="utf-8"))


def hooks() -> list[dict[str, Any]]:
    """The manifest's hooks, with the command of this interpreter in the place of an installed one."""
    command = f"{shlex.quote(sys.executable)} -m locktool"
    found: list[dict[str, Any]] = read_yaml(MANIFEST)
    for hook in found:
        program, _, arguments = hook["entry"].partition(" ")
        assert program == "locktool"
        hook |= {"language": "system", "entry": f"{command} {arguments}"}
    return found


def configure(repository: Repository, identifier: str) -> None:
    """Write a configuration of one hook; JSON is YAML."""
    chosen = [hook for hook in hooks() if hook["id"] == identifier]
    repos = [{"repo": "local", "hooks": chosen}]
    repository.write(".pre-commit-config.yaml", json.dumps({"repos": repos}))


@pytest.fixture(scope="module")
def served() -> Iterator[LocalIndex]:
    """The index that the repository is locked from."""
    with LocalIndex() as index:
        for name in ("ant", "bee", "cat", "dog"):
            index.add(name, "1.0")
            index.add(name, "2.0")
        index.add("elk", "1.0", requires=["ant>=2"])
        yield index


@pytest.fixture(scope="module")
def locked(served: LocalIndex, tmp_path_factory: pytest.TempPathFactory, built: None) -> Repository:
    """The repository: everything in it is locked and committed."""
    repository = Repository(tmp_path_factory.mktemp("locked") / "repository")
    write_sources(repository, served)
    for arguments in (
        ["lock"],
        ["lock", "--project", "services/api"],
        ["compile", "dev.in", "--universal", "--index-url", served.url, "-o", "pylock.dev.toml"],
    ):
        repository.run(sys.executable, "-m", "locktool", *arguments).succeeded()
    configure(repository, "locktool-check")
    repository.git("init", "-q").succeeded()
    repository.git("add", ".").succeeded()
    repository.git("commit", "-q", "-m", "everything").succeeded()
    return repository


def write_sources(repository: Repository, index: LocalIndex) -> None:
    """The files that people write."""
    tables = {"index": [{"name": "main", "url": index.url, "default": True}], "resolution": "highest"}
    sources = {"local": {"path": "libs/local"}, "fox": {"path": "wheels/fox-1.0-py3-none-any.whl"}}
    workspace = {"members": ["members/*"]}
    repository.pyproject(
        "ant",
        "built",
        "local",
        "fox",
        tool={**tables, "sources": {**sources, "built": {"workspace": True}}, "workspace": workspace},
    )
    repository.pyproject("bee", member="members/plain", name="plain")
    repository.write("members/built/pyproject.toml", BUILT)
    repository.write("members/built/backend/setuptools/__init__.py", "")
    repository.write("members/built/backend/setuptools/build_meta.py", BACKEND)
    repository.write("members/built/requirements.txt", "cat\n")
    repository.write("members/built/setup.cfg", "[options]\ninstall_requires =\n    dog\n")
    repository.pyproject("dog", member="libs/local", name="local")
    repository.pyproject("ant", member="services/api", name="api", tool=tables)
    repository.write("dev.in", "elk\n")
    for readme in ("README.md", "members/built/README.md"):
        repository.write(readme, "# Read me\n")
    put_wheel(repository, requires=[])


def put_wheel(repository: Repository, requires: list[str]) -> None:
    """Write the wheel that the project requires by its path."""
    (wheel,) = Release("fox", "1.0", requires=tuple(requires)).files
    path = repository.directory / "wheels" / wheel.filename
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(wheel.content)


@pytest.fixture
def repository(locked: Repository, tmp_path: Path) -> Repository:
    """A copy of the repository."""
    copy = tmp_path / "repository"
    shutil.copytree(locked.directory, copy, symlinks=True)
    return Repository(copy)


def validate(command: str, path: Path) -> None:
    arguments = [sys.executable, "-m", "pre_commit", command, str(path)]
    finished = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_manifest_is_valid() -> None:
    validate("validate-manifest", MANIFEST)
    assert [hook["id"] for hook in hooks()] == ["locktool-check", "locktool-lock"]


def test_the_configuration_in_the_documentation_names_hooks_and_the_release(tmp_path: Path) -> None:
    text = markdown.blocks(pages.read("how-to/pre-commit.md"), "yaml")[0].content
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")
    validate("validate-config", path)
    (repo,) = read_yaml(path)["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= {hook["id"] for hook in hooks()}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert repo["rev"] == f"v{project['version']}"


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: str(hook["id"]))
def test_no_pattern_hides_an_input(hook: dict[str, Any]) -> None:
    assert hook["always_run"]
    assert not hook["pass_filenames"]
    assert not {"files", "exclude", "types", "types_or", "stages"} & set(hook)


def test_a_fresh_lock_passes(repository: Repository) -> None:
    finished = repository.pre_commit("run", "--verbose").succeeded()
    for lock in ("pylock.toml", "pylock.dev.toml", "services/api/pylock.toml"):
        assert f"{lock} is " in finished.out


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        ("pyproject.toml", '"ant"', '"ant<2"', "ant<2"),
        ("pyproject.toml", '"highest"', '"lowest"', "resolution"),
        ("pyproject.toml", "/simple/", "/other/", "indexes"),
        ("members/plain/pyproject.toml", '"bee"', '"bee<2"', "bee<2"),
        ("members/built/pyproject.toml", "requirements.txt", "others.txt", "tool.setuptools"),
        ("members/built/setup.cfg", "dog", "dog<2", "setup.cfg"),
        ("members/built/requirements.txt", "cat", "cat<2", "requirements.txt"),
        ("libs/local/pyproject.toml", '"dog"', '"dog<2"', "dog<2"),
        ("services/api/pyproject.toml", '"ant"', '"ant<2"', "services/api/pylock.toml"),
        ("pylock.dev.toml", 'version = "2.0"', 'version = "1.0"', "pylock.dev.toml"),
        ("pylock.toml", 'version = "2.0"', 'version = "1.0"', "pylock.toml"),
    ],
)
def test_a_changed_input_fails_although_only_it_is_staged(
    repository: Repository, path: str, old: str, new: str, reason: str
) -> None:
    repository.replace(path, old, new)
    finished = repository.pre_commit("run").failed()
    assert reason in finished.out


def test_a_replaced_wheel_fails(repository: Repository) -> None:
    put_wheel(repository, requires=["ant"])
    repository.git("add", "wheels").succeeded()
    assert "fox" in repository.pre_commit("run").failed().out


@pytest.mark.parametrize("path", ["README.md", "members/built/README.md"])
def test_a_change_of_a_readme_passes(repository: Repository, path: str) -> None:
    repository.replace(path, "Read", "Please read")
    repository.pre_commit("run").succeeded()


def test_a_lock_that_is_not_staged_with_its_project_fails(repository: Repository) -> None:
    repository.replace("services/api/pyproject.toml", '"ant"', '"ant<2"')
    repository.run(sys.executable, "-m", "locktool", "lock", "--project", "services/api").succeeded()
    assert "services/api/pylock.toml" in repository.pre_commit("run").failed().out
    repository.git("add", "services/api/pylock.toml").succeeded()
    repository.pre_commit("run").succeeded()


def test_a_commit_is_refused(repository: Repository) -> None:
    repository.pre_commit("install").succeeded()
    repository.replace("members/built/setup.cfg", "dog", "dog<2")
    assert "setup.cfg" in repository.git("commit", "-m", "a change").failed().err
    assert repository.git("log", "--oneline").succeeded().out.count("\n") == 1


def test_the_other_hook_locks_again(repository: Repository) -> None:
    configure(repository, "locktool-lock")
    repository.git("add", ".pre-commit-config.yaml").succeeded()
    repository.pre_commit("run").succeeded()
    repository.replace("members/built/setup.cfg", "dog", "dog<2")
    assert "files were modified by this hook" in repository.pre_commit("run").failed().out
    repository.git("add", "pylock.toml").succeeded()
    repository.pre_commit("run").succeeded()
