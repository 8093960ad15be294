"""Exports a project's lock in the format of another tool, for the extras and groups that are chosen."""

from pathlib import Path

from locktool._native import Requirement, find_root
from locktool.export.requirements import RequirementsStyle, render_requirements
from locktool.lock.file_name import LOCK_NAME
from locktool.lock.model import Lock
from locktool.lock.read import read_lock
from locktool.lock.select import Selection, select

FORMATS = ("requirements", "cyclonedx", "mermaid", "graphviz")


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


def _requiring_members(lock: Lock) -> dict[str, list[str]]:
    """For each name that the project requires itself the members that do."""
    requiring: dict[str, list[str]] = {}
    for member in lock.members:
        origin = f"{member.name or member.path} (pyproject.toml)"
        lists = (member.dependencies, *member.extras.values(), *member.groups.values())
        for name in {Requirement(text).name for texts in lists for text in texts}:
            requiring.setdefault(name, []).append(origin)
    return requiring
