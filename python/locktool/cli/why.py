"""`locktool why`: who requires a locked package, and what holds another version back."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from locktool.cli.arguments import add_output_arguments, add_project_argument
from locktool.cli.console import Console

if TYPE_CHECKING:
    from locktool.lock.requirers import Link, LockedRequirers

DESCRIPTION = """\
Says who requires a package of the lock: each requirement on it, with its specifier and its condition, and the
shortest way from the project to it. Only the lock is read.

exit codes: 0 answered, 1 the lock does not have the package, 2 the question could not be answered.\
"""
EXAMPLES = """\
examples:
  locktool why botocore                            who requires it, and how did it get here?
  locktool why botocore --json
"""

_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("package", metavar="NAME", help="the package")
    add_project_argument(parser)
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Answer one question."""
    from locktool.operations.why import why_locked

    answer = why_locked(arguments.project, arguments.package)
    if console.json:
        console.result_json(answer.as_json())
    else:
        for entry in answer.entries:
            console.result("\n".join(_entry_lines(entry, everything=console.verbosity > 0)))
    return 0


def _entry_lines(entry: "LockedRequirers", *, everything: bool) -> list[str]:
    package = entry.package
    title = f"{package.name} {package.version}" if package.version else package.name
    where = f" where {entry.marker}" if entry.marker else ""
    if not entry.chains:
        return [f"{title} is locked{where}; it is part of the project, and no other part requires it"]
    lines = [f"{title} is locked{where}:"]
    shown = entry.chains if everything else entry.chains[:_SHOWN]
    for chain in shown:
        lines += [f"{'  ' * (depth + 1)}{_link_text(link)}" for depth, link in enumerate(chain)]
    rest = len(entry.chains) - len(shown)
    return [*lines, f"  and {rest} more (-v lists all)"] if rest else lines


def _link_text(link: "Link") -> str:
    where = f" where {link.marker}" if link.marker else ""
    return f"{link.asker} requires {link.requirement}{where}"
