//! The order, kinds and flag bits of a record's columns, once for the writer and the reader; `record` draws them.

/// How a column is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `str`, for people and for telling records apart.
    Text,
    /// `bool`.
    Truth,
    /// `bin` of any length.
    Bytes,
    /// `bin` of 32 bytes for each row that has the flag.
    Digests,
    /// `bin` of packed numbers; its length says how many rows there are.
    Counting,
    /// `bin` of packed numbers, one for each row of the named counting column.
    Row(usize),
}

/// The columns of the body.
pub(super) mod body {
    use super::Kind::{self, Bytes, Counting, Row, Text, Truth};

    pub(in super::super) const PACKAGE: usize = 0;
    pub(in super::super) const INDEX: usize = 1;
    pub(in super::super) const NOTICE: usize = 2;
    pub(in super::super) const ABSENT: usize = 3;
    pub(in super::super) const STRINGS: usize = 4;
    pub(in super::super) const STRING_ENDS: usize = 5;
    pub(in super::super) const VERSIONS: usize = 6;
    pub(in super::super) const VERSION_ENDS: usize = 7;
    pub(in super::super) const RELEASE_ENDS: usize = 8;
    pub(in super::super) const RELEASE_FLAGS: usize = 9;
    pub(in super::super) const RELEASE_TIMES: usize = 10;
    pub(in super::super) const RELEASE_REQUIRES_PYTHON: usize = 11;
    pub(in super::super) const RELEASE_METADATA: usize = 12;
    pub(in super::super) const METADATA_ENDS: usize = 13;
    pub(in super::super) const METADATA_ITEMS: usize = 14;
    pub(in super::super) const GROUP_ENDS: usize = 15;
    pub(in super::super) const GROUP_LENGTHS: usize = 16;
    pub(in super::super) const GROUP_CHECKSUMS: usize = 17;

    pub(in super::super) const KINDS: &[Kind] = &[
        Text,
        Text,
        Text,
        Truth,
        Bytes,
        Counting,
        Bytes,
        Counting,
        Row(VERSION_ENDS),
        Row(VERSION_ENDS),
        Row(VERSION_ENDS),
        Row(VERSION_ENDS),
        Row(VERSION_ENDS),
        Counting,
        Counting,
        Counting,
        Row(GROUP_ENDS),
        Row(GROUP_ENDS),
    ];

    /// The table of texts that cells refer to.
    pub(in super::super) const TABLE: (usize, usize) = (STRINGS, STRING_ENDS);

    /// Bits of the release flags.
    pub(in super::super) const YANKED: u64 = 1;
    pub(in super::super) const HAS_SDIST: u64 = 2;
    pub(in super::super) const HAS_WHEEL: u64 = 4;
    pub(in super::super) const HAS_TIME: u64 = 8;

    /// The first word of a metadata list: what one file says.
    pub(in super::super) const KNOWN: u64 = 0;
    /// That only a build of one file would tell; the reason follows.
    pub(in super::super) const NEEDS_BUILDING: u64 = 1;
    /// That several files were read; the numbers of their lists follow.
    pub(in super::super) const SEVERAL: u64 = 2;
}

/// The columns of a group of files.
pub(super) mod group {
    use super::Kind::{self, Bytes, Counting, Digests, Row};

    pub(in super::super) const STRINGS: usize = 0;
    pub(in super::super) const STRING_ENDS: usize = 1;
    pub(in super::super) const NAME_STARTS: usize = 2;
    pub(in super::super) const NAME_ENDINGS: usize = 3;
    pub(in super::super) const FLAGS: usize = 4;
    pub(in super::super) const ADDRESSES: usize = 5;
    pub(in super::super) const PATH_DIGESTS: usize = 6;
    pub(in super::super) const SHA256: usize = 7;
    pub(in super::super) const SIDECAR_SHA256: usize = 8;
    pub(in super::super) const SIZES: usize = 9;
    pub(in super::super) const TIMES: usize = 10;
    pub(in super::super) const REQUIRES_PYTHON: usize = 11;
    pub(in super::super) const YANKED: usize = 12;
    pub(in super::super) const OTHER_HASHES: usize = 13;
    pub(in super::super) const SIDECARS: usize = 14;
    pub(in super::super) const PROVENANCES: usize = 15;

    pub(in super::super) const KINDS: &[Kind] = &[
        Bytes,
        Counting,
        Counting,
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Digests,
        Digests,
        Digests,
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
        Row(NAME_STARTS),
    ];

    /// The table of texts that cells refer to, but for names and requires-python, which are in the body's.
    pub(in super::super) const TABLE: (usize, usize) = (STRINGS, STRING_ENDS);

    /// Bits of the flags.
    pub(in super::super) const HAS_SHA256: u64 = 1;
    pub(in super::super) const HAS_SIZE: u64 = 2;
    pub(in super::super) const HAS_TIME: u64 = 4;
    pub(in super::super) const SIDECAR_ABSENT: u64 = 8;
    pub(in super::super) const SIDECAR_PRESENT: u64 = 16;
    /// The address leaves out a path digest.
    pub(in super::super) const HAS_PATH_DIGEST: u64 = 32;
    /// The sidecar's hash is the next of its digests.
    pub(in super::super) const HAS_SIDECAR_SHA256: u64 = 64;
}

/// A group of files is closed at the end of the release that brings it to so many: some two pages of a disk, of
/// which the files of one release are a good part.
pub(super) const GROUP_FILES: usize = 64;

/// The checksum of a part of a record: CRC-32, which finds every cut and flip that storage produces and costs a
/// fraction of the reading.
pub(super) fn checksum(part: &[u8]) -> u32 {
    checksum_of([part])
}

/// The checksum of some parts, one behind the other.
pub(super) fn checksum_of<const N: usize>(parts: [&[u8]; N]) -> u32 {
    let mut sum = flate2::Crc::new();
    for part in parts {
        sum.update(part);
    }
    sum.sum()
}
