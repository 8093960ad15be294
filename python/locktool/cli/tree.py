"""`locktool tree`: show what requires what in the lock."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from locktool.cli.arguments import (
    add_index_arguments,
    add_output_arguments,
    add_project_argument,
    add_script_argument,
)
from locktool.cli.console import Console
from locktool.cli.run_options import shared_options
from locktool.cli.values import name

if TYPE_CHECKING:
    from locktool.operations.tree import TreeOptions
    from locktool.operations.tree_walk import TreeNode

DESCRIPTION = """\
Shows the lock as a tree: each project of the workspace with what it requires,
then its extras and groups. What has been shown already is marked (*). With
--invert it shows who requires a package. Only the lock is read, unless
--outdated asks the index for newer versions.

exit codes: 0 done, 1 there is no lock or it does not have the package, 2 it
could not be shown.\
"""
EXAMPLES = """\
examples:
  locktool tree
  locktool tree --depth 1 --outdated         what the project names, and newer
  locktool tree --package botocore           what does it need?
  locktool tree --package botocore --invert  what needs it?
  locktool tree --format mermaid > tree.mmd
  locktool tree --json
"""

_LINES = ("├── ", "└── ", "│   ", "    ")
_ASCII_LINES = ("|-- ", "`-- ", "|   ", "    ")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_project_argument(parser)
    add_script_argument(parser)
    parser.add_argument(
        "--package", metavar="NAME", type=name, help="begin with this package, or this project of the workspace"
    )
    parser.add_argument("--invert", action="store_true", help="show who requires it instead")
    parser.add_argument("--depth", metavar="N", type=_depth, help="show so many levels of packages below the top")
    parser.add_argument("--outdated", action="store_true", help="say where the index has a newer version")
    parser.add_argument(
        "--format",
        choices=("text", "mermaid", "graphviz", "dot"),
        default="text",
        help="text, or a graph (default: text; dot is graphviz)",
    )
    add_index_arguments(parser)
    add_output_arguments(parser)
    parser.set_defaults(upgrade=False, upgrade_package=[], choices={})


def run(arguments: Namespace, console: Console) -> int:
    """Print the tree."""
    from locktool.exceptions import LocktoolError
    from locktool.operations.tree import TreeOptions, tree, tree_as_json

    if arguments.format != "text":
        if arguments.json or arguments.invert or arguments.outdated or arguments.depth is not None:
            message = f"--format {arguments.format} draws all that is required: it goes with no option but --package"
            raise LocktoolError("contradicting-options", message)
        console.result(_graph(arguments))
        return 0
    options = TreeOptions(
        script=arguments.script, package=arguments.package, invert=arguments.invert, depth=arguments.depth
    )
    nodes = tree(arguments.project, options)
    if arguments.outdated:
        nodes = _with_newest(nodes, arguments)
    if console.json:
        console.result_json(tree_as_json(nodes))
        return 0
    lines = _LINES if console.results.can_write("".join(_LINES)) else _ASCII_LINES
    texts = [line for node in nodes for line in _node_lines(node, options, lines)]
    if any(line.endswith(" (*)") for line in texts):
        texts.append("(*) shown in full elsewhere in the tree")
    console.result("\n".join(texts))
    return 0


def _depth(text: str) -> int:
    if not text.isdecimal():
        message = f"{text!r} is not a number of levels"
        raise ArgumentTypeError(message)
    return int(text)


def _with_newest(nodes: "tuple[TreeNode, ...]", arguments: Namespace) -> "tuple[TreeNode, ...]":
    from locktool.operations.options import RunOptions
    from locktool.operations.outdated import newer_versions
    from locktool.operations.tree import with_newest

    options = RunOptions(**shared_options(arguments))
    return with_newest(nodes, newer_versions(arguments.project, options, arguments.script))


def _graph(arguments: Namespace) -> str:
    from locktool.export.graph import render_graphviz, render_mermaid
    from locktool.operations.tree import graph_of, roots_of

    graph = graph_of(arguments.project, arguments.script)
    render = render_mermaid if arguments.format == "mermaid" else render_graphviz
    return render(graph, roots_of(graph, arguments.package))


def _node_lines(node: "TreeNode", options: "TreeOptions", lines: Sequence[str]) -> Iterator[str]:
    yield _text(node, options)
    branch, last, through, under = lines
    for number, child in enumerate(node.dependencies, 1):
        is_last = number == len(node.dependencies)
        first, *rest = _node_lines(child, options, lines)
        yield (last if is_last else branch) + first
        yield from ((under if is_last else through) + line for line in rest)


def _text(node: "TreeNode", options: "TreeOptions") -> str:
    extras = f"[{','.join(node.extras)}]" if node.extras else ""
    words = [f"{node.name}{extras}"]
    if node.kind in ("extra", "group") and not options.invert:
        words = [f"{node.kind} {node.name}"]
    if node.version:
        words.append(node.version)
    if node.newest:
        words.append(f"(newest: {node.newest})")
    if options.invert and node.requirement:
        words.append(f"requires {node.requirement}")
    if node.marker:
        words.append(f"where {node.marker}")
    if node.conflicts:
        words.append(f"(not with {', '.join(node.conflicts)})")
    if node.repeated:
        words.append("(*)")
    return " ".join(words)
