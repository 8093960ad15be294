"""The builds of one run: on which Python they run, in which environments, and what they have to say.

In: the options, indexes and rules of the run. Out: metadata for the resolver and for the members of the project. What
is needed is imported, found and made when the first build begins.
"""

from __future__ import annotations

from _thread import allocate_lock

from locktool._native import LockFile, nearest_stated, normalize_name
from locktool.cancellation import run_cancellation, running_under
from locktool.exceptions import (
    BuildError,
    IndexUnavailable,
    InvalidName,
    LocktoolError,
    OfflineError,
    PackageNotFound,
)
from locktool.operations.build_locks import BuildLocks
from locktool.operations.build_rules import BuildRules, RequiredByBuild
from locktool.operations.options import resolve_options
from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: locks record what builds require, which takes no build.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from locktool._native import Project
    from locktool.building.environment import BuildEnvironment, Built, Stated
    from locktool.configuration.indexes import IndexSettings
    from locktool.interpreter.facts import Interpreter
    from locktool.operations.build_requirements import BuildRequirements
    from locktool.operations.options import RunOptions

ENVIRONMENTS = "environments"
"""The directory, below that of the cache, of the environments that builds run in."""

_LONGEST_CHAIN = 8


class BuildsAsked(Record):
    """What a run says of its builds: its manifest, what the paths in it start from, and limits of what builds require.

    Without a manifest there is no project whose rules could hold. `requires_python` are the Pythons where
    the caller names some, `python` is what builds run on where the caller names it. `locked` is the lock that records
    what builds require, or where it would be.
    """

    manifest: bytes | None
    root: str
    constraints: tuple[str, ...] = ()
    requires_python: str | None = None
    python: str | None = None
    locked: LockFile | str | None = None


