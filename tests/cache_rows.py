"""Cache records as plain rows: written into columns and read out of them, by the schema alone."""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from locktool.operations.cache_record import (
    SCHEMA,
    Body,
    Group,
    Head,
    Record,
    as_signed,
    digests,
    expand,
    numbers,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_KNOWN, _NEEDS_BUILDING, _SEVERAL = 0, 1, 2
_YANKED, _SDIST, _WHEEL, _TIME = 1, 2, 4, 8
_FILE_SHA256, _FILE_SIZE, _FILE_TIME, _NO_SIDECAR, _SIDECAR, _PATH_DIGEST, _SIDECAR_SHA256 = 1, 2, 4, 8, 16, 32, 64


@dataclass(frozen=True)
class FileRow:
    """A file; `sidecar` is None where nothing is known, False where there is none."""

    filename: str
    url: str
    sha256: bytes | None = None
    size: int | None = None
    upload_time: int | None = None
    requires_python: str | None = None
    yanked: str | None = None
    other_hashes: str = ""
    sidecar: str | bool | None = None
    provenance: str | None = None


@dataclass(frozen=True)
class MetadataRow:
    """What a file said: requires-python, extras, requirements and build requirements, or why it has to be built."""

    file: str
    requires_python: str | None = None
    extras: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    needs_building: str | None = None
    build_requires: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ReleaseRow:
    """A version with its files."""

    version: str
    flags: int = 0
    upload_time: int | None = None
    requires_python: str | None = None
    files: tuple[FileRow, ...] = ()
    metadata: tuple[MetadataRow, ...] = ()


@dataclass(frozen=True)
class Rows:
    """All that a record says."""

    head: Head
    package: str
    index: str
    notice: str = ""
    absent: bool = False
    releases: tuple[ReleaseRow, ...] = ()


@dataclass
class _Table:
    """Texts by number; a text that came before has the number it had."""

    known: dict[str, int] = field(default_factory=dict)

    def number(self, text: str | None) -> int:
        return 0 if text is None else self.known.setdefault(text, len(self.known) + 1)

    def columns(self) -> dict[str, bytes]:
        return dict(zip(("strings", "string_ends"), _joined(list(self.known)), strict=True))


def _joined(rows: list[str]) -> tuple[bytes, bytes]:
    content, ends = b"", []
    for text in rows:
        content += text.encode()
        ends.append(len(content))
    return content, packed(ends)


def to_record(rows: Rows, group_size: int) -> Record:
    """The rows as columns, so many releases to a group."""
    table = _Table()
    lists: dict[tuple[int, ...], int] = {}
    chunks = [rows.releases[at : at + group_size] for at in range(0, len(rows.releases), group_size)]
    groups = [_group([(release, file) for release in chunk for file in release.files], table) for chunk in chunks]
    names, name_ends = _joined([release.version for release in rows.releases])
    columns: dict[str, list[int]] = {name: [] for name in _RELEASE_COLUMNS}
    for release in rows.releases:
        row = (
            len(release.files),
            release.flags | (0 if release.upload_time is None else _TIME),
            release.upload_time or 0,
            table.number(release.requires_python),
            _list_number(release, lists, table),
        )
        for name, cell in zip(_RELEASE_COLUMNS, row, strict=True):
            columns[name].append(cell)
    columns["release_ends"] = _ends(columns["release_ends"])
    body = Body(
        package=rows.package,
        index=rows.index,
        notice=rows.notice,
        absent=rows.absent,
        versions=names,
        version_ends=name_ends,
        **table.columns(),
        **{name: packed(column) for name, column in columns.items()},
        metadata_ends=packed(_ends([len(items) for items in lists])),
        metadata_items=packed([item for items in lists for item in items]),
        group_ends=packed(_ends([len(chunk) for chunk in chunks])),
        group_lengths=b"",
        group_checksums=b"",
    )
    return Record(rows.head, body, groups)


_RELEASE_COLUMNS = ("release_ends", "release_flags", "release_times", "release_requires_python", "release_metadata")


def _ends(lengths: list[int]) -> list[int]:
    return [sum(lengths[: at + 1]) for at in range(len(lengths))]


def _list_number(release: ReleaseRow, lists: dict[tuple[int, ...], int], table: _Table) -> int:
    """The number of a release's list plus one."""

    def number(items: tuple[int, ...]) -> int:
        return lists.setdefault(items, len(lists))

    each = [number(_items(one, release.version, table)) for one in release.metadata]
    match each:
        case ():
            return 0
        case (one,):
            return one + 1
    return number((_SEVERAL, *each)) + 1


def _items(metadata: MetadataRow, version: str, table: _Table) -> tuple[int, ...]:
    name = [table.number(part) for part in _name(metadata.file, version)]
    if metadata.needs_building is not None:
        return (_NEEDS_BUILDING, *name, table.number(metadata.needs_building))
    python, build = table.number(metadata.requires_python), metadata.build_requires
    listed = [table.number(text) for text in (*metadata.extras, *(build or ()), *metadata.requires)]
    return (_KNOWN, *name, python, len(metadata.extras), 0 if build is None else len(build) + 1, *listed)


def _literally(text: str) -> str:
    return "".join(f"\0{character}" if character <= "\3" else character for character in text)


def _name(filename: str, version: str) -> tuple[str, str]:
    """The templates of a name: cut where its version begins, which is not where the core cuts."""
    start, found, ending = filename.partition(f"-{version}")
    return _literally(start), f"-\1{_literally(ending)}" if found else ""


def _group(rows: list[tuple[ReleaseRow, FileRow]], shared: _Table) -> Group:
    table = _Table()
    files = [file for _, file in rows]
    names = [_name(file.filename, release.version) for release, file in rows]
    places = [_place(file) for file in files]
    sidecars = [_sidecar(file) for file in files]
    named: dict[str, Callable[[FileRow], str | None]] = {
        "yanked": lambda file: file.yanked,
        "other_hashes": lambda file: file.other_hashes or None,
        "provenances": lambda file: None if file.provenance is None else _literally(file.provenance),
    }
    tables = {name: packed([table.number(of(file)) for file in files]) for name, of in named.items()}
    times = [0 if file.upload_time is None else file.upload_time - (release.upload_time or 0) for release, file in rows]
    digest_bits = zip(places, sidecars, strict=True)
    bits = [
        (_PATH_DIGEST if path else 0) | (_SIDECAR_SHA256 if sidecar else 0) for (_, path), (_, sidecar) in digest_bits
    ]
    return Group(
        name_starts=packed([shared.number(start) for start, _ in names]),
        name_endings=packed([shared.number(ending) for _, ending in names]),
        addresses=packed([table.number(address) for address, _ in places]),
        path_digests=b"".join(digest for _, digest in places),
        flags=packed([bit | _flags(file) for file, bit in zip(files, bits, strict=True)]),
        sha256=b"".join(file.sha256 or b"" for file in files),
        sidecar_sha256=b"".join(digest for _, digest in sidecars),
        sizes=packed([file.size or 0 for file in files]),
        times=packed(times),
        requires_python=packed([shared.number(file.requires_python) for file in files]),
        sidecars=packed([table.number(text) for text, _ in sidecars]),
        **tables,
        **table.columns(),
    )


def _flags(file: FileRow) -> int:
    said = {
        _FILE_SHA256: file.sha256 is not None,
        _FILE_SIZE: file.size is not None,
        _FILE_TIME: file.upload_time is not None,
        _NO_SIDECAR: file.sidecar is False,
        _SIDECAR: isinstance(file.sidecar, str),
    }
    return sum(bit for bit, is_set in said.items() if is_set)


def _place(file: FileRow) -> tuple[str, bytes]:
    """The template of an address, and its path digest."""
    directory = file.url.removesuffix(file.filename)
    if directory == file.url or not directory.endswith("/"):
        return _literally(file.url), b""
    *start, first, second, rest, _ = directory.split("/")
    digits = first + second + rest
    if (len(first), len(second), len(rest)) == (2, 2, 60) and set(digits) <= set("0123456789abcdef"):
        return _literally("/".join([*start, ""])) + "\3\2", bytes.fromhex(digits)
    return _literally(directory) + "\2", b""


def _sidecar(file: FileRow) -> tuple[str | None, bytes]:
    """The sidecar's hash as a text, or its digest if it is a SHA-256."""
    if not isinstance(file.sidecar, str):
        return None, b""
    algorithm, _, digits = file.sidecar.partition("=")
    is_digest = algorithm == "sha256" and len(digits) == 64 and set(digits) <= set("0123456789abcdef")
    return (None, bytes.fromhex(digits)) if is_digest else (file.sidecar, b"")


def write_record(record: Record) -> bytes:
    """The bytes of a record; where the body lacks the lengths and checksums of its groups they are filled in."""
    groups = [msgspec.msgpack.encode(group) for group in record.groups]
    fields = [msgspec.msgpack.encode(group) for group in groups]
    body = record.body
    if not body.group_lengths:
        lengths, checksums = packed([len(field) for field in fields]), packed([crc32(field) for field in fields])
        body = msgspec.structs.replace(body, group_lengths=lengths, group_checksums=checksums)
    data = msgspec.msgpack.encode(body)
    head = msgspec.msgpack.encode(record.head)
    return msgspec.msgpack.encode([SCHEMA, crc32(head), head, crc32(data), data, *groups])


def packed(column: list[int]) -> bytes:
    """A column of numbers in cells of eight bytes above the first, wider than the core would make them."""
    base = column[0] % 2**64 if column else 0
    cells = b"".join(((number - base) % 2**64).to_bytes(8, "little") for number in column)
    return b"\x88" + base.to_bytes(8, "little") + cells if column else b""


def to_rows(record: Record) -> Rows:
    """The rows of a record, whichever side wrote it."""
    body = record.body
    table = [None, *texts(body.strings, body.string_ends)]
    versions = texts(body.versions, body.version_ends)
    count = len(versions)
    columns = {name: numbers(getattr(body, name), count, signed=name == "release_times") for name in _RELEASE_COLUMNS}
    times = [
        time if flags & _TIME else None
        for time, flags in zip(columns["release_times"], columns["release_flags"], strict=True)
    ]
    ranges = list(pairwise([0, *columns["release_ends"]]))
    owners = [
        (version, time or 0)
        for version, time, (start, end) in zip(versions, times, ranges, strict=True)
        for _ in range(start, end)
    ]
    files: list[FileRow] = []
    for group in record.groups:
        files += _files(group, table, owners[len(files) :])
    items = numbers(body.metadata_items)
    lists = [items[start:end] for start, end in pairwise([0, *numbers(body.metadata_ends)])]
    releases = tuple(
        ReleaseRow(
            version=versions[at],
            flags=columns["release_flags"][at] & ~_TIME,
            upload_time=times[at],
            requires_python=table[columns["release_requires_python"][at]],
            files=tuple(files[start:end]),
            metadata=_read_metadata(columns["release_metadata"][at], versions[at], lists, table),
        )
        for at, (start, end) in enumerate(ranges)
    )
    return Rows(record.head, body.package, body.index, body.notice, body.absent, releases)


def _read_metadata(
    known: int, version: str, lists: list[list[int]], table: list[str | None]
) -> tuple[MetadataRow, ...]:
    if not known:
        return ()
    kind, *rest = lists[known - 1]
    several = [lists[number] for number in rest] if kind == _SEVERAL else [lists[known - 1]]
    return tuple(_metadata(items, version, table) for items in several)


def _metadata(items: list[int], version: str, table: list[str | None]) -> MetadataRow:
    kind, start, ending, first, *rest = items
    source = _read_name(start, ending, version, table)
    if kind == _NEEDS_BUILDING:
        return MetadataRow(source, needs_building=table[first])
    extra_count, build_count, *rest = rest
    listed = [table[item] or "" for item in rest]
    end = extra_count + max(build_count - 1, 0)
    extras, build, requires = (tuple(part) for part in (listed[:extra_count], listed[extra_count:end], listed[end:]))
    return MetadataRow(source, table[first], extras, requires, build_requires=build if build_count else None)


def _read_name(start: int, ending: int, version: str, table: list[str | None]) -> str:
    return expand(table[start] or "", version) + expand(table[ending] or "", version)


def _files(group: Group, shared: list[str | None], owners: list[tuple[str, int]]) -> list[FileRow]:
    table = [None, *texts(group.strings, group.string_ends)]
    starts = numbers(group.name_starts)
    count = len(starts)
    flags = numbers(group.flags, count)
    columns = {
        name: numbers(getattr(group, name), count, signed=name == "times")
        for name in ("name_endings", "sizes", "times", "requires_python")
    }
    named = {
        name: [table[number] for number in numbers(getattr(group, name), count)]
        for name in ("addresses", "yanked", "other_hashes", "sidecars", "provenances")
    }
    paths, sha256, sidecar_sha256 = (
        digests(column, flags, bit)
        for column, bit in (
            (group.path_digests, _PATH_DIGEST),
            (group.sha256, _FILE_SHA256),
            (group.sidecar_sha256, _SIDECAR_SHA256),
        )
    )
    rows = []
    for at, ((version, release_time), flag) in enumerate(zip(owners, flags, strict=False)):
        name = _read_name(starts[at], columns["name_endings"][at], version, shared)
        path, sidecar, provenance = paths[at], sidecar_sha256[at], named["provenances"][at]
        hash_of_sidecar = named["sidecars"][at] or "" if sidecar is None else f"sha256={sidecar.hex()}"
        rows.append(
            FileRow(
                filename=name,
                url=expand(named["addresses"][at] or "", version, name, "" if path is None else path.hex()),
                sha256=sha256[at],
                size=columns["sizes"][at] if flag & _FILE_SIZE else None,
                upload_time=as_signed(release_time + columns["times"][at]) if flag & _FILE_TIME else None,
                requires_python=shared[columns["requires_python"][at]],
                yanked=named["yanked"][at],
                other_hashes=named["other_hashes"][at] or "",
                sidecar=False if flag & _NO_SIDECAR else hash_of_sidecar if flag & _SIDECAR else None,
                provenance=None if provenance is None else expand(provenance, version, name),
            )
        )
    return rows
