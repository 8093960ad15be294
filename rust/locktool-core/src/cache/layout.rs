//! The names, widths and flag bits of a record's columns, once for the writer and the reader; `record` draws them.

/// How a field of a map is stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `str`, for people and for telling records apart.
    Text,
    /// `bool`.
    Truth,
    /// `bin` of any length.
    Bytes,
    /// `bin` of as many cells of this width as it likes; its length says how many rows there are.
    Counting(usize),
    /// `bin` of a cell of this width per row of the named counting column; empty where every cell is zero.
    Row(usize, usize),
}

/// A field of a map: its key and how it is stored.
pub(super) type Field = (&'static str, Kind);

/// The fields of the body, in the order they are written.
pub(super) mod body {
    use super::Field;
    use super::Kind::{Bytes, Counting, Row, Text, Truth};

    pub(in super::super) const PACKAGE: usize = 0;
    pub(in super::super) const INDEX: usize = 1;
    pub(in super::super) const NOTICE: usize = 2;
    pub(in super::super) const ABSENT: usize = 3;
    pub(in super::super) const STRINGS: usize = 4;
    pub(in super::super) const STRING_ENDS: usize = 5;
    pub(in super::super) const VERSIONS: usize = 6;
    pub(in super::super) const RELEASE_ENDS: usize = 7;
    pub(in super::super) const RELEASE_FLAGS: usize = 8;
    pub(in super::super) const RELEASE_TIMES: usize = 9;
    pub(in super::super) const RELEASE_REQUIRES_PYTHON: usize = 10;
    pub(in super::super) const RELEASE_METADATA: usize = 11;
    pub(in super::super) const RELEASE_METADATA_FILE: usize = 12;
    pub(in super::super) const METADATA_ENDS: usize = 13;
    pub(in super::super) const METADATA_ITEMS: usize = 14;
    pub(in super::super) const GROUP_ENDS: usize = 15;
    pub(in super::super) const GROUP_LENGTHS: usize = 16;
    pub(in super::super) const GROUP_CHECKSUMS: usize = 17;

    pub(in super::super) const FIELDS: &[Field] = &[
        ("package", Text),
        ("index", Text),
        ("notice", Text),
        ("absent", Truth),
        ("strings", Bytes),
        ("string-ends", Counting(4)),
        ("versions", Counting(4)),
        ("release-ends", Row(4, VERSIONS)),
        ("release-flags", Row(1, VERSIONS)),
        ("release-times", Row(8, VERSIONS)),
        ("release-requires-python", Row(4, VERSIONS)),
        ("release-metadata", Row(4, VERSIONS)),
        ("release-metadata-file", Row(4, VERSIONS)),
        ("metadata-ends", Counting(4)),
        ("metadata-items", Counting(4)),
        ("group-ends", Counting(4)),
        ("group-lengths", Row(4, GROUP_ENDS)),
        ("group-checksums", Row(4, GROUP_ENDS)),
    ];

    /// Bits of `release-flags`.
    pub(in super::super) const YANKED: u8 = 1;
    pub(in super::super) const HAS_SDIST: u8 = 2;
    pub(in super::super) const HAS_WHEEL: u8 = 4;
    pub(in super::super) const HAS_TIME: u8 = 8;

    /// The first word of a metadata list that says "needs building"; the next word is the reason.
    pub(in super::super) const NEEDS_BUILDING: u32 = u32::MAX;
    /// The first word of a list that says "several files were read"; pairs of a file and the number of its list follow.
    pub(in super::super) const SEVERAL: u32 = u32::MAX - 1;
}

/// The fields of a group of files, in the order they are written.
pub(super) mod group {
    use super::Field;
    use super::Kind::{Bytes, Counting, Row};

    pub(in super::super) const STRINGS: usize = 0;
    pub(in super::super) const STRING_ENDS: usize = 1;
    pub(in super::super) const FILENAMES: usize = 2;
    pub(in super::super) const FILENAME_ENDS: usize = 3;
    pub(in super::super) const DIRECTORIES: usize = 4;
    pub(in super::super) const PATH_DIGESTS: usize = 5;
    pub(in super::super) const FLAGS: usize = 6;
    pub(in super::super) const SHA256: usize = 7;
    pub(in super::super) const SIZES: usize = 8;
    pub(in super::super) const TIMES: usize = 9;
    pub(in super::super) const REQUIRES_PYTHON: usize = 10;
    pub(in super::super) const YANKED: usize = 11;
    pub(in super::super) const OTHER_HASHES: usize = 12;
    pub(in super::super) const SIDECARS: usize = 13;
    pub(in super::super) const PROVENANCES: usize = 14;

    pub(in super::super) const FIELDS: &[Field] = &[
        ("strings", Bytes),
        ("string-ends", Counting(4)),
        ("filenames", Bytes),
        ("filename-ends", Counting(4)),
        ("directories", Row(4, FILENAME_ENDS)),
        ("path-digests", Row(32, FILENAME_ENDS)),
        ("flags", Row(1, FILENAME_ENDS)),
        ("sha256", Row(32, FILENAME_ENDS)),
        ("sizes", Row(8, FILENAME_ENDS)),
        ("times", Row(8, FILENAME_ENDS)),
        ("requires-python", Row(4, FILENAME_ENDS)),
        ("yanked", Row(4, FILENAME_ENDS)),
        ("other-hashes", Row(4, FILENAME_ENDS)),
        ("sidecars", Row(4, FILENAME_ENDS)),
        ("provenances", Row(4, FILENAME_ENDS)),
    ];

    /// Bits of `flags`.
    pub(in super::super) const HAS_SHA256: u8 = 1;
    pub(in super::super) const HAS_SIZE: u8 = 2;
    pub(in super::super) const HAS_TIME: u8 = 4;
    pub(in super::super) const SIDECAR_ABSENT: u8 = 8;
    pub(in super::super) const SIDECAR_PRESENT: u8 = 16;
    /// The address is directory, `xx/yy/` and 60 digits of the path digest, then the file name.
    pub(in super::super) const URL_DIGEST: u8 = 32;
    /// The address is the directory alone.
    pub(in super::super) const URL_WHOLE: u8 = 64;
}

/// A group of files is closed at the end of the release that brings it to so many: some two pages of a disk, of
/// which the files of one release are a good part.
pub(super) const GROUP_FILES: usize = 64;

/// The checksum of a part of a record: CRC-32, which finds every cut and flip that storage produces and costs a
/// fraction of the reading.
pub(super) fn checksum(part: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(part);
    sum.sum()
}
