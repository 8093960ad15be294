"""Cuts a requirements file into logical lines, and each line into its requirement and its options.

In: the bytes of a file. Out: `LogicalLine`s with the number of the line they begin on. Follows pip's documented
format: continuation by a backslash, comments, `${NAME}` of the environment, the encoding by byte-order mark or cookie.
"""

from __future__ import annotations

import codecs
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from locktool._native import did_you_mean, display_path, hide_credentials
from locktool.exceptions import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A marker behind the path or address of `-e`, up to the next option.
EDITABLE = re.compile(r"-e\b|--editable\b")
MARKER_OF_EDITABLE = re.compile(r"\s;(?P<marker>.*?)(?=\s--?[A-Za-z]|$)")
CODING_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
COMMENT = re.compile(r"(^|\s+)#.*$")
# Where the options of a line begin.
OPTIONS = re.compile(r"(?:^|\s)-")
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")

# Each spelling with its one name; options that take a value are listed in WITH_VALUE.
SPELLINGS = {
    "-i": "index-url",
    "--index-url": "index-url",
    "--pypi-url": "index-url",
    "--extra-index-url": "extra-index-url",
    "--no-index": "no-index",
    "-f": "find-links",
    "--find-links": "find-links",
    "-r": "requirement",
    "--requirement": "requirement",
    "-c": "constraint",
    "--constraint": "constraint",
    "-e": "editable",
    "--editable": "editable",
    "--pre": "pre",
    "--prefer-binary": "prefer-binary",
    "--require-hashes": "require-hashes",
    "--no-binary": "no-binary",
    "--only-binary": "only-binary",
    "--trusted-host": "trusted-host",
    "--use-feature": "use-feature",
    "--hash": "hash",
    "--global-option": "global-option",
    "-C": "config-settings",
    "--config-setting": "config-settings",
    "--config-settings": "config-settings",
}
WITHOUT_VALUE = {"no-index", "pre", "prefer-binary", "require-hashes"}


class LogicalLine(NamedTuple):
    """One line after joining: the requirement text (or none) and the options in their order."""

    path: Path
    number: int
    requirement: str
    options: tuple[tuple[str, str], ...]

    def error(self, message: str, code: str = "invalid-requirements-file") -> ProjectError:
        """Build an error located at this line."""
        return line_error(self.path, self.number, message, code)


def line_error(path: Path, number: int, message: str, code: str = "invalid-requirements-file") -> ProjectError:
    """Build an error located at a line of a requirements file."""
    location = display_path(str(path), number)
    return ProjectError(code, hide_credentials(f"{location}: {message}"), path=str(path), line=number)


def logical_lines(path: Path, data: bytes, environ: Mapping[str, str]) -> Iterator[LogicalLine]:
    """Read the lines that are neither blank nor comments."""
    for number, joined in join_continuations(decode_text(path, data)):
        text = COMMENT.sub("", joined).strip()
        if text:
            expanded = VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], text)
            yield parse_line(path, number, expanded)


def decode_text(path: Path, data: bytes) -> str:
    """Decode by byte-order mark, else by the cookie in the first two lines, else as UTF-8."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if encoding is None:
        cookies = (CODING_COOKIE.match(line) for line in data.split(b"\n", 2)[:2])
        encoding = next((cookie[1].decode("ascii", "replace") for cookie in cookies if cookie), "utf-8")
    try:
        return data.decode(encoding)
    except LookupError:
        raise line_error(
            path, 1, f"the coding cookie names an encoding that Python does not know: {encoding}"
        ) from None
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        message = f"not {encoding} (byte 0x{data[error.start]:02x}); save the file as UTF-8 or add a coding cookie"
        raise line_error(path, number, message) from None


def join_continuations(text: str) -> Iterator[tuple[int, str]]:
    """Join lines that end in a backslash; a comment line among them ends the join, as it does for pip."""
    pending: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        is_comment = COMMENT.match(line) is not None
        if not pending:
            start = number
        if line.endswith("\\") and not is_comment:
            pending.append(line[:-1])
            continue
        yield start, "".join([*pending, " " + line if is_comment else line])
        pending = []
    if pending:
        yield start, "".join(pending)


def parse_line(path: Path, number: int, text: str) -> LogicalLine:
    """Split a line before its first word that begins with a dash, and read the options after it."""
    match = OPTIONS.search(text)
    split = match.start() if match else len(text)
    requirement, written = text[:split].strip(), text[split:].strip()
    found = MARKER_OF_EDITABLE.search(written) if EDITABLE.match(written) else None
    if found is not None and any(written.count(quote, 0, found.start()) % 2 for quote in "\"'"):
        found = None
    if found is not None:
        written = written[: found.start()] + written[found.end() :]
    try:
        words = shlex.split(written)
    except ValueError as error:
        raise line_error(path, number, f"the options cannot be read: {error}") from None
    options = list(parse_options(path, number, words))
    if found is not None:
        name, value = options[0]
        options[0] = (name, f"{value} ; {found['marker'].strip()}")
    return LogicalLine(path, number, requirement, tuple(options))


def parse_options(path: Path, number: int, words: list[str]) -> Iterator[tuple[str, str]]:
    """Read `--name value`, `--name=value`, `-nvalue` and `-n value`."""
    remaining = list(words)
    while remaining:
        word = remaining.pop(0)
        spelling, equals, value = word.partition("=")
        if not word.startswith("--"):
            spelling, value = word[:2], word[2:]
            equals = value
        name = SPELLINGS.get(spelling)
        if name is None:
            message = f"{spelling!r} is not an option of requirements files{did_you_mean(spelling, list(SPELLINGS))}"
            raise line_error(path, number, message)
        if name in WITHOUT_VALUE:
            if equals:
                raise line_error(path, number, f"{spelling} takes no value")
            yield name, ""
            continue
        if not equals:
            if not remaining:
                raise line_error(path, number, f"{spelling} needs a value")
            value = remaining.pop(0)
        yield name, value
