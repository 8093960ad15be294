"""Exports a project's lock in the format of another tool, for the part that is chosen."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from locktool._native import display_path, environment_marker, normalize_name
from locktool.exceptions import ProjectError
from locktool.export.part import ChosenPart, LeftOut, Part, is_local, part_of, refuse_unknown, without
from locktool.export.requirements import RequirementsStyle, render_requirements
from locktool.export.unhashed import unhashed, unhashed_note
from locktool.lock.file_name import is_lock_name
from locktool.lock.graph import LockGraph
from locktool.lock.model import Lock
from locktool.lock.read import read_lock
from locktool.lock.replace import replace_file
from locktool.operations.find_locks import path_of_lock
from locktool.operations.python import PythonChoice, chosen_environment, probe_cache

if TYPE_CHECKING:
    from locktool.export.cyclonedx import BillContext

_GRAPHS = ("mermaid", "graphviz")
_STARTS = {"mermaid": b"flowchart", "graphviz": b"digraph", "cyclonedx": b'"bomFormat"'}
"""What the beginning of a file has that such an export wrote."""
_LONGEST_START = 4096


class ExportOptions(Struct, frozen=True, kw_only=True):
    """What to export, and how. `script` has the lock, or else the project.

    `output` is the file to write, or None for the text alone. A `choice` in which anything is named means that one
    environment alone.
    """

    output_format: str = "requirements"
    script: Path | None = None
    part: Part = Part()
    left_out: LeftOut = LeftOut()
    choice: PythonChoice = PythonChoice()
    style: RequirementsStyle = RequirementsStyle()
    output: Path | None = None


class ExportOutcome(Struct, frozen=True, kw_only=True):
    """The text, whether the file was replaced, and what a person should know of it."""

    text: str
    written: bool = False
    notes: tuple[str, ...] = ()


def export_lock(directory: Path = Path(), options: ExportOptions | None = None) -> ExportOutcome:
    """The lock of the project in `directory` as text of the format, written to the output where there is one.

    Raises LockError, ProjectError for a part that the lock does not have, and OSError.
    """
    options = options or ExportOptions()
    path = path_of_lock(directory, options.script)
    root = path.parent
    _refuse_output(path, options)
    lock = read_lock(path, options.script)
    refuse_unknown(lock, options.left_out)
    part = _with_environment(options)
    chosen = part_of(lock, part, installable=options.output_format not in _GRAPHS)
    left_out = options.left_out
    if options.output_format == "pylock":
        left_out = structs.replace(left_out, members=True)
    chosen = without(chosen, left_out, part)
    notes = [*_notes(chosen.lock, options), *_private(chosen.lock, lock, options)]
    if options.output_format == "cyclonedx":
        context = _bill_context(root, lock, part)
        if context.project.version is None:
            place = "its pyproject.toml" if context.project.is_read else "a pyproject.toml that can be read"
            notes = [f"{context.project.name} has no version in {place}, so the bill of materials has none"]
        text = _bill_of_materials(chosen, context)
    else:
        text = _render(root, chosen, options)
    written = options.output is not None and replace_file(options.output, text.encode())
    return ExportOutcome(text=text, written=written, notes=tuple(notes))


def _render(root: Path, chosen: ChosenPart, options: ExportOptions) -> str:
    if options.output_format == "pylock":
        from locktool.export.pylock import render_pylock

        return render_pylock(chosen.lock, _rebase(root, options.output))
    if options.output_format in _GRAPHS:
        from locktool.export.graph import render_graphviz, render_mermaid

        graph = LockGraph(chosen.lock)
        render = render_mermaid if options.output_format == "mermaid" else render_graphviz
        return render(graph, chosen.roots(graph))
    file = "pyproject.toml" if options.script is None else None
    return render_requirements(_without_edges_of_members(chosen.lock), options.style, _requiring_members(chosen, file))


def _bill_context(root: Path, lock: Lock, part: Part) -> "BillContext":
    from locktool import __version__
    from locktool.configuration.pip import default_index
    from locktool.export.cyclonedx import BillContext
    from locktool.operations.project_facts import facts_of_tree, facts_of_trees

    trees = facts_of_trees(root, lock)
    name = next((member.name for member in lock.members if member.path == "." and member.name), root.resolve().name)
    return BillContext(
        project=facts_of_tree(root, name) if part.member is None else trees[normalize_name(part.member)],
        trees=trees,
        timestamp=_timestamp(),
        public_index=default_index(),
        tool_version=__version__,
    )


def _bill_of_materials(chosen: ChosenPart, context: "BillContext") -> str:
    from locktool.export.cyclonedx import render_cyclonedx

    return render_cyclonedx(chosen, context)


def _timestamp() -> str:
    """Now, or the time that reproducible builds are given (https://reproducible-builds.org/specs/source-date-epoch/)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_environment(options: ExportOptions) -> Part:
    choice = options.choice
    if not choice.is_named:
        return options.part
    environment = chosen_environment(choice, probe_cache())
    marker = environment_marker(dict(environment), choice.python_version)
    return structs.replace(options.part, environment=marker)


def _refuse_output(path: Path, options: ExportOptions) -> None:
    output = options.output
    if output is None:
        return
    shown = display_path(str(output))
    if output.resolve() in (path.resolve(), (path.parent / "pyproject.toml").resolve()):
        raise ProjectError("output-is-input", f"{shown} is what the export is made from; name another file")
    if options.output_format == "pylock" and not is_lock_name(output.name):
        message = f"{shown} is no name of a lock: installers read pylock.toml and pylock.NAME.toml"
        raise ProjectError("output-name", message)
    _refuse_other_text(output, options.output_format)
    if options.output_format != "pylock" and output.name.endswith(".toml"):
        message = f"{shown} would not be TOML: the format is {options.output_format} (`--format pylock` writes a lock)"
        raise ProjectError("output-not-toml", message)


def _refuse_other_text(output: Path, output_format: str) -> None:
    """Raise ProjectError for a file that is there and has not this format: an export replaces nothing else."""
    if not output.is_file() or output_format == "pylock":
        return
    with output.open("rb") as file:
        start = file.read(_LONGEST_START).lstrip()
    if not start:
        return
    if output_format == "requirements":
        from locktool.requirements_files.pins import refuse_other_text

        try:
            refuse_other_text(output, output.read_bytes())
        except ProjectError as error:
            message = f"{display_path(str(output))} is no requirements file, so it is left as it is: {error.message}"
            raise ProjectError("output-not-an-export", message, path=str(output)) from error
    elif _STARTS[output_format] not in start:
        message = f"{display_path(str(output))} is no export to {output_format}, so it is left as it is"
        raise ProjectError("output-not-an-export", message, path=str(output))


def _rebase(root: Path, output: Path | None) -> Callable[[str], str]:
    """Paths of a lock start at the lock: those of the new one at its own directory."""
    from locktool.requirements_files.local import relative_path

    start = root if output is None else output.absolute().parent
    if start.resolve() == root.resolve():
        return lambda path: path
    return lambda path: relative_path(root / path, start)


def _notes(lock: Lock, options: ExportOptions) -> list[str]:
    """What pip has to be told to install the export."""
    is_lock = options.output_format == "pylock"
    if not is_lock and not (options.output_format == "requirements" and options.style.hashes):
        return []
    members = {member.name for member in lock.members}
    entries = unhashed(lock)
    leaving_out = {
        "--only-deps": any(package.name in members for package in entries),
        "--no-emit-local": any(map(is_local, entries)),
        "--no-emit-package": True,
    }
    flags = [flag for flag, leaves_some_out in leaving_out.items() if leaves_some_out]
    note = unhashed_note(lock, flags, is_lock=is_lock)
    return [note] if note else []


def _private(chosen: Lock, whole: Lock, options: ExportOptions) -> list[str]:
    """What a requirements file cannot say of packages that an explicit index alone may serve."""
    if options.output_format != "requirements":
        return []
    explicit = {index["url"].rstrip("/") for index in whole.inputs.get("indexes", ()) if index.get("explicit")}
    found: dict[str, list[str]] = {}
    for package in chosen.packages:
        if package.index and package.index.rstrip("/") in explicit:
            found.setdefault(str(package.index), []).append(package.name)
    return [
        f"{', '.join(sorted(set(names)))} may come from {url} alone, which no line of a requirements file can say: "
        "give the installer that index for them and no other one, or install pylock.toml"
        for url, names in sorted(found.items())
    ]


def _without_edges_of_members(lock: Lock) -> Lock:
    """The lock without what its projects require, which is said of their files."""
    names = {member.name for member in lock.members}
    packages = (
        structs.replace(package, dependencies=()) if package.name in names else package for package in lock.packages
    )
    return structs.replace(lock, packages=tuple(packages))


def _requiring_members(chosen: ChosenPart, file: str | None) -> dict[str, list[str]]:
    """For each name that the project requires itself the members that do, and the file in which they do."""
    requiring: dict[str, dict[str, None]] = {}
    graph = LockGraph(chosen.lock)
    for root in chosen.roots(graph) if chosen.lists else ():
        origin = f"{root.requirer.name or root.requirer.member}{f' ({file})' if file else ''}"
        for edge in graph.dependencies(root):
            requiring.setdefault(str(edge.target.requirer.name), {})[origin] = None
    return {name: list(origins) for name, origins in requiring.items()}
