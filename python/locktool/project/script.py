"""Reads inline script metadata (PEP 723): the TOML block in the comments of a single-file script.

In: a path. Out: a `Script` whose Manifest has one member, the script, which is no package. Lines and columns of errors
are those of the script itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from locktool.exceptions import ProjectError
from locktool.project.manifest import SCHEMA, Manifest, Member, Source
from locktool.project.options import Options, ToolTables, read_options
from locktool.project.requirement_reading import read_requirements, read_specifiers
from locktool.project.settings import ProjectSettings, read_project_settings
from locktool.project.sources import read_sources
from locktool.project.table import Table
from locktool.project.toml_source import TomlSource, decode, parse_toml, place

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING = re.compile(r"# /// (?P<type>[a-zA-Z0-9-]+)")
CLOSING = "# ///"
INDENT = len("# ")


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What a script's block asks for."""

    path: Path
    requires_python: str | None
    dependencies: tuple[str, ...]
    sources: tuple[Source, ...]
    options: Options
    settings: ProjectSettings

    def to_manifest(self) -> Manifest:
        """All inputs of a run, in the shape that a project has."""
        return Manifest(
            schema=SCHEMA,
            requires_python=self.requires_python,
            members=[Member(path=".", requires_python=self.requires_python, dependencies=list(self.dependencies))],
            sources=list(self.sources),
            **self.options.manifest_fields(),
        )


def load_script(path: Path) -> Script:
    """Read a script's metadata block.

    Raises ProjectError when the file is missing, or holds no block, two, or one that is wrong.
    """
    path = path.resolve()
    try:
        text = decode(path, path.read_bytes())
    except OSError as error:
        reason = error.strerror or str(error)
        raise ProjectError("missing-file", f"{place(path)}: cannot be read: {reason}", path=str(path)) from error
    blocks = [block for kind, block in metadata_blocks(text) if kind == "script"]
    if len(blocks) != 1:
        found = "no metadata block; begin one with '# /// script'" if not blocks else "two metadata blocks; keep one"
        raise ProjectError("no-script-block", f"{place(path)}: {found}", path=str(path))
    document = Table(TomlSource(path, blocks[0], parse_toml(path, blocks[0], indent=INDENT), indent=INDENT))
    document.refuse_unknown({"dependencies", "requires-python", "tool"})
    tools = ToolTables(document)
    table, key = tools.having("sources")
    return Script(
        path=path,
        requires_python=read_specifiers(document, "requires-python"),
        dependencies=read_requirements(document, "dependencies"),
        sources=read_sources(table.table(key), path.parent),
        options=read_options(tools),
        settings=read_project_settings(tools),
    )


def metadata_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the type and the TOML of each block.

    Every line keeps its number, since what is not of the block becomes blank; the columns stand INDENT to the left. A
    block without its closing line is none.
    """
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        opening = OPENING.fullmatch(lines[number])
        number += 1
        if opening is None:
            continue
        end = number
        while end < len(lines) and (lines[end] == "#" or lines[end].startswith("# ")):
            end += 1
        closing = max((place for place in range(number, end) if lines[place] == CLOSING), default=None)
        if closing is None:
            continue
        content = [line[INDENT:] for line in lines[number:closing]]
        yield opening["type"], "\n".join([*([""] * number), *content, ""])
        number = closing + 1
