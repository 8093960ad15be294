"""`locktool export`: write the lock in the format of another tool."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from locktool.cli.arguments import add_output_arguments, add_project_argument
from locktool.cli.console import Console

DESCRIPTION = """\
Writes what is in pylock.toml in the format of another tool: requirements.txt with hashes, a CycloneDX bill of
materials, or the dependency graph as Mermaid or Graphviz text. The lock is read, not checked; nothing is resolved.\
"""
EXAMPLES = """\
examples:
  locktool export                                  requirements.txt on stdout
  locktool export --extra s3 --group dev -o dev.txt
  locktool export --format cyclonedx -o bom.json
  locktool export --format graphviz --all-extras | dot -Tsvg -o graph.svg
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    parser.add_argument(
        "--format",
        choices=("requirements", "cyclonedx", "mermaid", "graphviz"),
        default="requirements",
        help="what to write",
    )
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="the file to write (default: print)")
    parser.add_argument("--extra", metavar="NAME", action="append", default=[], help="with this extra (repeatable)")
    parser.add_argument("--all-extras", action="store_true", help="with every extra")
    parser.add_argument("--group", metavar="NAME", action="append", default=[], help="with this group (repeatable)")
    parser.add_argument("--all-groups", action="store_true", help="with every dependency group")
    parser.add_argument("--no-hashes", action="store_true", help="leave out --hash")
    parser.add_argument("--no-annotate", action="store_true", help="leave out the comments saying who requires what")
    add_output_arguments(parser)


def run(arguments: Namespace, console: Console) -> int:
    """Print the text, or write it."""
    from locktool.export.requirements import RequirementsStyle
    from locktool.lock.replace import replace_file
    from locktool.lock.select import Selection
    from locktool.operations.export import export_lock

    selection = Selection(
        extras=tuple(arguments.extra),
        groups=tuple(arguments.group),
        all_extras=arguments.all_extras,
        all_groups=arguments.all_groups,
    )
    style = RequirementsStyle(
        hashes=not arguments.no_hashes,
        annotate=not arguments.no_annotate,
        header="Made by `locktool export` from pylock.toml; do not edit.",
    )
    text = export_lock(arguments.project, arguments.format, selection, style)
    written = arguments.output is not None and replace_file(arguments.output, text.encode())
    if console.json:
        console.result_json(
            {"path": str(arguments.output) if arguments.output else None, "written": written, "text": text}
        )
    elif arguments.output is None:
        console.result(text)
    else:
        console.say(f"Wrote {arguments.output}" if written else f"{arguments.output} is up to date")
    return 0
