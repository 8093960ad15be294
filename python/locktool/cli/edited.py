"""What the commands that edit a project share: their arguments, and their outcome in words and as JSON."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locktool.cli.arguments import HERE, Once, add_project_argument
from locktool.cli.values import name

if TYPE_CHECKING:
    from locktool.cli.console import Console
    from locktool.operations.editable import Editable
    from locktool.operations.edited import EditOutcome, EditRun


def add_target_arguments(parser: ArgumentParser) -> None:
    """The project, member, list or script that is edited."""
    add_project_argument(parser)
    group = parser.add_argument_group("what is edited", "Without these, the dependencies of the project.")
    group.add_argument("--package", action=Once, metavar="MEMBER", type=name, help="this member of the workspace")
    group.add_argument("--group", action=Once, metavar="NAME", type=name, help="the dependency group of this name")
    group.add_argument(
        "--extra", action=Once, metavar="NAME", type=name, help="the extra (optional dependencies) of this name"
    )
    group.add_argument(
        "--script", action=Once, metavar="FILE", type=Path, help="the metadata block of a script (PEP 723)"
    )


def add_writing_arguments(parser: ArgumentParser) -> None:
    """Whether anything is written, and whether anything is resolved."""
    parser.add_argument("--dry-run", action="store_true", help="resolve, say what would change and write nothing")
    parser.add_argument(
        "--frozen", action="store_true", help="edit without resolving: no bounds are added and the lock stays as it is"
    )


def editable_of(arguments: Namespace) -> "Editable":
    """What the arguments name."""
    from locktool.exceptions import ProjectError
    from locktool.operations.editable import EditableProject, EditableScript

    if arguments.script is None:
        return EditableProject(arguments.project, arguments.package)
    if arguments.package is not None or arguments.project is not HERE:
        raise ProjectError("ambiguous-list", "a script belongs to no project; give --script alone")
    return EditableScript(arguments.script)


def edit_run(arguments: Namespace, console: "Console") -> "EditRun":
    """How the arguments say that the command runs."""
    from locktool.cli.progress import ProgressLine
    from locktool.cli.run_options import shared_options
    from locktool.cli.trace import recorder_of
    from locktool.operations.edited import EditRun
    from locktool.operations.options import RunOptions

    return EditRun(
        options=RunOptions(**shared_options(arguments), recorder=recorder_of(console)),
        dry_run=arguments.dry_run,
        frozen=getattr(arguments, "frozen", False),
        progress=ProgressLine(console),
    )


def report_edit(outcome: "EditOutcome", console: "Console") -> int:
    """Say what changed in the project and in the lock."""
    from locktool._native import display_path
    from locktool.cli.summary import lock_summary

    for note in outcome.notes:
        console.say(f"note: {note}")
    for warning in outcome.warnings:
        console.warn(warning)
    for file in outcome.files:
        verb = "Edited" if outcome.written else "Would edit"
        console.say(f"{verb} {display_path(str(file.path))}")
        for change in file.changes:
            for sign, text, style in (("-", change.before, "red"), ("+", change.after, "green")):
                if text is not None:
                    console.say(console.style(f"  {sign} {change.key}: {text}", style))
    for line in lock_summary(outcome.lock, console) if outcome.lock else ():
        console.say(line)
    if console.json:
        console.result_json(edit_as_json(outcome))
    return 0


def edit_as_json(outcome: "EditOutcome") -> dict[str, Any]:
    """The outcome as JSON; `lock` is that of `locktool lock --json`, or null where none is written."""
    from locktool.cli.summary import lock_as_json

    return {
        "written": outcome.written,
        "files": [
            {
                "path": str(file.path),
                "changes": [{"key": each.key, "from": each.before, "to": each.after} for each in file.changes],
            }
            for file in outcome.files
        ],
        "lock": lock_as_json(outcome.lock) if outcome.lock else None,
        "seconds": round(outcome.seconds, 3),
        "warnings": list(outcome.warnings),
        "notes": list(outcome.notes),
    }
