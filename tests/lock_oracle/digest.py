"""The digests that a lock records: of each entry's block, and of what only the run that wrote it knew.

Each part of a block goes into a SHA-256 as key and value, both with their length as eight bytes, little-endian; the
first 16 hexadecimal digits are recorded. Markers and edges are left out, since they are derived.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Table = dict[str, Any]

_DIGITS = 16


def block_digest(entry: Table) -> str:
    """What `packages.tool.locktool.digest` is, if the block is as it was written."""
    digest = hashlib.sha256()
    for part in (part for pair in _parts(entry) for part in pair):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()[:_DIGITS]


def run_digest(record: Table, *, names_python: bool) -> str | None:
    """What `tool.locktool.digest` is: of command line, other indexes, instants of spans, an assumed Python."""
    of_packages = record.get("exclude-newer-package", {})
    cutoffs = [record.get("exclude-newer"), *(of_packages[name] for name in sorted(of_packages))]
    cutoffs += [index.get("exclude-newer") for index in record.get("indexes", [])]
    said = {
        "command_line": record.get("command-line", {}),
        "instants": [cutoff for cutoff in cutoffs if isinstance(cutoff, dict)],
        "assumed_python": None if names_python else record.get("requires-python"),
    }
    if record.get("other-indexes"):
        said["other_indexes"] = record["other-indexes"]
    if not any(said.values()):
        return None
    text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def file_name(file: Table) -> str:
    """The name of a file: the one recorded, else the last segment of its address."""
    if "name" in file:
        return str(file["name"])
    address = str(file.get("url", file.get("path", "")))
    return address.partition("#")[0].partition("?")[0].rsplit("/", 1)[-1]


def time_text(value: object) -> str:
    """An instant as RFC 3339 text in UTC; a fraction of a second has no zeros at its end: `10.843Z`, `10Z`."""
    if not isinstance(value, dt.datetime):
        return str(value)
    seconds, _, fraction = value.isoformat().removesuffix("+00:00").partition(".")
    fraction = fraction.rstrip("0")
    return f"{seconds}.{fraction}Z" if fraction else f"{seconds}Z"


def _parts(entry: Table) -> Iterable[tuple[str, str]]:
    yield "name", str(entry.get("name", ""))
    yield from _present(entry, "version", "requires-python")
    for text in entry.get("tool", {}).get("locktool", {}).get("requires", []):
        yield "requires", text
    build_requires = entry.get("tool", {}).get("locktool", {}).get("build-requires")
    if build_requires is not None:
        yield "build-requires", str(len(build_requires))
        yield from (("build-requires", text) for text in build_requires)
    yield from _present(entry, "index")
    if (vcs := entry.get("vcs")) is not None:
        yield "vcs", str(vcs.get("type", ""))
        yield "url", str(vcs.get("url", ""))
        yield from _present(vcs, "requested-revision")
        yield "commit-id", str(vcs.get("commit-id", ""))
        yield from _present(vcs, "subdirectory")
    if (directory := entry.get("directory")) is not None:
        yield "directory", str(directory.get("path", ""))
        if directory.get("editable"):
            yield "editable", "true"
    for kind in ("archive", "sdist"):
        if kind in entry:
            yield from _file(kind, entry[kind])
    for wheel in entry.get("wheels", []):
        yield from _file("wheels", wheel)


def _file(kind: str, file: Table) -> Iterable[tuple[str, str]]:
    yield kind, file_name(file)
    yield from _present(file, "url", "path")
    if "upload-time" in file:
        yield "upload-time", time_text(file["upload-time"])
    yield from _present(file, "size")
    yield from sorted(file.get("hashes", {}).items())


def _present(table: Table, *keys: str) -> Iterable[tuple[str, str]]:
    for key in keys:
        if key in table:
            yield key, str(table[key])
