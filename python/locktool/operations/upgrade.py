"""Moves locked packages to better versions, as far as it is allowed, and raises lower bounds of the project to them.

In: names, or requirements that say how far. Out: the lock, and with `bump` the project files, written together. Only a
first resolution has limits; the second, in which everything stays, is recorded without them.
"""

from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct, structs

from locktool._native import Marker, Requirement, Version, display_path, normalize_name, requirement_text
from locktool.edit.document import parse_toml, values_at
from locktool.edit.requirements import replace_requirement
from locktool.edit.written import next_release, raised, written_name
from locktool.exceptions import LockError, ProjectError
from locktool.lock.graph import LockGraph, without_condition
from locktool.lock.model import Lock
from locktool.operations.editable import PROJECT_FILE, Editable, EditableProject
from locktool.operations.edited import EditOutcome, EditRun, lock_target_of, resolve_edited, versions_of, write_edited
from locktool.operations.lock import LockRun, unknown_upgrades

LIMITS = ("patch", "minor")
# The operators of a specifier that begins at its version.
_STARTS = ("==", "~=", ">=", ">")


class Upgrade(Struct, frozen=True, kw_only=True):
    """What moves, and how far.

    `packages` are names or names with versions (`numpy==2.1.0`, `numpy<3`); every package where there is none. `limit`
    is `patch` (1.4.2 moves within 1.4) or `minor` (within 1); a package that is locked in several versions then stays.
    """

    packages: tuple[str, ...] = ()
    limit: str | None = None
    bump: bool = False


def upgrade_project(editable: Editable, upgrade: Upgrade, run: EditRun | None = None) -> EditOutcome:
    """Resolve with the packages free to move and write the lock, or write nothing.

    Raises LockError where there is no lock (`lock-missing`), ProjectError, with the code `unknown-package` for a name
    that neither the lock nor the resolution has, ResolutionImpossible and the errors of the index.
    """
    run, started = run or EditRun(), monotonic()
    lock_target = lock_target_of(editable, run.options)
    if lock_target.existing is None:
        message = f"{display_path(str(lock_target.path))} does not exist, so there is nothing to upgrade"
        of_script = "" if isinstance(editable, EditableProject) else f" --script {display_path(str(editable.file))}"
        suggestion = f"run `locktool lock{of_script}`"
        raise LockError("lock-missing", message, path=str(lock_target.path), suggestion=suggestion)
    asked = [_asked(text) for text in upgrade.packages]
    names = [requirement.name for requirement in asked]
    limits = [requirement_text(text) for text, one in zip(upgrade.packages, asked, strict=True) if one.specifier]
    if upgrade.limit:
        reach = _reach(lock_target.existing.lock, upgrade.limit)
        _require_reached(asked, reach, upgrade.limit)
        names = [name for name in names or sorted(reach) if name in reach]
        limits += [f"{name}<{reach[name]}" for name in names]
    moving: bool | list[str] = names if names or upgrade.limit else True
    first = structs.replace(run, options=run.options._replace(upgrade=moving, limit=tuple(limits)))
    resolved = resolve_edited(editable, lock_target, first)
    _require_known([one.name for one in asked], lock_target.existing.lock, resolved)
    resolved = _without_warnings_of(resolved, set(names) - {one.name for one in asked})
    if upgrade.bump:
        _bump(editable, resolved, set(names))
    if limits or editable.files.texts():
        resolved = resolve_edited(editable, lock_target, run, preferred=resolved)
    return write_edited(editable, run, resolved, started)


def _asked(text: str) -> Requirement:
    """One of the packages that are to move. Raises ProjectError for more than a name with versions."""
    requirement = Requirement(requirement_text(text))
    if requirement.url or requirement.extras or requirement.marker:
        raise ProjectError("invalid-upgrade", f"{text!r}: give a name, or a name with versions such as numpy==2.1.0")
    return requirement


