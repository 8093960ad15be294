"""`locktool check`: prove that pylock.toml is what the project needs."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from locktool.cli.arguments import HERE, add_output_arguments, add_project_argument
from locktool.cli.console import Console
from locktool.exceptions import LocktoolError

if TYPE_CHECKING:
    from locktool.operations.check import LockCheck

DESCRIPTION = """\
Proves, without asking any index, that pylock.toml is fresh (the inputs it
records are the project's inputs of today) and sound (every requirement of
every package is met in every environment by exactly one entry, nothing is left
over, and no entry was changed by hand).

With directories every lock at or below them is checked, but for hidden
directories and virtual environments; a pylock.toml or pylock.NAME.toml is
checked alone. A pylock.toml is compared with the pyproject.toml beside it, the
pylock.NAME.toml of a script with NAME.py. Any other lock, such as one that
`compile` made, is checked to be sound, and not compared with the files it was
made from.

With --script the lock of a script, pylock.NAME.toml beside NAME.py, is checked
against the script's metadata block.

--frozen means what it means to cargo: the lock must be up to date.
It does NOT mean "skip the check". A check never uses the network or a cache,
and never writes, with the flag or without.

Requirements that pyproject.toml leaves to a build system are compared as the
lock records them; where it is not known what the build reads they are
believed, with a warning. --strict makes whatever is believed a reason against
the lock.

exit codes: 0 every lock is up to date, 1 some are not (each reason is
printed), 2 some cannot be read.\
"""
EXAMPLES = """\
examples:
  locktool check
  locktool check --frozen                    in CI and before installing
  locktool check --frozen --project services/api
  locktool check services tools              every lock in these directories
  locktool check pylock.tool.toml            this lock alone
  locktool check --script tool.py            the lock of a script
  locktool check --strict                    nothing may be believed
  locktool check --json                      the reasons as JSON
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "directories",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="check every lock at or below these directories, or these locks",
    )
    add_project_argument(parser)
    parser.add_argument("--script", metavar="FILE", type=Path, help="check the lock of a script instead")
    parser.add_argument(
        "--frozen", action="store_true", help="the lock must be up to date; a check never does anything but read"
    )
    parser.add_argument(
        "--absent-sources",
        action="store_true",
        help="where a required directory is not there, use what the lock records of it",
    )
    parser.add_argument(
        "--strict", action="store_true", help="what would be believed without being verified is a failure"
    )
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Check, then give the reasons."""
    from locktool.cli.plain import take_found
    from locktool.operations.check import LockCheck, check_directories, check_project, check_script

    how = {"absent_sources": arguments.absent_sources, "strict": arguments.strict}
    given = [bool(arguments.directories), arguments.project is not HERE, arguments.script is not None]
    if sum(given) > 1:
        message = "give --project, --script, or directories and locks to check"
        raise LocktoolError("contradicting-options", message)
    if not arguments.directories:
        found = take_found(str(arguments.project))
        if arguments.script is not None:
            check = check_script(arguments.script, **how)
        elif found is not None:
            check = LockCheck(Path(found.path), found)
        else:
            check = check_project(arguments.project, **how)
        if console.json:
            console.result_json(check.as_json())
        return _report(check, console)
    checks = check_directories(arguments.directories, **how)
    if console.json:
        console.result_json([check.as_json() for check in checks])
    return max(_report(check, console) for check in checks)


def _report(check: "LockCheck", console: Console) -> int:
    from locktool._native import display_path

    outcome, location = check.outcome, display_path(str(check.path))
    if isinstance(outcome, LocktoolError):
        from locktool.cli.exit_code import exit_code_of

        console.describe(outcome)
        return exit_code_of(outcome)
    for warning in outcome.warnings:
        console.warn(warning)
    if not check.strict:
        from locktool.operations.check import absent_text, unverified_text

        for text in (*map(unverified_text, outcome.unverified), *map(absent_text, outcome.absent)):
            console.warn(text)
    if check.holds:
        sound = "is sound (it is not compared with the files it was made from)"
        console.say(f"{location} {'is up to date and sound' if check.against_project else sound}")
        return 0
    from locktool.lock.reasons import render_reasons

    missing = "up to date" if check.against_project else "sound"
    verdict = f"is not {missing}" if outcome.reasons else "is not verified as a whole"
    console.note(f"{console.style('error:', 'red')} {location} {verdict}")
    lines = render_reasons(check.reasons)
    for line in lines:
        console.note(line)
    console.annotate("error", "\n".join((f"{location} {verdict}", *lines)), {"path": str(check.path)})
    return 1
