"""Exports a project's lock in the format of another tool, for the extras and groups that are chosen."""

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, structs

from locktool._native import Marker, Requirement, find_root, normalize_name
from locktool.exceptions import ProjectError
from locktool.export.requirements import RequirementsStyle, render_requirements
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.model import Lock
from locktool.lock.read import read_lock

FORMATS = ("requirements", "cyclonedx", "mermaid", "graphviz")


class Selection(Struct, frozen=True, kw_only=True):
    """Which part of the lock: the dependencies proper, and those of the extras and groups given."""

    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    all_extras: bool = False
    all_groups: bool = False


def export_lock(
    directory: Path = Path(),
    output_format: str = "requirements",
    selection: Selection | None = None,
    style: RequirementsStyle | None = None,
) -> str:
    """The lock of the project in `directory` as text of the format.

    Raises LockError, and ProjectError for an extra or group that the lock does not have.
    """
    lock = select(read_lock(Path(find_root(str(directory))) / LOCK_NAME), selection or Selection())
    if output_format == "cyclonedx":
        from locktool.export.cyclonedx import render_cyclonedx

        return render_cyclonedx(lock)
    if output_format in ("mermaid", "graphviz"):
        from locktool.export.graph import render_graphviz, render_mermaid

        return render_mermaid(lock) if output_format == "mermaid" else render_graphviz(lock)
    return render_requirements(lock, style or RequirementsStyle(), _requiring_members(lock))


def select(lock: Lock, selection: Selection) -> Lock:
    """The lock with the choice of extras and groups made: its markers speak of environments alone."""
    extras = lock.extras if selection.all_extras else _chosen("extra", selection.extras, lock.extras)
    groups = lock.dependency_groups
    groups = groups if selection.all_groups else _chosen("dependency group", selection.groups, groups)
    packages = []
    for package in lock.packages:
        marker = _choose(package.marker, extras, groups)
        if marker is not None:
            packages.append(structs.replace(package, marker=marker or None))
    return structs.replace(lock, packages=tuple(packages), extras=(), dependency_groups=(), default_groups=())


def _choose(text: str | None, extras: Iterable[str], groups: Iterable[str]) -> str | None:
    """The marker with the choice made: empty where it always holds, None where it never does."""
    if not text:
        return ""
    chosen = Marker(text).choose(extras=extras, groups=groups)
    if chosen.is_false():
        return None
    return "" if chosen.is_true() else str(chosen)


def _chosen(kind: str, wanted: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(normalize_name(name) for name in wanted)
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        message = f"the lock has no {kind} {missing!r}; it has {', '.join(known) or 'none'}"
        raise ProjectError("unknown-extra" if kind == "extra" else "unknown-group", message)
    return names


def _requiring_members(lock: Lock) -> dict[str, list[str]]:
    """For each name that the project requires itself the members that do."""
    requiring: dict[str, list[str]] = {}
    for member in lock.members:
        origin = f"{member.name or member.path} (pyproject.toml)"
        lists = (member.dependencies, *member.extras.values(), *member.groups.values())
        for name in {Requirement(text).name for texts in lists for text in texts}:
            requiring.setdefault(name, []).append(origin)
    return requiring
