"""Other tools install what locktool locks and exports, by the documentation's own words: exactly what is chosen."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from conftest import ProjectWriter
from documentation import markdown, pages
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.read import read_lock
from locktool.lock.select import select_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import Command
    from local_index import LocalIndex

PIP = Version(importlib.metadata.version("pip"))
PAGE = pages.read("how-to/install.md")
# A build system of one file, so that a build needs no index.
BACKEND = """
import pathlib, tomllib, zipfile

def get_requires_for_build_wheel(config_settings=None):
    return []

get_requires_for_build_editable = get_requires_for_build_wheel

def build_wheel(directory, config_settings=None, metadata_directory=None):
    project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]
    stem = f"{project['name']}-{project['version']}"
    metadata = f"Metadata-Version: 2.1\\nName: {project['name']}\\nVersion: {project['version']}\\n"
    metadata += "".join(f"Requires-Dist: {each}\\n" for each in project["dependencies"])
    for extra, requires in project.get("optional-dependencies", {}).items():
        metadata += f"Provides-Extra: {extra}\\n"
        metadata += "".join(f"Requires-Dist: {each} ; extra == '{extra}'\\n" for each in requires)
    wheel = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(pathlib.Path(directory, f"{stem}-py3-none-any.whl"), "w") as file:
        for name, text in (("METADATA", metadata), ("WHEEL", wheel), ("RECORD", "")):
            file.writestr(f"{stem}.dist-info/{name}", text)
    return f"{stem}-py3-none-any.whl"

build_editable = build_wheel
"""
BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


class Environment:
    """An empty virtual environment, and the tools that install into it."""

    def __init__(self, directory: Path, home: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(directory)], check=True)
        self.python = directory / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        self._variables = variables | {
            "HOME": str(home),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_NO_CONFIG": "1",
            "UV_NO_CACHE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
        }

    def run(self, line: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the page that begins with pip or uv."""
        tool, *words = shlex.split(line)
        if tool == "pip":
            command = [sys.executable, "-m", "pip", "--python", str(self.python), *words]
        else:
            program = Path(sys.executable).with_name("uv")
            found = str(program) if program.exists() else shutil.which("uv")
            if found is None:
                pytest.skip("uv is not installed")
            command = [found, *words, "--python", str(self.python)]
        return subprocess.run(
            command, cwd=directory, env=self._variables | variables, capture_output=True, text=True, check=False
        )

    def installed(self) -> dict[str, str]:
        """What is installed, after `pip check` has found nothing to complain about."""
        checked = self.run("pip check", Path.cwd())
        assert checked.returncode == 0, checked.stdout
        listed = self.run("pip list --format json", Path.cwd())
        return {package["name"]: package["version"] for package in json.loads(listed.stdout)}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment", tmp_path / "home")


@pytest.fixture
def locked(index: LocalIndex, run_locktool: Command, project: ProjectWriter) -> Command:
    """A workspace with a build system, an extra, a group and forks, locked."""
    index.add("ant", "1.0", requires=["bee>=2 ; python_version >= '3'", "bee<2 ; python_version < '3'"])
    index.add("bee", "1.0")
    index.add("bee", "2.0", requires=["cat[more]"])
    index.add("cat", "1.0", extras={"more": ["dog"]})
    index.add("dog", "1.0", wheel_tags=[], sdist=True)
    index.add("elk", "1.0")
    index.add("fox", "1.0", requires_python=">=3.11")
    index.add("fox", "2.0", requires_python=">=3.12")
    index.add("gnu", "1.0")
    dependencies = ["ant", "fox", "hen"]
    tool = {"sources": {"hen": {"workspace": True}}, "workspace": {"members": ["libs/*"]}}
    project.pyproject(*dependencies, extras={"s3": ["elk"]}, groups={"dev": ["gnu"]}, tool=tool)
    project.pyproject("bee", member="libs/hen", name="hen", version="0.3")
    for member in (".", "libs/hen"):
        path = project.directory / member / "pyproject.toml"
        path.write_text(path.read_text(encoding="utf-8") + BUILD_SYSTEM, encoding="utf-8")
        (path.parent / "backend.py").write_text(BACKEND, encoding="utf-8")
    run_locktool("lock").succeeded()
    return run_locktool


def install_lines(tool: str) -> list[str]:
    """What the page says to type, in its order: for all of the lock, with an extra and a group, from an export."""
    lines = [line for block in markdown.blocks(PAGE, "sh") for line in block.content.splitlines()]
    start = {"pip": "pip install --no-deps", "uv": "uv pip install"}[tool]
    return [line for line in lines if line.startswith(start)]


