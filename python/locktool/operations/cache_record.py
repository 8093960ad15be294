"""The bytes of a cache record as Structs: what the core writes for a package and index, and how Python reads it.

    record   [schema, head checksum, head, body checksum, body, group...]
    head     what HTTP said of the page            body   what is known of every version
    group    the files of some neighbouring versions

All but the numbers are `bin` fields; the head is a map, body and groups are arrays of the columns below, in this order.
A column of numbers starts with a byte: 16 * (bytes of the base) + (bytes of a cell). The base follows, which is added
to each cell modulo 2**64, then the cells, all little-endian; of no bytes where each number is the base. A column of
zeros is empty, unless its length has to say how many rows there are. Texts stand one behind the other beside a column
of their ends. A number that names a text is its position in a table of strings plus one, 0 for none. In a template, the
character 1 stands for the version, 2 for the file name, 3 for the path digest as `ab/cd/and-60-more/`, and 0 says that
the next character stands for itself. The core's `cache/record.rs` draws the same layout, and it alone writes records.
"""

from __future__ import annotations

import re
from binascii import crc32
from itertools import pairwise

import msgspec

SCHEMA = 5

_DIGEST = 32
_SIGN = 2**63
_MODULUS = 2**64


class Head(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """What HTTP said of how long the page holds (RFC 9111), in seconds since 1970; an empty text is none."""

    etag: str
    last_modified: str
    fetched: int
    fresh_until: int


class Body(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """What is known of a package and of each version, ascending."""

    package: str
    index: str
    notice: str
    absent: bool
    strings: bytes  # the table of strings
    string_ends: bytes
    versions: bytes  # texts
    version_ends: bytes
    release_ends: bytes  # the number of files up to here
    release_flags: bytes  # 1 yanked, 2 has an sdist, 4 has a wheel, 8 has an upload time
    release_times: bytes  # signed, milliseconds since 1970
    release_requires_python: bytes  # a text
    release_metadata: bytes  # the number of a metadata list plus one
    metadata_ends: bytes  # the number of items up to here
    # 0, the two templates of the file's name, requires-python, number of extras, number of build requirements plus one
    # (0 where nothing was built), extras, build requirements, requirements; or 1, the two templates and a reason for
    # which the file has to be built; or 2 and the numbers of the lists of several files
    metadata_items: bytes
    group_ends: bytes  # the number of versions up to here
    group_lengths: bytes  # of the whole `bin` field
    group_checksums: bytes  # CRC-32 of the whole `bin` field


class Group(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """The files of some neighbouring versions."""

    strings: bytes  # the table of strings
    string_ends: bytes
    name_starts: bytes  # a template in the table of the body
    name_endings: bytes  # the template of what follows it, in the table of the body
    flags: bytes  # 1 sha256, 2 size, 4 time, 8 no sidecar, 16 a sidecar, 32 path digest, 64 sidecar sha256
    addresses: bytes  # a template
    path_digests: bytes  # 32 bytes of each file that has one
    sha256: bytes  # 32 bytes of each file that has one
    sidecar_sha256: bytes  # 32 bytes of each file that has one
    sizes: bytes
    times: bytes  # signed, milliseconds since the time of the version, or since 1970 where it has none
    requires_python: bytes  # a text in the table of the body
    yanked: bytes  # a text: the reason
    other_hashes: bytes  # a text: md5=...&sha512=...
    sidecars: bytes  # a text: another hash than sha256
    provenances: bytes  # a template


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
    whole = (
        (head_sum, body_sum) == (crc32(head), crc32(body))
        and [crc32(field) for field in fields] == numbers(record.body.group_checksums, len(groups))
        and [len(field) for field in fields] == numbers(record.body.group_lengths, len(groups))
    )
    return record if whole else None


def numbers(column: bytes, rows: int = 0, *, signed: bool = False) -> list[int]:
    """The numbers of a column; `rows` says how many there are where the column does not."""
    header = column[0] if column else 0
    start, width = 1 + (header >> 4), header & 15
    base = int.from_bytes(column[1:start], "little")
    found = [base] * rows
    if width:
        cells = (column[at : at + width] for at in range(start, len(column), width))
        found = [(base + int.from_bytes(cell, "little")) % _MODULUS for cell in cells]
    return [as_signed(number) for number in found] if signed else found


def as_signed(number: int) -> int:
    """The number of 64 bits with a sign that a sum modulo 2**64 stands for."""
    return (number + _SIGN) % _MODULUS - _SIGN


def texts(content: bytes, ends: bytes) -> list[str]:
    """The texts that stand one behind the other in `content`."""
    return [content[start:end].decode() for start, end in pairwise([0, *numbers(ends)])]


def expand(template: str, version: str, filename: str = "", path_digest: str = "") -> str:
    """The text that a template of a file stands for; the digest is given in hexadecimal digits."""
    path = f"{path_digest[:2]}/{path_digest[2:4]}/{path_digest[4:]}/"
    left_out = {"\1": version, "\2": filename, "\3": path}
    return re.sub(r"\0(.)|[\1-\3]", lambda found: found[1] or left_out[found[0]], template, flags=re.DOTALL)


def digests(column: bytes, flags: list[int], bit: int) -> list[bytes | None]:
    """The digest of each file, or None where its flags do not have the bit."""
    found = (column[at : at + _DIGEST] for at in range(0, len(column), _DIGEST))
    return [next(found, None) if flag & bit else None for flag in flags]
