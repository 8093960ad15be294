"""Compiles requirements: files or a project in, requirements.txt or pylock.toml out.

The versions of an existing output are kept where they can be. Unlike a project's lock the result is for
one environment, unless it is asked to be universal. A lock says so in `environments` (PEP 751) and among its inputs, so
that it is refused elsewhere and `check` can prove it there.
"""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, msgpack, structs

from locktool._native import Requirement, display_path, environment_marker, python_name, resolve
from locktool.exceptions import ProjectError, ResolutionImpossible
from locktool.export.requirements import RequirementsStyle
from locktool.export.unhashed import unhashed_note
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.diff import compare_packages
from locktool.lock.file_name import LOCK_NAME, is_lock_name
from locktool.lock.read import lock_of
from locktool.lock.replace import replace_file
from locktool.operations.builds import Builds
from locktool.operations.compile_output import (
    EmittedOptions,
    link_from,
    option_lines,
    packages_of_output,
    read_output,
    refuse_output,
    requirements_text,
    start_of_paths,
    with_newlines,
)
from locktool.operations.input_metadata import InputMetadata
from locktool.operations.inputs import CompileInputs, GatheredInputs, gather_inputs, read_build_constraints
from locktool.operations.lock import unknown_upgrades
from locktool.operations.options import RunOptions, Target, merge_addresses, resolve_options
from locktool.operations.outcome import CompileOutcome, ExistingLock, counters_of
from locktool.operations.progress import Progress
from locktool.operations.project_inputs import PROJECT_FILE
from locktool.operations.python import PythonChoice, chosen_environment, probe_cache
from locktool.operations.repositories import Checkouts

if TYPE_CHECKING:
    from locktool._native import Resolution
    from locktool.configuration.indexes import IndexSettings
    from locktool.lock.model import Lock


# `3.12.4` is one Python, `3.12` all of its patch releases.
_DOTS_OF_A_PATCH = 2


class CompileOptions(Struct, frozen=True, kw_only=True):
    """For what to resolve, and how to write it.

    Not `universal`: one environment, that of the running interpreter unless `choice` says otherwise. `newline` is how
    the lines of a requirements.txt end. `dry_run` writes nothing.
    """

    universal: bool = False
    choice: PythonChoice = PythonChoice()
    style: RequirementsStyle = RequirementsStyle()
    emitted: EmittedOptions = EmittedOptions()
    newline: str = "preserve"
    dry_run: bool = False


class _Question(NamedTuple):
    """What one run asks, and for what."""

    options: RunOptions
    target: Target
    gathered: GatheredInputs
    settings: "IndexSettings"
    manifest: bytes
    builds: Builds


def compile_requirements(
    inputs: CompileInputs,
    output: Path | None = None,
    options: RunOptions | None = None,
    compile_options: CompileOptions | None = None,
    *,
    progress: Progress | None = None,
) -> CompileOutcome:
    """Resolve the inputs and write `output`: a lock where its name is one of a lock, else requirements.txt.

    Raises ProjectError, LockError, ResolutionImpossible and the errors of the index; the old output then stays.
    """
    started = monotonic()
    options, how = options or RunOptions(), compile_options or CompileOptions()
    is_lock = output is not None and is_lock_name(output.name)
    if output is not None:
        _refuse(output, inputs, options, how)
    question = _ask(inputs, output, options, how)
    if output is not None:
        refuse_output(output, question.gathered.read)
    existing = read_output(output)
    resolution = _resolve(question, start_of_paths(output), existing, progress)
    file = question.builds.recorded(resolution.lock) if is_lock else resolution.lock
    lock = lock_of(file, output or Path(LOCK_NAME))
    _require_files(lock, question.gathered)
    if is_lock:
        text = file.write(existing.file if existing else None, compiled=True)
    else:
        lines = option_lines(question.settings, how.emitted, start_of_paths(output))
        style = structs.replace(how.style, options=lines)
        text = requirements_text(lock, style, question.gathered.origins, universal=how.universal)
        text = with_newlines(text, how.newline, existing)
    changed = existing is None or text != existing.text
    return CompileOutcome(
        path=output,
        text=text,
        pinned=lock,
        changes=compare_packages(packages_of_output(existing, lock) if existing else (), lock.packages),
        first=existing is None,
        changed=changed,
        written=output is not None and changed and not how.dry_run and replace_file(output, text.encode()),
        seconds=monotonic() - started,
        warnings=(
            *question.gathered.warnings,
            *question.settings.warnings,
            *_confusions(output),
            *(existing.warnings if existing else ()),
            *question.builds.warnings,
            *resolution.warnings,
            *unknown_upgrades(options.upgrade, file),
        ),
        notes=(*question.settings.notes, *question.builds.notes(), *_notes(lock, how.style, is_lock=is_lock)),
        counters=counters_of(resolution),
    )


