"""The versions that another tool locked, as preferences for the first lock of a project.

In: the directory of a project. Out: the pins of the first of these that has some: uv.lock, poetry.lock, pdm.lock,
Pipfile.lock, requirements files. A file that cannot be read is named and passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

from locktool._native import normalize_name
from locktool.exceptions import ProjectError
from locktool.migrate.file_names import LOCKS_OF_OTHERS, names_in, requirements_names

if TYPE_CHECKING:
    from pathlib import Path

    from locktool.requirements_files.pins import Pin


class LockedCommit(NamedTuple):
    """The commit of a git repository that a package is locked to."""

    name: str
    url: str
    revision: str | None
    subdirectory: str | None
    commit: str


class LockedVersions(NamedTuple):
    """What another tool locked, and the names of the files that say so; `unreadable` are sentences for people."""

    files: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    commits: tuple[LockedCommit, ...] = ()
    unreadable: tuple[str, ...] = ()


def locked_versions(directory: Path) -> LockedVersions:
    """The versions that another tool locked for the project in a directory; without files where there are none."""
    unreadable: list[str] = []
    readers = (versions_of_uv, versions_of_poetry, versions_of_pdm, versions_of_pipenv)
    for name, read in zip(LOCKS_OF_OTHERS, readers, strict=True):
        path = directory / name
        if not path.is_file():
            continue
        try:
            found = read(_parsed(path))
        except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            reason = str(error) if isinstance(error, (OSError, ValueError)) else "it has another form than is known"
            unreadable.append(f"the versions of {name} are not kept, since it cannot be read: {reason}")
            continue
        if found.pins or found.commits:
            return found._replace(files=(name,), unreadable=tuple(unreadable))
    return versions_of_requirements(directory)._replace(unreadable=tuple(unreadable))


def _parsed(path: Path) -> dict[str, Any]:
    """The content of a lock: JSON of Pipenv, else TOML."""
    text = path.read_text(encoding="utf-8")
    if path.name == "Pipfile.lock":
        from json import loads

        document: dict[str, Any] = loads(text)
        return document
    import tomllib

    return tomllib.loads(text)


def versions_of_uv(document: dict[str, Any]) -> LockedVersions:
    """The packages of a uv.lock that come from an index or a repository."""
    pins, commits = [], []
    for package in document.get("package", []):
        name, source = normalize_name(package["name"]), package.get("source", {})
        if "git" in source:
            commits.append(commit_of(name, source["git"]))
        elif "registry" in source and "version" in package:
            markers = package.get("resolution-markers", [])
            marker = " or ".join(f"({marker})" for marker in markers) or None
            pins.append(pin_of(name, package["version"], marker))
    return LockedVersions(pins=tuple(pins), commits=tuple(commits))


def pin_of(name: str, version: Any, marker: Any) -> Pin:  # noqa: ANN401 - TOML values
    """A pin. Raises TypeError where its parts are no texts."""
    from locktool.requirements_files.pins import Pin

    if not isinstance(version, str) or not isinstance(marker, str | None):
        raise TypeError(f"{name} has a version or a marker that is no text")
    return Pin(name, version, marker)


def commit_of(name: str, source: str) -> LockedCommit:
    """Read uv's notation of a commit: `https://host/name?rev=v1&subdirectory=x#0123...`."""
    parts = urlsplit(source)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    # A project's tags and branches are recorded as full references.
    kinds = (("rev", ""), ("tag", "refs/tags/"), ("branch", "refs/heads/"))
    revision = next((f"{reference}{query[kind]}" for kind, reference in kinds if kind in query), None)
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    return LockedCommit(name, url, revision, query.get("subdirectory"), parts.fragment)


def versions_of_poetry(document: dict[str, Any]) -> LockedVersions:
    """The packages of a poetry.lock that come from an index."""
    return LockedVersions(
        pins=tuple(
            pin_of(normalize_name(package["name"]), package["version"], marker_of_poetry(package.get("markers")))
            for package in document.get("package", [])
            if package.get("source", {}).get("type", "legacy") == "legacy"
        )
    )


def versions_of_pdm(document: dict[str, Any]) -> LockedVersions:
    """The packages of a pdm.lock that come from an index; those with extras are listed beside those without."""
    packages = [
        package
        for package in document.get("package", [])
        if not package.get("extras") and not {"git", "path", "url"} & package.keys()
    ]
    pins = [pin_of(normalize_name(each["name"]), each["version"], each.get("marker")) for each in packages]
    return LockedVersions(pins=tuple(pins))


def versions_of_pipenv(document: dict[str, Any]) -> LockedVersions:
    """The packages of a Pipfile.lock that come from an index, those of `default` before those of `develop`."""
    pins: dict[str, Pin] = {}
    for section in ("default", "develop"):
        for name, package in document.get(section, {}).items():
            version = package.get("version", "")
            if version.startswith("=="):
                pin = pin_of(normalize_name(name), version.removeprefix("=="), package.get("markers"))
                pins.setdefault(pin.name, pin)
    return LockedVersions(pins=tuple(pins.values()))


def marker_of_poetry(written: str | dict[str, str] | None) -> str | None:
    """Where an entry holds: a marker, or one for each group."""
    if isinstance(written, dict):
        return " or ".join(f"({marker})" for marker in written.values()) or None
    return written


def versions_of_requirements(directory: Path) -> LockedVersions:
    """The pins of the requirements files in a directory; those of `requirements.txt` come first."""
    files: dict[str, tuple[Pin, ...]] = {}
    for path in (directory / name for name in requirements_names(names_in(directory))):
        if not path.is_file():
            continue
        from locktool.requirements_files.pins import read_pins

        try:
            pins = read_pins(path, path.read_bytes())
        except (OSError, ProjectError):
            continue
        if pins:
            files[path.name] = pins
    return LockedVersions(files=tuple(files), pins=tuple(pin for pins in files.values() for pin in pins))
