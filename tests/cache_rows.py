"""Cache records as plain rows: thrown by dice, written into columns and read out of them, by the schema alone."""

from __future__ import annotations

from binascii import crc32
from dataclasses import dataclass, field
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import msgspec

from locktool.operations.cache_record import SCHEMA, Body, Group, Head, Record, texts, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_NEEDS_BUILDING = 2**32 - 1
_SEVERAL = 2**32 - 2
_YANKED, _SDIST, _WHEEL, _TIME = 1, 2, 4, 8
_FILE_SHA256, _FILE_SIZE, _FILE_TIME, _NO_SIDECAR, _SIDECAR, _PATH_DIGEST, _WHOLE = 1, 2, 4, 8, 16, 32, 64


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
    return content, cells(ends)


def to_record(rows: Rows, group_size: int) -> Record:
    """The rows as columns, so many releases to a group."""
    table = _Table()
    lists: dict[tuple[int, ...], int] = {}
    columns: dict[str, list[int]] = {name: [] for name in _RELEASE_COLUMNS}
    for release in rows.releases:
        row = (
            table.number(release.version),
            len(release.files),
            release.flags | (0 if release.upload_time is None else _TIME),
            release.upload_time or 0,
            table.number(release.requires_python),
            _list_number(release.metadata, lists, table),
            table.number(release.metadata[0].file if release.metadata else None),
        )
        for name, cell in zip(_RELEASE_COLUMNS, row, strict=True):
            columns[name].append(cell)
    columns["release_ends"] = _ends(columns["release_ends"])
    chunks = [rows.releases[at : at + group_size] for at in range(0, len(rows.releases), group_size)]
    body = Body(
        package=rows.package,
        index=rows.index,
        notice=rows.notice,
        absent=rows.absent,
        **table.columns(),
        **{
            name: cells(columns[name], width=width, signed=name == "release_times")
            for name, width in _RELEASE_COLUMNS.items()
        },
        metadata_ends=cells(_ends([len(items) for items in lists])),
        metadata_items=cells([item for items in lists for item in items]),
        group_ends=cells(_ends([len(chunk) for chunk in chunks])),
        group_lengths=b"",
        group_checksums=b"",
    )
    return Record(rows.head, body, [_group([file for one in chunk for file in one.files]) for chunk in chunks])


_RELEASE_COLUMNS = {
    "versions": 4,
    "release_ends": 4,
    "release_flags": 1,
    "release_times": 8,
    "release_requires_python": 4,
    "release_metadata": 4,
    "release_metadata_file": 4,
}


def _ends(lengths: list[int]) -> list[int]:
    return [sum(lengths[: at + 1]) for at in range(len(lengths))]


def _list_number(metadata: tuple[MetadataRow, ...], lists: dict[tuple[int, ...], int], table: _Table) -> int:
    """The number of a release's list plus one."""

    def number(items: tuple[int, ...]) -> int:
        return lists.setdefault(items, len(lists))

    match metadata:
        case ():
            return 0
        case (one,):
            return number(_items(one, table)) + 1
    pairs = [(table.number(one.file), number(_items(one, table))) for one in metadata]
    return number((_SEVERAL, *chain.from_iterable(pairs))) + 1


def _items(metadata: MetadataRow, table: _Table) -> tuple[int, ...]:
    if metadata.needs_building is not None:
        return (_NEEDS_BUILDING, table.number(metadata.needs_building))
    python, build = table.number(metadata.requires_python), metadata.build_requires
    listed = [table.number(text) for text in (*metadata.extras, *(build or ()), *metadata.requires)]
    return (python, len(metadata.extras), 0 if build is None else len(build) + 1, *listed)