def _refuse(output: Path, inputs: CompileInputs, options: RunOptions, how: CompileOptions) -> None:
    """Refuse an output before anything is read for it. Raises ProjectError."""
    given = (*inputs.paths, *inputs.constraints, *inputs.overrides, *inputs.build_constraints)
    refuse_output(output, given)
    if not is_lock_name(output.name):
        return
    location = display_path(str(output))
    if options.without_dependencies:
        message = f"{location} would be a lock without what its packages require, which nothing can prove"
        raise ProjectError("unprovable-lock", f"{message}; write a requirements.txt without dependencies")
    if how.style.left_out:
        names = ", ".join(sorted(how.style.left_out))
        message = f"{location} would be a lock without {names}, which its other packages require"
        raise ProjectError("unprovable-lock", f"{message}; write a requirements.txt")


def _ask(inputs: CompileInputs, output: Path | None, options: RunOptions, how: CompileOptions) -> _Question:
    """Read the inputs into one question."""
    is_lock = output is not None and is_lock_name(output.name)
    environment = chosen_environment(how.choice, probe_cache(options.cache_dir, cache=options.cache))
    requires_python, assumed_python = _pythons(how, environment)
    target = Target() if how.universal else Target(environment=environment, tags=environment.tags)
    if is_lock and not how.universal:
        # It is resolved as for a project that supports no other environment.
        marker = environment_marker(dict(environment), how.choice.python_version)
        options = options._replace(choices={**options.choices, "environments": [marker]})
        target = Target(tags=environment.tags, reads_upper_python=True)
    start = start_of_paths(output)
    build_constraints = read_build_constraints(inputs.build_constraints)
    # A Python that nobody names is the running one, whatever its version.
    pythons = assumed_python if how.choice.is_named or how.universal else None
    metadata = InputMetadata(
        options=options,
        build_constraints=build_constraints,
        python=how.choice.python,
        requires_python=pythons,
        locked=output if output is not None and is_lock and output.exists() else None,
    )
    gathered = gather_inputs(inputs, requires_python, metadata, start)
    manifest = gathered.manifest
    if assumed_python is not None and (is_lock or how.universal):
        manifest = {"requires-python": assumed_python, **manifest}
    settings = merge_addresses(options, gathered.project, gathered.addresses)
    settings = settings._replace(find_links=tuple(link_from(start, link) for link in settings.find_links))
    asked = options.apply_to(msgpack.encode(manifest))
    return _Question(
        options=options._replace(hashes=gathered.hashes, files=gathered.files),
        target=target,
        gathered=gathered,
        settings=settings,
        manifest=asked,
        builds=Builds(options, settings, metadata.builds_asked(asked, start, gathered.project)),
    )


def _resolve(
    question: _Question, start: Path, existing: ExistingLock | None, progress: Progress | None
) -> "Resolution":
    options, settings = question.options, question.settings
    locked = existing.file if existing else None
    with Checkouts(question.manifest, locked, options) as checkouts:
        return resolve(
            question.manifest,
            resolve_options(options, settings, start, question.target, checkouts=checkouts.trees),
            indexes=list(settings.indexes),
            locked=locked,
            builder=question.builds,
            checkout=checkouts.check_out,
            progress=progress,
            recorder=options.recorder,
        )


def _confusions(output: Path | None) -> list[str]:
    """A warning where the output stands in the place of a project's own lock."""
    if output is None or output.name != LOCK_NAME or not output.with_name(PROJECT_FILE).is_file():
        return []
    location = display_path(str(output))
    what = f"{location} is where `locktool lock` keeps the lock of the project, with which `locktool check` compares it"
    return [f"{what}; name a compiled lock pylock.NAME.toml"]


def _notes(lock: "Lock", style: RequirementsStyle, *, is_lock: bool) -> list[str]:
    """What pip has to be told to install the result."""
    if not is_lock and not style.hashes:
        return []
    written = structs.replace(lock, packages=tuple(one for one in lock.packages if one.name not in style.left_out))
    note = unhashed_note(written, () if is_lock else ("--no-emit-package",), is_lock=is_lock)
    return [note] if note else []


def _require_files(lock: "Lock", gathered: GatheredInputs) -> None:
    """Refuse a result of which no file has a hash that the inputs list. Raises ResolutionImpossible."""
    listed = gathered.hashes
    for package in lock.packages:
        if package.name in listed and not package.files():
            line = next(line for line in gathered.hashed if Requirement(line.text).name == package.name)
            location = display_path(line.path, line.line)
            what = f"{package.name} {package.version}" if package.version else package.name
            message = f"{location}: no file of {what} has a hash that is listed there; pin the version that they are of"
            raise ResolutionImpossible("hash-mismatch", message, explanation=message, facts=[message])


def _pythons(how: CompileOptions, environment: MarkerEnvironment) -> tuple[str | None, str | None]:
    """The Pythons that the caller names for a universal run, and those that hold where the inputs name none."""
    named = how.choice.python_version
    implementation, version, free_threaded = (None, "", False) if named is None else python_name(named)
    if how.universal:
        if how.choice.python_platform is not None or implementation is not None or free_threaded:
            message = "--universal is for every platform and implementation: name a version of Python alone"
            raise ProjectError("contradicting-options", message)
        release = version.split(".")[:3] if named is not None else environment.python_version.split(".")
        python = f">={'.'.join(release)}"
        return python if named is not None else None, python
    version = version or environment.python_version
    return None, f"=={version}.*" if version.count(".") < _DOTS_OF_A_PATCH else f"=={version}"
