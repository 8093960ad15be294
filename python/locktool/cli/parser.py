"""The command line: which commands there are, and the arguments of the one that is named.

A command's module is imported only when its name is on the command line.
"""

import sys
from argparse import SUPPRESS, Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from locktool.cli.other_names import hint_of_command, hint_of_option, hint_of_word
from locktool.cli.streams import Stream

COMMANDS = {
    "init": "write a minimal pyproject.toml",
    "add": "add requirements to the project and lock it",
    "remove": "remove requirements from the project and lock it",
    "upgrade": "move locked packages to better versions",
    "lock": "resolve the project and write pylock.toml",
    "check": "prove that pylock.toml is what the project needs",
    "compile": "resolve requirements files into requirements.txt or pylock.toml",
    "import": "turn the tables of Poetry into [project]",
    "export": "write the lock in the format of another tool",
    "list": "list what an environment installs of the lock",
    "outdated": "say which packages are older than they could be, and why",
    "tree": "show what requires what in the lock",
    "diff": "say what has changed between two locks",
    "why": "say who requires a package, and what keeps another version of it out",
    "python": "list, find or describe the Pythons of this machine",
    "cache": "show, empty or shrink the cache",
}

# The modules of commands whose names Python keeps for itself.
_MODULES = {"import": "import_"}

_DESCRIPTION = """\
Locks Python projects to the standard pylock.toml and proves that a lock is up
to date.\
"""
_EPILOG = """\
examples:
  locktool add httpx                     add it to the project, and lock
  locktool lock                          lock the project of this directory
  locktool lock -P numpy                 move numpy, and what must move with it
  locktool check --frozen                is the lock up to date? reads files
  locktool compile requirements.in -o requirements.txt

`locktool COMMAND --help` says more. Options of a command may stand before it.

exit codes: 0 done, or yes; 1 no: a lock is not up to date, or nothing fits;
2 it could not be found out: bad usage, unreadable files, no network;
130 interrupted, 143 terminated
"""

# Options with a value that may stand before a command.
_WITH_VALUE = ("--project", "--cache-dir")


class UsageError(Exception):
    """A command line that is wrong: what is wrong with it, and the command whose help says how it is right."""

    def __init__(self, prog: str, message: str) -> None:
        super().__init__(message)
        self.prog = prog


def parse_arguments(argv: Sequence[str]) -> Namespace:
    """Parse a command line. Raises SystemExit after `--help` and `--version`, as argparse does, and UsageError."""
    argv = _command_first(argv)
    parser = _Parser("locktool", _DESCRIPTION, _EPILOG)
    parser.add_argument("-V", "--version", action=_ShowVersion, help="show the version and leave")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_CommandParser, prog=parser.prog
    )
    asked = argv[0] if argv and not argv[0].startswith("-") else None
    if asked is not None and asked not in COMMANDS:
        hint = hint_of_command(asked)
        parser.error(f"{asked!r} is not a command{f'; {hint}' if hint else _did_you_mean(asked, COMMANDS)}")
    named = parser
    for name, summary in COMMANDS.items():
        module: Any = import_module(f"locktool.cli.{_MODULES.get(name, name)}") if name == asked else None
        description, epilog = (module.DESCRIPTION, module.EXAMPLES) if module else ("", "")
        command = commands.add_parser(name, help=summary, description=description, epilog=epilog)
        if module:
            module.add_arguments(command)
            command.set_defaults(run=module.run, command=name)
            named = command
    arguments, unknown = parser.parse_known_args(argv, Namespace(quiet=0, verbose=0, json=False))
    if unknown:
        named.refuse(unknown)
    return arguments


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


class _Parser(ArgumentParser):
    """Help as written here, no abbreviated options: a script that uses one breaks when another option is added."""

    def __init__(self, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=_HelpText,
            allow_abbrev=False,
        )

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

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ANN401 - argparse's own
        """Write help, as far as there is a stream."""
        Stream(file or sys.stderr).write(message)


class _HelpText(RawDescriptionHelpFormatter):
    """Knows its width: argparse would load shutil, and with it three compression libraries, for every argument."""

    def __init__(self, prog: str, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(prog, **{"width": Stream(sys.stderr).columns() - 2} | settings)


class _CommandParser(_Parser):
    """The arguments of a command, whose words may have options between them: `python find --json 3.12`."""

    def __init__(self, *, prog: str, description: str, epilog: str) -> None:
        super().__init__(prog, description, epilog)
        self._intermixed = False

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


class _ShowVersion(Action):
    """Reads the version only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(option_strings, **settings | {"dest": SUPPRESS, "default": SUPPRESS, "nargs": 0})

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        from locktool import __version__

        Stream(sys.stdout).write(f"locktool {__version__}\n")
        parser.exit()
