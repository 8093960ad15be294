"""`locktool list`: list what an environment installs of the lock."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import add_output_arguments, add_project_argument, add_script_argument
from locktool.cli.console import Console
from locktool.cli.environment import add_environment_arguments, choice_of
from locktool.cli.part import add_part_arguments, part_of_arguments
from locktool.cli.table import table_lines

if TYPE_CHECKING:
    from locktool.operations.list import ListedPackage

DESCRIPTION = """\
Lists what an environment installs of the lock, and the file, directory or
repository that each package comes from. The environment is that of the running
interpreter, of another one on this machine, or any version and platform.
The default groups are in. Only the lock is read. A terminal gets one line for
each package, with -v in full.

exit codes: 0 done, 1 there is no lock or it is not for the environment, 2 it
could not be listed.\
"""
EXAMPLES = """\
examples:
  locktool list
  locktool list --extra s3 --group dev
  locktool list --python 3.13                an interpreter of this machine
  locktool list --python .venv --only-group docs
  locktool list --python-version 3.13 --python-platform windows
  locktool list --json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    add_script_argument(parser)
    add_part_arguments(parser)
    group = parser.add_argument_group("environment")
    add_environment_arguments(group)
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Print a table."""
    from locktool.operations.list import list_packages

    listing = list_packages(
        arguments.project,
        part_of_arguments(arguments),
        script=arguments.script,
        choice=choice_of(arguments),
    )
    if console.json:
        console.result_json(listing.as_json())
        return 0
    if listing.packages:
        whole = console.verbosity > 0 or not console.results.is_terminal
        columns = None if whole else console.results.columns()
        console.result("\n".join(table_lines([_row(package) for package in listing.packages], columns)))
    count = len(listing.packages)
    console.say(f"{count} package{'' if count == 1 else 's'} for {listing.environment}")
    return 0


def _row(package: "ListedPackage") -> tuple[str, str, str]:
    where = f"where {package.marker}" if package.marker else ""
    source = package.source or ""
    if package.kind not in (None, "wheel", "sdist"):
        source = f"{package.kind} {source}"
    return package.name, package.version or "-", source or where
