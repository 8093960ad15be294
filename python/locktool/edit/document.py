"""The text of a TOML document that is edited: its values, where they are written, and the proof that an edit is right.

In: text. Out: values and extents, or the edited text in the line endings of the file. Errors name pyproject.toml, with
line and column.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from locktool._native import toml_extents
from locktool.exceptions import DocumentError, ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable

FILE = "pyproject.toml"
LOCATION_IN_MESSAGE = re.compile(r"^line \d+, column \d+: ")
BARE_NEWLINE = re.compile(r"(?<!\r)\n")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def parse_toml(text: str) -> dict[str, Any]:
    """The values of the text.

    Raises ProjectError with line and column where it is not TOML, and where it is TOML 1.1, which the parser of this
    Python need not know.
    """
    import tomllib

    extents_of(text)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{FILE} is written in TOML 1.1 and is edited by hand: {error}"
        raise ProjectError("newer-toml", message, path=FILE) from None


def extents_of(text: str) -> dict[tuple[str | int, ...], tuple[int, int]]:
    """Where each value begins and ends. Raises ProjectError with line and column where the text is not TOML.

    The extent of a table with a header of its own is the header, that of any other table without braces a key.
    """
    try:
        return toml_extents(text)
    except DocumentError as error:
        location = "".join(f":{number}" for number in (error.line, error.column) if number is not None)
        raise ProjectError(
            "broken-toml",
            f"{FILE}{location}: not TOML: {LOCATION_IN_MESSAGE.sub('', error.message)}",
            path=FILE,
            line=error.line,
            column=error.column,
        ) from None


def values_at(values: Any, path: Iterable[str | int]) -> Any:  # noqa: ANN401 - TOML values
    """The value at a path, or None."""
    for key in path:
        is_inside = key in values if isinstance(values, dict) else isinstance(values, list) and isinstance(key, int)
        if not is_inside:
            return None
        values = values[key]
    return values


def checked(before: str, after: str, path: tuple[str, ...], expected: object) -> str:
    """Return the edited text, in the line endings of the file, if it has `expected` at the path and else no change.

    A wrong edit must never reach a person's file. With None nothing may stand at the path.
    """
    if "\r\n" in before and not BARE_NEWLINE.search(before):
        after = BARE_NEWLINE.sub("\r\n", after)
    then = parse_toml(before)
    try:
        now = parse_toml(after)
        # Not-a-number equals nothing, its text does.
        is_right = values_at(now, path) == expected and repr(without(now, path)) == repr(without(then, path))
    except ProjectError:
        is_right = False
    if not is_right:
        raise ProjectError("not-editable", f"cannot edit {'.'.join(path)} as it is written; edit it by hand", path=FILE)
    return after


def without(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The values without the one at the path, and without the tables that hold nothing else."""
    key, rest = path[0], path[1:]
    if key not in values:
        return values
    inner = values[key]
    kept = without(inner, rest) if rest and isinstance(inner, dict) else None
    others = {name: value for name, value in values.items() if name != key}
    return others | ({key: kept} if kept else {})


def newline_of(text: str) -> str:
    """The line ending of a text, that of its first line."""
    end = text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"


def written_key(keys: Iterable[str]) -> str:
    """A dotted key as TOML writes it: `optional-dependencies."a b"`."""
    return ".".join(key if BARE_KEY.fullmatch(key) else quote(key) for key in keys)


def quote(text: str, *, like: str = '"') -> str:
    """Write a TOML string in the quotes of `like`, a written string, where they can hold it."""
    is_literal = "'" not in text and text.isprintable()
    if is_literal and (like.startswith("'") or '"' in text):
        return f"'{text}'"
    from json import dumps

    # The escapes of JSON are those of TOML, but for the one of DEL.
    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
