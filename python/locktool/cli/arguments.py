"""The arguments that several commands share, each with one meaning everywhere.

A flag for a setting of [tool.locktool] has the name of its key and is declared with the action `Choice`, which collects
it in `choices` under that key. Every other flag concerns one run only and stands in RUN_ONLY with the reason.
"""

from argparse import SUPPRESS, Action, ArgumentError, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from locktool.cli.values import name

RUN_ONLY = {
    "cache-dir": "the cache is a matter of the machine",
    "dry-run": "it says whether the lock is written, not what is in it",
    "extra-index-url": "a lock records for each package the index that serves it",
    "find-links": "a lock records for each package the address of its files",
    "index-url": "a lock records for each package the index that serves it",
    "json": "it is about the output",
    "no-cache": "the cache is a matter of the machine",
    "no-index": "a lock records for each package the address of its files",
    "offline": "it only forbids requests",
    "project": "it names the project",
    "quiet": "it is about the output",
    "refresh": "the cache is a matter of the machine",
    "refresh-package": "the cache is a matter of the machine",
    "script": "it names what is locked",
    "trace": "it is about the output",
    "upgrade": "it says what may move in this run",
    "upgrade-package": "it says what may move in this run",
    "verbose": "it is about the output",
}


HERE = Path()
"""The project where none is named: that of the working directory, or of one above it."""

_TELLS = ", such as picks that surprise, splits and builds, each with its reason; -vv: every step of the resolver"

# What stands behind a flag with an optional value and is meant as an input.
_SUFFIXES_OF_INPUTS = {".in", ".txt", ".toml", ".py", ".cfg"}


