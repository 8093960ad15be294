"""Messages in the form that GitHub shows beside the lines of a change: its workflow commands.

They are written where a workflow runs, which sets GITHUB_ACTIONS, beside the message that people read.
"""

import os
from collections.abc import Mapping
from pathlib import Path

Place = tuple[str | None, int | None, int | None]
"""A file with a line and a column, each counted from one; what is not known is None."""

NOWHERE: Place = (None, None, None)

_IN_MESSAGES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_IN_MESSAGES, ":": "%3A", ",": "%2C"}


def are_wanted() -> bool:
    """Whether this process runs in a workflow of GitHub."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotation(kind: str, text: str, place: Place = NOWHERE) -> str:
    """One line: an "error" or a "warning", with the place that it is about where there is one."""
    path, line, column = place
    properties = {"file": path and _in_repository(path), "line": line, "col": column, "title": "locktool"}
    listed = ",".join(f"{key}={_escaped(str(value), _IN_PROPERTIES)}" for key, value in properties.items() if value)
    return f"::{kind} {listed}::{_escaped(text, _IN_MESSAGES)}"


def _in_repository(path: str) -> str:
    """The path as GitHub knows the file: from the root of the repository."""
    root = os.environ.get("GITHUB_WORKSPACE")
    full = Path(path).absolute()
    return full.relative_to(root).as_posix() if root and full.is_relative_to(root) else path


def _escaped(text: str, characters: Mapping[str, str]) -> str:
    return "".join(characters.get(character, character) for character in text)
