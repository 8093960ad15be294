"""`locktool completions`: print the completions of a shell."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from json import loads
from typing import TYPE_CHECKING, Any

from locktool._native import settings_schema
from locktool.cli.arguments import Choice, add_output_arguments
from locktool.cli.commands import COMMANDS
from locktool.cli.console import Console

if TYPE_CHECKING:
    from argparse import Action

    from locktool.cli.completion_scripts import CompletedCommand, CompletedOption

SHELLS = ("bash", "zsh", "fish", "powershell")

DESCRIPTION = """\
Prints a script that completes commands, options and their values.

  bash        eval "$(locktool completions bash)" in ~/.bashrc
  zsh         eval "$(locktool completions zsh)" in ~/.zshrc, after compinit
  fish        locktool completions fish >
              ~/.config/fish/completions/locktool.fish
  powershell  locktool completions powershell | Out-String | Invoke-Expression
              in $PROFILE

The script is complete in itself: it does not run locktool again.

exit codes: 0 done, 2 it is not known of that shell.\
"""
EXAMPLES = """\
examples:
  locktool completions zsh
  locktool completions bash > /etc/bash_completion.d/locktool
"""

_DIRECTORIES = {"DIR"}
_FILES = {"FILE", "FILE.json", "PATH", "LOCATION", "IN", "OUT", "OLD", "NEW"}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that is to complete")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Print the script."""
    from locktool.cli.completion_scripts import SCRIPTS

    script = SCRIPTS[arguments.shell](completed_commands())
    if console.json:
        console.result_json({"shell": arguments.shell, "script": script})
    else:
        console.result(script)
    return 0


def completed_commands() -> list["CompletedCommand"]:
    """What can be completed of each command, as its parser has it."""
    from locktool.cli.completion_scripts import CompletedCommand
    from locktool.cli.parser import parser_of

    settings = loads(settings_schema())["properties"]
    commands = []
    for name, summary in COMMANDS.items():
        actions = parser_of(name)._actions  # noqa: SLF001 - argparse has no other way to list them
        words = [action for action in actions if not action.option_strings]
        commands.append(
            CompletedCommand(
                name=name,
                summary=summary,
                options=tuple(
                    _option(action, settings) for action in actions if action.option_strings and action.help != SUPPRESS
                ),
                words=tuple(str(choice) for action in words for choice in action.choices or ()),
                takes_files=any(_kind(action) == "file" for action in words),
            )
        )
    return commands


def _option(action: "Action", settings: dict[str, Any]) -> "CompletedOption":
    """An option; the value of a setting is one of those that its key takes."""
    from locktool.cli.completion_scripts import CompletedOption

    setting = settings.get(action.key, {}) if isinstance(action, Choice) and action.kind == "text" else {}
    return CompletedOption(
        flags=tuple(action.option_strings),
        summary=" ".join((action.help or "").split()),
        takes_value=action.nargs != 0,
        choices=tuple(str(choice) for choice in action.choices or setting.get("enum", ())),
        kind=_kind(action),
    )


def _kind(action: "Action") -> str:
    """What the value of an action is: a file, a directory, or another text."""
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    if metavar in _DIRECTORIES:
        return "directory"
    return "file" if metavar in _FILES else "text"