class Choice(Action):
    """Collects in `choices`, under the key that the flag is named for, what the command line says of a setting.

    `kind` is the form of the value: "text" (the last one counts), "names" (each adds one), "table" (`NAME=VALUE`, each
    adds an entry), "packages" (names, `:all:` or `:none:`, as pip takes them: all sets the key, names add to the key
    that ends in `-package`), "on" or "off" (flags without a value), "const" (a flag that stands for one text).
    """

    def __init__(self, option_strings: list[str], dest: str, *, kind: str = "text", **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        if kind in {"on", "off", "const"}:
            settings["nargs"] = 0
        elif kind == "table":
            settings["type"] = named_value
        elif kind == "names":
            settings["type"] = name
        self.kind = kind
        super().__init__(option_strings, dest, **settings | {"default": SUPPRESS})

    @property
    def key(self) -> str:
        """The key of [tool.locktool]."""
        return self.dest.replace("_", "-")

    def __call__(self, _parser: ArgumentParser, namespace: Namespace, values: Any, _option: str | None = None) -> None:  # noqa: ANN401 - argparse's own
        """Add what one flag says."""
        choices = dict(getattr(namespace, "choices", {}))
        if self.kind == "names":
            choices[self.key] = [*choices.get(self.key, ()), values]
        elif self.kind == "table":
            choices[self.key] = choices.get(self.key, {}) | dict([values])
        elif self.kind == "packages":
            self._add_packages(choices, values)
        elif self.kind in {"text", "const"}:
            choices[self.key] = values if self.kind == "text" else self.const
        else:
            choices[self.key] = self.kind == "on"
        namespace.choices = choices

    def _add_packages(self, choices: dict[str, Any], value: str) -> None:
        if Path(value).suffix in _SUFFIXES_OF_INPUTS or value == "-":
            flag = self.option_strings[0]
            raise ArgumentError(self, f"{value!r} is a file and no package; write {flag} :all: for all packages")
        names = f"{self.key}-package"
        for word in filter(None, value.split(",")):
            if word == ":all:":
                choices[self.key] = True
            elif word == ":none:":
                choices.pop(self.key, None)
                choices.pop(names, None)
            else:
                choices[names] = [*choices.get(names, ()), word]


class Once(Action):
    """Stores the value of a flag that may be given once, where argparse would take the last of several."""

    def __call__(self, _parser: ArgumentParser, namespace: Namespace, values: Any, option: str | None = None) -> None:  # noqa: ANN401 - argparse's own
        """Take the one value."""
        if getattr(namespace, self.dest, None) is not None:
            raise ArgumentError(self, f"given twice; give one {option}")
        setattr(namespace, self.dest, values)


def named_value(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`."""
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def words_of_choices(choices: Mapping[str, Any]) -> Iterator[str]:
    """The flags that give these choices."""
    for key, value in choices.items():
        if isinstance(value, bool):
            yield f"--{key}" if value else f"--no-{key}"
        elif isinstance(value, str):
            yield from (f"--{key}", value)
        else:
            texts = (f"{name}={rule}" for name, rule in value.items()) if isinstance(value, dict) else value
            yield from (word for text in texts for word in (f"--{key}", text))


def add_output_arguments(parser: ArgumentParser, *, resolves: bool = False) -> None:
    """`-q`, `-v` and `--json`, for a command that tells of a resolution or of none."""
    more = "print more" + _TELLS if resolves else "print more"
    group = parser.add_argument_group("output")
    group.add_argument("-q", "--quiet", action="count", default=0, help="print nothing but results and errors")
    group.add_argument("-v", "--verbose", action="count", default=0, help=more)
    group.add_argument("--json", action="store_true", help="print the outcome as JSON on stdout")


def add_project_argument(parser: ArgumentParser) -> None:
    """`--project`."""
    parser.add_argument(
        "--project",
        metavar="DIR",
        type=Path,
        default=HERE,
        help="the directory of pyproject.toml (default: this one, or the nearest above it in the repository)",
    )


def add_script_argument(parser: ArgumentParser) -> None:
    """`--script`, of the commands that read a lock."""
    parser.add_argument("--script", metavar="FILE", type=Path, help="the lock of a script, instead of the project's")


def add_upgrade_arguments(parser: ArgumentParser, existing: str) -> None:
    """`--upgrade` and `--upgrade-package`."""
    group = parser.add_argument_group(
        "what may move", f"Without these, the versions of {existing} stay where they can."
    )
    group.add_argument("-U", "--upgrade", action="store_true", help="move every package to the best version")
    group.add_argument(
        "-P",
        "--upgrade-package",
        metavar="NAME",
        action="append",
        default=[],
        help="move this package, and others only where they must follow; 'NAME<2' says how far; a name that nothing "
        "requires is a warning (repeatable)",
    )


def add_index_arguments(parser: ArgumentParser) -> None:
    """Where packages come from, and the cache."""
    group = parser.add_argument_group("indexes and cache")
    group.add_argument("-i", "--index-url", metavar="URL", help="the index to ask instead of the configured one")
    group.add_argument(
        "--extra-index-url", metavar="URL", action="append", default=[], help="an index asked before it (repeatable)"
    )
    group.add_argument(
        "-f",
        "--find-links",
        metavar="LOCATION",
        action="append",
        default=[],
        help="a directory or page that lists distributions (repeatable)",
    )
    group.add_argument(
        "--no-index", action="store_true", help="ask no index, only --find-links and those of the project"
    )
    group.add_argument("--offline", action="store_true", help="use only what is in the cache")
    group.add_argument("--refresh", action="store_true", help="ask the index again, whatever is in the cache")
    group.add_argument(
        "--refresh-package",
        metavar="NAME",
        type=name,
        action="append",
        default=[],
        help="as --refresh, for one package (repeatable)",
    )
    group.add_argument(
        "--cache-dir", metavar="DIR", type=Path, help="the cache (default: LOCKTOOL_CACHE_DIR, or the platform's)"
    )
    group.add_argument("--no-cache", action="store_true", help="neither read nor write a cache")


def add_resolution_arguments(parser: ArgumentParser) -> None:
    """Settings: which versions are preferred, and which files are used."""
    parser.set_defaults(choices={})
    group = parser.add_argument_group(
        "choice of versions", "For a lasting choice set the same keys in [tool.locktool] of pyproject.toml."
    )
    newer_python = "split by Python (requires-python), or take the newest version that serves every Python (fewest)"
    moments = "a date (that day included), an RFC 3339 time, or a span such as '7 days'"
    for flag, metavar, text in (
        ("--resolution", "MODE", "which of the allowed versions to prefer: highest, lowest or lowest-direct"),
        (
            "--prerelease",
            "RULE",
            "when a pre-release may be chosen: disallow, allow, if-necessary, explicit or if-necessary-or-explicit",
        ),
        ("--fork-strategy", "STRATEGY", f"where a version needs a newer Python: {newer_python}"),
        (
            "--exclude-newer",
            "WHEN",
            f"ignore files uploaded later: {moments}; a file without an upload time is ignored too",
        ),
    ):
        group.add_argument(flag, metavar=metavar, action=Choice, help=text)
    for flag, metavar, text in (
        ("--prerelease-package", "NAME=RULE", "as --prerelease, for one package (repeatable)"),
        (
            "--exclude-newer-package",
            "NAME=WHEN",
            "as --exclude-newer, for one package; NAME=false lifts it (repeatable)",
        ),
    ):
        group.add_argument(flag, metavar=metavar, action=Choice, kind="table", help=text)
    group.add_argument(
        "--no-quality-pass",
        dest="quality_pass",
        action=Choice,
        kind="off",
        help="accept the first solution, without the look for picks that are needlessly old",
    )
    group.add_argument("--no-build", action=Choice, kind="on", help="never build metadata of any package")
    group.add_argument(
        "--no-binary",
        metavar="NAME",
        action=Choice,
        kind="packages",
        nargs="?",
        const=":all:",
        help="never use wheels of any package (or :all:), or of NAME",
    )
    for flag, text in (
        ("--no-build-package", "never build the metadata of this package (repeatable)"),
        ("--no-binary-package", "never use wheels of this package (repeatable)"),
    ):
        group.add_argument(flag, metavar="NAME", action=Choice, kind="names", help=text)
