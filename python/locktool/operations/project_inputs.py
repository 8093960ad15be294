"""What a project adds to the inputs of `compile`: its requirements with the chosen extras and groups, and its settings.

In: a `Project` and what was chosen of it. Out: requirements with the project's references to itself expanded, and one
manifest of project and files, whose one member is no package.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from msgspec import Struct, msgpack

from locktool._native import Marker, Member, Project, Requirement, normalize_name, requirement_under
from locktool.exceptions import ProjectError
from locktool.requirements_files.local import relative_path

PROJECT_FILE = "pyproject.toml"
# What holds for the extras and groups of a project, which a compiled manifest does not have.
_OF_EXTRAS_AND_GROUPS = ("conflicts", "default-groups")
_OF_FILES = ("requires-python", "prerelease", "no-build", "no-binary")


class ChosenParts(Struct, frozen=True, kw_only=True):
    """What of a project is compiled; without `dependencies` the extras and groups alone."""

    dependencies: bool = True
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()


def sorted_texts(texts: Iterable[str]) -> list[str]:
    """Each text once, in order."""
    return sorted(set(texts))


def member_of(requirements: Iterable[str]) -> dict[str, Any]:
    """The one member of a compiled manifest: it is no package and requires what the inputs list."""
    return {"path": ".", "dependencies": sorted_texts(requirements)}


def with_project(
    files: dict[str, Any], project: Project, requirements: Sequence[str], chosen: ChosenParts, start: Path
) -> dict[str, Any]:
    """The manifest of a project with what the files say, and the requirements of both as its one member's.

    Paths of the result start at `start`.
    """
    own: dict[str, Any] = msgpack.decode(project.manifest())
    merged = {key: value for key, value in own.items() if key not in _OF_EXTRAS_AND_GROUPS}
    if project.current.requires_python is None:
        # The manifest assumes one; the run knows for which Pythons it is.
        merged.pop("requires-python", None)
    merged |= {key: files[key] for key in _OF_FILES if key in files}
    for key in ("constraints", "overrides", "no-build-package", "no-binary-package"):
        items = [*own.get(key, ()), *files.get(key, ())]
        texts = sorted_texts(item for item in items if isinstance(item, str))
        if items:
            merged[key] = [*texts, *(item for item in items if not isinstance(item, str))]
    member = member_of([*files["members"][0]["dependencies"], *requirements])
    required = {Requirement(text).name for text in member["dependencies"]}
    # The source of a member that does not exist matters only to a requirement.
    known = required.union(member.name for member in project.members if member.name)
    sources = [item for item in own.get("sources", ()) if not item.get("workspace") or item["name"] in known]
    applying = _chosen_sources(project.current, sources, chosen)
    merged["sources"] = [*_own_sources(project, applying, start), *files.get("sources", ())]
    merged["members"] = [member]
    return {key: value for key, value in merged.items() if value != []}


def _chosen_sources(member: Member, sources: Iterable[dict[str, Any]], chosen: ChosenParts) -> Iterator[dict[str, Any]]:
    """The sources that apply with the chosen extras and groups: those for one of these hold where its requirements do.

    An extra is chosen too where a chosen requirement asks for it of the project itself.
    """
    extras, groups = _chosen_names(member, chosen)
    reached = _reached_extras(member, chosen, extras, groups)
    for source in sources:
        marker = Marker(source["marker"]) if "marker" in source else Marker.always()
        marker = marker.choose(reached, groups)
        if "extra" in source:
            condition = reached.get(source["extra"], Marker.never())
            marker &= condition & _where_required(source["name"], member.extras.get(source["extra"], ()))
        if "group" in source:
            chosen_texts = member.groups[source["group"]] if source["group"] in groups else ()
            marker &= _where_required(source["name"], chosen_texts)
        if not marker.is_false():
            kept = {key: value for key, value in source.items() if key not in {"marker", "extra", "group"}}
            yield kept if marker.is_true() else kept | {"marker": str(marker)}


def _where_required(name: str, texts: Iterable[str]) -> Marker:
    """Where some of the requirements asks for a package."""
    found = (
        requirement.marker or Marker.always() for requirement in map(Requirement, texts) if requirement.name == name
    )
    return reduce(or_, found, Marker.never())


def _chosen_names(member: Member, chosen: ChosenParts) -> tuple[list[str], list[str]]:
    """The chosen extras and groups. Raises ProjectError for one that the project does not have."""
    extras = sorted(member.extras) if chosen.all_extras else _known("extra", chosen.extras, member.extras)
    return extras, _known("dependency group", chosen.groups, member.groups)


def _reached_extras(
    member: Member, chosen: ChosenParts, extras: Iterable[str], groups: Iterable[str]
) -> dict[str, Marker]:
    """The extras that are chosen or that the chosen requirements ask for, each with where."""
    reached = dict.fromkeys(extras, Marker.always())
    waiting = [
        *(member.dependencies if chosen.dependencies else ()),
        *(text for one in groups for text in member.groups[one]),
    ]
    open_requirements = [(text, Marker.always()) for text in waiting]
    open_requirements += [(text, Marker.always()) for extra in reached for text in member.extras[extra]]
    while open_requirements:
        text, condition = open_requirements.pop()
        requirement = Requirement(text)
        if requirement.name != member.name:
            continue
        condition &= requirement.marker or Marker.always()
        for extra in {normalize_name(one) for one in requirement.extras} & member.extras.keys():
            known = reached.get(extra, Marker.never())
            reached[extra] = known | condition
            if reached[extra] != known:
                open_requirements += [(inner, reached[extra]) for inner in member.extras[extra]]
    return reached


def _own_sources(project: Project, sources: Iterable[dict[str, Any]], start: Path) -> Iterator[dict[str, Any]]:
    """The sources for the requirements of the current member, with paths that start at `start`.

    A member's own sources replace those of the root. Other members become paths, since the compiled manifest has none.
    """
    sources = list(sources)
    directories = {member.name: member.directory for member in project.members}
    current = project.current.name
    replaced = {source["name"] for source in sources if current and source.get("member") == current}
    for source in sources:
        if source.get("member") != (current if source["name"] in replaced else None):
            continue
        kept = {key: value for key, value in source.items() if key not in {"member", "workspace"}}
        if source.get("workspace") and source["name"] not in directories:
            message = (
                f"{source['name']} has the source `workspace = true`, but no member of the workspace has that name"
            )
            raise ProjectError("unknown-member", message, path=str(Path(project.root, PROJECT_FILE)))
        if source.get("workspace"):
            yield {"editable": True, **kept, "path": relative_path(Path(directories[source["name"]]), start)}
        elif "path" in source:
            yield kept | {"path": relative_path(Path(project.root, source["path"]), start)}
        else:
            yield kept


def project_requirements(project: Project, chosen: ChosenParts) -> list[str]:
    """The dependencies of the project with the chosen extras and groups, its references to itself expanded."""
    member = project.current
    extras, groups = _chosen_names(member, chosen)
    texts = [
        *(member.dependencies if chosen.dependencies else ()),
        *(text for group in groups for text in member.groups[group]),
    ]
    return _expand([*texts, *(text for extra in extras for text in member.extras[extra])], member.name, member.extras)


def _known(kind: str, wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    names = [normalize_name(name) for name in wanted]
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        message = f"the project has no {kind} {missing!r}; it has {', '.join(sorted(known)) or 'none'}"
        raise ProjectError("unknown-extra" if kind == "extra" else "unknown-group", message)
    return names


def _expand(texts: Sequence[str], name: str | None, extras: dict[str, list[str]]) -> list[str]:
    result: set[str] = set()
    # Conditions are canonical, so extras that name each other come back to a pair that was seen.
    seen: set[tuple[str, Marker]] = set()
    waiting = [(text, Marker.always()) for text in texts]
    while waiting:
        text, condition = waiting.pop()
        requirement = Requirement(text)
        if requirement.name != name:
            result.add(text if condition.is_true() else requirement_under(text, str(condition)))
            continue
        condition &= requirement.marker or Marker.always()
        for extra in map(normalize_name, requirement.extras):
            if (extra, condition) not in seen:
                seen.add((extra, condition))
                waiting += [(inner, condition) for inner in extras.get(extra, ())]
    return sorted(result)