def _group(files: list[FileRow]) -> Group:
    table = _Table()
    names, ends = _joined([file.filename for file in files])
    places = [_place(file) for file in files]
    numbers: dict[str, Callable[[FileRow], str | None]] = {
        "requires_python": lambda file: file.requires_python,
        "yanked": lambda file: file.yanked,
        "other_hashes": lambda file: file.other_hashes or None,
        "sidecars": lambda file: file.sidecar if isinstance(file.sidecar, str) else None,
        "provenances": lambda file: file.provenance,
    }
    tables = {name: cells([table.number(of(file)) for file in files]) for name, of in numbers.items()}
    return Group(
        filenames=names,
        filename_ends=ends,
        directories=cells([table.number(directory) for _, directory, _ in places]),
        path_digests=b"".join(digest for _, _, digest in places),
        flags=bytes(flag | _flags(file) for file, (flag, _, _) in zip(files, places, strict=True)),
        sha256=b"".join(file.sha256 or bytes(32) for file in files),
        sizes=cells([file.size or 0 for file in files], width=8),
        times=cells([file.upload_time or 0 for file in files], width=8, signed=True),
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


def _place(file: FileRow) -> tuple[int, str, bytes]:
    directory = file.url.removesuffix(file.filename)
    if directory == file.url or not directory.endswith("/"):
        return _WHOLE, file.url, bytes(32)
    *start, first, second, rest, _ = directory.split("/")
    digits = first + second + rest
    if (len(first), len(second), len(rest)) == (2, 2, 60) and set(digits) <= set("0123456789abcdef"):
        return _PATH_DIGEST, "/".join([*start, ""]), bytes.fromhex(digits)
    return 0, directory, bytes(32)


def write_record(record: Record) -> bytes:
    """The bytes of a record; the lengths and checksums of its groups are filled in."""
    groups = [msgspec.msgpack.encode(group) for group in record.groups]
    fields = [msgspec.msgpack.encode(group) for group in groups]
    body = msgspec.msgpack.encode(
        msgspec.structs.replace(
            record.body,
            group_lengths=cells([len(field) for field in fields]),
            group_checksums=cells([crc32(field) for field in fields]),
        )
    )
    head = msgspec.msgpack.encode(record.head)
    return msgspec.msgpack.encode([SCHEMA, crc32(head), head, crc32(body), body, *groups])


def cells(numbers: list[int], *, width: int = 4, signed: bool = False) -> bytes:
    """A column of numbers."""
    return b"".join(number.to_bytes(width, "little", signed=signed) for number in numbers)


def to_rows(record: Record) -> Rows:
    """The rows of a record, whichever side wrote it."""
    body = record.body
    table = [None, *texts(body.strings, body.string_ends)]
    count = len(words(body.versions))
    columns = {
        name: words(getattr(body, name), count, width=width, signed=name == "release_times")
        for name, width in _RELEASE_COLUMNS.items()
    }
    files = [file for group in record.groups for file in _files(group)]
    items = words(body.metadata_items)
    lists = [items[start:end] for start, end in pairwise([0, *words(body.metadata_ends)])]
    releases = []
    for at, (start, end) in enumerate(pairwise([0, *columns["release_ends"]])):
        known, source = columns["release_metadata"][at], table[columns["release_metadata_file"][at]]
        releases.append(
            ReleaseRow(
                version=table[columns["versions"][at]] or "",
                flags=columns["release_flags"][at] & ~_TIME,
                upload_time=columns["release_times"][at] if columns["release_flags"][at] & _TIME else None,
                requires_python=table[columns["release_requires_python"][at]],
                files=tuple(files[start:end]),
                metadata=_read_metadata(known, source or "", lists, table),
            )
        )
    return Rows(record.head, body.package, body.index, body.notice, body.absent, tuple(releases))


def _read_metadata(known: int, source: str, lists: list[list[int]], table: list[str | None]) -> tuple[MetadataRow, ...]:
    if not known:
        return ()
    items = lists[known - 1]
    if items[0] == _SEVERAL:
        pairs = zip(items[1::2], items[2::2], strict=True)
        return tuple(_metadata(lists[number], table[name] or "", table) for name, number in pairs)
    return (_metadata(items, source, table),)


def _metadata(items: list[int], source: str, table: list[str | None]) -> MetadataRow:
    if items[0] == _NEEDS_BUILDING:
        return MetadataRow(source, needs_building=table[items[1]])
    python, extra_count, build_count, *rest = items
    listed = [table[item] or "" for item in rest]
    end = extra_count + max(build_count - 1, 0)
    extras, build, requires = (tuple(part) for part in (listed[:extra_count], listed[extra_count:end], listed[end:]))
    return MetadataRow(source, table[python], extras, requires, build_requires=build if build_count else None)


def _files(group: Group) -> list[FileRow]:
    table = [None, *texts(group.strings, group.string_ends)]
    names = texts(group.filenames, group.filename_ends)
    count = len(names)

    def cell(column: bytes, at: int, width: int) -> bytes:
        return column[at * width : (at + 1) * width] or bytes(width)

    def named(column: bytes) -> list[str | None]:
        return [table[number] for number in words(column, count)]

    flags = words(group.flags, count, width=1)
    sizes, times = words(group.sizes, count, width=8), words(group.times, count, width=8, signed=True)
    columns = [
        named(column)
        for column in (group.directories, group.requires_python, group.yanked, group.other_hashes, group.sidecars)
    ]
    provenances = named(group.provenances)
    rows = []
    for at, (name, flag) in enumerate(zip(names, flags, strict=True)):
        directory, requires_python, yanked, other_hashes, sidecar = (column[at] for column in columns)
        digits = cell(group.path_digests, at, 32).hex()
        address = directory or ""
        if flag & _PATH_DIGEST:
            address += f"{digits[:2]}/{digits[2:4]}/{digits[4:]}/"
        rows.append(
            FileRow(
                filename=name,
                url=address if flag & _WHOLE else address + name,
                sha256=cell(group.sha256, at, 32) if flag & _FILE_SHA256 else None,
                size=sizes[at] if flag & _FILE_SIZE else None,
                upload_time=times[at] if flag & _FILE_TIME else None,
                requires_python=requires_python,
                yanked=yanked,
                other_hashes=other_hashes or "",
                sidecar=False if flag & _NO_SIDECAR else (sidecar or "") if flag & _SIDECAR else None,
                provenance=provenances[at],
            )
        )
    return rows


def random_rows(dice: Random) -> Rows:
    """Rows of any shape that an index could ask for."""
    head = Head(etag=_text(dice), last_modified=_text(dice), fetched=_time(dice), fresh_until=_time(dice))
    releases = tuple(_random_release(dice, number) for number in range(dice.choice([0, 1, 2, 5, 40])))
    return Rows(head, _text(dice), _text(dice), _text(dice), dice.random() < 0.1, releases)


def _text(dice: Random) -> str:
    return "".join(dice.choice("ab<>=1.;' ü漢") for _ in range(dice.choice([0, 1, 3, 40])))


def _maybe(dice: Random, value: Callable[[], object]) -> object:
    return value() if dice.random() < 0.6 else None


def _time(dice: Random) -> int:
    return dice.choice([0, -1, 1, 10**12, 2**62, -(2**62)])


def _random_file(dice: Random, number: int) -> FileRow:
    name = f"a-{number}-{_text(dice).replace('/', '')}.whl"
    digits = dice.randbytes(32).hex()
    url = dice.choice(
        [
            f"https://f.example.invalid/packages/{digits[:2]}/{digits[2:4]}/{digits[4:]}/{name}",
            f"https://f.example.invalid/{name}",
            f"https://f.example.invalid/{name}?x",
        ]
    )
    optional = {
        "sha256": _maybe(dice, lambda: dice.randbytes(32)),
        "size": _maybe(dice, lambda: dice.choice([0, 1, 2**64 - 1])),
        "upload_time": _maybe(dice, lambda: _time(dice)),
        **{name: _maybe(dice, lambda: _text(dice)) for name in ("requires_python", "yanked", "provenance")},
    }
    sidecar = dice.choice([None, False, "", "sha256=00"])
    return FileRow(name, url, other_hashes=_text(dice), sidecar=sidecar, **optional)  # type: ignore[arg-type] # by name


def _random_release(dice: Random, number: int) -> ReleaseRow:
    files = tuple(_random_file(dice, at) for at in range(dice.choice([0, 1, 3])))
    read = files[: dice.choice([0, 1, 1, 2])]
    metadata = tuple(_random_metadata(dice, file.filename) for file in read)
    return ReleaseRow(
        version=f"1.{number}",
        flags=dice.randrange(_TIME),
        upload_time=_time(dice) if dice.random() < 0.5 else None,
        requires_python=None if dice.random() < 0.5 else _text(dice),
        files=files,
        metadata=metadata,
    )


def _random_metadata(dice: Random, file: str) -> MetadataRow:
    if dice.random() < 0.2:
        return MetadataRow(file, needs_building=_text(dice))
    extras, requires, build = (tuple(_text(dice) for _ in range(dice.randint(0, 3))) for _ in range(3))
    python = None if dice.random() < 0.5 else _text(dice)
    return MetadataRow(file, python, extras, requires, build_requires=None if dice.random() < 0.5 else build)
