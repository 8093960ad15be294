"""The progress line: what the run is doing, how much it has read, how fast."""

from __future__ import annotations

from time import monotonic

# What type checkers set; `typing` itself is not loaded: every lock shows how far it is.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from locktool.cli.console import Console

    class ProgressRecord(Protocol):
        """The counters of a run as the extension reports them ten times a second."""

        @property
        def step(self) -> str:
            """What is being done, as a phrase."""

        @property
        def pages(self) -> int:
            """Package pages read."""

        @property
        def metadata(self) -> int:
            """Metadata files read."""

        @property
        def bytes(self) -> int:
            """Bytes received from the network."""

        @property
        def in_flight(self) -> int:
            """Requests that wait for a response."""


class ProgressLine:
    """Shows each record on one line of the console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = monotonic()

    def __call__(self, record: ProgressRecord) -> None:
        """Replace the line by what the record says."""
        parts = [record.step or "Resolving", f"{record.pages} packages, {record.metadata} metadata"]
        if record.bytes:
            rate = record.bytes / max(monotonic() - self._started, 0.1)
            parts.append(f"{size_text(record.bytes)} at {size_text(rate)}/s")
        if record.in_flight:
            parts.append(f"{record.in_flight} in flight")
        self._console.progress(" · ".join(parts))


def size_text(size: float) -> str:
    """A number of bytes for a person: `12 kB`, `3.4 MB`."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}" if size < 10 * factor else f"{size / factor:.0f} {unit}"
    return f"{size:.0f} B"
