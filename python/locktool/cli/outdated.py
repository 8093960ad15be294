"""`locktool outdated`: say which packages are locked in an older version than there is, and why."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import (
    add_index_arguments,
    add_output_arguments,
    add_project_argument,
    add_resolution_arguments,
    add_script_argument,
)
from locktool.cli.console import Console
from locktool.cli.run_options import shared_options
from locktool.cli.table import table_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from locktool.operations.outdated import OutdatedPackage

DESCRIPTION = """\
Says which of the packages that the project requires itself are locked in an
older version than there is: the version that is locked, the newest one that an
upgrade would bring, the newest one that there is, and what holds that one back:

  upgrade      only the lock: `locktool lock --upgrade-package NAME` brings it
  project      a requirement of the project
  constraint   a constraint or override of the project
  package      a requirement of another package
  python       the Pythons of the project
  fork         other environments get a newer one
  others       what it requires itself, or would change: `locktool why NAME
               --latest` asks the solver
  unneeded     an upgrade drops the package
  missing      it has left its index

A package of a git repository is shown by its commits. The indexes are asked as
for `locktool lock`, and nothing is written.

exit codes: 0 done, 1 there is no lock or no resolution, 2 it could not be found
out.\
"""
EXAMPLES = """\
examples:
  locktool outdated
  locktool outdated --all            every package of the lock
  locktool outdated -v               with what holds each of them back
  locktool outdated --json           for a bot that opens pull requests
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--all", action="store_true", help="every locked package, not only what the project names")
    add_project_argument(parser)
    add_script_argument(parser)
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser)
    parser.set_defaults(upgrade=False, upgrade_package=[])


def run(arguments: Namespace, console: Console) -> int:
    """Print a table of what is older."""
    from msgspec import to_builtins

    from locktool.cli.progress import ProgressLine
    from locktool.operations.options import RunOptions
    from locktool.operations.outdated import outdated

    options = RunOptions(**shared_options(arguments))
    found = outdated(
        arguments.project,
        options,
        every=arguments.all,
        requires_python=_requires_python(options.cache_directory()),
        progress=ProgressLine(console),
        script=arguments.script,
    )
    older = [package for package in found if package.reason != "current"]
    if console.json:
        console.result_json({"checked": len(found), "outdated": to_builtins(older)})
        return 0
    if older:
        console.result("\n".join(_lines(older, verbose=console.verbosity > 0)))
    upgrades = sum(package.reason == "upgrade" for package in older)
    advice = f"; `locktool lock --upgrade` moves {upgrades} of them" if upgrades else ""
    if not found:
        whose = "is locked" if arguments.all else "is required by the project itself"
        console.say(f"nothing to compare: no package of an index or a git repository {whose}")
        return 0
    packages = "package is" if len(found) == 1 else "packages are"
    console.say(f"{len(older)} of {len(found)} {packages} outdated{advice}")
    return 0


def _requires_python(cache: "Path | None") -> "Callable[[str, str], str | None]":
    """What the cache, which the run has filled, knows of the Pythons of a version."""
    from locktool.api.cache import CacheReader

    def known(name: str, version: str) -> str | None:
        packages = CacheReader(cache).packages(name) if cache is not None else ()
        releases = (release for package in packages for release in package.releases)
        return next((release.requires_python for release in releases if release.version == version), None)

    return known


def _lines(older: "list[OutdatedPackage]", *, verbose: bool) -> list[str]:
    rows = [("package", "locked", "allowed", "newest", "held back by")]
    rows += [
        (
            package.name,
            _shown(package, package.locked),
            _shown(package, package.allowed),
            _shown(package, package.newest),
            package.reason,
        )
        for package in older
    ]
    title, *lines = table_lines(rows)
    result = [title]
    for package, line in zip(older, lines, strict=True):
        result.append(line)
        if verbose:
            result += [f"    {text}" for text in package.held_by]
    return result


def _shown(package: "OutdatedPackage", version: str | None) -> str:
    """A version, or as much of a commit as tells it from others."""
    from locktool.cli.changes import short_commit

    if version is None:
        return "-"
    return short_commit(version) if package.kind == "git" else version
