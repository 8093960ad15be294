"""What an entry says of itself: its digest, and files that belong to its name, its index and the project's rules."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from lock_oracle.digest import block_digest, file_name
from lock_oracle.requirements import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.tags import Tag

    from lock_oracle.graph import Node
    from lock_oracle.grid import Grid
    from lock_oracle.project import Project

Table = dict[str, Any]


def findings(node: Node, entry: Table, project: Project, record: Table, grid: Grid) -> Iterable[str]:
    """What does not hold of one entry."""
    if node.member is not None:
        allowed = {"name", "marker", "dependencies", "directory", "tool"}
        is_directory = entry["directory"] == {"path": node.member.path, "editable": True}
        if entry.keys() - allowed or not is_directory or "locktool" in entry.get("tool", {}):
            yield "a part of the project has nothing but its directory"
        return
    evidence = entry.get("tool", {}).get("locktool")
    if evidence is None:
        yield "it has no evidence"
        return
    if evidence.get("digest") != block_digest(entry):
        yield "its block is not as it was written"
    if "path" in entry.get("archive", {}):
        yield from _on_disk(project.directory / entry["archive"]["path"], entry["archive"])
    if "directory" in entry:
        yield from _directory(entry, evidence, project, grid)
    for kind, file in files_of(entry):
        yield from _file(entry, file, kind)
    if "index" in entry:
        yield from _rules(entry, project.settings, record)
        yield from _installable(entry, node, project, grid)
    yield from _pythons(entry, node, grid)


def files_of(entry: Table) -> list[tuple[str, Table]]:
    """The files of an entry, each with its key."""
    kinds = [(kind, entry.get(kind, [])) for kind in ("archive", "sdist", "wheels")]
    return [(kind, file) for kind, files in kinds for file in (files if isinstance(files, list) else [files])]


def _on_disk(path: Path, archive: Table) -> Iterable[str]:
    """Whether an archive of the project is the file that is locked."""
    if not path.is_file():
        yield f"{path.name} is not there"
        return
    content = path.read_bytes()
    for algorithm, digest in archive["hashes"].items():
        if algorithm in hashlib.algorithms_available and hashlib.new(algorithm, content).hexdigest() != digest:
            yield f"{path.name} is another file than the one that is locked"
    if archive.get("size", len(content)) != len(content):
        yield f"{path.name} has another size"


def _directory(entry: Table, evidence: Table, project: Project, grid: Grid) -> Iterable[str]:
    trees = [tree for tree in project.trees if tree.path == entry["directory"]["path"]]
    if not trees:
        yield "it is a directory that the project does not name"
        return
    texts = trees[0].dependencies
    if {meaning_of(text, grid) for text in texts} != {meaning_of(text, grid) for text in evidence.get("requires", [])}:
        yield "it does not record what its directory requires"
    named = [source.keys for source in project.sources if source.keys.get("path") == trees[0].path]
    if entry["directory"].get("editable", False) != any(keys.get("editable", False) for keys in named):
        yield "it is editable where its source is not, or the other way about"
    if "requires-python" in entry:
        yield "a source tree records no requires-python"


def _file(entry: Table, file: Table, kind: str) -> Iterable[str]:
    name = file_name(file)
    address = str(file.get("url", file.get("path")))
    of_address = unquote(file_name({"url": address}))
    found = _parts(name)
    if found is None or (kind != "archive" and (kind == "wheels") != name.endswith(".whl")):
        yield f"{name} is not the name of a distribution of {kind}"
        return
    if found[0] != canonicalize_name(entry["name"]) or ("version" in entry and found[1] != Version(entry["version"])):
        yield f"{name} is a file of another package or version"
    if name != of_address and _parts(of_address) is not None:
        yield f"{name} is not what {address} names"
    is_remote = urlsplit(str(entry.get("index", ""))).scheme in {"http", "https"}
    if is_remote and ("path" in file or urlsplit(address).scheme not in {"http", "https"}):
        yield f"{name} is a local file of an index that is not"


def _parts(name: str) -> tuple[str, Version] | None:
    try:
        if name.endswith(".whl"):
            return parse_wheel_filename(name)[:2]
        return parse_sdist_filename(name)
    except (InvalidSdistFilename, InvalidWheelFilename):
        return None


def _rules(entry: Table, settings: Table, record: Table) -> Iterable[str]:
    """The cutoff for uploads, and the settings that leave wheels out."""
    name = entry["name"]
    if entry.get("wheels") and (settings.get("no-binary") or name in settings.get("no-binary-package", [])):
        yield "it has wheels, which the project does not use"
    cutoff = _cutoff(entry, record)
    for file in [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]:
        uploaded = file.get("upload-time")
        if isinstance(cutoff, dt.datetime) and (uploaded is None or uploaded >= cutoff):
            yield f"{file_name(file)} was uploaded after the cutoff, or nobody knows when"


def _cutoff(entry: Table, record: Table) -> dt.datetime | str | bool | None:
    """The cutoff of the package, else that of its index, else that of all."""
    cutoff = record.get("exclude-newer")
    for index in record.get("indexes", []):
        if index.get("url", "").rstrip("/") == entry["index"].rstrip("/"):
            cutoff = index.get("exclude-newer", cutoff)
    return instant_of(record.get("exclude-newer-package", {}).get(entry["name"], cutoff))


def instant_of(written: object) -> dt.datetime | str | bool | None:
    """A date stands for its end in UTC, a time without an offset for one in UTC, a recorded span for its instant."""
    if isinstance(written, dict):
        return instant_of(written.get("at"))
    if isinstance(written, str):
        try:
            is_date = len(written) == len("2024-06-30")
            return instant_of((dt.date if is_date else dt.datetime).fromisoformat(written))
        except ValueError:
            return written
    if isinstance(written, dt.datetime):
        return written if written.tzinfo else written.replace(tzinfo=dt.UTC)
    if isinstance(written, dt.date):
        end = written + dt.timedelta(days=1)
        return dt.datetime(end.year, end.month, end.day, tzinfo=dt.UTC)
    return written if isinstance(written, bool) else None


def _installable(entry: Table, node: Node, project: Project, grid: Grid) -> Iterable[str]:
    """Whether some Python can use each wheel, and each environment where the project requires files has one."""
    names = [file_name(wheel) for wheel in entry.get("wheels", []) if _parts(file_name(wheel)) is not None]
    if len(set(names)) != len(names):
        yield "it lists a file twice"
    pythons = {environment["python_version"] for environment in grid.environments_of(node.reach)}
    for name in names:
        if pythons and not any(_fits(tag, python) for tag in _tags(name) for python in pythons):
            yield f"no Python of the project can use {name}"
    if "sdist" in entry:
        return
    tags = [tag for name in names for tag in _tags(name)]
    for marker in project.settings.get("required-environments", []):
        asked = grid.environments_of(grid.mask(marker) & node.reach)
        if asked and not any(_runs_on(tag, environment) for tag in tags for environment in asked):
            yield f"it has no file where {marker}"


def _tags(name: str) -> frozenset[Tag]:
    return parse_wheel_filename(name)[3]


def _fits(tag: Tag, python: str) -> bool:
    """Whether a Python may use a wheel; only what a tag of CPython proves is refused."""
    major, minor = (int(part) for part in python.split("."))
    interpreter = tag.interpreter
    if interpreter == "py2" or interpreter.startswith("cp2"):
        return False
    if not interpreter.startswith("cp3") or not interpreter[3:].isdigit():
        return True
    wanted = int(interpreter[3:])
    return major == 3 and (wanted <= minor if tag.abi in {"abi3", "none"} else wanted == minor)


def _runs_on(tag: Tag, environment: dict[str, str]) -> bool:
    systems = {"linux": ("linux", "manylinux", "musllinux"), "darwin": ("macosx",), "win32": ("win",)}
    starts = systems.get(environment["sys_platform"], ())
    machine = environment["platform_machine"].lower()
    return tag.platform == "any" or (tag.platform.startswith(starts) and tag.platform.endswith(machine))


def _pythons(entry: Table, node: Node, grid: Grid) -> Iterable[str]:
    """Whether the Pythons that get the entry are new enough for it, and one of them may install it."""
    specifiers = SpecifierSet(entry.get("requires-python", ""))
    lower = SpecifierSet(",".join(str(one) for one in specifiers if one.operator in {">=", ">"}))
    pythons = sorted({environment["python_full_version"] for environment in grid.environments_of(node.reach)})
    if not all(lower.contains(python, prereleases=True) for python in pythons):
        yield "it is locked for a Python that is too old for it"
    if pythons and not any(specifiers.contains(python, prereleases=True) for python in pythons):
        yield "no Python of the project may install it"
