"""Which part of a lock is exported: what a member or a group needs, in which environments, and what is left out.

In: a Lock and a choice. Out: a Lock whose markers speak of environments alone, with fewer entries, and edges to these
entries only. What is chosen may be installed: extras and groups that conflict are refused together.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import Any

from msgspec import Struct, structs

from locktool._native import Marker, normalize_name
from locktool.exceptions import LockError, ProjectError
from locktool.lock.graph import LockGraph, Node, Requirer
from locktool.lock.model import Lock, LockedMember, Package
from locktool.lock.select import Selection, select


class Part(Struct, frozen=True, kw_only=True):
    """The choice; each default is "everything that the project requires".

    `only_groups` are groups without the project itself, `member` is the name of one project of the workspace.
    `environment` is the marker of the only environment that counts.
    """

    selection: Selection = Selection()
    default_groups: bool = True
    only_groups: tuple[str, ...] = ()
    member: str | None = None
    environment: str | None = None


class LeftOut(Struct, frozen=True, kw_only=True):
    """Entries that somebody else installs.

    `project` is the project itself (the chosen member, or the root of the workspace), `members` every project of the
    workspace, `local` whatever lies on this machine, `names` are packages.
    """

    project: bool = False
    members: bool = False
    local: bool = False
    names: tuple[str, ...] = ()


class ChosenPart(Struct, frozen=True, kw_only=True):
    """A part of a lock, and the lists of requirements of the workspace that it begins with; none in a foreign lock."""

    lock: Lock
    lists: tuple[Requirer, ...]

    def roots(self, graph: LockGraph) -> list[Node]:
        """The nodes of these lists in the graph of the lock, or what nothing requires."""
        if not self.lists:
            return [node for node, _ in graph.roots]
        return [Node(each, next(iter(graph.entries_of(each.name or "")), None)) for each in self.lists]


def part_of(lock: Lock, part: Part, *, installable: bool = True) -> ChosenPart:
    """The part of the lock that is chosen.

    With `installable` an installer can obey it: extras that conflict are refused. Raises ProjectError for what the
    lock does not have, and LockError for an environment that it is not for.
    """
    selection = _selection(lock, part)
    chosen = ChosenPart(lock=select(lock, selection), lists=tuple(_lists(lock, part, selection)))
    if installable:
        _refuse_conflicts(lock, chosen.lock, selection)
    if part.member is not None or part.only_groups:
        chosen = structs.replace(chosen, lock=_reached_from(chosen))
    if part.environment is not None:
        chosen = structs.replace(chosen, lock=_in_environment(chosen.lock, part.environment))
    return chosen


def refuse_unknown(lock: Lock, left_out: LeftOut) -> None:
    """Raise ProjectError for a name that is to be left out and is not locked: it would be installed all the same."""
    missing = sorted({normalize_name(name) for name in left_out.names} - {package.name for package in lock.packages})
    if missing:
        raise ProjectError("unknown-package", f"{missing[0]} is not in the lock, so it cannot be left out")


def without(chosen: ChosenPart, left_out: LeftOut, part: Part) -> ChosenPart:
    """The part without some entries, and without the edges that lead to them."""
    lock = chosen.lock
    names = {normalize_name(name) for name in left_out.names}
    if left_out.members:
        names |= {member.name for member in lock.members if member.name}
    elif left_out.project:
        names |= {member.name for member in _own_members(lock, part) if member.name}
    kept = [
        package for package in lock.packages if package.name not in names and not (left_out.local and is_local(package))
    ]
    return structs.replace(chosen, lock=with_packages(lock, kept))


def with_packages(lock: Lock, packages: Iterable[Package]) -> Lock:
    """The lock with these entries alone; an edge names a version only where its name has several."""
    entries = tuple(packages)
    versions: dict[str, set[str | None]] = {}
    for package in entries:
        versions.setdefault(package.name, set()).add(package.version)
    kept = []
    for package in entries:
        edges = {
            structs.replace(edge, version=edge.version if len(versions[edge.name]) > 1 else None): None
            for edge in package.dependencies
            if edge.name in versions and (edge.version is None or edge.version in versions[edge.name])
        }
        kept.append(structs.replace(package, dependencies=tuple(edges)))
    return structs.replace(lock, packages=tuple(kept))


def is_local(package: Package) -> bool:
    """Whether the entry is installed from a directory or file of this machine."""
    archive = package.archive
    return package.directory is not None or (archive is not None and archive.url is None)


def _selection(lock: Lock, part: Part) -> Selection:
    """The extras and groups by name, the default groups included."""
    if part.only_groups:
        return Selection(groups=part.only_groups)
    own = _own_members(lock, part) if part.member is not None else ()
    selection = part.selection
    extras, groups = selection.extras, selection.groups
    if part.member is not None:
        # Of all extras and groups, those that this member has.
        if selection.all_extras:
            extras = tuple(extra for member in own for extra in member.extras)
        if selection.all_groups:
            groups = tuple(group for member in own for group in member.groups)
        selection = Selection(extras=extras, groups=groups)
    if part.default_groups:
        known = {group for member in own for group in member.groups} if part.member is not None else None
        defaults = (group for group in lock.default_groups if known is None or group in known)
        selection = structs.replace(selection, groups=tuple(dict.fromkeys((*selection.groups, *defaults))))
    return selection


def _own_members(lock: Lock, part: Part) -> tuple[LockedMember, ...]:
    """The project that is meant: the member of that name, or the root of the workspace."""
    if part.member is None:
        return tuple(member for member in lock.members if member.path == ".")
    name = normalize_name(part.member)
    found = tuple(member for member in lock.members if member.name == name)
    if not found:
        known = ", ".join(str(member.name) for member in lock.members if member.name) or "none that is recorded"
        raise ProjectError("unknown-member", f"the lock has no project {name!r}; it has {known}")
    return found


def _lists(lock: Lock, part: Part, selection: Selection) -> Iterator[Requirer]:
    """The lists of requirements that are chosen. Raises ProjectError where none of the members has one."""
    members = _own_members(lock, part) if part.member is not None else lock.members
    extras = lock.extras if selection.all_extras else tuple(map(normalize_name, selection.extras))
    groups = lock.dependency_groups if selection.all_groups else tuple(map(normalize_name, selection.groups))
    if part.only_groups and not members:
        message = "the lock of another tool does not say what a group alone needs; `locktool lock` makes one that does"
        raise ProjectError("unknown-group", message)
    if members:
        names = ", ".join(str(member.name or member.path) for member in members)
        missing = next((extra for extra in extras if not any(extra in member.extras for member in members)), None)
        if missing is not None:
            raise ProjectError("unknown-extra", f"{names} has no extra {missing!r}")
        missing = next((group for group in groups if not any(group in member.groups for member in members)), None)
        if missing is not None:
            raise ProjectError("unknown-group", f"{names} has no dependency group {missing!r}")
    for member in members:
        own = Requirer(member.name, member=member.path)
        if not part.only_groups:
            yield own
        yield from (own._replace(extra=extra) for extra in extras if extra in member.extras)
        yield from (own._replace(group=group) for group in groups if group in member.groups)


def _reached_from(chosen: ChosenPart) -> Lock:
    """What the lists lead to, each entry where they do; the choice of extras and groups is made in the lock already."""
    lock = chosen.lock
    graph = LockGraph(lock)
    markers = [_marker(package) for package in lock.packages]
    reached: dict[Node, Marker] = {}
    queue = deque((root, Marker.always()) for root in chosen.roots(graph))
    while queue:
        node, condition = queue.popleft()
        if node in reached:
            if condition.implies(reached[node]):
                continue
            condition |= reached[node]
        reached[node] = condition
        for edge in graph.dependencies(node):
            applies = condition & edge.marker
            if edge.target.entry is not None:
                applies &= markers[edge.target.entry]
            if not applies.is_false():
                queue.extend((target, applies) for target in edge.targets())
    conditions: dict[int, Marker] = {}
    for node, condition in reached.items():
        # A group alone does not install the project that has it.
        if node.entry is not None and node.requirer.group is None:
            conditions[node.entry] = conditions.get(node.entry, Marker.never()) | condition
    kept = [
        structs.replace(package, marker=graph.text(conditions[number]))
        for number, package in enumerate(lock.packages)
        if number in conditions
    ]
    return with_packages(lock, kept)


def _in_environment(lock: Lock, environment: str) -> Lock:
    """What one environment gets; markers keep only what it does not say itself."""
    assumed = Marker(environment)
    if assumed.simplify(requires_python=lock.requires_python, environments=lock.environments or None).is_false():
        wanted = [f"Python {lock.requires_python}"] if lock.requires_python else []
        message = f"the lock is not for this environment, but for {' and '.join([*wanted, *lock.environments])}"
        raise LockError("unsupported-environment", message)
    kept = []
    for package in lock.packages:
        if not (_marker(package) & assumed).is_false():
            short = _marker(package).restrict(assumed)
            kept.append(structs.replace(package, marker=None if short.is_true() else str(short)))
    return structs.replace(with_packages(lock, kept), environments=(environment,))


def _refuse_conflicts(lock: Lock, chosen: Lock, selection: Selection) -> None:
    """Refuse a choice of which an installer would take two versions of a package."""
    extras = lock.extras if selection.all_extras else tuple(map(normalize_name, selection.extras))
    groups = lock.dependency_groups if selection.all_groups else tuple(map(normalize_name, selection.groups))
    for members in lock.inputs.get("conflicts", ()):
        taken = _taken(members, extras, groups)
        if len(taken) > 1:
            raise _conflict(" and ".join(taken), "the project declares that they conflict")
    by_name: dict[str, list[Package]] = {}
    for package in chosen.packages:
        by_name.setdefault(package.name, []).append(package)
    for entries in by_name.values():
        for first, second in combinations(entries, 2):
            if not _marker(first).is_disjoint(_marker(second)):
                versions = f"{first.name} {first.version} and {second.version} would both be installed"
                raise _conflict(" and ".join([*extras, *groups]) or "the entries of the lock", versions)


def _taken(members: Iterable[dict[str, Any]], extras: Collection[str], groups: Collection[str]) -> list[str]:
    """The members of one set of conflicts that are chosen, in words."""
    taken: dict[str, None] = {}
    for member in members:
        if member.get("extra") in extras:
            taken[f"extra {member['extra']}"] = None
        elif member.get("group") in groups:
            taken[f"group {member['group']}"] = None
    return list(taken)


def _marker(package: Package) -> Marker:
    return Marker(package.marker) if package.marker else Marker.always()


def _conflict(what: str, why: str) -> ProjectError:
    return ProjectError("conflicting-extras", f"{what} cannot be chosen together: {why}")