class Builds:
    """Builds what no static metadata says; `warnings` are what people should know of the builds so far.

    It is called from threads of the extension, whose context knows nothing of the run.
    """

    def __init__(self, options: RunOptions, settings: IndexSettings, asked: BuildsAsked) -> None:
        """Prepare nothing yet."""
        self.warnings: list[str] = []
        self._built: dict[str, str] = {}
        self._members: frozenset[str] = frozenset()
        self._options = options
        self._settings = settings
        self._asked = asked
        self._python: Interpreter | None = None
        self._mutex = allocate_lock()
        self._known_rules: BuildRules | None = None
        self._known_locks: BuildLocks | None = None
        self._requirements: BuildRequirements | None = None
        self._own_directory: Path | None = None
        self._cancellation = run_cancellation()

    @property
    def cache(self) -> Path | None:
        """The cache directory of the run."""
        return self._options.cache_directory()

    def __call__(self, path: str) -> tuple[str, list[str] | None]:
        """What the extension asks of a source tree or a source distribution. Raises BuildError and ProjectError."""
        with running_under(self._cancellation):
            return self.built(path, ())

    def complete(self, project: Project) -> Project:
        """The project with the metadata of the members that leave some of it to their build system.

        Raises BuildError and ProjectError.
        """
        self._members = frozenset(project.unbuilt)
        for directory in project.unbuilt:
            try:
                metadata = self.metadata(directory)
            except BuildError as error:
                # What people would have heard after a success may be what to do now.
                fields = error.fields | {"suggestion": "\n".join(project.warnings) or None}
                raise BuildError(error.code, error.message, **fields) from error
            project = project.with_metadata(directory, metadata)
        return project

    def notes(self) -> list[str]:
        """A sentence for the packages whose code ran in a build, and no lock says that it did before."""
        locked = self._locked if self._built else None
        known = locked.built if locked else set()
        found = sorted(f"{name} {version}".rstrip() for name, version in self._built.items() if name not in known)
        what = "to know what it requires, the code of its build ran here"
        return [f"{', '.join(found)}: {what}; `allow-build` limits whose code may"] if found else []

    def recorded(self, lock: LockFile) -> LockFile:
        """The lock of a run with what its builds install. Raises BuildError and the errors of the index."""
        while missing := lock.missing_builds():
            rules = self._rules.with_manifest(lock.manifest or b"")
            sets = {tuple(requires): built for requires, built in missing}
            made = {requires: self._locks.pinned(rules, requires, (built[0],)) for requires, built in sets.items()}
            lock = lock.with_builds([(list(requires), of_set) for requires, of_set in made.items()])
        return lock

    def metadata(self, path: str) -> str:
        """The METADATA text of a source. Raises BuildError and ProjectError."""
        return self.built(path, ())[0]

    def built(self, path: str, chain: tuple[str, ...]) -> tuple[str, list[str] | None]:
        """The METADATA text of a source that is built for the builds of `chain`, and what its build requires.

        None in place of the requirements says that nothing was built. Raises BuildError and ProjectError.
        """
        from pathlib import Path

        from locktool.building.metadata import metadata_of_source

        source = Path(path)
        _refuse_cycle(source.name, chain)
        built = metadata_of_source(source, _Environments(builds=self, chain=chain))
        if built.build_requires is None:
            return built.text, None
        if path not in self._members:
            self._note_build(built.text)
        return built.text, list(self._rules.recorded(built.build_requires))

    def _note_build(self, metadata: str) -> None:
        """Remember whose code ran, where the metadata that it made have a name."""
        from locktool.building.advice import package_fields

        fields = package_fields(metadata)
        try:
            name = normalize_name(fields.get("Name", ""))
        except InvalidName:
            return
        self._built[name] = fields.get("Version", "")

    def wheel(self, path: Path, chain: tuple[str, ...]) -> Path:
        """The wheel of a source that is built for the builds of `chain`. Raises BuildError and ProjectError."""
        from pathlib import Path
        from tempfile import mkdtemp

        from locktool.building.metadata import wheel_of_source

        _refuse_cycle(path.name, chain)
        output = Path(mkdtemp(prefix="wheel-", dir=self._temporary()))
        return wheel_of_source(path, _Environments(builds=self, chain=chain), output)

    def nearest(self, package: str, version: str) -> Stated | None:
        """What the nearest release of a package requires that says so without a build, if any can be read."""
        from locktool.building.environment import Stated

        try:
            found = nearest_stated(
                package,
                version,
                self._rules.run,
                resolve_options(self._options, self._settings, self._rules.root),
                indexes=list(self._settings.indexes),
            )
        except (IndexUnavailable, OfflineError, PackageNotFound):
            # It is a hint beside another error.
            return None
        return None if found is None else Stated(version=found[0], requirements=found[1])

    def checked_out(self, url: str, commit: str, subdirectory: str | None) -> Path:
        """The tree of a locked commit of a repository. Raises BuildError and OfflineError."""
        from pathlib import Path
        from tempfile import mkdtemp
        from urllib.parse import quote

        from locktool.building.repository import CommitStore, check_out, subdirectory_of

        address = f"git+{url}"
        folder = Path(mkdtemp(prefix="commit-", dir=self._temporary()))
        check_out(address, folder, commit, CommitStore(self.cache, self._options.works_offline))
        inner = f"#subdirectory={quote(subdirectory)}" if subdirectory else ""
        return subdirectory_of(f"{address}{inner}", folder)

    def environment(self, required: RequiredByBuild, chain: tuple[str, ...], package: str | None) -> BuildEnvironment:
        """The environment of the last build of `chain`, of a package. Raises BuildError and the errors of the index."""
        from pathlib import Path

        from locktool.building.environment import BuildEnvironment, EnvironmentStore

        if package in self._rules.without_isolation:
            from locktool.operations.python import find_python

            active = find_python()
            return BuildEnvironment(directory=Path(active.prefix), interpreter=Path(active.executable))
        python = self._interpreter()
        self._refuse_matched(package, chain[-1])
        required = required._replace(static=self._rules.installed(required.static, package))
        store = EnvironmentStore(directory=self._directory() / ENVIRONMENTS)
        if not required.static and not required.further:
            return store.get(python, ())
        return store.get(python, self._build_requirements().wheels(required, python, chain))

    def _refuse_matched(self, package: str | None, subject: str) -> None:
        """Raise BuildError where the build of a package is to have the version of another that is locked."""
        matched = self._rules.matched.get(package or "", [])
        if matched:
            listed = ", ".join(matched)
            why = f"extra-build-dependencies has `match-runtime` for {listed}, of which no version is locked yet"
            way = f"state what {package} requires under [[tool.locktool.dependency-metadata]], or drop `match-runtime`"
            raise BuildError("build-requirements", f"{subject}: {why}", path=subject, suggestion=way)

    @property
    def _rules(self) -> BuildRules:
        if self._known_rules is None:
            asked = self._asked
            self._known_rules = BuildRules.of(asked.manifest, asked.root, asked.constraints, asked.requires_python)
        return self._known_rules

    @property
    def _locks(self) -> BuildLocks:
        if self._known_locks is None:
            self._known_locks = BuildLocks(self._options, self._settings, self, self._locked)
        return self._known_locks

    @property
    def _locked(self) -> LockFile | None:
        """The lock that records what builds require."""
        locked = self._asked.locked
        return LockFile.read_replaced(locked) if isinstance(locked, str) else locked

    def _interpreter(self) -> Interpreter:
        """What builds run on: the Python that the caller names, or one that the run is for, the running one first."""
        with self._mutex:
            if self._python is None:
                self._python = self._found_interpreter()
            return self._python

    def _found_interpreter(self) -> Interpreter:
        from locktool.interpreter.probe import running_interpreter

        asked, wanted = self._asked.python, self._rules.requires_python
        running = running_interpreter()
        if asked is None and (wanted is None or self._rules.admits(running)):
            return running
        from locktool.operations.python import find_python, probe_cache

        records = probe_cache(self._options.cache_dir, cache=self._options.cache)
        try:
            return find_python(asked or wanted, records=records)
        except LocktoolError as error:
            if asked is not None or error.code != "no-interpreter":
                raise
            message = f"no Python {wanted} on this machine: builds run on {running.name}"
            self.warnings.append(f"{message}, for which their metadata may differ")
            return running

    def _build_requirements(self) -> BuildRequirements:
        from locktool.operations.build_requirements import BuildRequirements

        directory, locks = self._directory(), self._locks
        with self._mutex:
            if self._requirements is None:
                self._requirements = BuildRequirements(self._options, self._settings, self._rules, directory, locks)
            return self._requirements

    def _directory(self) -> Path:
        """Where wheels and environments are kept: the cache, or a directory of this run where there is none."""
        return self.cache or self._temporary()

    def _temporary(self) -> Path:
        """A directory that goes with the run."""
        import weakref
        from contextlib import ExitStack

        from locktool.building.workspace import build_directory

        with self._mutex:
            if self._own_directory is None:
                ending = ExitStack()
                self._own_directory = ending.enter_context(build_directory(self.cache))
                weakref.finalize(self, ending.close)
            return self._own_directory


class _Environments(Record):
    """The environments of one build, for the builds of a chain."""

    builds: Builds
    chain: tuple[str, ...]

    @property
    def cache(self) -> Path | None:
        """The cache directory of the run."""
        return self.builds.cache

    def having(self, requirements: Sequence[str], built: Built, further: Sequence[str] = ()) -> BuildEnvironment:
        """The environment with these requirements installed. Raises BuildError and the errors of the index."""
        required = RequiredByBuild(static=tuple(requirements), further=tuple(further))
        return self.builds.environment(required, (*self.chain, built.subject), built.package)

    def nearest(self, package: str, version: str) -> Stated | None:
        """What the nearest release requires that says so without a build, if any can be read."""
        return self.builds.nearest(package, version)


def _refuse_cycle(subject: str, chain: Sequence[str]) -> None:
    """Raise BuildError where a source is to be built for its own build, or at the end of a chain without end."""
    if subject not in chain and len(chain) < _LONGEST_CHAIN:
        return
    why = "needs itself to be built" if subject in chain else "is at the end of too long a chain of builds"
    steps = " -> ".join((*chain, subject))
    raise BuildError("build-cycle", f"{subject} {why}: {steps}", path=subject)
