"""The bytes of a cache record as Structs: what the core writes for a package and index, and how Python reads it.

    record   [schema, head checksum, head, body checksum, body, group...]
    head     what HTTP said of the page            body   what is known of every version
    group    the files of some neighbouring versions

Head, body and groups are maps in `bin` fields. A column is a `bin` field of little-endian cells, or of texts that
stand one behind the other beside a column of their ends; one that has a cell per row and is zero throughout is empty.
A cell that names a text is its position in the table `strings` plus one, 0 for none. The core's `cache/record.rs`
draws the same layout, and it alone writes records.
"""

from __future__ import annotations

from binascii import crc32
from itertools import pairwise

import msgspec

SCHEMA = 4

_WORD = 4


class Head(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What HTTP said of how long the page holds (RFC 9111), in seconds since 1970; an empty text is none."""

    etag: str
    last_modified: str
    fetched: int
    fresh_until: int


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What is known of a package and of each version, ascending. The comments name the cells of a column."""

    package: str
    index: str
    notice: str
    absent: bool
    strings: bytes
    string_ends: bytes  # u32
    versions: bytes  # u32, a text
    release_ends: bytes  # u32, the number of files up to here
    release_flags: bytes  # u8: 1 yanked, 2 has an sdist, 4 has a wheel, 8 has an upload time
    release_times: bytes  # i64, milliseconds since 1970
    release_requires_python: bytes  # u32, a text
    release_metadata: bytes  # u32, the number of a metadata list plus one
    release_metadata_file: bytes  # u32, a text: the file, or the first one, that was read
    metadata_ends: bytes  # u32, the number of items up to here
    # u32: requires-python, number of extras, number of build requirements plus one (0 where nothing was built), extras,
    # build requirements, requirements; or 2**32-1 and a reason; or 2**32-2 and, for each of several files, a text and
    # the number of its list
    metadata_items: bytes
    group_ends: bytes  # u32, the number of versions up to here
    group_lengths: bytes  # u32, of the whole `bin` field
    group_checksums: bytes  # u32, of the whole `bin` field


class Group(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The files of some neighbouring versions. The comments name the cells of a column."""

    strings: bytes
    string_ends: bytes  # u32
    filenames: bytes
    filename_ends: bytes  # u32
    directories: bytes  # u32, a text: the address without the path digest and the name, or all of it
    path_digests: bytes  # 32 bytes, written as ab/cd/and-60-more between directory and name
    flags: bytes  # u8: 1 sha256, 2 size, 4 time, 8 no sidecar, 16 a sidecar, 32 path digest, 64 the directory is all
    sha256: bytes  # 32 bytes
    sizes: bytes  # u64
    times: bytes  # i64, milliseconds since 1970
    requires_python: bytes  # u32, a text
    yanked: bytes  # u32, a text: the reason
    other_hashes: bytes  # u32, a text: md5=...&sha512=...
    sidecars: bytes  # u32, a text: sha256=..., or an empty one
    provenances: bytes  # u32, a text


class Record(msgspec.Struct, frozen=True):
    """A whole record."""

    head: Head
    body: Body
    groups: list[Group]


def read_record(data: bytes) -> Record | None:
    """The record in these bytes; whatever is wrong with them makes it a miss."""
    try:
        schema, head_sum, head, body_sum, body, *groups = msgspec.msgpack.decode(data, type=list[int | bytes])
        if schema != SCHEMA or not isinstance(head, bytes) or not isinstance(body, bytes):
            return None
        record = Record(
            head=msgspec.msgpack.decode(head, type=Head),
            body=msgspec.msgpack.decode(body, type=Body),
            groups=[msgspec.msgpack.decode(group, type=Group) for group in groups if isinstance(group, bytes)],
        )
    except (msgspec.MsgspecError, ValueError):
        return None
    fields = [msgspec.msgpack.encode(group) for group in groups]
    expected = words(record.body.group_checksums)
    whole = (
        (head_sum, body_sum) == (crc32(head), crc32(body))
        and [crc32(field) for field in fields] == expected
        and [len(field) for field in fields] == words(record.body.group_lengths)
    )
    return record if whole else None


def words(column: bytes, rows: int | None = None, *, width: int = _WORD, signed: bool = False) -> list[int]:
    """The numbers of a column; an empty one has zeros for `rows` rows."""
    if not column and rows:
        return [0] * rows
    return [int.from_bytes(column[at : at + width], "little", signed=signed) for at in range(0, len(column), width)]


def texts(content: bytes, ends: bytes) -> list[str]:
    """The texts that stand one behind the other in `content`."""
    return [content[start:end].decode() for start, end in pairwise([0, *words(ends)])]
