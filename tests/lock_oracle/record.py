"""The head of a lock against the project: what stands above the packages, and the inputs in [tool.locktool]."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from lock_oracle.blocks import instant_of
from lock_oracle.conflicts import conflicts_of
from lock_oracle.digest import run_digest
from lock_oracle.refutation import Refutation
from lock_oracle.requirements import decisive_names, meaning_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from lock_oracle.grid import Grid
    from lock_oracle.project import Member, Project

Table = dict[str, Any]

_SCHEMA = 2
# What a run alone knows, under a digest of its own.
_OF_RUN = frozenset({"digest", "command-line", "other-indexes", "build-requirements"})
# Tables of pyproject.toml that are recorded as sources, indexes and members.
_ELSEWHERE = frozenset({"sources", "index", "workspace"})


def refutations(project: Project, lock: Table, grid: Grid) -> Iterable[Refutation]:
    """What the head says and the project does not; the grid is of every environment."""
    record = lock.get("tool", {}).get("locktool")
    if record is None:
        yield Refutation("lock", "it records no inputs")
        return
    yield from _header(project, lock, grid)
    described, recorded = _described(project, lock, grid), _recorded(record, grid)
    for key in sorted(described.keys() | recorded.keys()):
        if described.get(key) != recorded.get(key):
            yield Refutation(key, "what is recorded is not what the project says")
    names_python = any(member.requires_python for member in project.members)
    if record.get("digest") != run_digest(record, names_python=names_python):
        yield Refutation("digest", "what is recorded of the run is not as it was written")


def _header(project: Project, lock: Table, grid: Grid) -> Iterable[Refutation]:
    environments = project.settings.get("environments", [])
    stated = {
        "extras": (sorted(lock.get("extras", [])), project.extras),
        "dependency-groups": (sorted(lock.get("dependency-groups", [])), project.groups),
        "default-groups": (sorted(lock.get("default-groups", [])), project.default_groups),
        "requires-python": (_specifiers(lock.get("requires-python")), _specifiers(project.requires_python)),
        "environments": (_masks(lock.get("environments", []), grid), _masks(environments, grid)),
    }
    for key, (found, derived) in stated.items():
        if found != derived:
            yield Refutation(key, "at the top of the lock is not what the project says")


def _described(project: Project, lock: Table, grid: Grid) -> Table:
    """The project's inputs by meaning."""
    decisive = decisive_names(project, lock)
    found = {
        "schema": _SCHEMA,
        "requires-python": _specifiers(project.requires_python),
        "members": sorted(_member(member, decisive, grid) for member in project.members),
        "trees": sorted(_member(replace(tree, is_package=False), decisive, grid) for tree in project.trees),
        "sources": sorted(
            {_source({"name": source.name, **source.keys}, source.member, grid) for source in project.sources}
        ),
        "indexes": [_index(index) for index in project.settings.get("index", [])],
    }
    found |= {key: _setting(key, value, grid) for key, value in project.settings.items() if key not in _ELSEWHERE}
    found["conflicts"] = _setting("conflicts", conflicts_of(project, grid), grid)
    return {key: value for key, value in found.items() if value}


def _recorded(record: Table, grid: Grid) -> Table:
    """The recorded inputs by meaning; a key that nobody knows is one that the project does not say."""
    found: Table = {}
    for key, value in record.items():
        if key not in _OF_RUN:
            try:
                found[key] = _input(key, value, grid)
            except (AttributeError, KeyError, TypeError, ValueError):
                found[key] = f"unreadable: {value}"
    return {key: value for key, value in found.items() if value}


def _input(key: str, value: Any, grid: Grid) -> object:  # noqa: ANN401 - any value of a document
    if key == "requires-python":
        return _specifiers(value)
    if key in {"members", "trees"}:
        return sorted(_recorded_member(table, grid) for table in value)
    if key == "sources":
        tables = [{key: value for key, value in table.items() if key != "member"} for table in value]
        owners = [table.get("member") for table in value]
        return sorted({_source(table, owner, grid) for table, owner in zip(tables, owners, strict=True)})
    return [_index(index) for index in value] if key == "indexes" else _setting(key, value, grid)


