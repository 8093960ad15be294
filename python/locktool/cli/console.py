"""What a person sees: messages and one progress line on stderr, results on stdout, colour only on terminals.

With `--json` stdout carries one JSON document, also for a failure.
"""

from __future__ import annotations

import os
import sys

from locktool.cli.streams import Stream, visible

# What type checkers set; `typing` itself is not loaded: every run has a console.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from locktool.exceptions import LocktoolError

_STYLES = {"red": "31;1", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_PLAIN = "0"


class Console:
    """The two streams of a run; `verbosity` is below zero for `-q` and above for `-v`."""

    def __init__(self, *, verbosity: int = 0, json: bool = False) -> None:
        self.verbosity = verbosity
        self.json = json
        self.results = Stream(sys.stdout)
        self._messages = Stream(sys.stderr)
        self._terminal = self._messages.is_terminal
        self._colour = _wants_colour(terminal=self._terminal)
        self._progress_width = 0
        self._follows: Callable[[], list[str]] | None = None

    def follow(self, take_lines: Callable[[], list[str]]) -> None:
        """Write the lines of a run to stderr as they come, before whatever is written next."""
        self._follows = take_lines

    def style(self, text: str, style: str) -> str:
        """The text in a style, or plain where colour is not wanted."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[{_PLAIN}m" if self._colour else text

    def result(self, text: str) -> None:
        """Write what was asked for to stdout."""
        self._catch_up()
        self.clear_progress()
        self.results.write(visible(text if text.endswith("\n") else text + "\n"))

    def result_json(self, document: dict[str, Any] | list[dict[str, Any]]) -> None:
        """Write a JSON document to stdout."""
        from json import dumps

        self.result(dumps(document, indent=2, ensure_ascii=False))

    def say(self, text: str) -> None:
        """Write to stderr how it went; silent with `-q`."""
        if self.verbosity >= 0:
            self.note(text)

    def detail(self, text: str) -> None:
        """Write to stderr what `-v` asks for."""
        if self.verbosity > 0:
            self.note(text)

    def warn(self, text: str) -> None:
        """Write to stderr what may be wrong although the run succeeds; silent with `-q`."""
        self.say(f"{self.style('warning:', 'yellow')} {text}")
        if self.verbosity >= 0:
            self.annotate("warning", text)

    def annotate(self, kind: str, text: str, fields: Mapping[str, Any] | None = None) -> None:
        """Write an "error" or a "warning" for GitHub to show beside the lines of a change, where a workflow runs.

        The place is what `path`, `line` and `column` of `fields` say, as far as they do.
        """
        from locktool.cli.annotations import annotation, are_wanted

        if are_wanted():
            known = fields or {}
            place = (known.get("path"), known.get("line"), known.get("column"))
            self._write_note(annotation(kind, text, place))

    def note(self, text: str) -> None:
        """Write a line to stderr whatever the verbosity."""
        self._catch_up()
        self._write_note(text)

    def _catch_up(self) -> None:
        """Write the lines that have come of a run."""
        for line in self._follows() if self._follows else ():
            self._write_note(self.style(line, "dim"))

    def _write_note(self, text: str) -> None:
        self.clear_progress()
        line = visible(text)
        if self._colour:
            for code in (*_STYLES.values(), _PLAIN):
                line = line.replace(visible(f"\x1b[{code}m"), f"\x1b[{code}m")
        self._messages.write(line + "\n")

    def report(self, error: LocktoolError) -> None:
        """Write an error, what to do about it, and with `--json` the same as a document."""
        self.describe(error)
        if self.json:
            fields = {name: value for name, value in error.fields.items() if value is not None and name != "code"}
            self.result_json({"error": {"code": error.code, "message": error.message, **fields}})

    def describe(self, error: LocktoolError) -> None:
        """Write an error and what to do about it to stderr."""
        self.note(f"{self.style('error:', 'red')} {error.message}")
        suggestion = error.fields.get("suggestion")
        hints = suggestion.splitlines() if suggestion and suggestion not in error.message else []
        for line in hints:
            # What is indented is to be taken as it stands.
            self.note(line if line.startswith(" ") else f"{self.style('hint:', 'cyan')} {line}")
        self.annotate("error", "\n".join((error.message, *hints)), error.fields)

    def progress(self, text: str) -> None:
        """Replace the progress line; nothing is shown where stderr is no terminal, or with `-q` or `--json`."""
        self._catch_up()
        if not self._terminal or self.verbosity < 0 or self.json:
            return
        width, text = self._messages.columns() - 1, visible(text)
        line = text if len(text) <= width else text[: width - 1] + "…"
        self._messages.write("\r" + self.style(line, "dim") + " " * (self._progress_width - len(line)))
        self._progress_width = len(line)

    def clear_progress(self) -> None:
        """Take the progress line away before anything else is written."""
        if self._progress_width:
            self._messages.write("\r" + " " * self._progress_width + "\r")
            self._progress_width = 0


def _wants_colour(*, terminal: bool) -> bool:
    # https://no-color.org: any value but the empty one; FORCE_COLOR is its counterpart.
    if os.environ.get("NO_COLOR"):
        return False
    return terminal or bool(os.environ.get("FORCE_COLOR"))
