"""Markers and edges of a lock, derived again: a walk from the project through what its entries require.

Each requirement must be met by exactly one entry wherever it holds. So it is derived where every entry is needed, on
which entries it depends, from which index it may be, and what is left over.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from lock_oracle.conflicts import choices_of, conflicts_of
from lock_oracle.origin import is_from
from lock_oracle.refutation import Refutation, title
from lock_oracle.requirements import Parent, applies, constraints, effective, marker_of, name_of, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lock_oracle.grid import Grid
    from lock_oracle.project import Member, Part, Project

Table = dict[str, Any]


@dataclass
class Node:
    """An entry of the lock, or a member that has none because it is not installed; masks say where."""

    name: str
    entry: Table | None
    member: Member | None
    stated: int
    tree: Member | None = None
    reach: int = 0
    extras: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    edges: set[tuple[str, str | None]] = field(default_factory=set)
    is_asked_by_address: bool = False
    served_by: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def version(self) -> str | None:
        """The version that is locked, or that of the member or directory."""
        described = self.member or self.tree
        if described is not None:
            return described.version
        return self.entry.get("version") if self.entry else None

    @property
    def parent(self) -> Parent:
        """The node as one who requires something."""
        return Parent(self.name, self.version)

    @property
    def title(self) -> str:
        """The name in messages."""
        return title(self.entry) if self.entry else self.name


@dataclass(frozen=True)
class Demand:
    """One requirement of one requirer: where it holds, and the address or index that it or its source gives."""

    text: str
    mask: int
    requirer: Node | None
    parent: Parent
    address: str | None = None
    index: str | None = None


class Walk:
    """One proof: `run` gives what refutes the lock, `nodes` are what was derived."""

    def __init__(self, project: Project, lock: Table, grid: Grid) -> None:
        self.project = project
        self.grid = grid
        self.conflicts = choices_of(conflicts_of(project, grid))
        self.forbidden = grid.in_conflict(self.conflicts)
        self.universe = grid.everywhere & ~self.forbidden
        self.other_indexes = lock["tool"]["locktool"].get("other-indexes", [])
        self.found: list[Refutation] = []
        self.changed: list[Node] = []
        self.nodes = [self._node(entry) for entry in lock["packages"]]
        self.by_name: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            self.by_name[node.name].append(node)
        for member in project.members:
            if member.name and member.name not in self.by_name:
                if member.is_package:
                    self._refute(member.name, "it is part of the project and has no entry")
                node = Node(member.name, None, member, grid.everywhere)
                self.nodes.append(node)
                self.by_name[member.name].append(node)

    def run(self) -> list[Refutation]:
        """Walk, then compare what was derived with what is stated."""
        for name, nodes in self.by_name.items():
            for place, node in enumerate(nodes):
                if any(node.stated & other.stated & self.universe for other in nodes[place + 1 :]):
                    self._refute(name, "two entries apply in the same environment")
        for member in self.project.members:
            self._start(member)
        while self.changed:
            self._expand(self.changed.pop())
        for node in self.nodes:
            if node.entry is not None:
                for sentence in self._compared(node, node.entry):
                    self._refute(node.title, sentence)
        return list(dict.fromkeys(self.found))

    def _refute(self, subject: str, sentence: str) -> None:
        self.found.append(Refutation(subject, sentence))

    def _node(self, entry: Table) -> Node:
        members = [member for member in self.project.members if member.name == entry["name"]]
        member = members[0] if members and "directory" in entry else None
        if members and member is None:
            self._refute(title(entry), "it is part of the project and not its directory")
        path = entry.get("directory", {}).get("path")
        tree = next((tree for tree in self.project.trees if tree.path == path), None)
        return Node(entry["name"], entry, member, self.grid.mask(entry.get("marker")), tree)

    def _start(self, member: Member) -> None:
        node = self.by_name[member.name][0] if member.name else None
        own = Parent(member.name, member.version)
        if node is None:
            self._require_own(None, own, (None, member.dependencies), self.universe)
        else:
            self._reach(node, self.universe, ())
            for extra in member.extras:
                self._reach(node, self.universe & self.grid.chosen(("extra", extra)), (extra,))
        for group, texts in member.groups.items():
            part = ("group", group)
            self._require_own(None, own, (part, texts), self.universe & self.grid.chosen(part))

    def _expand(self, node: Node) -> None:
        if node.member is not None:
            self._require_own(node, node.parent, (None, node.member.dependencies), node.reach)
            for extra, mask in list(node.extras.items()):
                texts = node.member.extras.get(extra, ())
                self._require_own(node, node.parent, (("extra", extra), texts), mask)
            return
        for text in (node.entry or {}).get("tool", {}).get("locktool", {}).get("requires", []):
            marker = marker_of(text)
            mask = self._applies(text, "", node.parent) & node.reach
            for extra, reach in list(node.extras.items()):
                if self.grid.mask(marker, extra) != self.grid.mask(marker):
                    mask |= self._applies(text, extra, node.parent) & reach
            self._require(Demand(text, mask, node, node.parent))

    def _require_own(
        self, requirer: Node | None, parent: Parent, written: tuple[Part, Iterable[str]], condition: int
    ) -> None:
        """Requirements of the project itself, which may have sources, with the part of it that they are written in."""
        part, texts = written
        for text in texts:
            rest = self._applies(text, "", parent) & condition
            for source in self.project.sources_of(name_of(text), parent.name, part):
                if source.keys.get("workspace"):
                    continue
                mask = rest & self.grid.mask(source.marker)
                self._require(Demand(text, mask, requirer, parent, source.address, source.keys.get("index")))
                rest &= ~mask
            self._require(Demand(text, rest, requirer, parent, parsed(text).url))

    def _applies(self, text: str, extra: str, parent: Parent) -> int:
        return applies(text, extra, parent, self.grid, self.project.settings)

    def _require(self, demand: Demand) -> None:
        for text in effective(demand.text, demand.parent, self.project.settings) if demand.mask else []:
            unmet = demand.mask
            if text != demand.text:
                unmet &= self.grid.mask(marker_of(text))
            nodes = self.by_name.get(name_of(text), [])
            for node in nodes:
                part = unmet & node.stated if len(nodes) > 1 else unmet
                if part:
                    unmet &= ~part
                    self._meet(demand, text, node, part)
            if unmet:
                self._refute(name_of(text), f"no entry meets {text}")

    def _meet(self, demand: Demand, text: str, node: Node, part: int) -> None:
        requirement = parsed(text)
        address = requirement.url or demand.address
        if node.entry is not None and address is not None and node.member is None:
            node.is_asked_by_address = is_from(node.entry, address)
            if not node.is_asked_by_address:
                self._refute(node.title, f"it is not from {address}")
        if node.version is not None:
            for rule in [text, *constraints(node.name, demand.parent, self.project.settings)]:
                holds = self.grid.mask(marker_of(rule)) & part
                if holds and not parsed(rule).specifier.contains(Version(node.version), prereleases=True):
                    self._refute(node.title, f"{rule} does not admit it")
        if demand.index is not None:
            node.served_by[demand.index] |= part
        is_forked = len(self.by_name[node.name]) > 1
        if demand.requirer not in (None, node) and node.entry is not None:
            demand.requirer.edges.add((node.name, node.entry.get("version") if is_forked else None))
        asked = parsed(demand.text).extras
        self._reach(node, part, tuple(canonicalize_name(extra) for extra in asked))

    def _reach(self, node: Node, mask: int, extras: Iterable[str]) -> None:
        before = (node.reach, sum(node.extras.values()))
        node.reach |= mask
        for extra in extras:
            node.extras[extra] |= mask
        if before != (node.reach, sum(node.extras.values())):
            self.changed.append(node)

    def _compared(self, node: Node, entry: Table) -> Iterable[str]:
        if not node.reach:
            yield "nothing in the project requires it"
            return
        is_direct = any(key in entry for key in ("vcs", "directory", "archive"))
        if is_direct and node.member is None and not node.is_asked_by_address:
            yield "it is from an address that nothing in the project gives"
        if node.reach != node.stated & self.universe:
            yield "its marker is not where it is needed"
        items = frozenset(item for conflict in self.conflicts for item in conflict)
        by_part = self.grid.selected_by_part(node.reach, items) & self.forbidden
        if by_part & ~node.stated:
            yield "it is not selected where conflicting choices need it"
        stated = [(edge["name"], edge.get("version")) for edge in entry.get("dependencies", [])]
        if set(stated) != node.edges or len(stated) != len(node.edges):
            yield "its edges are not what it depends on"
        if "index" in entry:
            yield from self._served(node, entry["index"].rstrip("/"))

    def _served(self, node: Node, index: str) -> Iterable[str]:
        """Whether the entry is from an index that serves it: one that a source names, else one that serves all."""
        rest = node.reach
        for named, mask in node.served_by.items():
            rest &= ~mask
            if named != index:
                yield f"its source names the index {named}"
        assigned = self.project.assigned_index(node.name)
        tables = self.project.settings.get("index", [])
        common = {one["url"].rstrip("/") for one in tables if not one.get("explicit")}
        common |= {url.rstrip("/") for url in self.other_indexes}
        if assigned is not None:
            common = {assigned}
        is_closed = assigned is not None or any(one.get("default") for one in tables)
        explicit = {one["url"].rstrip("/") for one in tables if one.get("explicit")} - common
        if rest and ((is_closed and index not in common) or index in explicit):
            yield f"{index} is no index that serves it"
