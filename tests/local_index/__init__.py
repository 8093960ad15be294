"""A package index on loopback, built from small descriptions and served over real sockets.

`LocalIndex().add("a", "1.0.0", requires=["b>=2"])` makes a wheel that installs, a page that lists it in JSON and
HTML (PEP 503, 691, 700) and a metadata sidecar (PEP 658); `fail` makes any path misbehave.
"""

from local_index.faults import (
    Corrupted,
    Fault,
    RangeIgnored,
    Redirect,
    Replaced,
    Reset,
    Slow,
    Status,
    Truncated,
    WrongLength,
)
from local_index.release import Description, Release
from local_index.server import LocalIndex, RecordedRequest

__all__ = [
    "Corrupted",
    "Description",
    "Fault",
    "LocalIndex",
    "RangeIgnored",
    "RecordedRequest",
    "Redirect",
    "Release",
    "Replaced",
    "Reset",
    "Slow",
    "Status",
    "Truncated",
    "WrongLength",
]
