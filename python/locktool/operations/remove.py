"""Takes requirements out of a project or a script, and locks it.

In: names and the list they are in. Out: the edited files and the lock, written together. The source of a package goes
with its last requirement; index tables stay.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from locktool._native import Requirement, did_you_mean, display_path, normalize_name
from locktool.edit.document import parse_toml, values_at
from locktool.edit.requirements import RequirementList, remove_requirement
from locktool.edit.sources import remove_source, source_of
from locktool.edit.written import written_name
from locktool.exceptions import ProjectError
from locktool.operations.add import requirement_list
from locktool.operations.editable import PROJECT_FILE, Editable, EditableProject, required_names
from locktool.operations.edited import EditOutcome, EditRun, lock_target_of, resolve_edited, write_edited
from locktool.operations.lock import LockTarget

_EXTRAS = ("project", "optional-dependencies")
_GROUPS = ("dependency-groups",)


def remove_requirements(
    editable: Editable,
    names: tuple[str, ...],
    run: EditRun | None = None,
    *,
    extra: str | None = None,
    group: str | None = None,
) -> EditOutcome:
    """Remove every entry of these packages from a list, whatever their markers, resolve and write, or write nothing.

    Raises ProjectError, with the code `not-required` for a package that the list does not name, LockError,
    ResolutionImpossible and the errors of the index.
    """
    run, started = run or EditRun(), monotonic()
    where = requirement_list(editable, extra=extra, group=group)
    removed = list(dict.fromkeys(map(normalize_name, names)))
    for name in removed:
        try:
            editable.edit(remove_requirement(editable.text, name, where))
        except ProjectError as error:
            if error.code != "not-required":
                raise
            raise _not_required(editable, name, where) from None
    lock_target = lock_target_of(editable, run.options)
    unused = _unused(editable, lock_target, removed)
    _drop_sources(editable, unused, lambda name: run.frozen or not _is_index(editable, name))
    if run.frozen:
        return write_edited(editable, run, None, started)
    resolved = resolve_edited(editable, lock_target, run)
    locked = {package.name for package in resolved.outcome.lock.packages}
    if _drop_sources(editable, unused, lambda name: name not in locked):
        resolved = resolve_edited(editable, lock_target, run, preferred=resolved)
    return write_edited(editable, run, resolved, started)


class _Unused(NamedTuple):
    """The packages whose sources nothing uses any more: those in the file of the member, and those in the root's."""

    own: list[str]
    of_root: list[str]


def _unused(editable: Editable, lock_target: LockTarget, removed: list[str]) -> _Unused:
    """Which of the removed packages nothing requires: a source of the root holds for all members."""
    members = editable.project(lock_target.locked).members
    is_lone = editable.file == editable.root_file
    own = [member for member in members if is_lone or Path(member.directory, PROJECT_FILE) == editable.file]
    return _Unused(
        own=[name for name in removed if name not in required_names(own)],
        of_root=[name for name in removed if name not in required_names(members)],
    )


def _is_index(editable: Editable, name: str) -> bool:
    """Whether an index serves the package by a source, which holds for what others require as well."""
    source = source_of(editable.text, name) or source_of(editable.root_text(), name)
    return isinstance(source, dict) and "index" in source


def _drop_sources(editable: Editable, unused: _Unused, is_meant: Callable[[str], bool]) -> bool:
    """Remove the sources of unused packages that are meant; whether there were any."""
    before = (editable.text, editable.root_text())
    if editable.file != editable.root_file:
        for name in filter(is_meant, unused.own):
            editable.edit(remove_source(editable.text, name))
    for name in filter(is_meant, unused.of_root):
        editable.edit_root(remove_source(editable.root_text(), name))
    return (editable.text, editable.root_text()) != before


def _not_required(editable: Editable, name: str, where: RequirementList) -> ProjectError:
    """The error for a package that a list lacks: which list has it, or what may have been meant."""
    values = parse_toml(editable.text)
    lists = {
        "": values_at(values, ("project", "dependencies")) or [],
        **{f" --extra {key}": texts for key, texts in (values_at(values, _EXTRAS) or {}).items()},
        **{f" --group {key}": texts for key, texts in (values_at(values, _GROUPS) or {}).items()},
    }
    named = {option: [written_name(text) for text in texts if isinstance(text, str)] for option, texts in lists.items()}
    others = [option for option, known in named.items() if name in known]
    key = ".".join(where.key_path(values))
    message = f"{display_path(str(editable.file))}: {key} does not name {name}"
    if others and isinstance(editable, EditableProject):
        return ProjectError(
            "not-required", message, path=str(editable.file), suggestion=f"locktool remove{others[0]} {name}"
        )
    if isinstance(editable, EditableProject) and (option := _option_of_member(editable, name)) is not None:
        suggestion = f"locktool remove {option} {name}"
        return ProjectError("not-required", message, path=str(editable.file), suggestion=suggestion)
    texts = values_at(values, ("dependencies",)) or []
    known = {each for inner in named.values() for each in inner} | {written_name(text) for text in texts}
    return ProjectError("not-required", message + did_you_mean(name, sorted(known)), path=str(editable.file))


def _option_of_member(editable: EditableProject, name: str) -> str | None:
    """The options that lead to another member's list with a package; None where no member with a name has one."""
    for member in editable.project().members:
        if member.name is None or Path(member.directory, PROJECT_FILE) == editable.file:
            continue
        lists = [
            ("", member.dependencies),
            *((f" --extra {extra}", texts) for extra, texts in member.extras.items()),
            *((f" --group {group}", texts) for group, texts in member.groups.items()),
        ]
        for option, texts in lists:
            if any(Requirement(text).name == name for text in texts):
                return f"--package {member.name}{option}"
    return None
