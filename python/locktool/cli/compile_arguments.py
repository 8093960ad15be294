"""The arguments of `locktool compile`, as users of pip-compile and of uv type them.

What changes nothing here is accepted where scripts pass it, and its help says so.
"""

from argparse import Action, ArgumentParser, BooleanOptionalAction, Namespace
from pathlib import Path
from typing import Any

from locktool.cli.arguments import (
    Choice,
    add_index_arguments,
    add_output_arguments,
    add_resolution_arguments,
    add_upgrade_arguments,
)
from locktool.cli.environment import add_environment_arguments
from locktool.cli.trace import add_trace_argument
from locktool.cli.values import name, output_file

# What is read where no input is named, in the order of pip-tools.
DEFAULT_INPUTS = ("requirements.in", "setup.py", "pyproject.toml", "setup.cfg")


class Accepted(Action):
    """A flag that changes nothing."""

    def __init__(self, option_strings: list[str], dest: str, **settings: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(option_strings, dest, **{"nargs": 0} | settings)

    def __call__(self, *_: object) -> None:
        """Take the flag."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "inputs",
        metavar="IN",
        nargs="*",
        type=Path,
        help="requirements files, a pyproject.toml, setup.py or script with a PEP 723 block, or - "
        f"(default: the first that exists of {', '.join(DEFAULT_INPUTS)})",
    )
    parser.add_argument(
        "-o",
        "--output-file",
        "--output",
        dest="output",
        metavar="OUT",
        type=output_file,
        help="the file to write, or - to print (default)",
    )
    parser.add_argument("-n", "--dry-run", action="store_true", help="say what would move and write nothing")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, and exit with 1 where OUT is not what would be written"
    )
    _add_input_arguments(parser)
    _add_target_arguments(parser)
    _add_format_arguments(parser)
    _add_accepted_arguments(parser)
    add_upgrade_arguments(parser, "an existing OUT")
    add_resolution_arguments(parser)
    _add_choices_of_pip(parser)
    add_index_arguments(parser)
    add_output_arguments(parser, resolves=True)
    add_trace_argument(parser)


def _add_input_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("inputs")
    for names, text in (
        (("-c", "--constraint", "--constraints"), "limit versions without asking for packages (repeatable)"),
        (("--override", "--overrides"), "requirements that replace all others on their packages (repeatable)"),
        (("-b", "--build-constraint", "--build-constraints"), "limit the versions of what builds require (repeatable)"),
    ):
        group.add_argument(*names, metavar="FILE", type=Path, action="append", default=[], help=text)
    group.add_argument(
        "--extra", metavar="NAME", type=name, action="append", default=[], help="an extra of the project (repeatable)"
    )
    group.add_argument("--all-extras", action="store_true", help="every extra of the project")
    group.add_argument(
        "--group",
        metavar="[PATH:]NAME",
        action="append",
        default=[],
        help="a dependency group of the project, or of the pyproject.toml PATH (repeatable)",
    )
    group.add_argument(
        "--no-deps", action="store_true", help="pin what the inputs name and not what it requires; not for a lock"
    )


def _add_target_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("environment")
    group.add_argument(
        "--universal", action="store_true", help="for every platform, and Python from --python-version on"
    )
    add_environment_arguments(group)


def _add_format_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("requirements.txt")
    group.add_argument(
        "--generate-hashes",
        dest="no_hashes",
        action="store_false",
        default=False,
        help="write --hash for each file, which is the default",
    )
    group.add_argument("--no-hashes", "--no-generate-hashes", action="store_true", help="leave out --hash")
    group.add_argument("--no-annotate", action="store_true", help="leave out the comments saying who requires what")
    group.add_argument(
        "--annotation-style",
        choices=("split", "line"),
        default="split",
        help="these comments on a line for each, or on one line",
    )
    group.add_argument("--no-header", action="store_true", help="leave out the comment saying how the file was made")
    group.add_argument(
        "--strip-extras",
        action=BooleanOptionalAction,
        default=True,
        help="write pins without extras, which is the default, or with those that are asked for",
    )
    group.add_argument(
        "--newline",
        choices=("LF", "CRLF", "native", "preserve"),
        default="preserve",
        help="how lines end: as this says, as on this platform, or as in an existing OUT (the default; else LF)",
    )
    group.add_argument(
        "--no-emit-package",
        "--unsafe-package",
        metavar="NAME",
        type=name,
        action="append",
        default=[],
        help="resolve this package and leave out its pin (repeatable)",
    )
    for flag, text in (
        ("--emit-index-url", "write the indexes as options of pip, without credentials"),
        ("--emit-find-links", "write find-links as options of pip, without credentials"),
        ("--emit-index-annotation", "write below each pin which index serves it"),
    ):
        group.add_argument(flag, action=BooleanOptionalAction, default=False, help=text)


def _add_accepted_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group(
        "accepted for pip-tools' sake", "These change nothing: they ask for what is always done, or never."
    )
    for flag, text in (
        ("--allow-unsafe", "pip, setuptools and their like are pinned as every package is"),
        ("--reuse-hashes", "hashes come from the index or its cache"),
        ("--no-emit-trusted-host", "trusted hosts are not written"),
        ("--no-config", "no configuration of pip-tools is read; settings stand in [tool.locktool]"),
    ):
        group.add_argument(flag, action=Accepted, help=text)
    group.add_argument("--max-rounds", metavar="N", nargs=None, action=Accepted, help="a run ends when it is done")
    group.add_argument("--pip-args", metavar="WORDS", help="pip does not resolve here; a warning says so")
    group.add_argument(
        "--resolver", choices=("backtracking",), nargs=None, action=Accepted, help="there is one resolver"
    )


def _add_choices_of_pip(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("choice of versions in pip's words")
    group.add_argument(
        "--pre", dest="prerelease", action=Choice, kind="const", const="allow", help="as --prerelease allow"
    )
    group.add_argument(
        "--only-binary",
        dest="no_build",
        metavar="NAME",
        action=Choice,
        kind="packages",
        help="use only wheels of NAME, or with :all: of any package: as --no-build-package and --no-build",
    )
    group.add_argument(
        "--rebuild",
        dest="refresh",
        action="store_true",
        help="ask the index again, whatever is in the cache: as --refresh",
    )
    group.add_argument(
        "--cert", metavar="FILE", type=Path, help="trust these certificate authorities instead of the machine's"
    )


def inputs_of(arguments: Namespace) -> list[Path]:
    """The inputs that are named, else the default. Raises ProjectError where there is none."""
    named: list[Path] = arguments.inputs
    if named or arguments.group:
        return named
    # Extras are those of a project.
    asks_for_extras = arguments.extra or arguments.all_extras
    names = DEFAULT_INPUTS[1:] if asks_for_extras else DEFAULT_INPUTS
    found = next((path for path in map(Path, names) if path.is_file()), None)
    if found is None:
        from locktool.exceptions import ProjectError

        message = f"name what to compile: this directory has none of {', '.join(names)}"
        pinned = not asks_for_extras and Path("requirements.txt").is_file()
        suggestion = "`locktool compile requirements.txt` takes that file" if pinned else None
        raise ProjectError("no-input", message, suggestion=suggestion)
    return [found]
