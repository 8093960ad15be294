"""`locktool export`: write the lock, or a part of it, in the format of another tool."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import add_output_arguments, add_project_argument, add_script_argument
from locktool.cli.console import Console
from locktool.cli.environment import add_environment_arguments, choice_of
from locktool.cli.part import add_part_arguments, part_of_arguments
from locktool.cli.values import name, output_file

if TYPE_CHECKING:
    from locktool.operations.export import ExportOptions

DESCRIPTION = """\
Writes what is in pylock.toml in the format of another tool:

  requirements   requirements.txt with hashes, for any pip; relative paths start
                 at the root of the project, so run pip there
  pylock         a lock of the part that is chosen, for uv and pip from 26.3 on:
                 without the projects of the workspace and without locktool's
                 own tables, so `locktool check` refuses it; relative paths
                 start at the file
  cyclonedx      a software bill of materials with the minimum elements of the
                 NTIA; a lock does not know the licences of packages, so they
                 are left out
  mermaid        the dependency graph, as graphviz, also named dot, does

What the project requires is written, with its default groups. The lock is read,
not checked; nothing is resolved.

exit codes: 0 done, 1 there is no lock or it is not for the environment, 2 it
could not be exported.\
"""
EXAMPLES = """\
examples:
  locktool export                                  requirements.txt on stdout
  locktool export --only-deps -o requirements.txt  without the projects, for pip
  locktool export --only-group docs -o docs.txt
  locktool export --package web --extra s3         one project of the workspace
  locktool export --format pylock --python-version 3.13 -o pylock.image.toml
  locktool export --format cyclonedx -o bom.json
  locktool export --format graphviz --all-extras | dot -Tsvg -o graph.svg
"""


_OTHER_FORMATS = {
    "requirements.txt": "requirements",
    "requirements-txt": "requirements",
    "pylock.toml": "pylock",
    "dot": "graphviz",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    add_script_argument(parser)
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        type=_format,
        choices=("requirements", "pylock", "cyclonedx", "mermaid", "graphviz"),
        default="requirements",
        help="what to write, of the formats above (default: requirements)",
    )
    parser.add_argument(
        "-o",
        "--output",
        "--output-file",
        dest="output",
        metavar="OUT",
        type=output_file,
        help="the file to write, or - to print (default)",
    )
    add_part_arguments(parser)
    _add_left_out_arguments(parser)
    group = parser.add_argument_group("one environment", "Without these, the export is for every environment.")
    add_environment_arguments(group)
    group = parser.add_argument_group("requirements.txt")
    group.add_argument("--no-hashes", action="store_true", help="leave out --hash")
    group.add_argument("--no-annotate", action="store_true", help="leave out the comments saying who requires what")
    add_output_arguments(parser)


def _format(text: str) -> str:
    """The format, also by the name of its file or by that of other commands."""
    return _OTHER_FORMATS.get(text, text)


def _add_left_out_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what is left out")
    group.add_argument(
        "--only-deps", action="store_true", help="the projects of the workspace: only what they depend on is written"
    )
    group.add_argument("--no-emit-project", action="store_true", help="the project itself (or that of --package)")
    group.add_argument("--no-emit-local", action="store_true", help="whatever is a directory or a file on this machine")
    group.add_argument(
        "--no-emit-package", metavar="NAME", type=name, action="append", default=[], help="this package (repeatable)"
    )


def run(arguments: Namespace, console: Console) -> int:
    """Print the text, or write it."""
    from locktool._native import display_path
    from locktool.operations.export import export_lock

    outcome = export_lock(arguments.project, _options(arguments))
    for note in outcome.notes:
        console.say(f"note: {note}")
    output = arguments.output
    if console.json:
        console.result_json(
            {
                "path": str(output.absolute()) if output else None,
                "written": outcome.written,
                "text": outcome.text,
                "notes": list(outcome.notes),
            }
        )
    elif output is None:
        console.result(outcome.text)
    else:
        shown = display_path(str(output))
        console.say(f"Wrote {shown}" if outcome.written else f"{shown} is up to date")
    return 0


def _options(arguments: Namespace) -> "ExportOptions":
    from locktool.export.part import LeftOut
    from locktool.export.requirements import RequirementsStyle
    from locktool.lock.file_name import LOCK_NAME, lock_name_of_script
    from locktool.operations.export import ExportOptions

    lock = LOCK_NAME if arguments.script is None else lock_name_of_script(arguments.script.name)
    return ExportOptions(
        output_format=arguments.format,
        script=arguments.script,
        part=part_of_arguments(arguments),
        left_out=LeftOut(
            project=arguments.no_emit_project,
            members=arguments.only_deps,
            local=arguments.no_emit_local,
            names=tuple(arguments.no_emit_package),
        ),
        choice=choice_of(arguments),
        style=RequirementsStyle(
            hashes=not arguments.no_hashes,
            annotate=not arguments.no_annotate,
            header=f"Made by `locktool export` from {lock}; do not edit.",
        ),
        output=arguments.output,
    )
