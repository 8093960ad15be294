//! Rows to the bytes of a record, in the layout that `record` draws.

use std::collections::hash_map::Entry;

use rmp::encode::{write_array_len, write_bin, write_map_len, write_sint, write_str, write_uint};
use rustc_hash::FxHashMap;

use super::record::{FileRow, MetadataRow, Outcome, Rows, SCHEMA, SidecarRow, Validators};
use super::view::KEYS;

/// Bits of `release-flags`.
pub(super) const YANKED: u8 = 1;
pub(super) const HAS_SDIST: u8 = 2;
pub(super) const HAS_WHEEL: u8 = 4;
pub(super) const RELEASE_TIME: u8 = 8;

/// Bits of `file-flags`.
pub(super) const FILE_SHA256: u8 = 1;
pub(super) const FILE_SIZE: u8 = 2;
pub(super) const FILE_TIME: u8 = 4;
pub(super) const SIDECAR_ABSENT: u8 = 8;
pub(super) const SIDECAR_PRESENT: u8 = 16;
/// The address is directory, `xx/yy/` and 60 digits of the path digest, then the file name.
pub(super) const URL_DIGEST: u8 = 32;
/// The address is the directory alone.
pub(super) const URL_WHOLE: u8 = 64;

/// The first word of a metadata list that says "needs building"; the next word is the reason.
pub(super) const NEEDS_BUILDING: u32 = u32::MAX;

/// The bytes of a record.
pub fn encode(validators: &Validators, rows: &Rows<'_>) -> Vec<u8> {
    let head = encode_head(validators);
    let body = Columns::of(rows).write(rows);
    frame(&head, &body)
}

/// The bytes of a record with other validators, its body copied unread.
pub fn with_validators(validators: &Validators, body: &[u8]) -> Vec<u8> {
    frame(&encode_head(validators), body)
}

fn frame(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + body.len() + 32);
    write_array_len(&mut out, 5).expect(IN_MEMORY);
    write_uint(&mut out, u64::from(SCHEMA)).expect(IN_MEMORY);
    for part in [head, body] {
        write_uint(&mut out, u64::from(checksum(part))).expect(IN_MEMORY);
        write_bin(&mut out, part).expect(IN_MEMORY);
    }
    out
}

/// The checksum of a part of a record: CRC-32, which finds every cut and flip that storage produces and costs a
/// fraction of the reading.
pub(super) fn checksum(part: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(part);
    sum.sum()
}

const IN_MEMORY: &str = "writing to memory does not fail";

fn encode_head(validators: &Validators) -> Vec<u8> {
    let mut out = Vec::new();
    write_map_len(&mut out, 4).expect(IN_MEMORY);
    for (key, text) in [
        ("etag", &validators.etag),
        ("last-modified", &validators.last_modified),
    ] {
        write_str(&mut out, key).expect(IN_MEMORY);
        write_str(&mut out, text.as_deref().unwrap_or_default()).expect(IN_MEMORY);
    }
    for (key, number) in [
        ("fetched", validators.fetched),
        ("fresh-until", validators.fresh_until),
    ] {
        write_str(&mut out, key).expect(IN_MEMORY);
        write_sint(&mut out, number).expect(IN_MEMORY);
    }
    out
}

/// The columns while they grow.
#[derive(Default)]
struct Columns<'a> {
    positions: FxHashMap<&'a str, u32>,
    strings: Vec<u8>,
    string_ends: Vec<u8>,
    lists: FxHashMap<Vec<u32>, u32>,
    by_name: FxHashMap<&'static str, Vec<u8>>,
    directories: FxHashMap<String, u32>,
    string_count: u32,
}

/// Column names in the order they are written: the reader's fields after those that are not columns.
const COLUMNS: &[&str] = KEYS.split_at(5).1;

/// Columns whose length says how many rows there are; they are written also where they are zero throughout.
const COUNTED: [&str; 4] = [
    "versions",
    "filename-ends",
    "metadata-ends",
    "metadata-items",
];

