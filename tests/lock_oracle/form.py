"""The form of a lock: what PEP 751 says of each key, and which of its keys locktool writes.

In: the lock as a document. Out: a refutation for each form that the standard forbids, and for each key outside the
[tool] tables that is not derived again from lock and project.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from packaging.pylock import Pylock, PylockValidationError
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from lock_oracle.blocks import files_of
from lock_oracle.refutation import Refutation, title

if TYPE_CHECKING:
    from collections.abc import Iterable

Table = dict[str, Any]

_HEADER = frozenset(
    {"lock-version", "environments", "requires-python", "extras", "dependency-groups", "default-groups", "created-by"}
    | {"packages", "tool"}
)
_FILE = frozenset({"name", "upload-time", "url", "path", "size", "hashes"})
_ENTRY = {
    "name": None,
    "version": None,
    "marker": None,
    "requires-python": None,
    "dependencies": frozenset({"name", "version"}),
    "vcs": frozenset({"type", "url", "requested-revision", "commit-id", "subdirectory"}),
    "directory": frozenset({"path", "editable"}),
    "archive": _FILE - {"name"},
    "index": None,
    "sdist": _FILE,
    "wheels": _FILE,
    "tool": None,
}
_EVIDENCE = frozenset({"digest", "requires", "build-requires"})
_ORIGINS = ("vcs", "directory", "archive")
_DIGITS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
# At least as strong as the sha256 that the standard recommends.
_STRONG = frozenset({"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"})


def refutations(lock: Table) -> Iterable[Refutation]:
    """What is wrong with the form; first what `packaging` refuses, which is why it may be the only one."""
    try:
        Pylock.from_dict(lock)
    except PylockValidationError as error:
        yield Refutation(_named(lock, str(error.context or "lock")), str(error))
        return
    for key in sorted(lock.keys() - _HEADER):
        yield Refutation(key, "is a key that no version of the standard has")
    if not isinstance(lock.get("tool", {}).get("locktool", {}), dict):
        yield Refutation("locktool", "the recorded inputs are no table")
    if lock["lock-version"] != "1.0":
        yield Refutation("lock-version", "is not the one that is written")
    for entry in lock["packages"]:
        yield from (Refutation(title(entry), sentence) for sentence in _entry(entry))


def _named(lock: Table, context: str) -> str:
    """The name of the entry that a place such as `packages[3].wheels[0]` is in."""
    found = re.match(r"packages\[(\d+)\]", context)
    return str(lock["packages"][int(found[1])].get("name", context)) if found else context


def _entry(entry: Table) -> Iterable[str]:
    for key, value in entry.items():
        if key not in _ENTRY:
            yield f"{key} is a key that is not written"
            continue
        allowed = _ENTRY[key]
        tables = value if isinstance(value, list) else [value]
        for table in tables if allowed is not None else []:
            for inner in sorted(table.keys() - allowed):
                yield f"{key}.{inner} is a key that is not written"
    if entry["name"] != canonicalize_name(entry["name"]):
        yield "its name is not normalised"
    yield from _evidence(entry)
    yield from _origin(entry)
    for kind, file in files_of(entry):
        yield from _file(file, kind)


def _origin(entry: Table) -> Iterable[str]:
    origins = [key for key in _ORIGINS if key in entry]
    served = [key for key in ("index", "sdist", "wheels") if key in entry]
    if origins and (served or len(origins) > 1):
        yield f"{' and '.join([*origins, *served])} exclude each other"
    if not origins and not entry.get("wheels") and "sdist" not in entry:
        yield "it has no files"
    # A folder of find-links is named by its path, as its files are.
    in_a_folder = "index" in entry and all("path" in file for _, file in files_of(entry))
    if not origins and not in_a_folder and not urlsplit(entry.get("index", "")).netloc:
        yield "it names no index"
    if not {"vcs", "directory"} & entry.keys() and "version" not in entry:
        yield "what is built has a version"
    if {"vcs", "directory"} & entry.keys() and "version" in entry:
        yield "a source tree has no version of its own"


def _evidence(entry: Table) -> Iterable[str]:
    """The edges, and the table from which they are derived."""
    if any(not isinstance(edge.get(key, ""), str) for edge in entry.get("dependencies", []) for key in edge):
        yield "an edge is to a text"
    if any("name" not in edge for edge in entry.get("dependencies", [])):
        yield "an edge names no package"
    evidence = entry.get("tool", {}).get("locktool", {})
    if not isinstance(evidence, dict) or not isinstance(evidence.get("requires", []), list):
        yield "its evidence is not a table with a list of requirements"
        return
    for key in sorted(evidence.keys() - _EVIDENCE):
        yield f"its evidence has {key}, which is not written"
    for text in evidence.get("requires", []):
        try:
            Requirement(text)
        except (InvalidRequirement, TypeError) as error:
            yield f"{text} is no requirement: {error}"


def _file(file: Table, kind: str) -> Iterable[str]:
    if ("url" in file) == ("path" in file):
        yield f"a file of {kind} has an address and a path, or neither"
    if file.get("size", 0) < 0:
        yield f"a file of {kind} is smaller than nothing"
    hashes = file.get("hashes", {})
    if not _STRONG & hashes.keys():
        yield f"a file of {kind} has no hash as strong as sha256"
    if kind == "archive" and hashes.keys() != {"sha256"}:
        yield "an archive is read whole and has its sha256, nothing else"
    for algorithm, digest in hashes.items():
        if not re.fullmatch(r"[0-9a-f]+", digest) or len(digest) != _DIGITS.get(algorithm, len(digest)):
            yield f"a file of {kind} has no {algorithm} that could be one"
