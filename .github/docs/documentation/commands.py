"""The pages of the commands, from the parsers that read the command line.

A page has what `locktool COMMAND --help` says: what the command does, its exit codes, its options and its examples.
"""

from __future__ import annotations

import re
from argparse import SUPPRESS
from typing import TYPE_CHECKING

from locktool.cli.commands import COMMANDS
from locktool.cli.parser import parser_of

if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Sequence

_SPECIAL = str.maketrans({"*": "\\*", "_": "\\_", "|": "\\|", "<": "&lt;"})
_FLAG = re.compile(r"(?<![\w-])--?[a-z][a-z-]*(?![\w-])")
_OUTPUT_GROUP = "output"


def overview_page() -> str:
    """The page that lists the commands."""
    rows = "".join(f"| [`locktool {name}`](commands/{name}.md) | {summary} |\n" for name, summary in COMMANDS.items())
    return f"""\
# Commands

Without `--project` a command means the nearest `pyproject.toml` upwards, and says so where that is not in the working
directory. The search ends at the root of the repository and before your home directory. Results go to stdout, and whatever else
there is to say to stderr; with `--json` stdout is one JSON document, whose form is described under [JSON](json.md).

| command | it will |
|---|---|
{rows}
`locktool --help` lists them, `locktool COMMAND --help` says of one what its page says, and `locktool --version` names the version.
What an exit code means is listed under [exit codes](exit-codes.md).
"""


def command_page(name: str) -> str:
    """The page of a command."""
    parser = parser_of(name)
    words = [_word(action) for action in parser._actions if not action.option_strings]
    usage = " ".join([f"locktool {name}", "[OPTIONS]", *words])
    summary = COMMANDS[name]
    parts = [f"# locktool {name}\n", f"{summary[0].upper()}{summary[1:]}.\n", f"```text\n{usage}\n```\n"]
    parts.append(description(parser.description or ""))
    for group in parser._action_groups:
        actions = [
            action
            for action in group._group_actions
            if action.help != SUPPRESS and "--help" not in action.option_strings
        ]
        if actions:
            parts.append(_group(group.title or "options", group.description, actions))
    parts.append(f"## Examples\n\n```sh\n{_examples(parser.epilog or '')}```\n")
    return "\n".join(parts)


def description(text: str) -> str:
    """A text of a help as Markdown: paragraphs, and tables of the words that are explained in two columns."""
    parts = []
    for paragraph in text.strip("\n").split("\n\n"):
        words = _explained(paragraph)
        if words:
            rows = "".join(f"| `{word}` | {plain(meaning)} |\n" for word, meaning in words)
            parts.append(f"| word | meaning |\n|---|---|\n{rows}")
        else:
            parts.append(_sentence(plain(" ".join(paragraph.split()))) + "\n")
    return "\n".join(parts)


def _explained(paragraph: str) -> list[tuple[str, str]]:
    """The words of a paragraph in two columns, each with its meaning; none for another paragraph."""
    words: list[tuple[str, str]] = []
    for line in paragraph.splitlines():
        if match := re.fullmatch(r"  (\S+)  +(\S.*)", line):
            words.append((match[1], match[2]))
        elif words and line.startswith("    "):
            words[-1] = (words[-1][0], f"{words[-1][1]} {line.strip()}")
        else:
            return []
    return words


def _sentence(text: str) -> str:
    """The exit codes stand at the end of a description, and are a sentence of their own."""
    if not text.startswith("exit codes: "):
        return text
    text = text.removeprefix("exit codes: ").removesuffix(".")
    return f"Exit codes: {text}."


def plain(text: str) -> str:
    """A text in which nothing but code spans is Markdown; options become such spans."""
    pieces = "`".join(
        _FLAG.sub(r"`\g<0>`", piece) if number % 2 == 0 else piece for number, piece in enumerate(text.split("`"))
    ).split("`")
    return "`".join(piece.translate(_SPECIAL) if number % 2 == 0 else piece for number, piece in enumerate(pieces))


def _group(title: str, text: str | None, actions: Sequence[Action]) -> str:
    heading = "Arguments" if title == "positional arguments" else f"{title[0].upper()}{title[1:]}"
    rows = "".join(f"| {_flags(action)} | {_help(action)} |\n" for action in actions)
    introduction = f"{plain(text)}\n\n" if text else ""
    kind = "argument" if heading == "Arguments" else "option"
    return f"## {heading.rstrip('.')}\n\n{introduction}| {kind} | effect |\n|---|---|\n{rows}"


def _flags(action: Action) -> str:
    value = "" if action.nargs == 0 else _metavar(action)
    if not action.option_strings:
        return f"`{value}`"
    optional = action.nargs == "?"
    value = f" [{value}]" if value and optional else f" {value}" if value else ""
    return ", ".join(f"`{flag}{value}`" for flag in action.option_strings)


def _metavar(action: Action) -> str:
    if action.metavar is not None:
        return str(action.metavar)
    return "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper().replace("_", "-")


def _word(action: Action) -> str:
    value = _metavar(action)
    return {"*": f"[{value} ...]", "?": f"[{value}]", "+": f"{value} [{value} ...]"}.get(str(action.nargs), value)


def _help(action: Action) -> str:
    text = plain(" ".join((action.help or "").replace("%(default)s", str(action.default)).split())).replace("%%", "%")
    return f"{text[:1].upper()}{text[1:]}." if not text.endswith(".") else text


def _examples(epilog: str) -> str:
    """The examples of a help, each remark as a comment."""
    lines = [
        line.strip().partition("  ") for line in epilog.partition("exit codes: ")[0].splitlines()[1:] if line.strip()
    ]
    width = max((len(command) for command, separator, _ in lines if separator), default=0)
    return "".join(
        f"{command.ljust(width)}  # {remark.strip()}\n" if separator else f"{command}\n"
        for command, separator, remark in lines
    )
