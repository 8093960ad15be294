"""What of a build's output is shown: the lines that say why it failed, and what the machine lacks where they name it.

In: the output of a failed process. Out: a few lines, the author's words before those of the machinery, without names
that differ from run to run; and a sentence on the missing header, program, library or pkg-config module.
"""

from __future__ import annotations

import os
import re
import tempfile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SHOWN_LINES = 20
_DECISIVE_LINES = 5
_LONGEST_LINE = 400
_NAMED_PARTS = 3
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_FRAME = re.compile(r'\s*File "[^"]+", line \d+')
_OWN_FRAMES = re.compile(r"[\\/]locktool[\\/]building[\\/]hook_script\.py\"")
_LIBRARIES = re.compile(r'[\\/]site-packages[\\/]|[\\/]lib[\\/]python3[^\\/]*[\\/]|[\\/]Lib[\\/]|"<frozen ')
_INNERMOST_FRAMES = 2
_TEMPORARY = re.compile(rf"{re.escape(tempfile.gettempdir())}[\\/](?:tmp|pip-|locktool-)[^\\/\s'\":]*[\\/]?")
_CAUSE = re.compile(
    r"""
    ^(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Exit)(?::\s|$)   # the last line of a traceback
    | (?:^|[\s:])(?:fatal\ )?[Ee][Rr][Rr][Oo][Rr](?:\[\w+\]|\ [A-Z]+\d+)?:\s    # a compiler, a linker, a tool
    | ^CMake\ Error
    | \bnot\ found\b | \bNo\ such\ file\ or\ directory\b | \bcannot\ find\ -l
    """,
    re.VERBOSE,
)


class _Pattern(NamedTuple):
    """How an output says that something is missing."""

    kind: str
    expression: re.Pattern[str]


_MISSING = tuple(
    _Pattern(kind, re.compile(expression))
    for kind, expression in (
        # GCC, clang and MSVC.
        ("header", r":\d+: fatal error: (?P<name>\S+): No such file or directory"),
        ("header", r"fatal error: '(?P<name>[^']+)' file not found"),
        ("header", r"fatal error C1083: Cannot open include file: '(?P<name>[^']+)'"),
        # pkg-config and pkgconf; meson.
        ("pkg-config module", r"Package '?(?P<name>[^\s',]+)'?(?:, required by '[^']*',| was)? not found"),
        ("pkg-config module", r"No package '(?P<name>[^']+)' found"),
        ("pkg-config module", r'Dependency "(?P<name>[^"]+)" not found, tried .*pkgconfig'),
        # Shells, distutils, setup.py of psycopg2 and mysqlclient, meson.
        ("program", r"^(?:/\S*/)?\w*sh: (?:line )?(?:\d+: )?(?P<name>[\w.+-]+): (?:command )?not found"),
        ("program", r"unable to execute '(?P<name>[^']+)': No such file or directory"),
        ("program", r"command '(?P<name>[^']+)' failed: No such file or directory"),
        ("program", r"^(?:\w+: )?(?P<name>[\w.+-]+)(?: executable)? not found\.?$"),
        ("program", r"Program '?(?P<name>[\w.+-]+)'? not found or not executable"),
        ("program", r"Unknown compiler\(s\): \[\['(?P<name>[^']+)'"),
        ("program", r"(?P<name>Cargo), the Rust package manager, is not installed"),
        ("program", r"error: can't find (?P<name>Rust compiler)"),
        ("program", r"error: (?P<name>Microsoft Visual C\+\+ [\d.]+ or greater) is required"),
        ("program", r"No CMAKE_\w+_COMPILER could be found\.(?P<name>)"),
        # ld and lld.
        ("library", r"(?:cannot find|unable to find library) -l(?P<name>[\w.+-]+)"),
    )
)
_PLAIN_NAMES = {"Cargo": "cargo", "Rust compiler": "rustc"}
_STARTED = re.compile(r"_execute_child|subprocess\.py")
_NO_PROGRAM = re.compile(r"^FileNotFoundError: \[(?:Errno 2|WinError 2)\] .*?(?:: '(?P<name>[^'/\\]+)')?$")
_FRAMES_BEFORE = 8


