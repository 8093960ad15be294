"""What a person sees: messages and one progress line on stderr, results on stdout, colour only on terminals.

With `--json` stdout carries one JSON document, also for a failure.
"""

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from locktool.exceptions import LocktoolError

_STYLES = {"red": "31;1", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}


class Console:
    """The two streams of a run; `verbosity` is below zero for `-q` and above for `-v`."""

    def __init__(self, *, verbosity: int = 0, json: bool = False) -> None:
        self.verbosity = verbosity
        self.json = json
        self._terminal = _is_terminal(sys.stderr)
        self._colour = _wants_colour(terminal=self._terminal)
        self._progress_width = 0
        for stream in (sys.stdout, sys.stderr):
            # A name that the terminal's encoding lacks must not end the run.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    def style(self, text: str, style: str) -> str:
        """The text in a style, or plain where colour is not wanted."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour else text

    def result(self, text: str) -> None:
        """Write what was asked for to stdout."""
        self.clear_progress()
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

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

    def note(self, text: str) -> None:
        """Write a line to stderr whatever the verbosity."""
        self.clear_progress()
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def report(self, error: "LocktoolError") -> None:
        """Write an error, what to do about it, and with `--json` the same as a document."""
        self.describe(error)
        if self.json:
            fields = {name: value for name, value in error.fields.items() if value is not None and name != "code"}
            self.result_json({"error": {"code": error.code, "message": error.message, **fields}})

    def describe(self, error: "LocktoolError") -> None:
        """Write an error and what to do about it to stderr."""
        self.note(f"{self.style('error:', 'red')} {error.message}")
        suggestion = error.fields.get("suggestion")
        if suggestion and suggestion not in error.message:
            for line in suggestion.splitlines():
                self.note(f"{self.style('hint:', 'cyan')} {line}")

    def progress(self, text: str) -> None:
        """Replace the progress line; nothing is shown where stderr is no terminal, or with `-q` or `--json`."""
        if not self._terminal or self.verbosity < 0 or self.json:
            return
        width = columns() - 1
        line = text if len(text) <= width else text[: width - 1] + "…"
        sys.stderr.write("\r" + self.style(line, "dim") + " " * (self._progress_width - len(line)))
        sys.stderr.flush()
        self._progress_width = len(line)

    def clear_progress(self) -> None:
        """Take the progress line away before anything else is written."""
        if self._progress_width:
            sys.stderr.write("\r" + " " * self._progress_width + "\r")
            sys.stderr.flush()
            self._progress_width = 0


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _wants_colour(*, terminal: bool) -> bool:
    # https://no-color.org: any value but the empty one; FORCE_COLOR is its counterpart.
    if os.environ.get("NO_COLOR"):
        return False
    return terminal or bool(os.environ.get("FORCE_COLOR"))


def columns() -> int:
    """How wide the terminal is, or 80."""
    configured = os.environ.get("COLUMNS", "")
    if configured.isdecimal():
        return max(int(configured), 20)
    try:
        return max(os.get_terminal_size(sys.stderr.fileno()).columns, 20)
    except (OSError, ValueError):
        return 80
