"""Adds requirements to a project or a script, with bounds from what was resolved, and locks it.

In: requirements, the list they belong to, where they come from. Out: the edited files and the lock, written together.
The first resolution says which version the bounds name; the second, in which everything stays, is recorded.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePath
from time import monotonic
from typing import Any

from msgspec import Struct, structs

from locktool._native import (
    Requirement,
    did_you_mean,
    display_path,
    hide_credentials,
    normalize_name,
    requirement_text,
    split_credentials,
)
from locktool.edit.document import parse_toml, values_at
from locktool.edit.requirements import (
    DEPENDENCIES,
    SCRIPT,
    RequirementList,
    add_requirement,
    check_editable,
    replace_requirement,
)
from locktool.edit.sources import Source, add_index, indexes_of, set_source
from locktool.edit.written import BOUNDS, Written, is_same_entry, with_bound
from locktool.exceptions import BuildError, InvalidRequirement, ProjectError
from locktool.lock.rules import rules_of
from locktool.operations.editable import Editable, EditableScript
from locktool.operations.edited import EditOutcome, EditRun, lock_target_of, resolve_edited, versions_of, write_edited
from locktool.operations.lock import LockRun

_LOCATION = re.compile(r"\s*[A-Za-z0-9._-]*[/\\:+]|\.")
_NAMED_ADDRESS = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)")


class Addition(Struct, frozen=True, kw_only=True):
    """What is added, and where: to the dependencies, or to an extra or a group.

    `source` is the entry of the one requirement in `sources`, its `path` relative to the working directory; `index` is
    the name of an index of the project, or `NAME=URL`. `bounds` are for requirements that name no version: those given
    apply to an entry that is there already as well; without any, new entries get a lower bound.
    """

    requirements: tuple[str, ...]
    extra: str | None = None
    group: str | None = None
    source: Source | None = None
    index: str | None = None
    bounds: str | None = None


def add_requirements(editable: Editable, addition: Addition, run: EditRun | None = None) -> EditOutcome:
    """Add requirements, resolve and write, or write nothing.

    A requirement that the list has already, with the same marker, is merged with its entry; one with another marker
    gets a line of its own. Raises ProjectError, InvalidRequirement, LockError, ResolutionImpossible and the errors of
    the index.
    """
    run, started = run or EditRun(), monotonic()
    if addition.bounds not in (None, *BOUNDS):
        raise ProjectError("unknown-bounds", f"bounds are one of {', '.join(BOUNDS)}, not {addition.bounds!r}")
    addition = with_name(addition, run)
    where = requirement_list(editable, extra=addition.extra, group=addition.group)
    before = listed(editable.text, where)
    text = editable.text
    for number, requirement in enumerate(addition.requirements):
        check_requirement(requirement)
        _refuse_second(requirement, addition.requirements[:number])
        text = add_requirement(text, requirement, where)
    editable.edit(text)
    add_sources(editable, addition)
    if run.frozen:
        return write_edited(editable, run, None, started)
    lock_target = lock_target_of(editable, run.options)
    resolved = resolve_edited(editable, lock_target, run)
    text = bounded(editable.text, where, before, resolved, addition)
    if text != editable.text:
        editable.edit(text)
        resolved = resolve_edited(editable, lock_target, run, preferred=resolved)
    outcome = write_edited(editable, run, resolved, started)
    return structs.replace(outcome, warnings=(*outcome.warnings, *_unheeded(addition, resolved)))


def _refuse_second(requirement: str, others: Sequence[str]) -> None:
    """Raise ProjectError for a requirement that would take the place of another one of the same command."""
    other = next((one for one in others if is_same_entry(one, requirement)), None)
    if other is not None and other != requirement:
        both = f"{other!r} and {requirement!r}"
        raise ProjectError("ambiguous-requirement", f"{both} are one package under one marker; write one requirement")


def _unheeded(addition: Addition, resolved: LockRun) -> list[str]:
    """A sentence for each requirement in whose place a rule of the project stands."""
    rules = [rule for rule in rules_of(resolved.outcome.lock.inputs) if rule.kind != "constraint" and not rule.parent]
    names = {Requirement(requirement_text(text)).name: text for text in addition.requirements}
    return [
        f'{rule} of the project holds, whatever "{names[rule.name]}" says'
        + (f", so {rule.name} is not locked" if rule.kind == "exclude" else "")
        for rule in rules
        if rule.name in names
    ]


def requirement_list(editable: Editable, *, extra: str | None, group: str | None) -> RequirementList:
    """The list that is meant. Raises ProjectError for both at once, and for an extra or group of a script."""
    if extra is not None and group is not None:
        raise ProjectError("ambiguous-list", "a requirement belongs to an extra or to a group, not to both; give one")
    if isinstance(editable, EditableScript):
        if extra is not None or group is not None:
            raise ProjectError("ambiguous-list", "a script has neither extras nor groups, only dependencies")
        return SCRIPT
    if extra is not None:
        return RequirementList.of_extra(extra)
    return RequirementList.of_group(group) if group is not None else DEPENDENCIES


def listed(text: str, where: RequirementList) -> list[Any]:
    """The entries of a list; none where there is no list. Raises ProjectError where it cannot be edited."""
    values = parse_toml(text)
    path = where.key_path(values)
    check_editable(text, values, path)
    return list(values_at(values, path) or ())


def with_name(addition: Addition, run: EditRun) -> Addition:
    """The addition with the name of the one package that it gives by a path or an address alone.

    Raises BuildError and the errors of the network, with the way that needs no look at the source.
    """
    text, *others = addition.requirements
    if others or addition.source is not None or addition.index is not None or not is_location(text):
        return addition
    from locktool.operations.unnamed import named_source

    try:
        found = named_source(text, run.options)
    except BuildError as error:
        error.fields["suggestion"] = _by_name(text)
        raise
    return addition if found is None else structs.replace(addition, requirements=(found[0],), source=found[1])


def is_location(text: str) -> bool:
    """Whether a text that is no requirement looks like a path or an address."""
    try:
        requirement_text(text)
    except InvalidRequirement:
        return _LOCATION.match(text) is not None
    return False


def check_requirement(text: str) -> None:
    """Raise InvalidRequirement for a text that is none, and say how a directory or an address is added."""
    try:
        requirement_text(text)
    except InvalidRequirement as error:
        if not is_location(text):
            raise
        message = f"{hide_credentials(text)!r} does not begin with the name of a package"
        raise InvalidRequirement(error.code, message, **error.fields | {"suggestion": _by_name(text)}) from None


def _by_name(text: str) -> str:
    way = "--git URL" if "git" in text else ("--url URL" if "://" in text else "--path DIR")
    return f"locktool add NAME {way}"


def add_sources(editable: Editable, addition: Addition) -> None:
    """Write the source of each requirement, and the index that it names where the project lacks it."""
    source = addition.source
    if source is None and addition.index is None:
        return
    if source is not None and (addition.index is not None or len(addition.requirements) != 1):
        raise ProjectError(
            "ambiguous-source",
            "--git, --path, --url and --index exclude each other, and all but --index take one requirement",
        )
    _refuse_settings_file(editable)
    if addition.index is not None:
        source = {"index": index_name(editable, addition.index)}
    elif source is not None and "path" in source:
        source = {**source, "path": path_from(editable.file.parent, str(source["path"]))}
    for requirement in addition.requirements:
        if Written.of(requirement).rest.startswith("@"):
            message = f"{requirement!r} says itself where it comes from; leave out the address or the source"
            raise ProjectError("ambiguous-source", message)
        editable.edit(set_source(editable.text, Requirement(requirement).name, source or {}))


def _refuse_settings_file(editable: Editable) -> None:
    """Raise ProjectError where a file of settings has sources or indexes: one of pyproject.toml would not be asked."""
    for setting in editable.project().written_settings():
        if setting.key in {"sources", "index"} and not setting.table:
            place = display_path(setting.path, setting.line)
            message = f"{place}: {setting.key} is written here, where edits change pyproject.toml alone; write it here"
            raise ProjectError("not-editable", message, path=setting.path, line=setting.line)


def index_name(editable: Editable, text: str) -> str:
    """The name of the index that is meant; `NAME=URL` adds it where the project lacks it.

    Raises ProjectError for an unknown name, a name with another address, and for an address that holds credentials.
    """
    known = {str(index.get("name")): str(index.get("url")) for index in indexes_of(editable.root_text())}
    found = _NAMED_ADDRESS.fullmatch(text)
    if text in known:
        return text
    if found is None:
        if "://" in text:
            raise ProjectError("unnamed-index", "an index needs a name: --index NAME=URL")
        hint = did_you_mean(text, sorted(known))
        raise ProjectError("unknown-index", f"no index has the name {text!r}{hint}; --index {text}=URL adds it")
    name, url = found.groups()
    if "://" not in url and not url.startswith("file:"):
        url = path_from(editable.root_file.parent, url)
    if split_credentials(url)[1:] != (None, None):
        variable = f"LOCKTOOL_INDEX_{re.sub('[^A-Z0-9]', '_', name.upper())}_PASSWORD"
        message = f"the address of the index {name} would put its credentials into the project; leave them out"
        raise ProjectError("credentials", message, suggestion=f"set {variable}, or use netrc or the keyring")
    if known.get(name, url) != url:
        raise ProjectError("ambiguous-source", f"the index {name} has another address already: {known[name]}")
    if name not in known:
        editable.edit_root(add_index(editable.root_text(), name, url, editable.text))
    return name


def path_from(directory: Path, path: str) -> str:
    """A path that is relative to the working directory, relative to another one, with forward slashes."""
    if Path(path).is_absolute() or path.startswith("~"):
        return path
    try:
        return PurePath(os.path.relpath(Path(path).absolute(), directory)).as_posix()
    except ValueError:
        # Another drive of Windows.
        return Path(path).absolute().as_posix()


def bounded(text: str, where: RequirementList, before: list[Any], resolved: LockRun, addition: Addition) -> str:
    """The text with bounds at the entries that are added and name no version.

    One that was there without a version gets those that are asked for, and none by itself.
    """
    path, bounds = where.key_path(parse_toml(text)), addition.bounds or "lower"
    old = [] if addition.bounds else [entry for entry in before if isinstance(entry, str)]
    for index, entry in enumerate(listed(text, where)):
        if not isinstance(entry, str) or Written.of(entry).rest:
            continue
        is_added = any(is_same_entry(entry, requirement) for requirement in addition.requirements)
        if not is_added or any(is_same_entry(entry, each) for each in old):
            continue
        versions = versions_of(resolved, normalize_name(Written.of(entry).head))
        text = replace_requirement(text, path, index, with_bound(entry, versions, bounds))
    return text
