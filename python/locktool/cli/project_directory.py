"""Which project a command means without `--project`, and what to do where there is none.

It is that of the nearest pyproject.toml upwards. The search ends at the root of a repository, before the home
directory, and at a directory with a setup.py or setup.cfg, which is a project of its own.
"""

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cli.arguments import HERE

if TYPE_CHECKING:
    from locktool.cli.console import Console
    from locktool.cli.plain_arguments import PlainArguments
    from locktool.exceptions import LocktoolError

_PROJECT_FILE = "pyproject.toml"
_REPOSITORIES = (".git", ".hg")
# Commands that a project may begin with.
_FIRST_COMMANDS = ("lock", "add", "import")
# Files in which other tools keep what is required, and what to do with them where there is no project.
_OTHER_FILES = {
    "Pipfile": "`locktool init` makes one, and `locktool add` takes what Pipfile requires",
    **dict.fromkeys(
        ("requirements.in", "requirements.txt"),
        "`locktool init` makes one\n`locktool compile --universal {name} -o pylock.toml` needs none",
    ),
}


def use_project_above(arguments: Namespace, console: "Console") -> None:
    """Put the directory of the project in the place of the default, and say so where it is another one."""
    if getattr(arguments, "project", None) is not HERE or getattr(arguments, "script", None) is not None:
        return
    found = None if getattr(arguments, "directories", None) else project_above(Path.cwd())
    if found is not None:
        arguments.project = Path(os.path.relpath(found))
        console.say(f"note: this is the project of {arguments.project / _PROJECT_FILE}")


def project_above(directory: Path) -> Path | None:
    """The nearest directory above this one with a pyproject.toml; None where this one has it, or none is to be used."""
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111 - without a home it stays as it is
    for one, above in zip((directory, *directory.parents), directory.parents, strict=False):
        if _is_file(one / _PROJECT_FILE) or _ends_search(one) or home in (one, above):
            return None
        if _is_file(above / _PROJECT_FILE):
            return above
    return None


def _ends_search(directory: Path) -> bool:
    from locktool.operations.setup_files import setup_file

    return any(os.path.lexists(directory / name) for name in _REPOSITORIES) or setup_file(directory) is not None


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - pathlib raises PermissionError


def advise(error: "LocktoolError", arguments: "Namespace | PlainArguments") -> None:
    """Suggest what to do where a project has no pyproject.toml, or one that leaves its requirements to a setup.py."""
    directory = getattr(arguments, "project", None)
    directory = Path(directory) if isinstance(directory, str) else directory
    if directory is None or error.fields.get("suggestion") or not directory.is_dir():
        return
    from locktool.operations.setup_files import setup_file

    setup = setup_file(directory)
    is_missing = error.code == "missing-project" or (error.code, arguments.command) == ("no-project", "import")
    other = next((name for name in _OTHER_FILES if _is_file(directory / name)), None)
    if is_missing and setup is not None:
        error.fields["suggestion"] = f"`locktool init` writes a {_PROJECT_FILE} that leaves the requirements to {setup}"
    elif is_missing and other is not None:
        error.fields["suggestion"] = _OTHER_FILES[other].format(name=other)
    elif is_missing and arguments.command in _FIRST_COMMANDS:
        error.fields["suggestion"] = "`locktool init` makes one"
    elif error.code == "no-project-table" and setup is not None:
        error.fields["suggestion"] = f"{setup} says what the project requires: edit it there, and run `locktool lock`"
