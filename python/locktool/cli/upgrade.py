"""`locktool upgrade`: move locked packages to better versions, and lower bounds of the project with them."""

from argparse import ArgumentParser, Namespace

from locktool.cli.arguments import (
    add_index_arguments,
    add_output_arguments,
    add_project_argument,
    add_resolution_arguments,
    add_script_argument,
)
from locktool.cli.console import Console
from locktool.cli.edited import edit_run, report_edit

DESCRIPTION = """\
Moves the named packages to the best versions that the project allows, and
others only where they must follow; every package where none is named. A name
may come with a version, or with versions: numpy==2.1.0, 'numpy<3'. A name that
nothing requires is an error, and then nothing moves.

--bump raises the lower bounds (>=, ~=) in the pyproject.toml files of the
workspace, or in the script, to what is then locked, each to the lowest version
that it leads to; project and lock are written together, or both stay as they
were. A package that is locked in several versions stays under --patch and
--minor.

exit codes: 0 done, whether or not something moved, 1 the requirements cannot
all be met, 2 a file cannot be read or edited, or an index cannot be asked.\
"""
EXAMPLES = """\
examples:
  locktool upgrade                       everything
  locktool upgrade numpy                 numpy, and what must follow
  locktool upgrade numpy==2.1.0          to this version, or back to it
  locktool upgrade --patch               1.4.2 moves within 1.4 only
  locktool upgrade --minor --bump        and raise the project's lower bounds
  locktool upgrade --dry-run --json      what would move? as JSON
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("packages", metavar="NAME[==VERSION]", nargs="*", help="a package that is to move")
    add_project_argument(parser)
    add_script_argument(parser)
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--patch", dest="limit", action="store_const", const="patch", help="stay within 1.4, from 1.4.2")
    limit.add_argument("--minor", dest="limit", action="store_const", const="minor", help="stay within 1, from 1.4.2")
    parser.add_argument("--bump", action="store_true", help="raise lower bounds in pyproject.toml to what is locked")
    parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser, resolves=True)
    parser.set_defaults(upgrade=False, upgrade_package=[])


def run(arguments: Namespace, console: Console) -> int:
    """Upgrade, then say what moved."""
    from locktool.operations.editable import EditableProject, EditableScript
    from locktool.operations.upgrade import Upgrade, upgrade_project

    upgrade = Upgrade(packages=tuple(arguments.packages), limit=arguments.limit, bump=arguments.bump)
    script = arguments.script
    editable = EditableProject(arguments.project) if script is None else EditableScript(script)
    outcome = upgrade_project(editable, upgrade, edit_run(arguments, console))
    return report_edit(outcome, console)
