"""One project and its lock, and resolutions of it that write nothing: what if this were required, or everything moved?

In: a directory and the options of a run. Out: locks that could be, and what the indexes have.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import msgpack

from locktool._native import Marker, Project, find_root, latest_version, resolve
from locktool.exceptions import PackageNotFound
from locktool.lock.file_name import LOCK_NAME, lock_of_script
from locktool.lock.model import Lock, Package
from locktool.lock.read import lock_of
from locktool.lock.rules import Rule, rules_of
from locktool.operations.builds import Builds, BuildsAsked
from locktool.operations.lock import read_existing
from locktool.operations.options import RunOptions, index_settings, resolve_options
from locktool.operations.progress import Progress
from locktool.operations.repositories import Checkouts
from locktool.scripts.read import read_script


class Trial:
    """The project in a directory, or a script, as `lock` would resolve it with these options."""

    def __init__(
        self, directory: Path, options: RunOptions, progress: Progress | None = None, *, script: Path | None = None
    ) -> None:
        """Read project and lock. Raises ProjectError, LockError and BuildError."""
        root = Path(find_root(str(directory))) if script is None else script.resolve().parent
        self.root = root
        self._path = root / LOCK_NAME if script is None else lock_of_script(script)
        self._existing = read_existing(str(self._path))
        if script is None:
            project = Project.read(str(directory), locked=self._existing.file if self._existing else None)
        else:
            project = read_script(script)
        self._options = options
        self._settings = index_settings(options, project)
        locked = self._existing.file if self._existing else None
        asked = BuildsAsked(manifest=options.apply_to(project.rules()), root=str(root), locked=locked)
        self._builds = Builds(options, self._settings, asked)
        self._manifest = options.apply_to(self._builds.complete(project).manifest())
        self._progress = progress

    @property
    def lock(self) -> Lock | None:
        """The lock as it stands, or None."""
        return self._existing.lock if self._existing else None

    @property
    def packages(self) -> tuple[Package, ...]:
        """The entries of the lock as it stands."""
        return self.lock.packages if self.lock else ()

    def latest(self, name: str, *, refresh: bool = True) -> str:
        """The newest version of a package that the rules of the project leave, whatever requires it.

        `refresh` is whether the option of that name counts. Raises PackageNotFound and the errors of the index.
        """
        options = self._options if refresh else self._options._replace(refresh=False)
        version = latest_version(
            name,
            self._manifest,
            resolve_options(options, self._settings, self.root),
            indexes=list(self._settings.indexes),
        )
        if version is None:
            message = f"no version of {name} may be used: all are yanked or newer than exclude-newer"
            raise PackageNotFound("package-unusable", message, package=name)
        return version

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The constraints, overrides and excludes of the project as it is now."""
        return rules_of(msgpack.decode(self._manifest))

    @property
    def members(self) -> dict[str, str]:
        """The paths of the projects of the workspace, relative to its root, by their names."""
        members = msgpack.decode(self._manifest)["members"]
        return {member["name"]: member["path"] for member in members if member.get("name")}

    def solve(
        self, require: Sequence[str] = (), *, upgrade: bool | list[str] = False, limit: Sequence[str] = ()
    ) -> Lock:
        """The lock that `lock` would write if these requirements were the project's too, or constraints: `limit`.

        Raises ResolutionImpossible and the errors of the index.
        """
        options = self._options._replace(upgrade=upgrade, limit=tuple(limit))
        locked = self._existing.file if self._existing else None
        with Checkouts(self._manifest, locked, options) as checkouts:
            resolution = resolve(
                self._manifest,
                resolve_options(options, self._settings, self.root, require=require, checkouts=checkouts.trees),
                indexes=list(self._settings.indexes),
                locked=locked,
                builder=self._builds,
                checkout=checkouts.check_out,
                progress=self._progress,
            )
        return lock_of(resolution.lock, self._path)

    def where(self, entries: Iterable[Package]) -> str | None:
        """The environments of some entries, whatever extras and groups are chosen; None for all."""
        lock = self.lock
        if lock is None:
            return None
        where = Marker.never()
        for entry in entries:
            if not entry.marker:
                return None
            where |= Marker(entry.marker).choose(extras=lock.extras, groups=lock.dependency_groups)
        return None if where.is_true() or where.is_false() else str(where)
