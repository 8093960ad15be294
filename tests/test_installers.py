"""Other tools install what locktool locks: pip and uv, into empty folders, exactly the versions of the lock."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

if TYPE_CHECKING:
    from conftest import Command, ProjectWriter
    from local_index import LocalIndex

PIP = Version(importlib.metadata.version("pip"))


def install_with(tool: str, project: ProjectWriter, target: Path) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    home = str(target.parent)
    variables |= {"HOME": home, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}
    if tool == "pip":
        command = [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--no-deps"]
    else:
        program = Path(sys.executable).with_name("uv")
        found = str(program) if program.exists() else shutil.which("uv")
        if found is None:
            pytest.skip("uv is not installed")
        command = [found, "pip", "install", "--python", sys.executable, "--no-cache"]
    return subprocess.run(
        [*command, "--target", str(target), "-r", "pylock.toml"],
        cwd=project.directory,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_lock_installs(
    tool: str, index: LocalIndex, run_locktool: Command, project: ProjectWriter, tmp_path: Path
) -> None:
    if tool == "pip" and Version("26.3") > PIP:
        pytest.skip(f"pip {PIP} does not read locks")
    index.add("ant", "1.0", requires=["bee>=2 ; python_version >= '3'", "bee<2 ; python_version < '3'"])
    index.add("bee", "1.0")
    index.add("bee", "2.0", requires=["cat[more]"])
    index.add("cat", "1.0", extras={"more": ["dog"]})
    index.add("dog", "1.0", wheel_tags=[], sdist=True)
    index.add("elk", "1.0")
    project.pyproject("ant", extras={"horned": ["elk"]}, groups={"test": ["elk"]})
    run_locktool("lock").succeeded()
    target = tmp_path / "installed"
    finished = install_with(tool, project, target)
    assert finished.returncode == 0, finished.stderr
    installed = sorted(path.name for path in target.glob("*.dist-info"))
    assert installed == ["ant-1.0.dist-info", "bee-2.0.dist-info", "cat-1.0.dist-info", "dog-1.0.dist-info"]
    names = [name.partition("-")[0] for name in installed]
    script = f"import sys; sys.path.insert(0, {str(target)!r}); import {', '.join(names)}"
    subprocess.run([sys.executable, "-c", script], check=True)