def last_lines(output: str, hidden: Sequence[Path] = ()) -> str:
    """The lines of a build's output that say what went wrong, indented: its last ones, and before them the causes that
    stand further up.

    Frames of our own machinery are left out, and so is where below `hidden` or the system's temporary directory a file
    lies.
    """
    lines = list(_readable(output, hidden))
    last = lines[-SHOWN_LINES:]
    causes = _causes(lines[:-SHOWN_LINES])
    if causes:
        last = [*causes, "...", *last[len(causes) + 1 :]]
    return "\n".join(f"  {line}" for line in last)


def missing_parts(output: str) -> str | None:
    """A sentence on what the machine lacks, without a full stop: "it needs the header `libpq-fe.h`"; None where the
    output names nothing.
    """
    found: dict[str, None] = {}
    lines = _ESCAPES.sub("", output).splitlines()
    for place, line in enumerate(lines):
        part = _missing_in(line) or _missing_program(lines, place)
        if part is not None:
            found[part] = None
    parts = list(found)[:_NAMED_PARTS]
    if not parts:
        return None
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"it needs {listed}"


def _missing_in(line: str) -> str | None:
    """What one line says is missing."""
    for kind, expression in _MISSING:
        found = expression.search(line.rstrip())
        if found is None:
            continue
        name = found["name"]
        if not name:
            return "a compiler"
        return f"the {kind} `{_PLAIN_NAMES.get(name, name)}`"
    return None


def _missing_program(lines: Sequence[str], place: int) -> str | None:
    """The program that a traceback's last line says is not there: a file is missing in the same words."""
    found = _NO_PROGRAM.match(lines[place])
    if found is None or found["name"] is None:
        return None
    before = lines[max(0, place - _FRAMES_BEFORE) : place]
    return f"the program `{found['name']}`" if any(map(_STARTED.search, before)) else None


def _causes(lines: Sequence[str]) -> list[str]:
    """The lines that say why, in order: first of all those that name what is missing."""
    chosen = [place for place, line in enumerate(lines) if _missing_in(line) or _missing_program(lines, place)]
    chosen += [place for place, line in enumerate(lines) if _CAUSE.search(line)]
    first = list(dict.fromkeys(chosen))[:_DECISIVE_LINES]
    return [lines[place] for place in sorted(first)]


def _readable(output: str, hidden: Sequence[Path]) -> Iterator[str]:
    """The lines that people are shown, without what they have no use for."""
    # What was overwritten on a terminal stands before the last carriage return.
    written = (line.rstrip().rpartition("\r")[2] for line in _ESCAPES.sub("", output).split("\n"))
    for line in _without_machinery(line for line in written if line.strip()):
        shown = line
        for directory in hidden:
            shown = shown.replace(f"{directory}{os.sep}", "")
        shown = _TEMPORARY.sub("", shown)
        yield shown if len(shown) <= _LONGEST_LINE else f"{shown[:_LONGEST_LINE]}..."


def _without_machinery(lines: Iterable[str]) -> Iterator[str]:
    """Tracebacks without our own frames, and without those of libraries that lead to the innermost two."""
    frames: list[list[str]] = []
    for line in lines:
        if _FRAME.match(line):
            frames.append([line])
        elif frames and line.startswith("    "):
            # What is deeper than `  File` is the code of the frame above.
            frames[-1].append(line)
        else:
            yield from _shown_frames(frames)
            frames = []
            yield line
    yield from _shown_frames(frames)


def _shown_frames(frames: Sequence[list[str]]) -> Iterator[str]:
    kept = [frame for frame in frames if not _OWN_FRAMES.search(frame[0])]
    for place, frame in enumerate(kept):
        if place >= len(kept) - _INNERMOST_FRAMES or not _LIBRARIES.search(frame[0]):
            yield from frame
