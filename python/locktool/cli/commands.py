"""The commands, and what `locktool`, `locktool --help` and `locktool --version` print.

These are what a person types first and a shell prompt may run, so nothing but this file is loaded for them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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
    "why": "say who requires a package, or what keeps a version out",
    "python": "list, find or describe the Pythons of this machine",
    "cache": "show, empty or shrink the cache",
    "config": "show which settings hold, and where they come from",
    "completions": "print the completions of a shell",
}

_USAGE = "usage: locktool [-h] [-V] COMMAND ...\n"
_DESCRIPTION = """\
Locks Python projects to the standard pylock.toml and proves that a lock is up
to date.
"""
_OPTIONS = """\
options:
  -h, --help     show this help, or with a command that of the command
  -V, --version  show the version
"""
_EXAMPLES = """\
examples:
  locktool add httpx                     add it to the project, and lock
  locktool lock                          lock the project of this directory
  locktool lock -P numpy                 move numpy, and what must move with it
  locktool check --frozen                is the lock up to date? reads files
  locktool compile requirements.in -o requirements.txt
"""
_REST = """\
`locktool COMMAND --help` says more. Options of a command may stand before it.

exit codes: 0 done, or yes; 1 no: a lock is not up to date, or nothing fits;
2 it could not be found out: bad usage, unreadable files, no network;
130 interrupted, 143 terminated
"""


def general_text(words: "Sequence[str]") -> str | None:
    """What a command line without a command asks for; None for any other one."""
    if not words:
        return overview()
    if all(word.startswith("-") for word in words):
        if "-h" in words or "--help" in words:
            return overview()
        if "-V" in words or "--version" in words:
            from locktool import __version__

            return f"locktool {__version__}\n"
    return None


def overview() -> str:
    """The commands, each with what it does, in 80 columns."""
    width = max(map(len, COMMANDS)) + 2
    commands = "".join(f"  {name.ljust(width)}{summary}\n" for name, summary in COMMANDS.items())
    return "\n".join((_USAGE, _DESCRIPTION, f"commands:\n{commands}", _OPTIONS, _EXAMPLES, _REST))
