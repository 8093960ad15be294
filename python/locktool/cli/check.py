"""`locktool check`: prove that pylock.toml still answers the project."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from locktool.cli.arguments import add_output_arguments, add_project_argument
from locktool.cli.console import Console

DESCRIPTION = """\
Proves, without asking any index, that pylock.toml is fresh (the inputs it records are the project's inputs of
today) and sound (every requirement of every package is met in every environment by exactly one entry, nothing is
left over, and no entry was changed by hand).

--frozen means what it means to cargo: the lock must be up to date, and nothing is read but the project's files and
the lock. No network, no cache, no writes, no search for interpreters. It does NOT mean "skip the check".

Requirements that pyproject.toml leaves to a build system are taken as the lock records them, with a warning.

exit codes: 0 the lock holds, 1 it does not (each reason is printed), 2 it cannot be read.\
"""
EXAMPLES = """\
examples:
  locktool check
  locktool check --frozen                          in CI and before installing
  locktool check --frozen --project services/api
  locktool check --json                            the reasons as JSON
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    parser.add_argument(
        "--frozen", action="store_true", help="read the project's files and the lock, and touch nothing else"
    )
    parser.add_argument(
        "--cache-dir", metavar="DIR", type=Path, help="where the parsed lock is remembered without --frozen"
    )
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write a cache")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Check, then give the reasons."""
    from locktool.operations.check import check_project
    from locktool.project.toml_source import place

    outcome = check_project(
        arguments.project,
        frozen=arguments.frozen,
        cache_dir=arguments.cache_dir,
        cache=not arguments.no_cache,
    )
    if console.json:
        console.result_json(outcome.as_json())
    for name in outcome.trusted:
        console.warn(f"only the build system of {name} knows its requirements; those in the lock are taken on trust")
    if outcome.holds:
        console.say(f"{place(outcome.path)} holds: it is what the project asks for, and sound")
        return 0
    from locktool.lock.reasons import render_reasons

    console.note(f"{console.style('error:', 'red')} {place(outcome.path)} does not hold")
    for line in render_reasons(outcome.reasons):
        console.note(line)
    return 1
