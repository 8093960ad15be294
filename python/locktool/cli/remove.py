"""`locktool remove`: take requirements out of the project, resolve, and write project and lock together."""

from argparse import ArgumentParser, Namespace

from locktool.cli.arguments import add_index_arguments, add_output_arguments, add_resolution_arguments
from locktool.cli.console import Console
from locktool.cli.edited import add_target_arguments, add_writing_arguments, edit_run, editable_of, report_edit
from locktool.cli.values import name

DESCRIPTION = """\
Removes every entry of a package from the dependencies, an extra, a group or a
script, whatever its marker, resolves, and writes project and lock together; if
that fails, both stay as they were. Every other byte of the file stays.

The package's entry in `sources` goes too when nothing else requires it; index
tables stay. A list that `add` made goes with its last requirement, a list in
another form stays, empty.

exit codes: 0 removed, 1 the list does not name the package, or nothing can be
resolved, 2 a file cannot be read or edited.\
"""
EXAMPLES = """\
examples:
  locktool remove httpx
  locktool remove --group dev pytest ruff
  locktool remove --package api httpx    from the member `api` of the workspace
  locktool remove --script tool.py rich
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("names", metavar="NAME", type=name, nargs="+", help="a package")
    add_writing_arguments(parser)
    add_target_arguments(parser)
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser, resolves=True)
    parser.set_defaults(upgrade=False, upgrade_package=[])


def run(arguments: Namespace, console: Console) -> int:
    """Remove, then say what changed."""
    from locktool.operations.remove import remove_requirements

    outcome = remove_requirements(
        editable_of(arguments),
        tuple(arguments.names),
        edit_run(arguments, console),
        extra=arguments.extra,
        group=arguments.group,
    )
    return report_edit(outcome, console)
