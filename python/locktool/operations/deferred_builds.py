"""The builds of a run, whose code is loaded when the first one is needed: most runs need none.

In: the options, indexes and rules of the run. Out: what `Builds` gives.
"""

from __future__ import annotations

from _thread import allocate_lock

from locktool.cancellation import run_cancellation, running_under

# What type checkers set; `typing` itself is not loaded: every lock may have builds.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from locktool._native import LockFile, Project
    from locktool.configuration.indexes import IndexSettings
    from locktool.operations.builds import Builds
    from locktool.operations.options import RunOptions


class DeferredBuilds:
    """Makes `Builds` when it is first asked, from whichever thread."""

    def __init__(
        self, options: RunOptions, settings: IndexSettings, manifest: bytes, root: str, locked: LockFile | None = None
    ) -> None:
        """Load nothing yet; see `BuildsAsked` for what a run says of its builds."""
        self._options = options
        self._settings = settings
        self._manifest = manifest
        self._root = root
        self._locked = locked
        self._made: Builds | None = None
        self._mutex = allocate_lock()
        # That of the thread which runs: those of the extension know none.
        self._cancellation = run_cancellation()

    @property
    def warnings(self) -> list[str]:
        """What people should know of the builds so far."""
        return self._made.warnings if self._made else []

    def notes(self) -> list[str]:
        """A sentence for the packages whose code ran in a build, and no lock says that it did before."""
        return self._made.notes() if self._made else []

    def __call__(self, path: str) -> tuple[str, list[str] | None]:
        """What the extension asks of a source tree or a source distribution. Raises BuildError and ProjectError."""
        return self._builds()(path)

    def complete(self, project: Project) -> Project:
        """The project with the metadata of the members that leave some of it to their build system.

        Raises BuildError and ProjectError.
        """
        return self._builds().complete(project) if project.unbuilt else project

    def recorded(self, lock: LockFile) -> LockFile:
        """The lock of a run with what its builds install. Raises BuildError and the errors of the index."""
        return self._builds().recorded(lock) if lock.missing_builds() else lock

    def _builds(self) -> Builds:
        with self._mutex, running_under(self._cancellation):
            if self._made is None:
                from locktool.operations.builds import Builds, BuildsAsked

                asked = BuildsAsked(manifest=self._manifest, root=self._root, locked=self._locked)
                self._made = Builds(self._options, self._settings, asked)
            return self._made
