"""Writes a minimal pyproject.toml into a directory that has none.

In: a directory and what the project is called. Out: the path and the text. A file that is there is never touched.
"""

import re
import sys
from pathlib import Path

from msgspec import Struct

from locktool._native import SpecifierSet, display_path, normalize_name
from locktool.edit.document import quote
from locktool.exceptions import InvalidName, ProjectError
from locktool.lock.replace import exclusively, replace_file
from locktool.operations.editable import PROJECT_FILE
from locktool.operations.setup_files import PYPROJECT_OF_SETUP, setup_file


class NewProject(Struct, frozen=True, kw_only=True):
    """What `init` made."""

    path: Path
    text: str
    written: bool
    notes: tuple[str, ...] = ()


_NOTE_OF_SETUP = "{} says what the project requires: pyproject.toml names its build system, which `locktool lock` asks"


def init_project(
    directory: Path, name: str | None = None, requires_python: str | None = None, *, dry_run: bool = False
) -> NewProject:
    """Write a project without dependencies; its name is that of the directory, its Python the running one or newer.

    Beside a setup.py or setup.cfg it has no [project], which would hide what that file says. Raises ProjectError where
    there is a pyproject.toml (`project-exists`) or no name can be made of the directory's, InvalidName and
    InvalidSpecifier.
    """
    path = directory.resolve() / PROJECT_FILE
    setup = setup_file(path.parent)
    if setup is not None:
        text = _text_beside(path.parent / setup, is_described=name is not None or requires_python is not None)
        return _written(path, text, dry_run=dry_run, setup=setup)
    python = requires_python or f">={sys.version_info.major}.{sys.version_info.minor}"
    SpecifierSet(python)
    text = (
        f"[project]\nname = {quote(project_name(path.parent, name))}\n"
        f'version = "0.1.0"\nrequires-python = {quote(python)}\ndependencies = []\n'
    )
    return _written(path, text, dry_run=dry_run)


def _text_beside(setup: Path, *, is_described: bool) -> str:
    """The text of a project whose requirements stand in another file. Raises ProjectError where more is to be said."""
    if is_described:
        message = f"{display_path(str(setup))} says what the project is; leave out --name and --requires-python"
        raise ProjectError("contradicting-options", message, path=str(setup))
    return PYPROJECT_OF_SETUP


def _written(path: Path, text: str, *, dry_run: bool, setup: str | None = None) -> NewProject:
    if path.exists() or path.is_symlink():
        message = f"{display_path(str(path))} exists already and is left as it is"
        raise ProjectError("project-exists", message, path=str(path))
    if not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        with exclusively(path.parent):
            if path.exists():
                message = f"{display_path(str(path))} exists already and is left as it is"
                raise ProjectError("project-exists", message, path=str(path))
            replace_file(path, text.encode())
    notes = [_NOTE_OF_SETUP.format(setup)] if setup is not None else []
    return NewProject(path=path, text=text, written=not dry_run, notes=tuple(notes))


def project_name(directory: Path, name: str | None) -> str:
    """The name that is given, or what of the directory's name can be one."""
    if name is not None:
        normalize_name(name)
        return name
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", directory.name).strip("-._")
    try:
        return normalize_name(made)
    except InvalidName:
        message = f"{directory.name!r} cannot be made into the name of a project; give one with --name"
        raise ProjectError("no-name", message, path=str(directory)) from None
