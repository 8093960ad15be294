"""What an entry says of itself: its digest, and files that belong to its name, its index and the project's rules."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
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
from lock_oracle.requirements import Meaning, marker_of, meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from packaging.tags import Tag

    from lock_oracle.graph import Node
    from lock_oracle.grid import Grid
    from lock_oracle.project import Member, Project

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
        yield from _directory(entry, node, project, grid)
    elif (stated := _stated(entry, project.settings)) is not None:
        yield from _records(entry, stated, node, grid)
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


def _directory(entry: Table, node: Node, project: Project, grid: Grid) -> Iterable[str]:
    trees = [tree for tree in project.trees if tree.path == entry["directory"]["path"]]
    if not trees:
        yield "it is a directory that the project does not name"
        return
    yield from _records(entry, _requirements(trees[0]), node, grid)
    named = [source.keys for source in project.sources if source.keys.get("path") == trees[0].path]
    if entry["directory"].get("editable", False) != any(keys.get("editable", False) for keys in named):
        yield "it is editable where its source is not, or the other way about"
    if SpecifierSet(entry.get("requires-python", "")) != SpecifierSet(trees[0].requires_python or ""):
        yield "its requires-python is not that of its directory"


def _stated(entry: Table, settings: Table) -> list[str] | None:
    """What the project states that a release requires, in place of its metadata."""
    of_name = [
        one for one in settings.get("dependency-metadata", []) if canonicalize_name(one["name"]) == entry["name"]
    ]
    version = entry.get("version")
    of_version = [
        one for one in of_name if version and "version" in one and Version(one["version"]) == Version(version)
    ]
    chosen = of_version or [one for one in of_name if "version" not in one]
    return chosen[0].get("requires-dist", []) if chosen else None


def _records(entry: Table, texts: Iterable[str], node: Node, grid: Grid) -> Iterable[str]:
    """Whether an entry records what its package requires, as far as it is needed."""
    recorded = {_published(text, node, grid) for text in entry["tool"]["locktool"].get("requires", [])}
    required = {_published(text, node, grid) for text in texts}
    if recorded - required or {one for one in required - recorded if any(one.needed)}:
        yield "it does not record what its package requires"


class _Published(NamedTuple):
    """A requirement of a directory: what it means, and where it is needed, plainly and for each extra."""

    meaning: Meaning
    holds: tuple[int, ...]
    needed: tuple[int, ...]


def _published(text: str, node: Node, grid: Grid) -> _Published:
    marker = marker_of(text)
    plain = grid.mask(marker)
    of_extras = {extra: grid.mask(marker, extra) for extra in sorted(node.extras)}
    needed = [plain & node.reach, *(mask & ~plain & node.extras[extra] for extra, mask in of_extras.items())]
    return _Published(meaning_of(text, grid), tuple(of_extras.values()), tuple(needed))


def _requirements(tree: Member) -> list[str]:
    """What the metadata of a directory requires: requirements of an extra have it in their markers."""
    texts = list(tree.dependencies)
    for extra, of_extra in tree.extras.items():
        for text in of_extra:
            requirement, _, marker = text.partition(";")
            chosen = f"extra == '{extra}'"
            texts.append(f"{requirement} ; ({marker}) and {chosen}" if marker else f"{requirement} ; {chosen}")
    return texts


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
    names = [unquote(file_name(wheel)) for wheel in entry.get("wheels", [])]
    names = [name for name in names if _parts(name) is not None]
    if len(set(names)) != len(names):
        yield "it lists a file twice"
    environments = grid.environments_of(grid.everywhere)
    for name in names:
        if environments and not any(_may_use(_tags(name), one) for one in environments):
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


def _may_use(tags: Iterable[Tag], environment: dict[str, str]) -> bool:
    """Whether an environment may use a wheel; systems that nobody knows prove nothing."""
    known = ("linux", "manylinux", "musllinux", "macosx", "win")
    return any(
        _fits(tag, environment["python_version"]) and (_runs_on(tag, environment) or not tag.platform.startswith(known))
        for tag in tags
    )


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
    is_of_all_macs = tag.platform.endswith("universal2") and machine in {"arm64", "x86_64"}
    is_for_machine = tag.platform.endswith(machine) or is_of_all_macs
    return tag.platform == "any" or (tag.platform.startswith(starts) and is_for_machine)


def _pythons(entry: Table, node: Node, grid: Grid) -> Iterable[str]:
    """Whether every Python that gets the entry is new enough.

    Upper bounds count where they leave no Python 3, or none of the project's.
    """
    specifiers = SpecifierSet(entry.get("requires-python", ""))
    lower = SpecifierSet(",".join(str(one) for one in specifiers if one.operator in {">=", ">"}))
    pythons = sorted({environment["python_full_version"] for environment in grid.environments_of(node.reach)})
    if not all(lower.contains(python, prereleases=True) for python in pythons):
        yield "it is locked for a Python that is too old for it"
        return
    of_project = {environment["python_full_version"] for environment in grid.environments_of(grid.everywhere)}
    is_no_guess = not _admits_python_3(str(specifiers)) or not any(map(specifiers.contains, of_project))
    if is_no_guess and not all(map(specifiers.contains, pythons)):
        yield "no Python of the project may install it"


@cache
def _admits_python_3(specifiers: str) -> bool:
    versions = (f"3.{minor}.{patch}" for minor in range(30) for patch in range(30))
    return any(map(SpecifierSet(specifiers).contains, versions))