def _reach(lock: Lock, limit: str) -> dict[str, str]:
    """For each package that an index serves in one version, the first release that is out of reach of that version."""
    versions: dict[str, set[str | None]] = {}
    for package in lock.packages:
        served = None if package.vcs or package.directory or package.archive else package.version
        versions.setdefault(package.name, set()).add(served)
    single = {name: next(iter(known)) for name, known in versions.items() if len(known) == 1}
    index = LIMITS[::-1].index(limit)
    return {name: next_release(Version(version), index) for name, version in single.items() if version is not None}


def _require_reached(asked: list[Requirement], reach: dict[str, str], limit: str) -> None:
    """Raise ProjectError where a version that is asked for lies out of reach."""
    for one in asked:
        if (end := reach.get(one.name)) is None:
            continue
        starts = [each for each in one.specifier if each.operator in _STARTS and not each.version.endswith("*")]
        if any(Version(each.version) >= Version(end) for each in starts):
            message = f"{one} is out of reach: --{limit} keeps {one.name} below {end}"
            raise ProjectError("invalid-upgrade", message, suggestion=f"leave --{limit} out")


def _require_known(names: list[str], lock: Lock, resolved: LockRun) -> None:
    """Raise ProjectError for names that the lock has not, and that nothing requires."""
    gone = {package.name for package in lock.packages}
    unknown = unknown_upgrades([name for name in names if name not in gone], resolved.file)
    if unknown:
        raise ProjectError("unknown-package", "\n".join(unknown))


def _without_warnings_of(resolved: LockRun, names: set[str]) -> LockRun:
    """The run without a word on packages that nobody named and that an upgrade drops: the changes show them."""
    outcome = resolved.outcome
    unasked = set(unknown_upgrades(sorted(names), resolved.file))
    warnings = tuple(text for text in outcome.warnings if text not in unasked)
    return resolved._replace(outcome=outcome._replace(warnings=warnings))


def _bump(editable: Editable, resolved: LockRun, names: set[str]) -> None:
    """Raise the lower bounds of requirements, in the files of all members; of these packages, or of all."""
    if not isinstance(editable, EditableProject):
        editable.edit(_bumped(editable.text, [("dependencies",)], resolved, names))
        return
    for member in editable.project(resolved.file).members:
        path = Path(member.directory, PROJECT_FILE)
        text = editable.files.read(path)
        editable.files.edit(path, _bumped(text, _lists(parse_toml(text)), resolved, names))


def _bumped(text: str, lists: list[tuple[str, ...]], resolved: LockRun, names: set[str]) -> str:
    """A text with each bound raised to the lowest version that its own requirement leads to: forks have one each."""
    graph = LockGraph(resolved.outcome.lock)
    for key_path in lists:
        for index, entry in enumerate(values_at(parse_toml(text), key_path) or ()):
            name = written_name(entry) if isinstance(entry, str) else ""
            served = versions_of(resolved, name) if name in names or not names else []
            versions = [version for version in served if version in _versions_for(graph, key_path, entry)]
            if versions:
                text = replace_requirement(text, key_path, index, raised(entry, min(versions)))
    return text


def _versions_for(graph: LockGraph, key_path: tuple[str, ...], entry: str) -> set[Version]:
    """The versions that a requirement of a list leads to; the same one of another member counts too."""
    requirement = Requirement(requirement_text(entry))
    key = normalize_name(key_path[-1])
    extra = key if key_path[:-1] == ("project", "optional-dependencies") else None
    group = key if key_path[0] == "dependency-groups" else None
    edges = (
        edge
        for node, _ in graph.roots
        if (node.requirer.extra, node.requirer.group) == (extra, group)
        for edge in graph.dependencies(node)
    )
    places = {
        edge.target.entry
        for edge in edges
        if edge.requirement == without_condition(requirement) and edge.marker == (requirement.marker or Marker.always())
    }
    found = (graph.lock.packages[place].version for place in places if place is not None)
    return {Version(version) for version in found if version}


def _lists(values: dict[str, Any]) -> list[tuple[str, ...]]:
    """The paths of all lists of requirements."""
    tables = (("project", "optional-dependencies"), ("dependency-groups",))
    paths = [
        ("project", "dependencies"),
        *((*table, key) for table in tables for key in values_at(values, table) or {}),
    ]
    return [path for path in paths if values_at(values, path)]
