"""`locktool import`: turn the tables of Poetry into [project]."""

from argparse import ArgumentParser, Namespace

from locktool.cli.arguments import add_output_arguments, add_project_argument
from locktool.cli.console import Console

DESCRIPTION = """\
Writes [project], [dependency-groups] and [tool.locktool] from the
[tool.poetry] of a pyproject.toml that has no [project]. ^ and ~ become the
specifiers that mean the same; comments move with what they stand beside. What
has no counterpart stays in [tool.poetry], and what a person should look at is
said. `locktool lock` then keeps what fits of the versions in poetry.lock.\
"""
EXAMPLES = """\
examples:
  locktool import --dry-run       print what would be written
  locktool import
  locktool lock                   keeps the versions of poetry.lock

exit codes: 0 done; 2 there is nothing to import, or something cannot be
translated, and nothing was written
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    parser.add_argument("--dry-run", action="store_true", help="print what would be written and write nothing")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Import, then say what to look at."""
    from locktool._native import display_path
    from locktool.operations.import_project import import_project

    outcome = import_project(arguments.project, dry_run=arguments.dry_run)
    for note in outcome.notes:
        console.say(f"note: {note}")
    if console.json:
        document = {"path": str(outcome.path.absolute()), "written": outcome.written, "notes": list(outcome.notes)}
        console.result_json(document | ({"text": outcome.text} if arguments.dry_run else {}))
    elif arguments.dry_run:
        console.result(outcome.text)
    else:
        console.say(f"Wrote {display_path(str(outcome.path))}; `locktool lock` locks it")
    return 0
