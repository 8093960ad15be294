"""Lists what one environment installs of a lock, and from what.

In: a project with its lock, a part of it, and an environment: an interpreter of this machine, or any version and
platform. Out: the packages. Nothing but the lock is read.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from locktool._native import environment_marker
from locktool.export.part import Part, part_of
from locktool.lock.files import Source, file_name
from locktool.lock.model import Archive, Directory, Distribution, Package, Vcs
from locktool.lock.read import read_lock
from locktool.lock.select import all_entries, select_for
from locktool.operations.find_locks import path_of_lock
from locktool.operations.python import PythonChoice, chosen_environment, probe_cache


class ListedPackage(Struct, frozen=True, kw_only=True):
    """A package that the environment installs.

    `kind` is "wheel", "sdist", "archive", "directory" or "git"; `source` is a file name, a path or an address with its
    commit. `marker` is what an environment that is not there does not decide, such as the release of its kernel.
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
    choice: PythonChoice | None = None,
) -> Listing:
    """What an environment installs of the lock of the project in `directory`, or of a script.

    By default the environment is the running interpreter. Raises ProjectError for a part that the lock does not have,
    LockError where the lock refuses the environment, and what `chosen_environment` raises.
    """
    part, choice = part or Part(), choice or PythonChoice()
    environment = chosen_environment(choice, probe_cache())
    lock = read_lock(path_of_lock(directory, script), script)
    if choice.python_version is not None or choice.python_platform is not None:
        marker = environment_marker(dict(environment), choice.python_version)
        chosen = part_of(lock, structs.replace(part, environment=marker)).lock
        entries = all_entries(chosen, environment.tags)
        packages = tuple(_listed(each.package, each.source, each.package.marker) for each in entries)
        return Listing(environment=choice.words, packages=packages)
    selected = select_for(part_of(lock, part).lock, environment, (), ())
    words = f"{environment.platform_python_implementation} {environment.python_full_version}"
    return Listing(
        environment=f"{words} on {environment.sys_platform} {environment.platform_machine}",
        packages=tuple(_listed(each.package, each.source) for each in selected),
    )


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
