"""What `compile` is given, as one manifest: requirements files, and the dependencies of a project, script or setup.py.

In: paths, and the extras and groups to take from a project. Out: a manifest with one member that is no package, for
each name where it is required, and every file that was read.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, structs, to_builtins

from locktool._native import MANIFEST_SCHEMA, Marker, Project, Requirement, display_path, requirement_text
from locktool.configuration.indexes import CommandLineAddresses
from locktool.exceptions import ProjectError
from locktool.operations.input_metadata import InputMetadata, requirements_of_metadata
from locktool.operations.project_inputs import (
    PROJECT_FILE,
    ChosenParts,
    member_of,
    project_requirements,
    sorted_texts,
    with_project,
)
from locktool.requirements_files.local import relative_path
from locktool.requirements_files.read import (
    EVERY_PACKAGE,
    PYTHON_SUFFIXES,
    RequirementLine,
    RequirementsInput,
    read_requirements_files,
)

# Projects without a pyproject.toml of their own: their build system says what they require.
_SETUP_FILES = ("setup.py", "setup.cfg")


class CompileInputs(Struct, frozen=True, kw_only=True):
    """Where to read from; `standard_input` is what the path `-` means.

    A group is `NAME`, or `PATH:NAME` for one of another pyproject.toml. `build_constraints` limit what builds require.
    """

    paths: tuple[Path, ...] = ()
    constraints: tuple[Path, ...] = ()
    overrides: tuple[Path, ...] = ()
    build_constraints: tuple[Path, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    standard_input: bytes = b""


class GatheredInputs(Struct, frozen=True, kw_only=True):
    """All that the inputs say.

    `manifest` has the keys of [tool.locktool] in a lock; `origins` say for each name where it is required:
    `{"flask": ["-r requirements.in"]}`. `hashed` are the requirements that list the hashes of their files, `files` the
    texts of the manifest that stand in files, each with its file.
    """

    manifest: dict[str, Any]
    origins: dict[str, list[str]]
    addresses: CommandLineAddresses
    project: Project | None = None
    hashed: tuple[RequirementLine, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    read: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def hashes(self) -> dict[str, list[tuple[str, str]]]:
        """The hashes of the files that may be used of a package."""
        allowed: dict[str, list[tuple[str, str]]] = {}
        for line in self.hashed:
            allowed.setdefault(Requirement(line.text).name, []).extend(line.hashes)
        return allowed


class _Sorted(NamedTuple):
    """The inputs by what they are; at most one is a project, a script or a setup file."""

    files: tuple[Path, ...]
    project: Path | None
    chosen: ChosenParts


def gather_inputs(
    inputs: CompileInputs,
    requires_python: str | None = None,
    metadata: InputMetadata | None = None,
    start: Path = Path(),
) -> GatheredInputs:
    """Read everything; `metadata` adds what only a build system or the network knows.

    Paths of the manifest start at `start`. Raises ProjectError with file and line, InvalidName for an extra that cannot
    be one, and BuildError.
    """
    given = _sort(inputs)
    files = read_requirements_files(given.files, inputs.constraints, standard_input=inputs.standard_input)
    overrides = read_requirements_files(inputs.overrides)
    addresses = CommandLineAddresses(
        index_url=files.index_url,
        extra_index_urls=files.extra_index_urls,
        find_links=files.find_links,
        no_index=files.no_index,
    )
    asked = metadata or InputMetadata()
    files = files.named(lambda line: asked.name_of(line, addresses))
    overrides = overrides.named(lambda line: asked.name_of(line, addresses))
    gathered = GatheredInputs(
        manifest=manifest_of_files(files, overrides.requirements, requires_python, start),
        origins=_origins_in_files(files),
        addresses=addresses,
        hashed=tuple(line for line in files.requirements if _is_confined(line)),
        files=tuple(_written_in(files, overrides, start)),
        read=(*files.read, *overrides.read, *((given.project,) if given.project else ())),
        warnings=(*files.warnings, *overrides.warnings, *_contradictions(files), *_never_installed(files)),
    )
    if given.project is None:
        return gathered
    if given.project.name in _SETUP_FILES:
        text = asked.of_directory(given.project.parent, addresses)
        return _with_setup(gathered, requirements_of_metadata(text, given.chosen), given)
    return _with_project(gathered, asked.complete(_read_project(given.project), addresses), given, start)


def read_build_constraints(paths: Iterable[Path]) -> tuple[str, ...]:
    """The constraints for builds, each as one requirement. Raises ProjectError for a path on this machine."""
    read = read_requirements_files([], paths)
    local = next((line for line in read.constraints if line.source), None)
    if local is not None:
        message = f"{display_path(local.path, local.line)}: a constraint for builds cannot be a path"
        raise ProjectError("invalid-requirements-file", message, path=local.path, line=local.line)
    return tuple(line.text for line in read.constraints)


def _sort(inputs: CompileInputs) -> _Sorted:
    projects = [path for path in inputs.paths if _is_project(path)]
    chosen = ChosenParts(
        dependencies=bool(projects), extras=inputs.extras, all_extras=inputs.all_extras, groups=inputs.groups
    )
    groups = [_group(text) for text in inputs.groups]
    if not projects and Path(PROJECT_FILE).is_file():
        # A group without a path is one of the project in the working directory.
        projects += [Path(PROJECT_FILE) for path, _ in groups if path is None][:1]
    named = [path for path, _ in groups if path is not None]
    projects += [path for path in named if not any(_is_same(path, known) for known in projects)]
    if len({path.resolve() for path in projects}) > 1:
        message = f"{projects[0]} and {projects[1]}: compile one project at a time, or lock a workspace"
        raise ProjectError("several-projects", message, path=str(projects[1]))
    for path in projects:
        _require_file(path)
    if not projects and (inputs.extras or inputs.all_extras or inputs.groups):
        message = f"extras and groups are those of a project: name its {PROJECT_FILE} among the inputs"
        raise ProjectError("no-project", message)
    if (inputs.extras or inputs.all_extras) and not chosen.dependencies:
        message = f"extras are those of a project: name its {PROJECT_FILE} among the inputs"
        raise ProjectError("no-project", message)
    return _Sorted(
        files=tuple(path for path in inputs.paths if not _is_project(path)),
        project=_beside(projects[0]) if projects else None,
        chosen=structs.replace(chosen, groups=tuple(name for _, name in groups)),
    )


def _is_project(path: Path) -> bool:
    return path.name in (PROJECT_FILE, *_SETUP_FILES) or path.suffix.lower() in PYTHON_SUFFIXES


def _require_file(path: Path) -> None:
    """Raise ProjectError where the file that was named does not exist, whatever else its directory has."""
    if path.is_file():
        return
    what = "it is not a file" if path.exists() else "no such file"
    raise ProjectError("missing-file", f"{display_path(str(path))}: {what}", path=str(path))


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _beside(path: Path) -> Path:
    """The pyproject.toml beside a setup file, where there is one: it is read for the same project."""
    project = path.with_name(PROJECT_FILE)
    return project if path.name in _SETUP_FILES and project.is_file() else path


def _group(text: str) -> tuple[Path | None, str]:
    """Read `NAME` or `PATH:NAME`; the path may be that of the project's directory."""
    path, separator, name = text.rpartition(":")
    if not separator:
        return None, text
    if not (path and name):
        raise ProjectError("invalid-group", f"{text!r} is not a group: write NAME, or path/to/{PROJECT_FILE}:NAME")
    found = Path(path) if Path(path).name == PROJECT_FILE else Path(path, PROJECT_FILE)
    return found, name


