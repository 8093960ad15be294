"""Lists what one environment installs of a lock, and from what.

In: a project with its lock, a part of it, and an environment: an interpreter of this machine, whose wheel tags are
known, or any version and platform. Out: the packages. Nothing but the lock is read.
"""

import platform
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from locktool._native import environment_marker
from locktool.export.part import Part, part_of
from locktool.interpreter.environment import MarkerEnvironment
from locktool.lock.files import Source, file_name
from locktool.lock.model import Archive, Directory, Distribution, Package, Vcs
from locktool.lock.read import read_lock
from locktool.lock.select import select_for
from locktool.operations.find_locks import path_of_lock
from locktool.operations.options import Target
from locktool.operations.python import find_python


class ListedPackage(Struct, frozen=True, kw_only=True):
    """A package that the environment installs.

    `kind` is "wheel", "sdist", "archive", "directory" or "git", or None where the environment's wheel tags are not
    known and the file is the installer's choice; `source` is a file name, a path or an address with its commit.
    `marker` is what the environment does not decide.
    """

    name: str
    version: str | None
    kind: str | None
    source: str | None
    size: int | None = None
    marker: str | None = None


class Listing(Struct, frozen=True, kw_only=True):
    """The packages, and the environment in words."""

    environment: str
    packages: tuple[ListedPackage, ...]

    def as_json(self) -> dict[str, Any]:
        """The listing as a JSON document."""
        return {"environment": self.environment, "packages": [structs.asdict(each) for each in self.packages]}


def list_packages(
    directory: Path = Path(),
    part: Part | None = None,
    *,
    script: Path | None = None,
    python: str | None = None,
    target: Target | None = None,
) -> Listing:
    """What an environment installs of the lock of the project in `directory`, or of a script.

    By default the environment is the running interpreter; `python` is another one of this machine (a version, a name
    or a path), `target` any other environment. Raises ProjectError for a part that the lock does not
    have, and LockError where the lock refuses the environment.
    """
    part = part or Part()
    lock = read_lock(path_of_lock(directory, script), script)
    if target is not None and (target.python_version or target.python_platform):
        version = target.python_version or ".".join(platform.python_version_tuple()[:2])
        marker = environment_marker(version, target.python_platform)
        chosen = part_of(lock, structs.replace(part, environment=marker)).lock
        packages = tuple(_listed(package, _direct(package), package.marker) for package in chosen.packages)
        words = f"Python {version} on {target.python_platform or 'the platform of this machine'}"
        return Listing(environment=words, packages=packages)
    environment = MarkerEnvironment.current() if python is None else MarkerEnvironment.of(find_python(python))
    selected = select_for(part_of(lock, part).lock, environment, (), ())
    words = f"{environment.platform_python_implementation} {environment.python_full_version}"
    return Listing(
        environment=f"{words} on {environment.sys_platform} {environment.platform_machine}",
        packages=tuple(_listed(each.package, each.source) for each in selected),
    )


def _direct(package: Package) -> Source | None:
    """The source of an entry that leaves no choice of files."""
    return package.vcs or package.directory or package.archive


def _listed(package: Package, source: Source | None, marker: str | None = None) -> ListedPackage:
    kind, text = _described(source)
    size = source.size if isinstance(source, Distribution | Archive) else None
    return ListedPackage(name=package.name, version=package.version, kind=kind, source=text, size=size, marker=marker)


def _described(source: Source | None) -> tuple[str | None, str | None]:
    match source:
        case None:
            return None, None
        case Vcs():
            return source.type, f"{source.url or source.path}@{source.commit_id}"
        case Directory():
            return "directory", source.path
        case Archive():
            return "archive", source.url or source.path
        case Distribution():
            name = file_name(source)
            return "wheel" if name.endswith(".whl") else "sdist", name
