"""A lock as a dependency graph: Mermaid or Graphviz text, one node for each project and entry, one arrow per edge.

Arrows say under which extra or group, for which extras and in which environments they hold.
"""

from collections.abc import Sequence
from typing import NamedTuple

from locktool.export.arrows import Arrow, Vertex, arrows, vertex
from locktool.lock.graph import LockGraph, Node
from locktool.lock.model import Package


class _Drawing(NamedTuple):
    labels: dict[Vertex, str]
    arrows: list[Arrow]


def render_mermaid(graph: LockGraph, roots: Sequence[Node]) -> str:
    """What the roots lead to as a Mermaid flowchart; projects are rounded."""
    drawing = _drawing(graph, roots)
    numbers = {each: number for number, each in enumerate(drawing.labels)}
    lines = ["flowchart LR"]
    for each, text in drawing.labels.items():
        opening, closing = ("[", "]") if each.member is None else ("([", "])")
        lines.append(f'  n{numbers[each]}{opening}"{_escaped(text)}"{closing}')
    for arrow in drawing.arrows:
        label = f'|"{_escaped(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  n{numbers[arrow.source]} -->{label} n{numbers[arrow.target]}")
    return "\n".join(lines) + "\n"


def render_graphviz(graph: LockGraph, roots: Sequence[Node]) -> str:
    """The same in the DOT language."""
    drawing = _drawing(graph, roots)
    lines = ["digraph lock {", "  rankdir=LR;", "  node [shape=box];"]
    for each, text in drawing.labels.items():
        lines.append(f"  {_quoted(text)};" if each.member is None else f"  {_quoted(text)} [style=rounded];")
    for arrow in drawing.arrows:
        label = f" [label={_quoted(arrow.label)}]" if arrow.label else ""
        source, target = drawing.labels[arrow.source], drawing.labels[arrow.target]
        lines.append(f"  {_quoted(source)} -> {_quoted(target)}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def label(package: Package) -> str:
    """`name version`, or the name alone for a directory."""
    return f"{package.name} {package.version}" if package.version else package.name


def _drawing(graph: LockGraph, roots: Sequence[Node]) -> _Drawing:
    found = arrows(graph, roots)
    members = {member.path: member.name or member.path for member in graph.lock.members}
    vertices = dict.fromkeys([*map(vertex, roots), *(each for arrow in found for each in (arrow.source, arrow.target))])
    labels = {
        each: label(graph.lock.packages[each.entry]) if each.entry is not None else members.get(each.member or "", "")
        for each in vertices
    }
    return _Drawing(labels, found)


def _escaped(text: str) -> str:
    """The text inside the quotes of a Mermaid label."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
