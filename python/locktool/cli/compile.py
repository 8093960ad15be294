"""`locktool compile`: resolve requirements files into requirements.txt or pylock.toml."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cli.arguments import (
    add_index_arguments,
    add_output_arguments,
    add_resolution_arguments,
    add_upgrade_arguments,
    shared_options,
    words_of_choices,
)
from locktool.cli.console import Console

if TYPE_CHECKING:
    from locktool.operations.outcome import CompileOutcome

DESCRIPTION = """\
Resolves requirements files, or the dependencies of a pyproject.toml, for one environment (this interpreter's unless
another is named) or with --universal for all. Writes requirements.txt with hashes and comments saying who requires
what, or a lock where OUT is pylock.toml or pylock.NAME.toml; the lock names the environment that it is for. The
versions of an existing OUT are kept where they can be.\
"""
EXAMPLES = """\
examples:
  locktool compile requirements.in                     print the result
  locktool compile requirements.in -o requirements.txt
  locktool compile requirements.in dev.in -c limits.txt -o dev.txt
  locktool compile pyproject.toml --extra s3 -o requirements.txt
  locktool compile requirements.in --universal -o pylock.toml
  locktool compile requirements.in -o pylock.dev.toml
  locktool compile requirements.in --python-version 3.12 --python-platform windows
  echo flask | locktool compile -
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("inputs", metavar="IN", nargs="+", type=Path, help="requirements files, a pyproject.toml, or -")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="the file to write (default: print)")
    _add_input_arguments(parser)
    _add_target_arguments(parser)
    _add_format_arguments(parser)
    add_upgrade_arguments(parser, "an existing OUT")
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser)


def _add_input_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("inputs")
    for names, text in (
        (("-c", "--constraint"), "limit versions without asking for packages (repeatable)"),
        (("--override",), "requirements that replace all others on their packages (repeatable)"),
    ):
        group.add_argument(*names, metavar="FILE", type=Path, action="append", default=[], help=text)
    group.add_argument(
        "--extra", metavar="NAME", action="append", default=[], help="an extra of the project (repeatable)"
    )
    group.add_argument("--all-extras", action="store_true", help="every extra of the project")
    group.add_argument(
        "--group", metavar="NAME", action="append", default=[], help="a dependency group of the project (repeatable)"
    )


def _add_target_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("environment")
    group.add_argument(
        "--universal", action="store_true", help="for every platform, and Python from --python-version on"
    )
    group.add_argument("--python-version", metavar="V", help="such as 3.12 (default: the running interpreter's)")
    group.add_argument("--python-platform", metavar="P", help="such as linux, windows, macos (default: this one)")


def _add_format_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("requirements.txt")
    group.add_argument("--no-hashes", action="store_true", help="leave out --hash")
    group.add_argument("--no-annotate", action="store_true", help="leave out the comments saying who requires what")
    group.add_argument("--no-header", action="store_true", help="leave out the comment saying how the file was made")


def run(arguments: Namespace, console: Console) -> int:
    """Compile, print or write, then say what moved."""
    outcome = _compile(arguments, console)
    for note in outcome.notes:
        console.say(f"note: {note}")
    for warning in outcome.warnings:
        console.warn(warning)
    if outcome.path is None and not console.json:
        console.result(outcome.text)
        return 0
    from locktool.cli.summary import compile_as_json, compile_summary

    for line in compile_summary(outcome, console):
        console.say(line)
    if console.json:
        console.result_json(compile_as_json(outcome))
    return 0


def _compile(arguments: Namespace, console: Console) -> "CompileOutcome":
    import sys

    from locktool.cli.progress import ProgressLine
    from locktool.export.requirements import RequirementsStyle
    from locktool.operations.compile import CompileOptions, compile_requirements
    from locktool.operations.inputs import CompileInputs
    from locktool.operations.options import RunOptions, Target

    reads_standard_input = any(str(path) == "-" for path in arguments.inputs)
    inputs = CompileInputs(
        paths=tuple(arguments.inputs),
        constraints=tuple(arguments.constraint),
        overrides=tuple(arguments.override),
        extras=tuple(arguments.extra),
        all_extras=arguments.all_extras,
        groups=tuple(arguments.group),
        standard_input=sys.stdin.buffer.read() if reads_standard_input else b"",
    )
    how = CompileOptions(
        universal=arguments.universal,
        target=Target(python_version=arguments.python_version, python_platform=arguments.python_platform),
        style=RequirementsStyle(
            hashes=not arguments.no_hashes,
            annotate=not arguments.no_annotate,
            header="" if arguments.no_header else _header(arguments),
        ),
    )
    options = RunOptions(**shared_options(arguments))
    return compile_requirements(inputs, arguments.output, options, how, progress=ProgressLine(console))


def _header(arguments: Namespace) -> str:
    # Addresses and the cache are a matter of the machine, may hold credentials, and are left out.
    from shlex import join

    words = [path.as_posix() for path in arguments.inputs]
    for option, values in (
        ("-c", [path.as_posix() for path in arguments.constraint]),
        ("--override", [path.as_posix() for path in arguments.override]),
        ("--extra", arguments.extra),
        ("--group", arguments.group),
        ("--python-version", [arguments.python_version]),
        ("--python-platform", [arguments.python_platform]),
    ):
        words += [word for value in values if value for word in (option, value)]
    words += words_of_choices(arguments.choices)
    words += ["-o", arguments.output.as_posix()] if arguments.output else []
    for option in ("all_extras", "universal", "no_hashes", "no_annotate"):
        words += [f"--{option.replace('_', '-')}"] if getattr(arguments, option) else []
    return f"Made by locktool; edit the inputs and run again:\n  {join(['locktool', 'compile', *words])}"
