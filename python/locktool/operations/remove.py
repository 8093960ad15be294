"""Takes requirements out of a project or a script, and locks it.

In: names and the list they are in. Out: the edited files and the lock, written together. The source of a package goes
with its last requirement; index tables stay.
"""

from time import monotonic

from locktool._native import did_you_mean, display_path, normalize_name
from locktool.edit.document import parse_toml, values_at
from locktool.edit.requirements import RequirementList, remove_requirement
from locktool.edit.sources import remove_source, source_of
from locktool.edit.written import written_name
from locktool.exceptions import ProjectError
from locktool.operations.add import requirement_list
from locktool.operations.editable import Editable, EditableProject, required_names
from locktool.operations.edited import EditOutcome, EditRun, place_of, resolve_edited, write_edited
from locktool.operations.lock import LockPlace

_EXTRAS = ("project", "optional-dependencies")
_GROUPS = ("dependency-groups",)


def remove_requirements(
    target: Editable,
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
    where = requirement_list(target, extra=extra, group=group)
    removed = list(dict.fromkeys(map(normalize_name, names)))
    for name in removed:
        try:
            target.edit(remove_requirement(target.text, name, where))
        except ProjectError as error:
            if error.code != "not-required":
                raise
            raise _not_required(target, name, where) from None
    place = place_of(target)
    unused = [name for name in removed if not _is_required(target, place, name)]
    _drop_sources(target, [name for name in unused if run.frozen or not _is_index(target, name)])
    if run.frozen:
        return write_edited(target, run, None, started)
    resolved = resolve_edited(target, place, run)
    locked = {package.name for package in resolved.outcome.lock.packages}
    if _drop_sources(target, [name for name in unused if name not in locked]):
        resolved = resolve_edited(target, place, run, preferred=resolved)
    return write_edited(target, run, resolved, started)


def _is_required(target: Editable, place: LockPlace, name: str) -> bool:
    """Whether something still requires the package, so that its source stays."""
    return name in required_names(target.project(place.locked).members)


def _is_index(target: Editable, name: str) -> bool:
    """Whether an index serves the package by a source, which holds for what others require as well."""
    source = source_of(target.text, name) or source_of(target.root_text(), name)
    return isinstance(source, dict) and "index" in source


def _drop_sources(target: Editable, names: list[str]) -> bool:
    """Remove the sources of packages, from the member's file and from the root's; whether there were any."""
    before = (target.text, target.root_text())
    for name in names:
        target.edit(remove_source(target.text, name))
        target.edit_root(remove_source(target.root_text(), name))
    return (target.text, target.root_text()) != before


def _not_required(target: Editable, name: str, where: RequirementList) -> ProjectError:
    """The error for a package that a list lacks: which list has it, or what may have been meant."""
    values = parse_toml(target.text)
    lists = {
        "": values_at(values, ("project", "dependencies")) or [],
        **{f" --extra {key}": texts for key, texts in (values_at(values, _EXTRAS) or {}).items()},
        **{f" --group {key}": texts for key, texts in (values_at(values, _GROUPS) or {}).items()},
    }
    named = {option: [written_name(text) for text in texts if isinstance(text, str)] for option, texts in lists.items()}
    others = [option for option, known in named.items() if name in known]
    key = ".".join(where.key_path(values))
    message = f"{display_path(str(target.file))}: {key} does not name {name}"
    if others and isinstance(target, EditableProject):
        return ProjectError(
            "not-required", message, path=str(target.file), suggestion=f"locktool remove{others[0]} {name}"
        )
    texts = values_at(values, ("dependencies",)) or []
    known = {each for inner in named.values() for each in inner} | {written_name(text) for text in texts}
    return ProjectError("not-required", message + did_you_mean(name, sorted(known)), path=str(target.file))