impl<'a> Columns<'a> {
    fn of(rows: &'a Rows<'_>) -> Self {
        let mut columns = Self::default();
        let mut file_count = 0_u32;
        for release in &rows.releases {
            let first = file_count;
            for file in &release.files {
                columns.file(file);
                file_count += 1;
            }
            let mut flags = 0;
            for (set, bit) in [
                (release.yanked, YANKED),
                (release.has_sdist, HAS_SDIST),
                (release.has_wheel, HAS_WHEEL),
                (release.upload_time.is_some(), RELEASE_TIME),
            ] {
                flags |= if set { bit } else { 0 };
            }
            let version = columns.string(&release.version);
            let requires_python = columns.optional(release.requires_python.as_deref());
            columns.word("versions", version);
            columns.word("release-ends", file_count);
            columns.bytes("release-flags", &[flags]);
            columns.bytes(
                "release-times",
                &release.upload_time.unwrap_or_default().to_le_bytes(),
            );
            columns.word("release-requires-python", requires_python);
            let (list, source) = match &release.metadata {
                Some(metadata) => {
                    let position = release
                        .files
                        .iter()
                        .position(|file| file.filename == metadata.file);
                    let offset = position.map_or(0, |position| first + as_word(position) + 1);
                    (columns.metadata(metadata) + 1, offset)
                }
                None => (0, 0),
            };
            columns.word("release-metadata", list);
            columns.word("release-metadata-file", source);
        }
        columns
    }

    fn file(&mut self, file: &'a FileRow<'_>) {
        let (shape, directory, digest) = split_url(&file.url, &file.filename);
        let directory = self.directory(directory);
        let mut flags = shape;
        flags |= if file.sha256.is_some() {
            FILE_SHA256
        } else {
            0
        };
        flags |= if file.size.is_some() { FILE_SIZE } else { 0 };
        flags |= if file.upload_time.is_some() {
            FILE_TIME
        } else {
            0
        };
        let sidecar = match &file.sidecar {
            SidecarRow::Unknown => 0,
            SidecarRow::Absent => {
                flags |= SIDECAR_ABSENT;
                0
            }
            SidecarRow::Present(hash) => {
                flags |= SIDECAR_PRESENT;
                self.string(hash)
            }
        };
        self.bytes("filenames", file.filename.as_bytes());
        let end = as_word(self.by_name["filenames"].len());
        self.word("filename-ends", end);
        self.word("directories", directory);
        self.bytes("path-digests", &digest);
        self.bytes("file-flags", &[flags]);
        self.bytes("sha256", &file.sha256.unwrap_or_default());
        self.bytes("sizes", &file.size.unwrap_or_default().to_le_bytes());
        self.bytes("times", &file.upload_time.unwrap_or_default().to_le_bytes());
        self.word("sidecars", sidecar);
        let hashes = Some(file.other_hashes.as_ref()).filter(|text| !text.is_empty());
        for (column, text) in [
            ("requires-python", file.requires_python.as_deref()),
            ("yanked", file.yanked.as_deref()),
            ("other-hashes", hashes),
            ("provenances", file.provenance.as_deref()),
        ] {
            let position = self.optional(text);
            self.word(column, position);
        }
    }

