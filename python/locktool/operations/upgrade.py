"""Moves locked packages to better versions, as far as it is allowed, and raises lower bounds of the project to them.

In: names, or requirements that say how far. Out: the lock, and with `bump` the project files, written together. Only a
first resolution has limits; the second, in which everything stays, is recorded without them.
"""

from pathlib import Path
from time import monotonic
from typing import Any

from msgspec import Struct, structs

from locktool._native import Requirement, Version, did_you_mean, display_path, requirement_text
from locktool.edit.document import parse_toml, values_at
from locktool.edit.requirements import replace_requirement
from locktool.edit.written import next_release, raised, written_name
from locktool.exceptions import LockError, ProjectError
from locktool.lock.model import Lock
from locktool.operations.editable import PROJECT_FILE, EditableProject
from locktool.operations.edited import EditOutcome, EditRun, lock_target_of, resolve_edited, versions_of, write_edited
from locktool.operations.lock import LockRun

LIMITS = ("patch", "minor")


class Upgrade(Struct, frozen=True, kw_only=True):
    """What moves, and how far.

    `packages` are names or names with versions (`numpy==2.1.0`, `numpy<3`); every package where there is none. `limit`
    is `patch` (1.4.2 moves within 1.4) or `minor` (within 1); a package that is locked in several versions then stays.
    """

    packages: tuple[str, ...] = ()
    limit: str | None = None
    bump: bool = False


def upgrade_project(editable: EditableProject, upgrade: Upgrade, run: EditRun | None = None) -> EditOutcome:
    """Resolve with the packages free to move and write the lock, or write nothing.

    Raises LockError where there is no lock (`lock-missing`) or it has no package of a name (`not-locked`),
    ProjectError, ResolutionImpossible and the errors of the index.
    """
    run, started = run or EditRun(), monotonic()
    lock_target = lock_target_of(editable, run.options)
    if lock_target.existing is None:
        message = f"{display_path(str(lock_target.path))} does not exist, so there is nothing to upgrade"
        raise LockError("lock-missing", message, path=str(lock_target.path), suggestion="run `locktool lock`")
    asked = [_asked(text, lock_target.existing.lock) for text in upgrade.packages]
    names = [requirement.name for requirement in asked]
    limits = [requirement_text(text) for text, one in zip(upgrade.packages, asked, strict=True) if one.specifier]
    if upgrade.limit:
        reach = _reach(lock_target.existing.lock, upgrade.limit)
        names = [name for name in names or sorted(reach) if name in reach]
        limits += [reach[name] for name in names]
    moving: bool | list[str] = names if names or upgrade.limit else True
    first = structs.replace(run, options=structs.replace(run.options, upgrade=moving, limit=tuple(limits)))
    resolved = resolve_edited(editable, lock_target, first)
    if upgrade.bump:
        _bump(editable, resolved, set(names))
    if limits or editable.files.texts():
        resolved = resolve_edited(editable, lock_target, run, preferred=resolved)
    return write_edited(editable, run, resolved, started)


def _asked(text: str, lock: Lock) -> Requirement:
    """One of the packages that are to move. Raises LockError where the lock has none of its name."""
    requirement = Requirement(requirement_text(text))
    if requirement.url or requirement.extras or requirement.marker:
        raise ProjectError("invalid-upgrade", f"{text!r}: give a name, or a name with versions such as numpy==2.1.0")
    known = {package.name for package in lock.packages}
    if requirement.name not in known:
        message = f"{requirement.name} is not locked{did_you_mean(requirement.name, sorted(known))}"
        raise LockError("not-locked", message)
    return requirement


def _reach(lock: Lock, limit: str) -> dict[str, str]:
    """For each package that an index serves in one version, the requirement that keeps it near that version."""
    versions: dict[str, set[str | None]] = {}
    for package in lock.packages:
        served = None if package.vcs or package.directory or package.archive else package.version
        versions.setdefault(package.name, set()).add(served)
    single = {name: next(iter(known)) for name, known in versions.items() if len(known) == 1}
    index = LIMITS[::-1].index(limit)
    return {
        name: requirement_text(f"{name}<{next_release(Version(version), index)}")
        for name, version in single.items()
        if version is not None
    }


def _bump(editable: EditableProject, resolved: LockRun, names: set[str]) -> None:
    """Raise the lower bounds of requirements, in the files of all members; of these packages, or of all."""
    for member in editable.project(resolved.file).members:
        path = Path(member.directory, PROJECT_FILE)
        text = editable.files.read(path)
        for key_path in _lists(parse_toml(text)):
            for index, entry in enumerate(values_at(parse_toml(text), key_path)):
                name = written_name(entry) if isinstance(entry, str) else ""
                versions = versions_of(resolved, name) if name in names or not names else []
                if versions:
                    text = replace_requirement(text, key_path, index, raised(entry, min(versions)))
        editable.files.edit(path, text)


def _lists(values: dict[str, Any]) -> list[tuple[str, ...]]:
    """The paths of all lists of requirements."""
    tables = (("project", "optional-dependencies"), ("dependency-groups",))
    paths = [
        ("project", "dependencies"),
        *((*table, key) for table in tables for key in values_at(values, table) or {}),
    ]
    return [path for path in paths if values_at(values, path)]