def _read_project(path: Path) -> Project:
    if path.name == PROJECT_FILE:
        return Project.read(str(path.parent))
    from locktool.scripts.read import read_script

    return read_script(path)


def manifest_of_files(
    files: RequirementsInput,
    overrides: Iterable[RequirementLine] = (),
    requires_python: str | None = None,
    start: Path = Path(),
) -> dict[str, Any]:
    """The inputs of a run: one member that is no package and requires what the files list."""
    sources = {line.source.name: line.source for line in files.requirements if line.source}
    sources = {
        name: structs.replace(source, path=relative_path(Path(source.path), start)) for name, source in sources.items()
    }
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "requires-python": requires_python,
        "prerelease": "allow" if files.prereleases else None,
        "constraints": sorted_texts(_with_place(line, start) for line in files.constraints),
        "overrides": sorted_texts(_with_place(line, start) for line in overrides),
        "no-build": EVERY_PACKAGE in files.only_binary,
        "no-build-package": [name for name in files.only_binary if name != EVERY_PACKAGE],
        "no-binary": EVERY_PACKAGE in files.no_binary,
        "no-binary-package": [name for name in files.no_binary if name != EVERY_PACKAGE],
        "sources": [to_builtins(sources[name]) for name in sorted(sources)],
        "members": [member_of(map(_with_digests, files.requirements))],
    }
    return {key: value for key, value in manifest.items() if value}


def _with_place(line: RequirementLine, start: Path) -> str:
    """A constraint or override, a path as the address of its package: neither has a source beside it."""
    if line.source is None or line.direct is None:
        return line.text
    return requirement_text(f"{line.source.name} @ {relative_path(Path(line.source.path), start)}{line.direct.marker}")


