"""Reads a page of Markdown: its fenced blocks, its headings with their anchors, and its links.

Also finds every `locktool ...` that a text shows, in blocks and in code spans, so that a test can compare it with the
parsers. The README and the pages of the site are read by the same functions.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)(?: title=\"(?P<title>[^\"]*)\")?\n", re.MULTILINE)
_SHELLS = {"console", "sh", "yaml", "dockerfile", "ini", "toml", "text", "python"}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the `title` that names a file, its lines without indentation, and where it is.

    `start` and `end` are the offsets of its content in the page.
    """

    language: str
    title: str | None
    content: str
    start: int
    end: int


def blocks(text: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page, in its order; those of one language where it is given."""
    found, position = [], 0
    while match := _FENCE.search(text, position):
        indent = match["indent"]
        end = re.compile(rf"^{indent}```$", re.MULTILINE).search(text, match.end())
        if end is None:
            message = f"a block is not closed: {match[0].strip()}"
            raise ValueError(message)
        content = re.sub(rf"^{indent}", "", text[match.end() : end.start()], flags=re.MULTILINE)
        found.append(Block(match["language"], match["title"], content, match.end(), end.start()))
        position = end.end()
    return [block for block in found if language in (None, block.language)]


def prose(text: str) -> str:
    """The text of a page without its fenced blocks."""
    for block in reversed(blocks(text)):
        text = text[: block.start] + text[block.end :]
    return re.sub(r"^ *```.*\n", "", text, flags=re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What links into a page may name: its headings, as the site and GitHub both spell them, and explicit ids."""
    headings = re.findall(r"^#+ +(.*?)(?: *\{ *#([\w-]+) *\})?$", prose(text), flags=re.MULTILINE)
    return {anchor for heading, explicit in headings if (anchor := explicit or slug(heading))}


def slug(heading: str) -> str:
    """The anchor of a heading; empty where the site and GitHub would not give the same."""
    bare = re.sub(r"[^\w\s-]", "", heading.lower()).strip()
    anchor = re.sub(r"[-\s]+", "-", bare)
    return anchor if anchor == bare.replace(" ", "-") else ""


def links(text: str) -> list[str]:
    """The targets of the links and pictures of a page."""
    without_code = re.sub(r"`[^`\n]*`", "", prose(text))
    return re.findall(r"\]\(([^)\s]+)\)", without_code)


def resolve_link(page: str, target: str) -> tuple[str, str]:
    """The file that a link of a page leads to, from the top of the pages, and the anchor in it, or an empty text."""
    path, _, anchor = target.partition("#")
    if not path:
        return page, anchor
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / path).parts:
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts), anchor


def commands(text: str) -> list[list[str]]:
    """Every command line of locktool that a page shows, as words from `locktool` on."""
    lines = [span for span in re.findall(r"`([^`\n]+)`", prose(text)) if span.startswith("locktool ")]
    for block in blocks(text):
        if block.language in _SHELLS:
            typed = block.content.replace("\\\n", " ").splitlines()
            if block.language == "console":
                typed = [line for line in typed if line.startswith("$ ")]
            code = "\n".join(re.sub(r"(^|\s)#.*", "", line) for line in typed)
            lines += re.findall(r"(?:^|[\s\"'(=&;$])(locktool [a-z-][^\n]*)", code, flags=re.MULTILINE)
    return [words for line in lines if (words := _words(line)) and re.fullmatch(r"[a-z]+|-.+", words[1])]


def _words(line: str) -> list[str]:
    """The words of one command: what follows it in the line, such as a pipe or a comment, is left out."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if re.fullmatch(r"[|&;()<>]+", word):
                break
            words.append(word)
    except ValueError:
        # A quotation that the rest of the line closes, as in prose.
        return line.split()
    return words


def unknown_words(words: list[str]) -> str | None:
    """What is wrong with a command line, by the parsers of the commands; None where each option exists."""
    from locktool.cli.commands import COMMANDS
    from locktool.cli.parser import parser_of

    general = {"-h", "--help", "-V", "--version"}
    command = next((word for word in words[1:] if not word.startswith("-")), None)
    if command is None:
        return None if general.issuperset(words[1:]) else f"{words[1]} is no option of locktool"
    rest = [word for word in words[1:] if word is not command]
    if command not in COMMANDS:
        return f"{command} is no command"
    known = parser_of(command)._option_string_actions
    for word in rest:
        flag = word.partition("=")[0]
        if flag == "--":
            break
        if flag.startswith("-") and flag not in known and not _is_joined(flag, known.keys()) and flag != "-":
            return f"{flag} is no option of locktool {command}"
    return None


def _is_joined(flag: str, known: object) -> bool:
    """Whether it is several flags of one letter, such as `-vv`."""
    return not flag.startswith("--") and all(f"-{letter}" in known for letter in flag[1:])  # type: ignore[operator]
