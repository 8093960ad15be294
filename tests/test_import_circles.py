"""Files of the core import each other without circles, but for those that are listed here.

An arrow goes from a file to the file of the module that a path names: in `use`, or inline behind `crate::` and
`super::`. That a module declares another one and publishes its names again is no arrow.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from test_layers import CORE, without_comments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCES = CORE / "src"

Module = tuple[str, ...]

# Files that are still in circles, by folder: these numbers only go down.
KNOWN = {
    "marker": 13,  # the interned diagrams, and the expressions that they are made of and written as
    "pipeline": 3,  # the options of a run, and how locked indexes and preferences follow from them
    "project": 7,  # what is collected of a build, and the files that lead to further ones
    "version": 2,  # the text of a version, and the table that keeps it
}

_PATH = re.compile(r"(?<![\w:])((?:pub(?:\([^)]*\))?\s+)?use\s+)?(crate::|(?:super::)+|(?:self::)?)")
_CHILD = re.compile(r"^\s*(?:pub(?:\([^)]*\))? )?mod (\w+);", flags=re.MULTILINE)


def module(path: Path) -> Module:
    """The path of a file's module: `version` and `mod.rs` of a folder are one."""
    parts = path.relative_to(SOURCES).with_suffix("").parts
    return parts[:-1] if parts[-1] == "mod" else parts


def paths_of(tree: str, prefix: Module = ()) -> Iterator[Module]:
    """The paths of a use tree: `a::{b, c::D}` gives a::b and a::c::D."""
    tree = tree.strip()
    if not tree.startswith("{"):
        found = re.match(r"(\w+)\s*(::)?", tree)
        if found and found[2]:
            yield from paths_of(tree[found.end() :], (*prefix, found[1]))
        elif found:
            yield (*prefix, found[1])
        return
    depth, start = 0, 1
    for position, character in enumerate(tree):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if (character == "," and depth == 1) or depth == 0:
            yield from paths_of(tree[start:position], prefix)
            start = position + 1
        if depth == 0:
            return


def named_paths(code: str, own: Module) -> Iterator[Module]:
    """The full paths that the code of a module names."""
    children = set(_CHILD.findall(code))
    for found in _PATH.finditer(code):
        use, head = found[1], found[2]
        rest = code[found.end() :]
        if (use and use.startswith("pub")) or not (use or head):
            continue
        tree = rest.split(";")[0] if use else (re.match(r"[\w:]*", rest) or [""])[0]
        for path in paths_of(tree):
            if head == "crate::":
                yield path
            elif head.startswith("super"):
                yield own[: len(own) - head.count("super::")] + path
            elif path and path[0] in children:
                yield own + path


def arrows(sources: dict[Module, str]) -> dict[Module, set[Module]]:
    """Which modules each module imports."""
    found: dict[Module, set[Module]] = {}
    for own, source in sources.items():
        found[own] = set()
        for path in named_paths(without_comments(source), own):
            longest = next((path[:end] for end in range(len(path), 0, -1) if path[:end] in sources), own)
            found[own] |= {longest} - {own}
    return found


def circles(graph: dict[Module, set[Module]]) -> list[set[Module]]:
    """The sets of modules of which each leads to each other one."""
    reach = {start: reached(graph, start) for start in graph}
    found: list[set[Module]] = []
    for start in graph:
        circle = {end for end in reach[start] if start in reach[end]}
        if circle and circle not in found:
            found.append(circle)
    return found


def reached(graph: dict[Module, set[Module]], start: Module) -> set[Module]:
    """What a module leads to, itself only by a circle."""
    seen: set[Module] = set()
    left = list(graph[start])
    while left:
        next_one = left.pop()
        if next_one not in seen:
            seen.add(next_one)
            left.extend(graph[next_one])
    return seen


def test_files_import_each_other_without_circles() -> None:
    files = {module(path): path for path in SOURCES.rglob("*.rs") if path.name != "lib.rs"}
    found = circles(arrows({name: path.read_text(encoding="utf-8") for name, path in files.items()}))
    assert Counter(file[0] for circle in found for file in circle) == KNOWN


def test_a_circle_is_seen() -> None:
    sources = {
        ("a",): "mod b;\nmod c;\npub use b::X;\nuse c::Y;",
        ("a", "b"): "use super::c::{Y, Z};",
        ("a", "c"): "fn f(x: &super::b::X) {}",
        ("d",): "use crate::a::c::Y;",
    }
    assert circles(arrows(sources)) == [{("a", "b"), ("a", "c")}]