def _written_in(files: RequirementsInput, overrides: RequirementsInput, start: Path) -> Iterator[tuple[str, str]]:
    """What the manifest has of each line, with the file of the line; a text in one file twice comes once."""
    found = [(_with_digests(line), line.path) for line in files.requirements]
    found += [(_with_place(line, start), line.path) for line in (*files.constraints, *overrides.requirements)]
    yield from dict.fromkeys(found)


def _is_confined(line: RequirementLine) -> bool:
    """Whether the hashes of a requirement choose among files; those of a local file are compared at once.

    Raises ProjectError where they are not the file's.
    """
    if not line.hashes or _with_digests(line) != line.text:
        return False
    if line.source is None:
        return True
    for algorithm, digest in line.hashes:
        with Path(line.source.path).open("rb") as file:
            if hashlib.file_digest(file, algorithm).hexdigest() == digest:
                return False
    message = f"{display_path(line.path, line.line)}: {line.source.path} has none of the hashes that are listed"
    raise ProjectError("hash-mismatch", message, path=line.path, line=line.line)


def _with_digests(line: RequirementLine) -> str:
    """A requirement; an address with the digests that stand beside it, which its file is compared with."""
    if line.direct is None or line.direct.name is None or line.direct.address is None or not line.hashes:
        return line.text
    algorithms = [algorithm for algorithm, _ in line.hashes]
    if len(set(algorithms)) < len(algorithms):
        # Any of them may be the file's.
        return line.text
    address, _, fragment = line.direct.address.partition("#")
    known = [part for part in fragment.split("&") if part]
    told = {part.partition("=")[0] for part in known}
    parts = [*known, *(f"{algorithm}={digest}" for algorithm, digest in line.hashes if algorithm not in told)]
    direct = line.direct._replace(address=f"{address}#{'&'.join(parts)}")
    return requirement_text(direct.text(line.direct.name))


def _contradictions(files: RequirementsInput) -> list[str]:
    """A warning where one option is for all packages and the other names some, which pip takes as exceptions."""
    options = (("--only-binary", files.only_binary), ("--no-binary", files.no_binary))
    return [
        f"{every} :all: is for {', '.join(named)} too, whatever {other} says of it"
        for (every, chosen), (other, named) in (options, options[::-1])
        if EVERY_PACKAGE in chosen and named
    ]


def _never_installed(files: RequirementsInput) -> list[str]:
    """A warning for each line whose marker holds nowhere, or for an extra alone, which a file does not have."""
    no_extra = Marker("extra == ''")
    warnings = []
    for line in files.requirements:
        requirement = Requirement(line.text)
        if requirement.marker is None or not requirement.marker.is_disjoint(no_extra):
            continue
        why = "holds in no environment" if requirement.marker.is_false() else "asks for an extra, which no line has"
        place = display_path(line.path, line.line)
        warnings.append(f"{place}: the marker of {requirement.name} {why}, so it is never installed")
    return warnings


def _origins_in_files(files: RequirementsInput) -> dict[str, list[str]]:
    origins: dict[str, list[str]] = {}
    for option, lines in (("-r", files.requirements), ("-c", files.constraints)):
        for line in lines:
            origin = f"{option} {line.path}"
            known = origins.setdefault(Requirement(line.text).name, [])
            if origin not in known:
                known.append(origin)
    return origins


def _with_origin(gathered: GatheredInputs, requirements: Sequence[str], origin: str) -> dict[str, list[str]]:
    origins = {name: list(known) for name, known in gathered.origins.items()}
    for required in dict.fromkeys(Requirement(text).name for text in requirements):
        origins.setdefault(required, []).append(origin)
    return origins


def _with_project(gathered: GatheredInputs, project: Project, given: _Sorted, start: Path) -> GatheredInputs:
    requirements = project_requirements(project, given.chosen)
    name, file = project.current.name, given.project.name if given.project else PROJECT_FILE
    return structs.replace(
        gathered,
        manifest=with_project(gathered.manifest, project, requirements, given.chosen, start),
        origins=_with_origin(gathered, requirements, f"{name} ({file})" if name else file),
        project=project,
        warnings=(*project.warnings, *gathered.warnings),
    )


def _with_setup(gathered: GatheredInputs, requirements: Sequence[str], given: _Sorted) -> GatheredInputs:
    """The inputs with what the build of a setup.py requires; such a project has no settings."""
    member = member_of([*gathered.manifest["members"][0]["dependencies"], *requirements])
    return structs.replace(
        gathered,
        manifest=gathered.manifest | {"members": [member]},
        origins=_with_origin(gathered, requirements, given.project.name if given.project else ""),
    )
