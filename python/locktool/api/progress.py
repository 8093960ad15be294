"""What a caller sees of a run, and how it stops one: both meet in the hook that the waiting thread calls."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from locktool.cancellation import running_under
from locktool.exceptions import Interrupted, LocktoolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from locktool._native import ProgressSnapshot
    from locktool.cancellation import Cancellation


class Progress(Struct, frozen=True, kw_only=True):
    """What a run has read so far."""

    step: str
    """What is being done, for people."""
    pages: int
    """Package pages that were read."""
    metadata: int
    """Metadata files that were read."""
    requests: int
    """Requests that were sent."""
    in_flight: int
    """Requests that are not answered yet."""
    bytes: int
    """Bytes that came over the network."""


ProgressCallback: TypeAlias = Callable[[Progress], object]
"""Called about twenty times a second from the thread that waits; what it raises ends the run."""


@contextmanager
def supervised(
    progress: ProgressCallback | None, cancellation: Cancellation | None
) -> Iterator[Callable[[ProgressSnapshot], None]]:
    """Run under a cancellation, with the hook that the run calls.

    Once the run is cancelled, whatever error that makes of its parts is one `Interrupted`.
    """

    def check() -> None:
        if cancellation is not None:
            cancellation.check()

    def hook(snapshot: ProgressSnapshot) -> None:
        check()
        if progress is not None:
            progress(_progress(snapshot))

    with running_under(cancellation):
        check()
        try:
            yield hook
        except LocktoolError as error:
            if not isinstance(error, Interrupted):
                check()
            raise


def _progress(snapshot: ProgressSnapshot) -> Progress:
    return Progress(
        step=snapshot.step,
        pages=snapshot.pages,
        metadata=snapshot.metadata,
        requests=snapshot.requests,
        in_flight=snapshot.in_flight,
        bytes=snapshot.bytes,
    )
