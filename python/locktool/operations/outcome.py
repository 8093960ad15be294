"""What a run that resolves did, as records: the same facts for a lock and for compiled requirements."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from locktool.lock.diff import LockDiff
from locktool.lock.model import Lock

if TYPE_CHECKING:
    from locktool._native import LockFile, Resolution


class Counters(Struct, frozen=True, kw_only=True):
    """What a run read."""

    pages: int = 0
    """Package pages."""
    metadata: int = 0
    """Metadata files."""
    requests: int = 0
    """Requests that were sent."""
    bytes: int = 0
    """Bytes that came over the network."""

    def plus(self, other: "Counters") -> "Counters":
        """What two runs read."""
        return Counters(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})


class RunOutcome(Struct, frozen=True, kw_only=True):
    """`changed` says whether the text differs from the file's, `written` whether the file was replaced.

    `first` means that there was nothing to compare with. `warnings` are what may be wrong, `notes` what was left out
    on purpose; both are sentences for people.
    """

    lock: Lock
    diff: LockDiff
    first: bool
    changed: bool
    written: bool
    seconds: float
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    counters: Counters = Counters()


class LockOutcome(RunOutcome, frozen=True, kw_only=True):
    """What locking a project or a script did."""

    path: Path

    def after(self, earlier: "LockOutcome") -> "LockOutcome":
        """The outcome of this run and of an earlier one that it completes: what both read, and the warnings of both."""
        return structs.replace(
            self,
            counters=self.counters.plus(earlier.counters),
            warnings=tuple(dict.fromkeys((*earlier.warnings, *self.warnings))),
        )

    def after_writing(self) -> "LockOutcome":
        """The outcome of the same run once its lock is written."""
        return structs.replace(self, written=self.changed)


class CompileOutcome(RunOutcome, frozen=True, kw_only=True):
    """What compiling did; `path` is None where the text was asked for and no file."""

    path: Path | None
    text: str


def moved_builds(before: "LockFile | None", after: "LockFile") -> list[str]:
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


def counters_of(resolution: "Resolution") -> Counters:
    """The counters of a finished run."""
    counted = resolution.counters
    return Counters(pages=counted.pages, metadata=counted.metadata, requests=counted.requests, bytes=counted.bytes)
