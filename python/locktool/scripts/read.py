"""Reads inline script metadata (PEP 723): the TOML block in the comments of a single-file script.

In: a path. Out: a `Project` of one member, the script, which is no package. Lines and columns of errors are those of
the script itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from locktool._native import Project, display_path
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OPENING = re.compile(r"# /// (?P<type>[a-zA-Z0-9-]+)")
CLOSING = "# ///"
INDENT = len("# ")
MARK = "\ufeff"
"""A byte order mark before the first line, with which Python runs a script all the same."""


def read_script(path: Path) -> Project:
    """Read a script's metadata block.

    Raises ProjectError when the file is missing, or has no block, two, or one that is wrong.
    """
    path = path.resolve()
    try:
        text = decode(path, path.read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{display_path(str(path))}: cannot be read: {reason}"
        raise ProjectError("missing-file", message, path=str(path)) from error
    blocks = [block for kind, block in metadata_blocks(text) if kind == "script"]
    if not blocks:
        refuse_open_block(path, text)
    if len(blocks) != 1:
        found = "no metadata block; begin one with '# /// script'" if not blocks else "two metadata blocks; keep one"
        raise ProjectError("no-script-block", f"{display_path(str(path))}: {found}", path=str(path))
    return Project.read_script(str(path), blocks[0], indent=INDENT)


def refuse_open_block(path: Path, text: str) -> None:
    """Raise ProjectError where a text without a block has the beginning of one."""
    for number, line in enumerate(text.removeprefix(MARK).splitlines(), 1):
        opening = OPENING.fullmatch(line)
        if opening is not None and opening["type"] == "script":
            reason = f"the metadata block has no end: write '{CLOSING}' below its last line, every line of it a comment"
            message = f"{display_path(str(path), number)}: {reason}"
            raise ProjectError("no-script-block", message, path=str(path), line=number)


def decode(path: Path, data: bytes) -> str:
    """Decode UTF-8, and say at which line and byte a file in another encoding breaks."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        reason = f"not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        raise ProjectError(
            "not-utf-8",
            f"{display_path(str(path), line, column)}: {reason}",
            path=str(path),
            line=line,
            column=column,
        ) from None


def metadata_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the type and the TOML of each block.

    Every line keeps its number, since what is not of the block becomes blank; the columns stand INDENT to the left. A
    block without its closing line is none.
    """
    lines = text.removeprefix(MARK).splitlines()
    number = 0
    while number < len(lines):
        opening = OPENING.fullmatch(lines[number])
        number += 1
        if opening is None:
            continue
        end = number
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            end += 1
        closing = max((index for index in range(number, end) if lines[index] == CLOSING), default=None)
        if closing is None:
            continue
        content = [line[INDENT:] for line in lines[number:closing]]
        yield opening["type"], "\n".join([*([""] * number), *content, ""])
        number = closing + 1
