"""What the cache knows of packages: versions, files and metadata, as the indexes served them.

Records are read as they stand; no network is asked and nothing is written. A damaged or older record is a miss.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from locktool._native import normalize_name
from locktool.operations.cache import cache_directory
from locktool.operations.cache_record import Body, Group, Record, read_record, texts, words

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_GENERATION = "v1"
_NEEDS_BUILDING = 2**32 - 1
_SEVERAL = 2**32 - 2
_YANKED, _TIME = 1, 8
_FILE_SHA256, _FILE_SIZE, _FILE_TIME, _PATH_DIGEST, _WHOLE = 1, 2, 4, 32, 64
_DIGEST_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class CachedFile(Struct, frozen=True, kw_only=True):
    """A wheel or a source distribution."""

    name: str
    """The name of the file."""
    url: str
    """Its address."""
    hashes: dict[str, str]
    """Its hashes by algorithm."""
    size: int | None
    """Its bytes."""
    upload_time: datetime | None
    """When it was published."""
    requires_python: str | None
    """The Pythons that the index says it is for."""
    yanked: str | None
    """Why it was yanked, which may be an empty text; None where it was not."""


class CachedMetadata(Struct, frozen=True, kw_only=True):
    """What one file of a version says of all."""

    file: str
    """The name of the file."""
    requires_python: str | None
    """The Pythons that it supports."""
    extras: tuple[str, ...]
    """The extras that it has."""
    requires: tuple[str, ...]
    """What it requires."""
    needs_building: str | None
    """Why only a build could tell; None where the rest is known."""
    build_requires: tuple[str, ...] | None = None
    """What the build required that said so; None where nothing was built."""


class CachedRelease(Struct, frozen=True, kw_only=True):
    """One version."""

    version: str
    """The version."""
    yanked: bool
    """Whether all its files were yanked."""
    upload_time: datetime | None
    """When its first file was published."""
    requires_python: str | None
    """The Pythons that the index says it is for."""
    files: tuple[CachedFile, ...]
    """Its files."""
    metadata: CachedMetadata | None
    """Its metadata, where a run has read it."""
    other_metadata: tuple[CachedMetadata, ...] = ()
    """What other files of it say, where runs have read several."""


class CachedPackage(Struct, frozen=True, kw_only=True):
    """What is known of a package on one index."""

    name: str
    """The normalised name."""
    index: str
    """The address of the index."""
    fetched: datetime | None
    """When the index was asked last."""
    absent: bool
    """Whether the index does not have it."""
    releases: tuple[CachedRelease, ...]
    """The versions, ascending."""


class CacheReader:
    """Reads a cache, that of this machine unless a directory is named.

    >>> list(CacheReader("/nowhere"))
    []
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None) -> None:
        """Name the cache; it need not exist. Raises CacheError where the system names no home."""
        self._directory = cache_directory(None if directory is None else Path(directory))

    @property
    def directory(self) -> Path:
        """Where the cache is."""
        return self._directory

    def packages(self, name: str) -> tuple[CachedPackage, ...]:
        """What is known of a package, once for each index that was asked. Raises InvalidName."""
        return tuple(self._read(f"package-{normalize_name(name)}.msgpack"))

    def __iter__(self) -> Iterator[CachedPackage]:
        """Everything that is known, package by package, in no order."""
        return self._read("package-*.msgpack")

    def _read(self, pattern: str) -> Iterator[CachedPackage]:
        for path in (self._directory / _GENERATION).glob(f"*/{pattern}"):
            try:
                data = path.read_bytes()
            except OSError:
                continue
            record = read_record(data)
            if record is not None:
                yield _package(record)


def _package(record: Record) -> CachedPackage:
    body = record.body
    files = [file for group in record.groups for file in _files(group)]
    return CachedPackage(
        name=body.package,
        index=body.index,
        fetched=_time(record.head.fetched * 1000),
        absent=body.absent,
        releases=tuple(_releases(body, files)),
    )


