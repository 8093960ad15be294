"""`locktool lock`: resolve the project and write pylock.toml."""

from __future__ import annotations

# What type checkers set; `typing` itself is not loaded: the shortest runs lock.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from locktool.cli.console import Console
    from locktool.cli.plain_arguments import PlainArguments
    from locktool.operations.outcome import LockOutcome

DESCRIPTION = """\
Resolves the project once, for every platform, Python, extra and dependency
group it supports, and writes the standard pylock.toml beside pyproject.toml.
The versions of an existing lock are kept where they can be.

With --script the metadata block of a script (PEP 723) is locked, in
pylock.NAME.toml beside the script NAME.py.

exit codes: 0 locked, 1 the requirements cannot all be met, 2 a file cannot be
read or written, or an index cannot be asked; the old lock then stays.\
"""
EXAMPLES = """\
examples:
  locktool lock
  locktool lock --upgrade                    move everything to the best version
  locktool lock --upgrade-package numpy      move numpy and what must follow
  locktool lock --dry-run --json             what would move? as JSON
  locktool lock --resolution lowest          the oldest versions allowed
  locktool lock --exclude-newer 2026-01-31   as if it were the end of that day
  locktool lock --script tool.py             writes pylock.tool.toml
  locktool lock -v                           why is a pick not the newest?
  locktool lock --trace run.json             and run.html, a timeline
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    from pathlib import Path

    from locktool.cli.arguments import (
        add_index_arguments,
        add_output_arguments,
        add_project_argument,
        add_resolution_arguments,
        add_upgrade_arguments,
    )
    from locktool.cli.trace import add_trace_argument

    add_project_argument(parser)
    parser.add_argument("--script", metavar="FILE", type=Path, help="lock a script instead of a project")
    parser.add_argument("--dry-run", action="store_true", help="say what would move and write nothing")
    add_upgrade_arguments(parser, "the existing lock")
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser, resolves=True)
    add_trace_argument(parser)


def run(arguments: Namespace | PlainArguments, console: Console) -> int:
    """Lock, then say what moved."""
    from locktool.cli.progress import ProgressLine
    from locktool.cli.run_options import shared_options
    from locktool.cli.summary import lock_as_json, lock_summary, note_changes
    from locktool.cli.trace import traced
    from locktool.operations.lock import lock_project, lock_script
    from locktool.operations.options import RunOptions

    progress = ProgressLine(console)
    with traced(arguments.trace, console) as recorder:
        options = RunOptions(**shared_options(arguments), recorder=recorder)
        if arguments.script is None:
            outcome = lock_project(arguments.project, options, dry_run=arguments.dry_run, progress=progress)
        else:
            outcome = lock_script(arguments.script, options, dry_run=arguments.dry_run, progress=progress)
    note_changes(outcome, console)
    for warning in outcome.warnings:
        console.warn(warning)
    if console.verbosity >= 0:
        for line in lock_summary(outcome, console):
            console.say(line)
        if outcome.first and outcome.written:
            console.say(f"note: {_how_to_install(outcome)}")
    if console.json:
        console.result_json(lock_as_json(outcome))
    return 0


def _how_to_install(outcome: LockOutcome) -> str:
    """What to type next, for whoever has made a first lock."""
    from locktool._native import display_path
    from locktool.export.unhashed import PIP_OF_LOCKS

    path = display_path(outcome.location)
    option = " --no-require-hashes" if outcome.file.has_unhashed else ""
    other = f"{PIP_OF_LOCKS} `pip install --no-deps{option} -r {path}`"
    lines = (
        f"install it with `uv pip install -r {path}`,",
        f"or with {other};",
        "`locktool export` is for an older pip",
    )
    return "\n      ".join(lines)
