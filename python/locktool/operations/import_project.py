"""Writes the tables of the standard into the pyproject.toml of a project that has only those of Poetry."""

from pathlib import Path

from msgspec import Struct

from locktool._native import display_path
from locktool.edit.document import FILE, extents_of
from locktool.exceptions import LocktoolError, ProjectError
from locktool.lock.replace import replace_file
from locktool.operations.project_inputs import PROJECT_FILE


class ImportOutcome(Struct, frozen=True, kw_only=True):
    """What was or would be written, and what a person should look at."""

    path: Path
    text: str
    written: bool
    notes: tuple[str, ...] = ()


def import_project(directory: Path = Path(), *, dry_run: bool = False) -> ImportOutcome:
    """Turn [tool.poetry] of the project in `directory` into [project]; with `dry_run` nothing is written.

    Raises ProjectError, with the file, and DocumentError; the file then stays as it was.
    """
    from locktool.migrate.poetry_project import import_poetry

    path = directory / PROJECT_FILE
    location = display_path(str(path))
    try:
        # A byte order mark is no TOML: what is written has none.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ProjectError("no-project", f"{location}: there is no such file", path=str(path)) from None
    except UnicodeDecodeError as error:
        raise ProjectError("not-utf-8", f"{location} is not UTF-8: {error.reason}", path=str(path)) from None
    try:
        extents_of(text)
    except ProjectError as error:
        message = location + error.message.removeprefix(FILE)
        raise ProjectError(error.code, message, path=str(path), line=error.line, column=error.column) from None
    try:
        imported = import_poetry(text)
    except LocktoolError as error:
        raise ProjectError(error.code, f"{location}: {error.message}", path=str(path)) from error
    written = not dry_run and replace_file(path, imported.text.encode("utf-8"))
    return ImportOutcome(path=path, text=imported.text, written=written, notes=imported.notes)