def _releases(body: Body, files: list[CachedFile]) -> Iterator[CachedRelease]:
    table = (None, *texts(body.strings, body.string_ends))
    versions = words(body.versions)
    count = len(versions)
    flags = words(body.release_flags, count, width=1)
    times = words(body.release_times, count, width=8, signed=True)
    pythons = words(body.release_requires_python, count)
    metadata = words(body.release_metadata, count)
    sources = words(body.release_metadata_file, count)
    items = words(body.metadata_items)
    lists = [items[start:end] for start, end in pairwise((0, *words(body.metadata_ends)))]
    for place, (start, end) in enumerate(pairwise((0, *words(body.release_ends, count)))):
        known = _metadata(metadata[place], table[sources[place]] or "", lists, table)
        yield CachedRelease(
            version=table[versions[place]] or "",
            yanked=bool(flags[place] & _YANKED),
            upload_time=_time(times[place]) if flags[place] & _TIME else None,
            requires_python=table[pythons[place]],
            files=tuple(files[start:end]),
            metadata=known[0] if known else None,
            other_metadata=tuple(known[1:]),
        )


def _metadata(known: int, file: str, lists: list[list[int]], table: tuple[str | None, ...]) -> list[CachedMetadata]:
    """What the files of a release say, by the number of its list plus one."""
    if not known:
        return []
    items = lists[known - 1]
    if items[0] == _SEVERAL:
        pairs = zip(items[1::2], items[2::2], strict=True)
        return [_metadata_of_file(lists[number], table[name] or "", table) for name, number in pairs]
    return [_metadata_of_file(items, file, table)]


def _metadata_of_file(items: list[int], file: str, table: tuple[str | None, ...]) -> CachedMetadata:
    if items[0] == _NEEDS_BUILDING:
        return CachedMetadata(file=file, requires_python=None, extras=(), requires=(), needs_building=table[items[1]])
    python, extra_count, build_count, *listed = items
    named = [table[item] or "" for item in listed]
    end = extra_count + max(build_count - 1, 0)
    return CachedMetadata(
        file=file,
        requires_python=table[python],
        extras=tuple(named[:extra_count]),
        requires=tuple(named[end:]),
        needs_building=None,
        build_requires=tuple(named[extra_count:end]) if build_count else None,
    )


def _files(group: Group) -> Iterator[CachedFile]:
    table = (None, *texts(group.strings, group.string_ends))
    names = texts(group.filenames, group.filename_ends)
    count = len(names)
    flags = words(group.flags, count, width=1)
    sizes, times = words(group.sizes, count, width=8), words(group.times, count, width=8, signed=True)
    directories, pythons, yanked, others = (
        [table[number] for number in words(column, count)]
        for column in (group.directories, group.requires_python, group.yanked, group.other_hashes)
    )
    for place, (name, flag) in enumerate(zip(names, flags, strict=True)):
        pairs = (pair.partition("=") for pair in (others[place] or "").split("&") if pair)
        hashes = {algorithm: digest for algorithm, _, digest in pairs}
        if flag & _FILE_SHA256:
            hashes = {"sha256": _digest(group.sha256, place)} | hashes
        yield CachedFile(
            name=name,
            url=_address(directories[place] or "", _digest(group.path_digests, place), name, flag),
            hashes=hashes,
            size=sizes[place] if flag & _FILE_SIZE else None,
            upload_time=_time(times[place]) if flag & _FILE_TIME else None,
            requires_python=pythons[place],
            yanked=yanked[place],
        )


def _digest(column: bytes, place: int) -> str:
    return column[place * _DIGEST_BYTES : (place + 1) * _DIGEST_BYTES].hex()


def _address(directory: str, digest: str, name: str, flag: int) -> str:
    if flag & _WHOLE:
        return directory
    middle = f"{digest[:2]}/{digest[2:4]}/{digest[4:]}/" if flag & _PATH_DIGEST else ""
    return f"{directory}{middle}{name}"


def _time(milliseconds: int) -> datetime | None:
    """A time, or None for one that no calendar has: an index may serve any number."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
