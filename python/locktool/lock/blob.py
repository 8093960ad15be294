"""Keeps the MessagePack form of a lock in the cache, under the digest of the lock's bytes.

A reload then skips TOML. The store is a convenience: a missing, damaged or unwritable blob is a miss and never an
error, and only the latest few are kept.

    blob = sha256(payload) + payload        at <cache>/locks-1/<sha256(lock)>.msgpack
"""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

DIRECTORY = "locks-1"
_KEPT = 64
_DIGEST_SIZE = 32


def load_blob(content: bytes, cache: Path) -> bytes | None:
    """The MessagePack form of the lock with these bytes, or None."""
    try:
        blob = _place(content, cache).read_bytes()
    except OSError:
        return None
    payload = blob[_DIGEST_SIZE:]
    return payload if blob[:_DIGEST_SIZE] == sha256(payload).digest() else None


def store_blob(content: bytes, payload: bytes, cache: Path) -> None:
    """Remember the MessagePack form of a lock, if the cache can be written."""
    path = _place(content, cache)
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # No fsync: the digest in front tells a half-written blob from a whole one.
        beside.write_bytes(sha256(payload).digest() + payload)
        beside.replace(path)
        _forget_oldest(path.parent)


def _place(content: bytes, cache: Path) -> Path:
    return cache / DIRECTORY / f"{sha256(content).hexdigest()}.msgpack"


def _forget_oldest(directory: Path) -> None:
    with os.scandir(directory) as entries:
        by_age = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
    for _, path in by_age[:-_KEPT]:
        with suppress(OSError):
            Path(path).unlink()
