"""Reads a TOML file of the project into plain values, and names the place of whatever is wrong in it.

In: a path. Out: a `TomlSource` whose errors carry file, line and column. TOML 1.0 is read by the Rust core.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from locktool.exceptions import DocumentError, ProjectError

if TYPE_CHECKING:
    from pathlib import Path


KeyPath = tuple["str | int", ...]
PLACE_IN_MESSAGE = re.compile(r"^line \d+, column \d+: ")


class TomlSource:
    """One TOML file, read once: its path, its text and its values.

    `indent` is by how many columns the text stands further right in the file that it was taken from.
    """

    __slots__ = ("indent", "path", "text", "values")

    def __init__(self, path: Path, text: str, values: dict[str, Any], *, indent: int = 0) -> None:
        """Keep the text beside the values, since only the text knows lines and columns."""
        self.indent = indent
        self.path = path
        self.text = text
        self.values = values

    def error(self, code: str, message: str, key_path: KeyPath, **fields: object) -> ProjectError:
        """Build the error for the value at `key_path`, with the place of the closest enclosing key that is written."""
        from locktool.project.address import hide_credentials
        from locktool.project.toml_position import position_of

        line, column = position_of(self.text, key_path) or (None, None)
        column = None if column is None else column + self.indent
        return ProjectError(
            code,
            hide_credentials(f"{place(self.path, line, column)}: {message}"),
            path=str(self.path),
            line=line,
            column=column,
            **fields,
        )


def place(path: Path, line: int | None = None, column: int | None = None) -> str:
    """Write `file:line:column` with the file relative to the working directory where it lies below it."""
    text = str(path)
    if path.is_absolute():
        try:
            relative = os.path.relpath(path)
        except ValueError:  # another drive on Windows
            relative = text
        text = text if relative.startswith("..") else relative
    return ":".join([text, *(str(number) for number in (line, column) if number is not None)])


def read_toml(path: Path) -> TomlSource:
    """Read and parse one TOML file.

    Raises ProjectError when the file is missing, unreadable, not UTF-8 or not TOML; the last two with line and column.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise ProjectError("missing-file", f"{place(path)}: there is no such file", path=str(path)) from None
    except OSError as error:
        raise ProjectError(
            "unreadable-file", f"{place(path)}: cannot be read: {error.strerror or error}", path=str(path)
        ) from error
    text = decode(path, data)
    return TomlSource(path, text, parse_toml(path, text))


def decode(path: Path, data: bytes) -> str:
    """Decode UTF-8, and say at which line and byte a file in another encoding breaks."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise ProjectError(
            "not-utf-8",
            f"{place(path, line, column)}: not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8",
            path=str(path),
            line=line,
            column=column,
        ) from None


def parse_toml(path: Path, text: str, *, indent: int = 0) -> dict[str, Any]:
    """Parse TOML that was read from `path`; dates arrive as RFC 3339 text."""
    import msgspec

    from locktool import _native

    try:
        values = msgspec.msgpack.decode(_native.toml_to_messagepack(text.encode()))
    except DocumentError as error:
        line, column = error.line, error.column
        column = None if column is None else column + indent
        raise ProjectError(
            "broken-toml",
            f"{place(path, line, column)}: not TOML: {PLACE_IN_MESSAGE.sub('', error.message)}",
            path=str(path),
            line=line,
            column=column,
        ) from None
    return dict(values)
