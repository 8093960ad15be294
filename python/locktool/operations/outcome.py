"""What a run that resolves did, as records: the same facts for a lock and for compiled requirements."""

from __future__ import annotations

from locktool.record import Record

# What type checkers set; `typing` itself is not loaded: every lock has an outcome.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from locktool._native import LockFile, Resolution
    from locktool.lock.diff import LockDiff
    from locktool.lock.model import Lock


class Counters(Record):
    """What a run read."""

    pages: int = 0
    """Package pages."""
    metadata: int = 0
    """Metadata files."""
    requests: int = 0
    """Requests that were sent."""
    bytes: int = 0
    """Bytes that came over the network."""

    def plus(self, other: Counters) -> Counters:
        """What two runs read."""
        return Counters(**{name: getattr(self, name) + getattr(other, name) for name in self._fields})


class ExistingLock(Record):
    """A lock found where one is to be written: the text that stands there, and what could be read of it."""

    location: str
    text: str
    file: LockFile
    warnings: tuple[str, ...] = ()

    @property
    def lock(self) -> Lock:
        """What it says."""
        return self._once("lock", lambda: decoded(self.file, self.location))


class RunOutcome(Record):
    """`changed` says whether the text differs from the file's, `written` whether the file was replaced.

    `first` means that there was nothing to compare with. `warnings` are what may be wrong, `notes` what was left out
    on purpose; both are sentences for people.
    """

    first: bool
    changed: bool
    written: bool
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    counters: Counters = Counters()

    @property
    def lock(self) -> Lock:
        """What is locked."""
        raise NotImplementedError

    @property
    def diff(self) -> LockDiff:
        """What moved."""
        raise NotImplementedError

    @property
    def packages(self) -> int:
        """How many packages are locked; one that is locked in several versions is one."""
        return len({package.name for package in self.lock.packages})


class LockOutcome(RunOutcome):
    """What locking a project or a script did: the lock at `location`, and the one that stood there.

    What is in them is decoded when it is asked for, since a run that has little to tell does not ask.
    """

    location: str
    file: LockFile
    existing: ExistingLock | None

    @property
    def path(self) -> Path:
        """The file of the lock."""
        from pathlib import Path

        return Path(self.location)

    @property
    def lock(self) -> Lock:
        """What is locked."""
        return self._once("lock", lambda: decoded(self.file, self.location))

    @property
    def diff(self) -> LockDiff:
        """What moved."""
        return self._once("diff", self._compared)

    @property
    def packages(self) -> int:
        """How many packages are locked; one that is locked in several versions is one."""
        return len(self.file.names)

    def after(self, earlier: LockOutcome) -> LockOutcome:
        """The outcome of this run and of an earlier one that it completes: what both read, and the warnings of both."""
        return self._replace(
            counters=self.counters.plus(earlier.counters),
            warnings=tuple(dict.fromkeys((*earlier.warnings, *self.warnings))),
        )

    def after_writing(self) -> LockOutcome:
        """The outcome of the same run once its lock is written."""
        return self._replace(written=self.changed)

    def _compared(self) -> LockDiff:
        from locktool.lock.diff import compare_packages

        return compare_packages(self.existing.lock.packages if self.existing else (), self.lock.packages)


class CompileOutcome(RunOutcome):
    """What compiling did; `path` is None where the text was asked for and no file.

    `pinned` is what it pins, `changes` what moved.
    """

    path: Path | None
    text: str
    pinned: Lock
    changes: LockDiff

    @property
    def lock(self) -> Lock:
        """What is pinned."""
        return self.pinned

    @property
    def diff(self) -> LockDiff:
        """What moved."""
        return self.changes


def decoded(file: LockFile, location: str) -> Lock:
    """What a lock says, as records. Raises LockError where it does not follow the standard."""
    from pathlib import Path

    from locktool.lock.read import lock_of

    return lock_of(file, Path(location))


def moved_builds(before: LockFile | None, after: LockFile) -> list[str]:
    """A sentence for the packages that builds require in other versions than before."""
    versions: list[dict[str, list[str]]] = []
    for lock in (before, after):
        by_name: dict[str, list[str]] = {}
        for name, version in lock.build_pins if lock else ():
            by_name.setdefault(name, []).append(version)
        versions.append(by_name)
    then, now = versions
    moved = [name for name in sorted(then.keys() & now.keys()) if then[name] != now[name]]
    listed = ", ".join(f"{name} {', '.join(then[name])} -> {', '.join(now[name])}" for name in moved)
    return [f"what builds require has moved: {listed}"] if moved else []


def counters_of(resolution: Resolution) -> Counters:
    """The counters of a finished run."""
    counted = resolution.counters
    return Counters(pages=counted.pages, metadata=counted.metadata, requests=counted.requests, bytes=counted.bytes)
