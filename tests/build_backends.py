"""Backends that say in the metadata which they are, so that a lock shows what it was built with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from input_changes import locked_versions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import ProjectWriter

_HOOKS = """
import pathlib, sys{imports}


def get_requires_for_build_wheel(config_settings=None):
    return {further}


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = pathlib.Path(metadata_directory) / "demo-1.0.dist-info"
    folder.mkdir()
    text = "Metadata-Version: 2.4\\nName: demo\\nVersion: 1.0\\n"
    (folder / "METADATA").write_text(text + f"Requires-Dist: {requires}\\n")
    return folder.name
"""


def hooks(requires: str, *, further: str = "[]", imports: str = "") -> str:
    """A backend whose metadata requires one thing, an expression in braces included."""
    return _HOOKS.format(requires=requires, further=further, imports=imports and f", {imports}")


_WHEEL_HOOK = """
import pathlib, zipfile


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tool-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.write(pathlib.Path(__file__).with_name("tool_backend.py"), "tool_backend.py")
        wheel.writestr("tool-1.0.dist-info/METADATA", "Metadata-Version: 2.4\\nName: tool\\nVersion: 1.0\\n")
        wheel.writestr("tool-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("tool-1.0.dist-info/RECORD", "")
    return name
"""


def write_tool(directory: Path, number: int) -> None:
    """The source tree of `tool` 1.0, a backend whose metadata requires `made-with` of this number."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "tool_backend.py").write_text(hooks(f"made-with=={number}"))
    (directory / "own.py").write_text(_WHEEL_HOOK)
    (directory / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
        '[project]\nname = "tool"\nversion = "1.0"\n'
    )


def write_member(project: ProjectWriter, requires: str = '"tool"', table: str = "", python: str = ">=3.11") -> None:
    """A project whose dependencies only its backend knows, the module of a wheel."""
    project.write(
        "pyproject.toml",
        f'[build-system]\nrequires = [{requires}]\nbuild-backend = "tool_backend"\n'
        f'[project]\nname = "demo"\nversion = "1.0"\nrequires-python = "{python}"\ndynamic = ["dependencies"]\n{table}',
    )


def made_with(project: ProjectWriter) -> str:
    """The version of the backend that the lock was made with."""
    return locked_versions(project)["made-with"]
