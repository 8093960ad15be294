"""`locktool init`: write a minimal pyproject.toml."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from locktool.cli.arguments import add_output_arguments
from locktool.cli.console import Console
from locktool.cli.values import name, python_versions

DESCRIPTION = """\
Writes a pyproject.toml with a name, a version, the Python it needs and no
dependencies. A file that is there is never touched. `locktool add` and
`locktool lock` then make the lock.

Beside a setup.py, or a setup.cfg with the metadata of a package, the
requirements stay there: pyproject.toml then names only the build system, and
`locktool lock` asks it.

exit codes: 0 written, 2 there is a pyproject.toml, or none can be written.\
"""
EXAMPLES = """\
examples:
  locktool init
  locktool init services/api --name api
  locktool init --requires-python '>=3.12'
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "directory",
        metavar="DIR",
        nargs="?",
        type=Path,
        default=Path(),
        help="where (here by default); made if missing",
    )
    parser.add_argument("--name", type=name, help="the name of the project (that of the directory by default)")
    parser.add_argument(
        "--requires-python",
        metavar="VERSIONS",
        type=python_versions,
        help="the Pythons it supports (by default the running one and newer)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the file and write nothing")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Write the file, or show it."""
    from locktool._native import display_path
    from locktool.operations.init import init_project

    made = init_project(arguments.directory, arguments.name, arguments.requires_python, dry_run=arguments.dry_run)
    if console.json:
        console.result_json({"path": str(made.path), "text": made.text, "written": made.written, "notes": made.notes})
    elif not made.written:
        console.result(made.text)
    for note in made.notes:
        console.say(f"note: {note}")
    console.say(f"{'Wrote' if made.written else 'Would write'} {display_path(str(made.path))}")
    if made.written:
        console.say("note: `locktool add NAME` adds what it requires, and `locktool lock` locks it")
    return 0
