"""What is written where, for terminals and for logs."""

from __future__ import annotations

import io
import sys

import pytest

from locktool.cli.console import Console
from locktool.exceptions import LocktoolError, ResolutionImpossible


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    # Not a fixture: pytest puts its own streams in place between the setup of a test and its call.
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_colour_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    Console().warn("careful")
    assert terminal.getvalue() == "\x1b[33mwarning:\x1b[0m careful\n"


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setenv(variable, value)
    Console().warn("careful")
    assert terminal.getvalue() == "warning: careful\n"


def test_no_colour_in_logs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    console = Console()
    console.warn("careful")
    console.progress("working")
    assert capsys.readouterr().err == "warning: careful\n"


def test_quiet_leaves_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(verbosity=-1)
    console.say("hello")
    console.warn("careful")
    console.detail("more")
    console.report(LocktoolError("code", "it failed", suggestion="try again"))
    assert capsys.readouterr().err == "error: it failed\nhint: try again\n"


def test_a_suggestion_that_the_message_holds_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    message = "no way\nrelax a to a>=1"
    Console().report(
        ResolutionImpossible("resolution-impossible", message, explanation=message, suggestion="relax a to a>=1")
    )
    assert capsys.readouterr().err == f"error: {message}\n"


def test_the_progress_line_is_replaced_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    console = Console()
    console.progress("a long line of progress")
    console.progress("short")
    console.say("done")
    assert terminal.getvalue().endswith("\r" + " " * len("short") + "\rdone\n")
    assert "\n" not in terminal.getvalue().removesuffix("done\n")


def test_the_progress_line_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    Console().progress("x" * 500)
    assert "…" in terminal.getvalue()
    assert len(terminal.getvalue()) < 120
