"""What `compile` is given, as one manifest: requirements files and the dependencies of projects.

In: paths of requirements files and pyproject.toml files, and the extras and groups to take from the latter. Out: a
manifest with one member that is no package, and for each name where it is required.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, msgpack, to_builtins

from locktool._native import MANIFEST_SCHEMA, Marker, Member, Project, Requirement, normalize_name, requirement_under
from locktool.configuration.indexes import CommandLineAddresses
from locktool.exceptions import ProjectError
from locktool.requirements_files.local import relative_path
from locktool.requirements_files.read import EVERY_PACKAGE, RequirementsInput, read_requirements_files

PROJECT_FILE = "pyproject.toml"
# What holds for the extras and groups of a project, which a compiled manifest does not have.
_OF_EXTRAS_AND_GROUPS = ("conflicts", "default-groups")

Complete = Callable[[Project, CommandLineAddresses], Project]


class CompileInputs(Struct, frozen=True, kw_only=True):
    """Where to read from; `standard_input` is what the path `-` means."""

    paths: tuple[Path, ...]
    constraints: tuple[Path, ...] = ()
    overrides: tuple[Path, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    standard_input: bytes = b""


class GatheredInputs(Struct, frozen=True, kw_only=True):
    """All that the inputs say.

    `manifest` has the keys of [tool.locktool] in a lock; `origins` say for each name where it is required:
    `{"flask": ["-r requirements.in"]}`.
    """

    manifest: dict[str, Any]
    origins: dict[str, list[str]]
    addresses: CommandLineAddresses
    project: Project | None = None
    warnings: tuple[str, ...] = ()


def gather_inputs(
    inputs: CompileInputs, requires_python: str | None, complete: Complete | None = None
) -> GatheredInputs:
    """Read everything; `complete` adds to a project what only a build system knows.

    Raises ProjectError with file and line, and InvalidName for an extra that cannot be one.
    """
    project_files = [path for path in inputs.paths if path.name == PROJECT_FILE]
    if len(project_files) > 1:
        message = f"{project_files[0]} and {project_files[1]}: compile one project at a time, or lock a workspace"
        raise ProjectError("several-projects", message, path=str(project_files[1]))
    if not project_files and (inputs.extras or inputs.all_extras or inputs.groups):
        message = f"extras and groups are those of a project: name its {PROJECT_FILE} among the inputs"
        raise ProjectError("no-project", message)
    files = read_requirements_files(
        [path for path in inputs.paths if path.name != PROJECT_FILE],
        inputs.constraints,
        standard_input=inputs.standard_input,
    )
    overrides = read_requirements_files(inputs.overrides)
    gathered = GatheredInputs(
        manifest=manifest_of_files(files, [line.text for line in overrides.requirements], requires_python),
        origins=_origins_in_files(files),
        addresses=CommandLineAddresses(
            index_url=files.index_url,
            extra_index_urls=files.extra_index_urls,
            find_links=files.find_links,
            no_index=files.no_index,
        ),
        warnings=(*files.warnings, *_contradictions(files)),
    )
    if not project_files:
        return gathered
    project = Project.read(str(project_files[0].parent))
    if complete is not None:
        project = complete(project, gathered.addresses)
    return _with_project(gathered, project, inputs)


def manifest_of_files(
    files: RequirementsInput, overrides: Iterable[str] = (), requires_python: str | None = None
) -> dict[str, Any]:
    """The inputs of a run: one member that is no package and requires what the files list."""
    sources = {line.source.name: line.source for line in files.requirements if line.source}
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "requires-python": requires_python,
        "prerelease": "allow" if files.prereleases else None,
        "constraints": _sorted_texts(line.text for line in files.constraints),
        "overrides": _sorted_texts(overrides),
        "no-build": EVERY_PACKAGE in files.only_binary,
        "no-build-package": [name for name in files.only_binary if name != EVERY_PACKAGE],
        "no-binary": EVERY_PACKAGE in files.no_binary,
        "no-binary-package": [name for name in files.no_binary if name != EVERY_PACKAGE],
        "sources": [to_builtins(sources[name]) for name in sorted(sources)],
        "members": [_member(line.text for line in files.requirements)],
    }
    return {key: value for key, value in manifest.items() if value}


def _member(requirements: Iterable[str]) -> dict[str, Any]:
    return {"path": ".", "dependencies": _sorted_texts(requirements)}


def _sorted_texts(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts))


def _contradictions(files: RequirementsInput) -> list[str]:
    """A warning where one option is for all packages and the other names some, which pip takes as exceptions."""
    options = (("--only-binary", files.only_binary), ("--no-binary", files.no_binary))
    return [
        f"{every} :all: is for {', '.join(named)} too, whatever {other} says of it"
        for (every, chosen), (other, named) in (options, options[::-1])
        if EVERY_PACKAGE in chosen and named
    ]


def _origins_in_files(files: RequirementsInput) -> dict[str, list[str]]:
    origins: dict[str, list[str]] = {}
    for option, lines in (("-r", files.requirements), ("-c", files.constraints)):
        for line in lines:
            origin = f"{option} {line.path}"
            known = origins.setdefault(Requirement(line.text).name, [])
            if origin not in known:
                known.append(origin)
    return origins


def _with_project(gathered: GatheredInputs, project: Project, inputs: CompileInputs) -> GatheredInputs:
    requirements = project_requirements(project, inputs)
    name = project.current.name
    origin = f"{name} ({PROJECT_FILE})" if name else PROJECT_FILE
    origins = {name: list(known) for name, known in gathered.origins.items()}
    for required in dict.fromkeys(Requirement(text).name for text in requirements):
        origins.setdefault(required, []).append(origin)
    return GatheredInputs(
        manifest=_merged(project, gathered.manifest, requirements, inputs),
        origins=origins,
        addresses=gathered.addresses,
        project=project,
        warnings=(*project.warnings, *gathered.warnings),
    )


def _merged(
    project: Project, files: dict[str, Any], requirements: Sequence[str], inputs: CompileInputs
) -> dict[str, Any]:
    """The manifest of a project with what the files say, and the requirements of both as its one member's."""
    own: dict[str, Any] = msgpack.decode(project.manifest())
    merged = {key: value for key, value in own.items() if key not in _OF_EXTRAS_AND_GROUPS}
    merged |= {key: files[key] for key in ("requires-python", "prerelease", "no-build", "no-binary") if key in files}
    for key in ("constraints", "overrides", "no-build-package", "no-binary-package"):
        items = [*own.get(key, ()), *files.get(key, ())]
        texts = _sorted_texts(item for item in items if isinstance(item, str))
        if items:
            merged[key] = [*texts, *(item for item in items if not isinstance(item, str))]
    member = _member([*files["members"][0]["dependencies"], *requirements])
    required = {Requirement(text).name for text in member["dependencies"]}
    # The source of a member that does not exist matters only to a requirement.
    known = required.union(member.name for member in project.members if member.name)
    sources = [item for item in own.get("sources", ()) if not item.get("workspace") or item["name"] in known]
    chosen = _chosen_sources(project.current, sources, inputs)
    merged["sources"] = [*_own_sources(project, chosen), *files.get("sources", ())]
    merged["members"] = [member]
    return {key: value for key, value in merged.items() if value != []}


