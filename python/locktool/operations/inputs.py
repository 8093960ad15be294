"""What `compile` is given, as one Manifest: requirements files and the dependencies of projects.

In: paths of requirements files and pyproject.toml files, and the extras and groups to take from the latter. Out: a
Manifest with one member that is no package, and for each name who asked for it.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import Struct, structs

from locktool._native import Marker, Requirement
from locktool.exceptions import ProjectError
from locktool.project.canonical import canonical_name, canonical_requirement, name_of_requirement, under_condition
from locktool.project.manifest import Manifest, Member
from locktool.project.pyproject import Project, load_project
from locktool.project.requirements_txt import RequirementsInput, read_requirements_files
from locktool.project.settings import CommandLineAddresses, ProjectSettings

PROJECT_FILE = "pyproject.toml"
_EVERY = ":all:"


class CompileInputs(Struct, frozen=True, kw_only=True):
    """Where to read from; `standard_input` is what the path `-` holds."""

    paths: tuple[Path, ...]
    constraints: tuple[Path, ...] = ()
    overrides: tuple[Path, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    standard_input: bytes = b""


class GatheredInputs(Struct, frozen=True, kw_only=True):
    """All that the inputs say; `askers` tells for each name who asked: `{"flask": ["-r requirements.in"]}`."""

    manifest: Manifest
    askers: dict[str, list[str]]
    addresses: CommandLineAddresses
    settings: ProjectSettings
    no_build: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def gather_inputs(
    inputs: CompileInputs, requires_python: str | None, build_metadata: Callable[[Path], str] | None = None
) -> GatheredInputs:
    """Read everything; `build_metadata` is asked for what only a build system knows.

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
    manifest = files.to_manifest(requires_python)
    manifest = structs.replace(manifest, overrides=sorted({line.text for line in overrides.requirements}))
    gathered = GatheredInputs(
        manifest=manifest,
        askers=_file_askers(files),
        addresses=files.addresses,
        settings=ProjectSettings(),
        no_build=_named(files.only_binary),
        no_binary=_named(files.no_binary),
        warnings=(*files.warnings, *_unnamed(files)),
    )
    if not project_files:
        return gathered
    return _with_project(gathered, load_project(project_files[0].parent, build_metadata=build_metadata), inputs)


def _named(packages: Iterable[str]) -> tuple[str, ...]:
    return tuple(package for package in packages if package != _EVERY)


def _unnamed(files: RequirementsInput) -> list[str]:
    choices = (("--only-binary", files.only_binary), ("--no-binary", files.no_binary))
    return [f"{option} :all: is left out: name the packages" for option, packages in choices if _EVERY in packages]


def _file_askers(files: RequirementsInput) -> dict[str, list[str]]:
    askers: dict[str, list[str]] = {}
    for option, lines in (("-r", files.requirements), ("-c", files.constraints)):
        for line in lines:
            asker = f"{option} {line.path}"
            names = askers.setdefault(name_of_requirement(line.text), [])
            if asker not in names:
                names.append(asker)
    return askers


def _with_project(gathered: GatheredInputs, project: Project, inputs: CompileInputs) -> GatheredInputs:
    files, own, options = gathered.manifest, project.to_manifest(), project.options
    requirements = project_requirements(project, inputs)
    name = project.current.name
    asker = f"{name} ({PROJECT_FILE})" if name else PROJECT_FILE
    askers = {name: list(names) for name, names in gathered.askers.items()}
    for required in dict.fromkeys(name_of_requirement(text) for text in requirements):
        askers.setdefault(required, []).append(asker)
    manifest = structs.replace(
        own,
        requires_python=files.requires_python or own.requires_python,
        prerelease=files.prerelease if files.prerelease == "allow" else own.prerelease,
        constraints=sorted({*own.constraints, *files.constraints}),
        overrides=sorted({*own.overrides, *files.overrides}),
        sources=[*own.sources, *files.sources],
        conflicts=[],
        members=[Member(path=".", dependencies=sorted({*files.members[0].dependencies, *requirements}))],
    )
    return structs.replace(
        gathered,
        manifest=manifest,
        askers=askers,
        settings=project.settings,
        no_build=(*gathered.no_build, *options.no_build),
        no_binary=(*gathered.no_binary, *options.no_binary),
    )


def project_requirements(project: Project, inputs: CompileInputs) -> list[str]:
    """The dependencies of the project with the chosen extras and groups, its references to itself resolved."""
    member = project.current
    extras = sorted(member.extras) if inputs.all_extras else _known("extra", inputs.extras, member.extras)
    groups = _known("dependency group", inputs.groups, member.groups)
    asked = [*member.dependencies, *(text for group in groups for text in member.groups[group])]
    return _expand([*asked, *(text for extra in extras for text in member.extras[extra])], member.name, member.extras)


def _known(kind: str, asked: Iterable[str], known: Iterable[str]) -> list[str]:
    names = [canonical_name(name) for name in asked]
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        message = f"the project has no {kind} {missing!r}; it has {', '.join(sorted(known)) or 'none'}"
        raise ProjectError("unknown-extra" if kind == "extra" else "unknown-group", message)
    return names


def _expand(texts: Sequence[str], name: str | None, extras: dict[str, tuple[str, ...]]) -> list[str]:
    result: set[str] = set()
    # Conditions are canonical, so extras that name each other come back to a pair that was seen.
    seen: set[tuple[str, Marker]] = set()
    waiting = [(text, Marker.always()) for text in texts]
    while waiting:
        text, condition = waiting.pop()
        if name_of_requirement(text) != name:
            result.add(text if condition.is_true() else canonical_requirement(under_condition(text, str(condition))))
            continue
        requirement = Requirement(text)
        condition &= requirement.marker or Marker.always()
        for extra in map(canonical_name, requirement.extras):
            if (extra, condition) not in seen:
                seen.add((extra, condition))
                waiting += [(inner, condition) for inner in extras.get(extra, ())]
    return sorted(result)
