"""The second implementation of the proof: from the files of a project and its lock alone, what refutes the lock.

In: the project as its files say it, and the lock as a document. Out: refutations, each with its entry or key; none is
the proof on a grid of environments, extras and groups. `installed` is what installers take from a lock on that grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.markers import InvalidMarker, Marker

from lock_oracle import builds, form, record
from lock_oracle.blocks import findings
from lock_oracle.graph import Walk
from lock_oracle.grid import Grid, grid_for
from lock_oracle.refutation import Refutation
from lock_oracle.requirements import marker_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lock_oracle.project import Project

Table = dict[str, Any]


def refutations(project: Project, lock: Table) -> list[Refutation]:
    """Everything that refutes a lock; where its form is wrong, only that."""
    wrong_forms = list(form.refutations(lock))
    if wrong_forms:
        return wrong_forms
    plain = grid_for(_markers(project, [lock]), None, frozenset(), _choices(project))
    found = list(record.refutations(project, lock, plain))
    if "locktool" not in lock.get("tool", {}):
        return found
    return [*found, *_of_packages(project, lock), *_of_builds(project, lock)]


def _of_packages(project: Project, lock: Table) -> list[Refutation]:
    grid = grid_of(project, [lock])
    walk = Walk(project, lock, grid)
    found = walk.run()
    for node in walk.nodes:
        if node.entry is not None:
            sentences = findings(node, node.entry, project, lock["tool"]["locktool"], grid)
            found += [Refutation(node.title, sentence) for sentence in sentences]
    locked = {node.entry["directory"]["path"] for node in walk.nodes if node.entry and "directory" in node.entry}
    found += [Refutation(tree.path, "no entry is of it") for tree in project.trees if tree.path not in locked]
    return found


def _of_builds(project: Project, lock: Table) -> Iterable[Refutation]:
    """What the recorded sets of build requirements say that does not hold."""
    try:
        yield from builds.refutations(project, lock)
        for one in builds.sets_of(lock):
            of_set = builds.as_lock(lock, one)
            if not of_set["packages"]:
                continue
            wrong_forms = list(form.refutations(of_set))
            yield from wrong_forms or _of_packages(builds.as_project(project, one), of_set)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        yield Refutation(builds.KEY, f"it is not of the form of sets: {error}")


def grid_of(project: Project, locks: Iterable[Table]) -> Grid:
    """The grid of a project on which locks of it are compared."""
    environments = frozenset(project.settings.get("environments", []))
    return grid_for(_markers(project, locks), project.requires_python, environments, _choices(project))


def _choices(project: Project) -> tuple[tuple[str, str], ...]:
    return (*(("extra", name) for name in project.extras), *(("group", name) for name in project.groups))


def installed(lock: Table, grid: Grid) -> dict[str, object]:
    """What installers obey: the head, and each distinct origin of a package with its edges, by where it is selected."""
    head: dict[str, object] = {
        key: repr(value) for key, value in lock.items() if value and key not in {"packages", "tool", "created-by"}
    }
    origins: dict[str, object] = {}
    for entry in lock["packages"]:
        mask = grid.mask(entry.get("marker"))
        if mask:
            origin = repr(_origin(entry))
            known = origins.get(origin, 0)
            origins[origin] = known | mask if isinstance(known, int) else mask
    return head | origins


def _origin(entry: Table) -> list[tuple[str, object]]:
    """The keys that decide what is installed, without the order of files, hashes and edges."""
    ignored = {"marker", "tool", "requires-python"}
    found = []
    for key, value in sorted(entry.items()):
        if key not in ignored:
            tables = value if isinstance(value, list) else [value]
            found.append((key, sorted(repr(_sorted(table)) for table in tables)))
    return [(key, value) for key, value in found if value]


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return [(key, _sorted(inner)) for key, inner in sorted(value.items()) if key != "upload-time"]
    return value


def _markers(project: Project, locks: Iterable[Table]) -> frozenset[str]:
    """The markers of project and locks; those of other forms name no environment."""
    members = [*project.members, *project.trees]
    texts = [text for member in members for text in member.dependencies]
    texts += [
        text for member in members for table in (member.extras, member.groups) for one in table.values() for text in one
    ]
    found = {marker_of(text) for text in texts} | {source.marker for source in project.sources}
    for key in ("environments", "required-environments"):
        found.update(project.settings.get(key, []))
    for lock in locks:
        found.update(lock.get("environments", []))
        for entry in lock["packages"]:
            found.add(entry.get("marker"))
            found.update(marker_of(text) for text in entry.get("tool", {}).get("locktool", {}).get("requires", []))
    return frozenset(text for text in found if text is not None and _is_marker(text))


def _is_marker(text: str) -> bool:
    try:
        Marker(text)
    except InvalidMarker:
        return False
    return True