def _member(member: Member, decisive: Container[str], grid: Grid) -> str:
    version = member.version if member.name in decisive else None
    table = {
        "path": member.path,
        "name": member.name,
        "version": None if version is None else str(Version(version)),
        "package": member.is_package,
        "requires-python": member.requires_python,
        "dependencies": list(member.dependencies),
        "extras": member.extras,
        "groups": member.groups,
        "indexes": dict(member.indexes),
    }
    return _recorded_member(table, grid)


def _recorded_member(table: Table, grid: Grid) -> str:
    lists = {
        key: {name: sorted(map(repr, (meaning_of(text, grid) for text in texts))) for name, texts in table.items()}
        for key, table in (
            ("dependencies", {"": table.get("dependencies") or []}),
            ("extras", table.get("extras") or {}),
            ("groups", table.get("groups") or {}),
        )
    }
    rest = {key: value for key, value in table.items() if key not in lists and value}
    rest["requires-python"] = _specifiers(table.get("requires-python"))
    return repr((sorted(rest.items()), [(key, sorted(lists[key].items())) for key in sorted(lists)]))


def _source(keys: Table, member: str | None, grid: Grid) -> str:
    meaning = dict(keys)
    if "marker" in meaning:
        meaning["marker"] = grid.mask(meaning["marker"])
    return repr((member, sorted((key, value) for key, value in meaning.items() if value is not False)))


def _index(table: Table) -> Table:
    found = {key: value for key, value in table.items() if key != "name" and value is not False}
    cutoffs = {"exclude-newer": _cutoff(table["exclude-newer"])} if "exclude-newer" in table else {}
    return {**found, **cutoffs, "url": table["url"].rstrip("/")}


def _setting(key: str, value: object, grid: Grid) -> object:
    if key in {"environments", "required-environments"} and isinstance(value, list):
        return _masks(value, grid)
    if key in {"constraints", "overrides", "excludes"} and isinstance(value, list):
        return sorted(repr(_change(key, one, grid)) for one in value)
    if key == "conflicts" and isinstance(value, list):
        return sorted(sorted(sorted(side.items()) for side in sides) for sides in value)
    if key == "dependency-metadata" and isinstance(value, list):
        return {repr(_stated(one, grid)) for one in value}
    return _cutoffs(key, value)


def _cutoffs(key: str, value: object) -> object:
    if key == "exclude-newer":
        return _cutoff(value)
    if key == "exclude-newer-package" and isinstance(value, dict):
        return {name: _cutoff(one) for name, one in value.items()}
    return sorted(value) if isinstance(value, list) else value


def _stated(metadata: Table, grid: Grid) -> list[tuple[str, object]]:
    """Metadata that stands in place of a build, with its requirements by their meaning."""
    required = sorted(repr(meaning_of(text, grid)) for text in metadata.get("requires-dist", []))
    return sorted((metadata | {"requires-dist": required}).items())


def _change(key: str, change: str | Table, grid: Grid) -> object:
    if isinstance(change, str):
        return canonicalize_name(change) if key == "excludes" else meaning_of(change, grid)
    inner = sorted(repr(_change(key, text, grid)) for text in change["dependencies"])
    others = sorted(change.keys() - {"package", "dependencies"})
    return sorted(change["package"].items()), inner, others


def _cutoff(value: object) -> object:
    """Spans of days are compared as ISO 8601 texts; the instant that one gave is known to the run alone."""
    if isinstance(value, dict):
        return f"unreadable: {value}" if value.keys() - {"span", "at"} else value.get("span")
    found = instant_of(value)
    if isinstance(found, str) and found.endswith((" days", " day")):
        return f"P{found.split()[0]}D"
    return found


def _specifiers(text: str | None) -> list[str]:
    return sorted(str(one) for one in SpecifierSet(text or ""))


def _masks(texts: Iterable[str], grid: Grid) -> list[int]:
    return sorted(grid.mask(text) for text in texts)
