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
from locktool.operations.cache_record import (
    Body,
    Group,
    Record,
    as_signed,
    digests,
    expand,
    numbers,
    read_record,
    texts,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

_GENERATION = "v1"
_NEEDS_BUILDING, _SEVERAL = 1, 2
_YANKED, _TIME = 1, 8
_FILE_SHA256, _FILE_SIZE, _FILE_TIME, _PATH_DIGEST = 1, 2, 4, 32
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
    return CachedPackage(
        name=body.package,
        index=body.index,
        fetched=_time(record.head.fetched * 1000),
        absent=body.absent,
        releases=tuple(_releases(body, record.groups)),
    )


def _releases(body: Body, groups: list[Group]) -> Iterator[CachedRelease]:
    table = (None, *texts(body.strings, body.string_ends))
    versions = texts(body.versions, body.version_ends)
    count = len(versions)
    flags = numbers(body.release_flags, count)
    times = [
        time if flag & _TIME else None
        for flag, time in zip(flags, numbers(body.release_times, count, signed=True), strict=True)
    ]
    ends = numbers(body.release_ends, count)
    # The version and the time of the release that each file is of.
    owners = [
        (version, time)
        for version, time, (start, end) in zip(versions, times, pairwise((0, *ends)), strict=True)
        for _ in range(start, end)
    ]
    files: list[CachedFile] = []
    for group in groups:
        files += _files(group, table, owners[len(files) :])
    pythons = numbers(body.release_requires_python, count)
    metadata = numbers(body.release_metadata, count)
    items = numbers(body.metadata_items)
    lists = [items[start:end] for start, end in pairwise((0, *numbers(body.metadata_ends)))]
    for place, (start, end) in enumerate(pairwise((0, *ends))):
        known = _metadata(metadata[place], versions[place], lists, table)
        time = times[place]
        yield CachedRelease(
            version=versions[place],
            yanked=bool(flags[place] & _YANKED),
            upload_time=None if time is None else _time(time),
            requires_python=table[pythons[place]],
            files=tuple(files[start:end]),
            metadata=known[0] if known else None,
            other_metadata=tuple(known[1:]),
        )


def _metadata(known: int, version: str, lists: list[list[int]], table: tuple[str | None, ...]) -> list[CachedMetadata]:
    """What the files of a release say, by the number of its list plus one."""
    if not known:
        return []
    kind, *items = lists[known - 1]
    several = [lists[number] for number in items] if kind == _SEVERAL else [lists[known - 1]]
    return [_metadata_of_file(one, version, table) for one in several]


def _metadata_of_file(items: list[int], version: str, table: tuple[str | None, ...]) -> CachedMetadata:
    kind, start, ending, python, *rest = items
    file = _filename(start, ending, version, table)
    if kind == _NEEDS_BUILDING:
        return CachedMetadata(file=file, requires_python=None, extras=(), requires=(), needs_building=table[python])
    extra_count, build_count, *listed = rest
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


def _filename(start: int, ending: int, version: str, table: tuple[str | None, ...]) -> str:
    return "".join(expand(table[part] or "", version) for part in (start, ending))


def _files(group: Group, shared: tuple[str | None, ...], owners: list[tuple[str, int | None]]) -> Iterator[CachedFile]:
    """The files of a group, which belong to the versions that begin with these."""
    table = (None, *texts(group.strings, group.string_ends))
    starts = numbers(group.name_starts)
    count = len(starts)
    flags = numbers(group.flags, count)
    sizes, times = numbers(group.sizes, count), numbers(group.times, count, signed=True)
    paths = digests(group.path_digests, flags, _PATH_DIGEST)
    sha256 = digests(group.sha256, flags, _FILE_SHA256)
    endings, pythons = numbers(group.name_endings, count), numbers(group.requires_python, count)
    addresses, yanked, others = (
        [table[number] for number in numbers(column, count)]
        for column in (group.addresses, group.yanked, group.other_hashes)
    )
    for place, (version, release_time) in enumerate(owners[:count]):
        pairs = (pair.partition("=") for pair in (others[place] or "").split("&") if pair)
        digest, path = sha256[place], paths[place]
        hashes = {} if digest is None else {"sha256": digest.hex()}
        name = _filename(starts[place], endings[place], version, shared)
        yield CachedFile(
            name=name,
            url=expand(addresses[place] or "", version, name, "" if path is None else path.hex()),
            hashes=hashes | {algorithm: digits for algorithm, _, digits in pairs},
            size=sizes[place] if flags[place] & _FILE_SIZE else None,
            upload_time=_time(as_signed((release_time or 0) + times[place])) if flags[place] & _FILE_TIME else None,
            requires_python=shared[pythons[place]],
            yanked=yanked[place],
        )


def _time(milliseconds: int) -> datetime | None:
    """A time, or None for one that no calendar has: an index may serve any number."""
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