def _chosen_sources(
    member: Member, sources: Iterable[dict[str, Any]], inputs: CompileInputs
) -> Iterator[dict[str, Any]]:
    """The sources that apply with the chosen extras and groups, their markers without either.

    An extra is chosen too where a chosen requirement asks for it of the project itself.
    """
    extras, groups = _chosen_names(member, inputs)
    for source in sources:
        if "marker" not in source:
            yield source
            continue
        marker = Marker(source["marker"]).choose(_reached_extras(member, extras, groups), groups)
        if not marker.is_false():
            kept = {key: value for key, value in source.items() if key != "marker"}
            yield kept if marker.is_true() else kept | {"marker": str(marker)}


def _chosen_names(member: Member, inputs: CompileInputs) -> tuple[list[str], list[str]]:
    """The chosen extras and groups. Raises ProjectError for one that the project does not have."""
    extras = sorted(member.extras) if inputs.all_extras else _known("extra", inputs.extras, member.extras)
    return extras, _known("dependency group", inputs.groups, member.groups)


def _reached_extras(member: Member, extras: Iterable[str], groups: Iterable[str]) -> set[str]:
    reached = set(extras)
    waiting = [*member.dependencies, *(text for group in groups for text in member.groups[group])]
    waiting += [text for extra in reached for text in member.extras[extra]]
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name != member.name:
            continue
        found = {normalize_name(extra) for extra in requirement.extras} & member.extras.keys() - reached
        reached |= found
        waiting += [text for extra in found for text in member.extras[extra]]
    return reached


def _own_sources(project: Project, sources: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The sources for the requirements of the current member, with paths that start from the working directory.

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
            yield {"editable": True, **kept, "path": relative_path(Path(directories[source["name"]]))}
        elif "path" in source:
            yield kept | {"path": relative_path(Path(project.root, source["path"]))}
        else:
            yield kept


def project_requirements(project: Project, inputs: CompileInputs) -> list[str]:
    """The dependencies of the project with the chosen extras and groups, its references to itself expanded."""
    member = project.current
    extras, groups = _chosen_names(member, inputs)
    texts = [*member.dependencies, *(text for group in groups for text in member.groups[group])]
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
