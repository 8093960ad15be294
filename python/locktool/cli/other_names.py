"""Words of pip, pip-tools, uv, Poetry and cargo that nothing has here, and what to write instead.

In: the word that a command line has. Out: what follows the sentence that refuses it. A word that is only misspelt is
not listed.
"""

_INSTALLS = "locktool writes locks, which `uv pip install -r pylock.toml` installs"

_COMMANDS = {
    "help": "did you mean '--help'?",
    "version": "did you mean '--version'?",
    "delete": "did you mean 'remove'?",
    "info": "did you mean 'list', 'why NAME' or 'cache info'?",
    "settings": "did you mean 'config show'?",
    "options": "did you mean 'config show'?",
    "audit": "'check' proves the lock; for advisories, give what `locktool export` writes to an auditor",
    "update": "did you mean 'upgrade'?",
    "up": "did you mean 'upgrade'?",
    "install": _INSTALLS,
    "sync": _INSTALLS,
    "run": _INSTALLS,
    "new": "did you mean 'init'?",
    "uninstall": "did you mean 'remove'?",
    "rm": "did you mean 'remove'?",
    "show": "did you mean 'list', 'tree' or 'why NAME'?",
    "graph": "did you mean 'tree' or 'export --format graphviz'?",
    "freeze": "did you mean 'list' or 'export'?",
    "verify": "did you mean 'check'?",
    "validate": "did you mean 'check'?",
    "resolve": "did you mean 'lock' or 'compile'?",
    "pip-compile": "did you mean 'compile'?",
    "requirements": "did you mean 'export'?",
}

_GROUP_DEV = "did you mean '--group dev'?"
_EXTRA = "did you mean '--extra NAME'?"
_NAMED = "name the packages without it: `locktool upgrade NAME`"
_CHECK = "did you mean `locktool check`?"
_READ_ONLY = "it only reads the lock: leave it out, and run `locktool check` for the proof"
_NO_GROUPS = "did you mean '--no-default-groups'?"

_INDEX = "did you mean '--index-url URL'?"
_UPGRADE = "did you mean '--upgrade'?"
_BUILDS = "name the packages under no-build-isolation-package in [tool.locktool]"

_OPTIONS = {
    "compile": {"--no-build-isolation": _BUILDS},
    "add": {
        "--dev": _GROUP_DEV,
        "-D": _GROUP_DEV,
        "-G": "did you mean '--group NAME'?",
        "--optional": _EXTRA,
        "-E": _EXTRA,
        "-e": "did you mean '--path DIR --editable'?",
        "-r": "give the requirements themselves, or compile the file with `locktool compile`",
        "--requirements": "give the requirements themselves, or compile the file with `locktool compile`",
        "--no-sync": _INSTALLS,
    },
    "remove": {"--dev": _GROUP_DEV, "-D": _GROUP_DEV, "-G": "did you mean '--group NAME'?", "--optional": _EXTRA},
    "lock": {
        "--check": _CHECK,
        "--locked": _CHECK,
        "--frozen": _CHECK,
        "--no-build-isolation": _BUILDS,
        "--no-update": "versions stay where they can without it",
        **dict.fromkeys(("--update", "-u", "--latest"), _UPGRADE),
        **dict.fromkeys(("--index", "--default-index"), _INDEX),
        "-p": "did you mean '--project DIR', or '-P NAME' to move one package?",
        "-c": "list constraints under `constraints` in [tool.locktool]",
    },
    "upgrade": {
        **dict.fromkeys(("-P", "--package", "--upgrade-package"), _NAMED),
        **dict.fromkeys(("-U", "--upgrade", "--all", "--latest"), "without a name everything moves that may"),
    },
    "export": {
        **dict.fromkeys(("--frozen", "--locked"), _READ_ONLY),
        "--without-hashes": "did you mean '--no-hashes'?",
        "--no-dev": _NO_GROUPS,
        "--dev": _GROUP_DEV,
        "--with": "did you mean '--group NAME'?",
        "--only": "did you mean '--only-group NAME'?",
        "--only-dev": "did you mean '--only-group dev'?",
        "--no-emit-workspace": "did you mean '--only-deps'?",
        "--extras": _EXTRA,
    },
    "tree": {**dict.fromkeys(("--frozen", "--locked"), _READ_ONLY), "--reverse": "did you mean '--invert'?"},
    "list": {"--outdated": "did you mean `locktool outdated`?", "--no-dev": _NO_GROUPS, "--dev": _GROUP_DEV},
    "diff": {"--md": "did you mean '--markdown'?"},
    "init": {"--python": "did you mean '--requires-python'?"},
    "check": {"--locked": "it is what a check does: leave it out"},
}


_VALUES = {
    "clear": "clean",
    "purge": "clean",
    "size": "info",
    "path": "dir",
    "ls": "list",
    "which": "find",
    "reqs": "requirements",
    "requirements-txt": "requirements",
    "sbom": "cyclonedx",
    "pwsh": "powershell",
}


def hint_of_command(word: str) -> str:
    """What to write in the place of a command; empty where nothing is known."""
    return _COMMANDS.get(word, "")


def hint_of_option(command: str, flag: str) -> str:
    """What to write in the place of an option; empty where nothing is known."""
    return _OPTIONS.get(command, {}).get(flag, "")


def value_for(word: str) -> str:
    """What a value of other tools is called here; the word itself where nothing is known."""
    return _VALUES.get(word.lower(), word)


def hint_of_word(command: str, word: str) -> str:
    """What to write in the place of a word that a command does not take; empty where nothing is known."""
    return f"did you mean '--package {word}'?" if command == "tree" else ""
