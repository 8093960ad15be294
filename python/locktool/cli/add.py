"""`locktool add`: add requirements to the project, resolve, and write project and lock together."""

from argparse import ArgumentParser, Namespace

from locktool.cli.arguments import Once, add_index_arguments, add_output_arguments, add_resolution_arguments
from locktool.cli.console import Console
from locktool.cli.edited import add_target_arguments, add_writing_arguments, edit_run, editable_of, report_edit

DESCRIPTION = """\
Adds requirements to pyproject.toml, resolves, and writes project and lock
together; if that fails, both stay as they were. Comments, order, quotes and
every other byte of the file stay, and a sorted list stays sorted.

A requirement without a version gets one as its lower bound: the one that was
resolved (see --bounds).

If the list has the package already with the same marker, the entry is merged:
extras are added to its own, and a version or address that is given takes the
place of its own. An entry with another marker stays, and the requirement gets
a line of its own.

A script gets a metadata block if it has none; its lock is written where there
is one.

exit codes: 0 added, 1 the requirements cannot all be met, 2 a file cannot be
read or edited, or an index cannot be asked.\
"""
EXAMPLES = """\
examples:
  locktool add httpx                        writes httpx>=0.28.1
  locktool add --bounds major httpx         writes httpx>=0.28.1,<0.29
  locktool add 'httpx[http2]' 'rich<15'     httpx keeps its versions
  locktool add --group dev pytest ruff
  locktool add ../mylib                     by the name that it has
  locktool add mylib --path ../mylib --editable
  locktool add mylib --git https://example.com/mylib --tag v1.0
  locktool add torch --index cpu=https://example.com/whl/cpu
  locktool add --script tool.py rich
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "requirements",
        metavar="REQ",
        nargs="+",
        help="a requirement, such as httpx or 'httpx[http2]>=0.28', "
        "or one path or address (git+https://...), whose metadata is asked for the name",
    )
    add_writing_arguments(parser)
    parser.add_argument(
        "--bounds",
        action=Once,
        choices=("lower", "exact", "major", "minor", "none"),
        help="for a requirement without a version; where 1.4.2 was resolved: lower >=1.4.2 (of new ones the default), "
        "exact ==1.4.2, major >=1.4.2,<2 (0.4.2: <0.5), minor >=1.4.2,<1.5, none",
    )
    add_target_arguments(parser)
    group = parser.add_argument_group("where it comes from", "Written to [tool.locktool.sources] (or uv's, if used).")
    group.add_argument("--git", action=Once, metavar="URL", help="a git repository")
    revision = group.add_mutually_exclusive_group()
    for flag, text in (("--rev", "a commit"), ("--tag", "a tag"), ("--branch", "a branch")):
        revision.add_argument(flag, action=Once, metavar="NAME", help=f"{text} of the repository")
    group.add_argument(
        "--subdirectory", action=Once, metavar="DIR", help="the directory of the package in the repository"
    )
    group.add_argument("--path", action=Once, metavar="PATH", help="a directory, a wheel or a source distribution")
    group.add_argument("--editable", action="store_true", help="the directory is installed editable")
    group.add_argument("--url", action=Once, metavar="URL", help="the address of a wheel or a source distribution")
    group.add_argument(
        "--index",
        action=Once,
        metavar="NAME[=URL]",
        help="an index of the project, or another one, which is added to it",
    )
    add_resolution_arguments(parser)
    add_index_arguments(parser)
    add_output_arguments(parser, resolves=True)
    parser.set_defaults(upgrade=False, upgrade_package=[])


def run(arguments: Namespace, console: Console) -> int:
    """Add, then say what changed."""
    from locktool.operations.add import Addition, add_requirements

    addition = Addition(
        requirements=tuple(arguments.requirements),
        extra=arguments.extra,
        group=arguments.group,
        source=_source(arguments),
        index=arguments.index,
        bounds=arguments.bounds,
    )
    outcome = add_requirements(editable_of(arguments), addition, edit_run(arguments, console))
    if not outcome.files:
        console.say("these requirements are there already")
    return report_edit(outcome, console)


def _source(arguments: Namespace) -> dict[str, str | bool] | None:
    """The source that the options give; what does not go together is refused."""
    from locktool.exceptions import ProjectError

    kinds = [kind for kind in ("git", "path", "url", "index") if getattr(arguments, kind) is not None]
    details = [key for key in ("rev", "tag", "branch", "subdirectory") if getattr(arguments, key) is not None]
    if len(kinds) > 1:
        raise ProjectError("ambiguous-source", f"--{kinds[0]} and --{kinds[1]} exclude each other; give one")
    if details and kinds != ["git"]:
        raise ProjectError("ambiguous-source", f"--{details[0]} belongs to --git URL")
    if arguments.editable and kinds != ["path"]:
        raise ProjectError("ambiguous-source", "--editable belongs to --path DIR")
    if not kinds or kinds == ["index"]:
        return None
    named = {key: getattr(arguments, key) for key in (*kinds, *details)}
    return named | ({"editable": True} if arguments.editable else {})