def skip_without_locks(tool: str) -> None:
    if tool == "pip" and Version("26.3") > PIP:
        pytest.skip(f"pip {PIP} does not read locks")


def selected(project: ProjectWriter, extras: Iterable[str] = (), groups: Iterable[str] = ()) -> dict[str, str]:
    """What the lock gives the running interpreter, with the versions of the workspace's own projects."""
    lock = read_lock(project.directory / "pylock.toml")
    packages = (each.package for each in select_for(lock, MarkerEnvironment.current(), extras, groups))
    return {each.name: each.version or {"demo": "0.1.0", "hen": "0.3"}[each.name] for each in packages}


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_lock_installs_as_the_page_says(
    tool: str, locked: Command, project: ProjectWriter, environment: Environment
) -> None:
    skip_without_locks(tool)
    plain, chosen, *_ = install_lines(tool)
    finished = environment.run(plain, project.directory)
    assert finished.returncode == 0, finished.stderr
    assert environment.installed() == selected(project)
    assert {"demo", "hen", "dog"} <= selected(project).keys()
    finished = environment.run(chosen, project.directory)
    assert finished.returncode == 0, finished.stderr
    assert environment.installed() == selected(project, ["s3"], ["dev"])


def test_pip_compares_the_hashes_of_a_lock_with_directories(
    locked: Command, project: ProjectWriter, environment: Environment
) -> None:
    skip_without_locks("pip")
    path = project.directory / "pylock.toml"
    text, count = re.subn(r'(?<=ant-1\.0-py3-none-any\.whl)(.*sha256 = ")\w{64}', rf"\g<1>{'0' * 64}", path.read_text())
    assert count == 1
    path.write_text(text)
    finished = environment.run(install_lines("pip")[0], project.directory)
    assert finished.returncode != 0
    assert "DO NOT MATCH THE HASHES" in finished.stderr


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_lock_with_a_repository_installs_as_the_page_says(
    tool: str,
    index: LocalIndex,
    run_locktool: Command,
    project: ProjectWriter,
    environment: Environment,
    tmp_path: Path,
) -> None:
    skip_without_locks(tool)
    index.add("ant", "1.0")
    repository = ProjectWriter(tmp_path / "jay")
    path = repository.pyproject("ant", name="jay", version="4.0")
    path.write_text(path.read_text(encoding="utf-8") + BUILD_SYSTEM, encoding="utf-8")
    repository.write("backend.py", BACKEND)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "a tree"]):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=repository.directory, check=True)
    project.pyproject("jay", tool={"sources": {"jay": {"git": repository.directory.as_uri()}}})
    run_locktool("lock").succeeded()
    finished = environment.run(install_lines(tool)[0], project.directory)
    assert finished.returncode == 0, finished.stderr
    assert environment.installed() == {"ant": "1.0", "jay": "4.0"}
    bill = json.loads(run_locktool("export", "--format", "cyclonedx").succeeded().out)
    (jay,) = (each for each in bill["components"] if each["name"] == "jay")
    assert re.fullmatch(r"pkg:generic/jay(@4\.0)?\?vcs_url=git%2Bfile:///.*%40[0-9a-f]{40}", jay["purl"])


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize("output", ["requirements.txt", "pylock.image.toml"])
def test_dependencies_alone_install_with_hashes(
    tool: str, output: str, index: LocalIndex, locked: Command, project: ProjectWriter, environment: Environment
) -> None:
    is_lock = output.endswith(".toml")
    if is_lock:
        skip_without_locks(tool)
    options = ["--format", "pylock"] if is_lock else ["--only-deps"]
    locked("export", *options, "--extra", "s3", "-o", output).succeeded()
    line = install_lines("pip")[-1] if tool == "pip" else "uv pip install --no-deps -r requirements.txt"
    line = line.replace("requirements.txt", output)
    finished = environment.run(line, project.directory, PIP_INDEX_URL=index.url, UV_INDEX_URL=index.url)
    assert finished.returncode == 0, finished.stderr
    expected = selected(project, ["s3"])
    del expected["demo"], expected["hen"]
    assert environment.installed() == expected


def test_the_page_exports_before_it_installs_an_export() -> None:
    assert "locktool export --only-deps -o requirements.txt" in PAGE
    assert [line.split()[-1] for line in install_lines("pip")] == ["pylock.toml", "pylock.toml:dev", "requirements.txt"]
