"""`locktool list`: list what an environment installs of the lock."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import add_output_arguments, add_project_argument, add_script_argument
from locktool.cli.console import Console
from locktool.cli.part import add_part_arguments, part_of_arguments
from locktool.cli.table import table_lines
from locktool.cli.values import python_version

if TYPE_CHECKING:
    from locktool.operations.list import ListedPackage

DESCRIPTION = """\
Lists what an environment installs of the lock, and the file, directory or
repository that each package comes from. The environment is that of the running
interpreter, of another one on this machine, or any version and platform; of
these the wheel tags are not known, so their files are the installer's choice.
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
    group.add_argument(
        "--python", metavar="PYTHON", help="an interpreter: a version, a name, a path or an environment's directory"
    )
    group.add_argument(
        "--python-version", metavar="V", type=python_version, help="such as 3.12, whether or not this machine has it"
    )
    group.add_argument("--python-platform", metavar="P", help="such as linux, windows, macos (default: this one)")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Print a table."""
    from locktool.exceptions import LocktoolError
    from locktool.operations.list import list_packages
    from locktool.operations.options import Target

    if arguments.python is not None and (arguments.python_version or arguments.python_platform):
        message = "--python is an environment of its own: it goes with neither --python-version nor --python-platform"
        raise LocktoolError("contradicting-options", message)
    target = Target(python_version=arguments.python_version, python_platform=arguments.python_platform)
    listing = list_packages(
        arguments.project,
        part_of_arguments(arguments),
        script=arguments.script,
        python=arguments.python,
        target=target,
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