    /// The number of a metadata list; equal lists are one.
    fn metadata(&mut self, metadata: &'a MetadataRow<'_>) -> u32 {
        let items = match &metadata.outcome {
            Outcome::Known {
                requires_python,
                extras,
                requires,
            } => {
                let mut items = vec![
                    self.optional(requires_python.as_deref()),
                    as_word(extras.len()),
                ];
                items.extend(extras.iter().chain(requires).map(|text| self.string(text)));
                items
            }
            Outcome::NeedsBuilding(reason) => vec![NEEDS_BUILDING, self.string(reason)],
        };
        let count = as_word(self.lists.len());
        match self.lists.entry(items) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let column = self.by_name.entry("metadata-items").or_default();
                for item in vacant.key() {
                    column.extend_from_slice(&item.to_le_bytes());
                }
                let end = as_word(column.len() / 4);
                vacant.insert(count);
                self.word("metadata-ends", end);
                count
            }
        }
    }

    fn optional(&mut self, text: Option<&'a str>) -> u32 {
        text.map_or(0, |text| self.string(text))
    }

    /// The position of a string in the table, plus one.
    fn string(&mut self, text: &'a str) -> u32 {
        if let Some(&position) = self.positions.get(text) {
            return position;
        }
        let position = self.push_string(text);
        self.positions.insert(text, position);
        position
    }

    fn directory(&mut self, directory: &str) -> u32 {
        if let Some(&position) = self.directories.get(directory) {
            return position;
        }
        let position = self.push_string(directory);
        self.directories.insert(directory.to_owned(), position);
        position
    }

    fn push_string(&mut self, text: &str) -> u32 {
        self.strings.extend_from_slice(text.as_bytes());
        self.string_ends
            .extend_from_slice(&as_word(self.strings.len()).to_le_bytes());
        self.string_count += 1;
        self.string_count
    }

    fn word(&mut self, column: &'static str, word: u32) {
        self.bytes(column, &word.to_le_bytes());
    }

    fn bytes(&mut self, column: &'static str, bytes: &[u8]) {
        self.by_name
            .entry(column)
            .or_default()
            .extend_from_slice(bytes);
    }

    fn write(&self, rows: &Rows<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        write_map_len(&mut out, 6 + as_word(COLUMNS.len())).expect(IN_MEMORY);
        for (key, text) in [
            ("package", &rows.package),
            ("index", &rows.index),
            ("notice", &rows.notice),
        ] {
            write_str(&mut out, key).expect(IN_MEMORY);
            write_str(&mut out, text).expect(IN_MEMORY);
        }
        write_str(&mut out, "absent").expect(IN_MEMORY);
        rmp::encode::write_bool(&mut out, rows.absent).expect(IN_MEMORY);
        for (key, column) in [
            ("strings", &self.strings),
            ("string-ends", &self.string_ends),
        ] {
            write_str(&mut out, key).expect(IN_MEMORY);
            write_bin(&mut out, column).expect(IN_MEMORY);
        }
        for key in COLUMNS {
            let column = self.by_name.get(key).map_or(&[][..], Vec::as_slice);
            let empty = !COUNTED.contains(key) && column.iter().all(|&byte| byte == 0);
            write_str(&mut out, key).expect(IN_MEMORY);
            write_bin(&mut out, if empty { &[] } else { column }).expect(IN_MEMORY);
        }
        out
    }
}

/// Positions and lengths in a record fit 32 bits: pages are limited far below.
fn as_word(number: usize) -> u32 {
    u32::try_from(number).expect("a record is smaller than 4 GiB")
}

/// How an address is stored: its shape, its directory, and the 32 bytes of a digest path (zero for other shapes).
fn split_url<'u>(url: &'u str, filename: &str) -> (u8, &'u str, [u8; 32]) {
    let Some(directory) = url
        .strip_suffix(filename)
        .filter(|directory| directory.ends_with('/'))
    else {
        return (URL_WHOLE, url, [0; 32]);
    };
    match digest_path(directory) {
        Some((prefix, digest)) => (URL_DIGEST, prefix, digest),
        None => (0, directory, [0; 32]),
    }
}

/// Splits `…/ab/cd/<60 hex digits>/`, the way large indexes spread files over directories.
fn digest_path(directory: &str) -> Option<(&str, [u8; 32])> {
    let at = directory.len().checked_sub(67)?;
    let tail = directory.get(at..)?;
    let separated = |position: usize| tail.as_bytes()[position] == b'/';
    if !(separated(2) && separated(5) && separated(66)) {
        return None;
    }
    let digits = [&tail[..2], &tail[3..5], &tail[6..66]].concat();
    Some((&directory[..at], from_hex(&digits)?))
}

/// 64 lower-case hexadecimal digits as bytes.
pub fn from_hex(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bytes)
}
