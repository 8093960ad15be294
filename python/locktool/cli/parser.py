"""Reads a command line: the command that is named, and its arguments.

A command's module is imported only when its name is on the command line.
"""

import sys
from argparse import Action, ArgumentError, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from locktool.cli.commands import COMMANDS
from locktool.cli.other_names import hint_of_command, hint_of_option, hint_of_word, value_for
from locktool.cli.streams import Stream

# The modules of commands whose names Python keeps for itself.
_MODULES = {"import": "import_"}

# Options with a value that may stand before a command.
_WITH_VALUE = ("--project", "--cache-dir")


class UsageError(Exception):
    """A command line that is wrong: what is wrong with it, and the command whose help says how it is right."""

    def __init__(self, prog: str, message: str) -> None:
        super().__init__(message)
        self.prog = prog


def parse_arguments(argv: Sequence[str]) -> Namespace:
    """Parse a command line. Raises SystemExit after `--help`, as argparse does, and UsageError."""
    name, *words = _command_first(argv)
    if name not in COMMANDS:
        _refuse_command(name)
    parser = parser_of(name)
    arguments: Namespace
    arguments, unknown = parser.parse_known_args(words, Namespace(quiet=0, verbose=0, json=False))
    if unknown:
        parser.refuse(unknown)
    return arguments


def parser_of(name: str) -> "CommandParser":
    """The parser of a command, whose `run` takes what it gives."""
    module: Any = import_module(f"locktool.cli.{_MODULES.get(name, name)}")
    parser = CommandParser(f"locktool {name}", module.DESCRIPTION, module.EXAMPLES)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run, command=name)
    return parser


def _refuse_command(word: str) -> NoReturn:
    """Raise UsageError for the first word of a command line, which names no command."""
    if word.startswith("-"):
        raise UsageError("locktool", f"{word.partition('=')[0]} stands without a command")
    hint = hint_of_command(word)
    raise UsageError("locktool", f"{word!r} is not a command{f'; {hint}' if hint else _did_you_mean(word, COMMANDS)}")


def _command_first(argv: Sequence[str]) -> Sequence[str]:
    """The words with the command before its options, wherever they stand."""
    position = 0
    while position < len(argv) and argv[position].startswith("-"):
        position += 2 if argv[position] in _WITH_VALUE else 1
    if position >= len(argv):
        return argv
    return [argv[position], *argv[:position], *argv[position + 1 :]]


def _similar_flag(flag: str, flags: Iterable[str]) -> str:
    """A hint at the flag of the most similar name: the dashes make no two names alike."""
    names = {each.lstrip("-"): each for each in flags}
    hint = _did_you_mean(flag.lstrip("-"), names)
    return next((hint.replace(f"'{name}'", f"'{each}'") for name, each in names.items() if f"'{name}'" in hint), "")


def _did_you_mean(word: str, choices: Iterable[str]) -> str:
    from locktool._native import did_you_mean

    return did_you_mean(word, list(choices))


class CommandParser(ArgumentParser):
    """The arguments of a command.

    Help is as written here, and options are not abbreviated: a script that uses one breaks when another option is
    added. Words may have options between them: `python find --json 3.12`.
    """

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=_HelpText,
            allow_abbrev=False,
        )
        self._intermixed = False

    def error(self, message: str) -> NoReturn:
        """Raise a usage error, which may repeat an address, but not the credentials in it."""
        from locktool._native import hide_credentials

        raise UsageError(self.prog, hide_credentials(message))

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Raise a usage error about the first word that the command does not take."""
        command = self.prog.rpartition(" ")[2]
        flag = next((word.partition("=")[0] for word in unknown if word.startswith("-")), None)
        if flag is None:
            hint = hint_of_word(command, unknown[0])
            self.error(f"`{self.prog}` does not take {unknown[0]!r}{hint and f'; {hint}'}")
        hint = hint_of_option(command, flag)
        similar = f"; {hint}" if hint else _similar_flag(flag, self._option_string_actions)
        self.error(f"{flag} is not an option of `{self.prog}`{similar}")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # noqa: ANN401 - argparse's own
        """Parse options first and words after them, where a command takes several; argparse itself calls this twice."""
        words = sum(not action.option_strings for action in self._actions)
        # Of what stands after `--` argparse forgets in the second parse that it is no option.
        if self._intermixed or words < 2 or "--" in (args or ()):  # noqa: PLR2004 - several
            return super().parse_known_args(args, namespace)
        self._intermixed = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._intermixed = False

    def _check_value(self, action: Action, value: Any) -> None:  # noqa: ANN401 - argparse's own
        """Refuse a value that is none of the choices, and say which one was probably meant."""
        choices = [str(choice) for choice in action.choices or ()]
        if not choices or value in choices:
            return
        known = value_for(value)
        hint = f"; did you mean {known!r}?" if known in choices else _did_you_mean(value, choices)
        raise ArgumentError(action, f"{value!r} is not one of {', '.join(choices)}{hint}")

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ANN401 - argparse's own
        """Write help, as far as there is a stream."""
        Stream(file or sys.stderr).write(message)


class _HelpText(RawDescriptionHelpFormatter):
    """Knows its width: argparse would load shutil, and with it three compression libraries, for every argument."""

    def __init__(self, prog: str, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(prog, **{"width": Stream(sys.stderr).columns() - 2} | settings)
