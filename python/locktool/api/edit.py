"""Edits of pyproject.toml that keep every other byte. Nothing is resolved, and the lock stays as it was.

A requirement goes to the dependencies of the member in the directory, or to one of its extras or groups. After an edit
`check` says what the lock no longer answers, and `lock` brings it up to date:

>>> from locktool import check, lock
>>> add("tool<2")
True
>>> bool(check()), [reason.code for reason in check().reasons]
(False, ['requirement-added'])
>>> lock().changed, bool(check())
(True, True)
>>> remove("tool"), lock().changed
(True, True)

`locktool add` and `locktool remove` resolve before they write, and write project and lock together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from locktool.api.project import directory_of
from locktool.edit.requirements import DEPENDENCIES, RequirementList, add_requirement, remove_requirement
from locktool.exceptions import ProjectError
from locktool.lock.replace import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import packaging.requirements

    from locktool._native import Requirement
    from locktool.api.project import ProjectLike


def add(
    requirement: str | Requirement | packaging.requirements.Requirement,
    project: ProjectLike = ".",
    *,
    extra: str | None = None,
    group: str | None = None,
) -> bool:
    """Add a requirement, or change the entry of its package, and say whether that changed the file.

    The lock is not brought up to date, and whether the requirement can be met is not known: call `check` or `lock`
    next. Raises ProjectError where the file cannot be edited and for the project itself, and InvalidRequirement and
    InvalidName.

    >>> add("attrs>=25", group="test")
    True
    >>> add("attrs>=25", group="test")
    False
    >>> remove("attrs", group="test")
    True
    """
    target = _list(extra, group)
    return _edit(directory_of(project), lambda text: add_requirement(text, str(requirement), target))


def remove(name: str, project: ProjectLike = ".", *, extra: str | None = None, group: str | None = None) -> bool:
    """Remove every requirement of a package, and say whether that changed the file.

    The lock is not brought up to date: call `check` or `lock` next. Raises ProjectError where the file cannot be
    edited, with the code `not-required` where the list does not name the package, and InvalidName.
    """
    target = _list(extra, group)
    return _edit(directory_of(project), lambda text: remove_requirement(text, name, target))


def _list(extra: str | None, group: str | None) -> RequirementList:
    if extra is not None and group is not None:
        raise ProjectError("ambiguous-list", "a requirement goes to an extra or to a group, not to both")
    if extra is not None:
        return RequirementList.of_extra(extra)
    return DEPENDENCIES if group is None else RequirementList.of_group(group)


def _edit(directory: Path, edit: Callable[[str], str]) -> bool:
    path = directory / "pyproject.toml"
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError("project-unreadable", f"{path} cannot be read: {error}", path=str(path)) from error
    return replace_file(path, edit(text).encode())
