//! Rows to the bytes of a record, in the layout that `record` draws.

use std::collections::hash_map::Entry;

use rmp::encode::{write_array_len, write_bin, write_map_len, write_sint, write_str, write_uint};
use rustc_hash::FxHashMap;

use super::columns::{ColumnsWriter, IN_MEMORY, as_word};
use super::layout::{GROUP_FILES, body, checksum, group};
use super::record::{
    FileRow, MetadataRow, Outcome, ReleaseRow, Rows, SCHEMA, SidecarRow, Validators,
};

/// The bytes of a record.
pub fn encode(validators: &Validators, rows: &Rows<'_>) -> Vec<u8> {
    let groups = groups(&rows.releases);
    let body = BodyWriter::new().write(rows, &groups);
    let mut out = frame(&encode_head(validators), 5 + groups.len());
    write_uint(&mut out, u64::from(checksum(&body))).expect(IN_MEMORY);
    write_bin(&mut out, &body).expect(IN_MEMORY);
    for group in &groups {
        out.extend_from_slice(&group.bytes);
    }
    out
}

/// The beginning of a record of so many parts, up to the checksum of its body.
pub(super) fn frame(head: &[u8], parts: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + 32);
    write_array_len(&mut out, as_word(parts)).expect(IN_MEMORY);
    write_uint(&mut out, u64::from(SCHEMA)).expect(IN_MEMORY);
    write_uint(&mut out, u64::from(checksum(head))).expect(IN_MEMORY);
    write_bin(&mut out, head).expect(IN_MEMORY);
    out
}

pub(super) fn encode_head(validators: &Validators) -> Vec<u8> {
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

/// The files of some releases, as they stand in the record.
struct Group {
    release_end: usize,
    bytes: Vec<u8>,
}

fn groups(releases: &[ReleaseRow<'_>]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut open = group_writer();
    for (position, release) in releases.iter().enumerate() {
        for file in &release.files {
            push_file(&mut open, file);
        }
        let is_full = open.length(group::FILENAME_ENDS) / 4 >= GROUP_FILES;
        let is_last = position + 1 == releases.len();
        if is_full || is_last {
            let mut bytes = Vec::new();
            write_bin(&mut bytes, &open.write()).expect(IN_MEMORY);
            groups.push(Group {
                release_end: position + 1,
                bytes,
            });
            open = group_writer();
        }
    }
    groups
}

fn group_writer() -> ColumnsWriter {
    ColumnsWriter::new(group::FIELDS, (group::STRINGS, group::STRING_ENDS))
}

fn push_file(columns: &mut ColumnsWriter, file: &FileRow<'_>) {
    let (mut flags, directory, digest) = split_url(&file.url, &file.filename);
    for (set, bit) in [
        (file.sha256.is_some(), group::HAS_SHA256),
        (file.size.is_some(), group::HAS_SIZE),
        (file.upload_time.is_some(), group::HAS_TIME),
        (file.sidecar == SidecarRow::Absent, group::SIDECAR_ABSENT),
        (
            matches!(file.sidecar, SidecarRow::Present(_)),
            group::SIDECAR_PRESENT,
        ),
    ] {
        flags |= if set { bit } else { 0 };
    }
    columns.push_text(group::FILENAMES, group::FILENAME_ENDS, &file.filename);
    columns.push(group::PATH_DIGESTS, &digest);
    columns.push(group::FLAGS, &[flags]);
    columns.push(group::SHA256, &file.sha256.unwrap_or_default());
    columns.push(group::SIZES, &file.size.unwrap_or_default().to_le_bytes());
    let time = file.upload_time.unwrap_or_default();
    columns.push(group::TIMES, &time.to_le_bytes());
    let hashes = Some(file.other_hashes.as_ref()).filter(|text| !text.is_empty());
    let sidecar = match &file.sidecar {
        SidecarRow::Present(hash) => Some(hash.as_ref()),
        SidecarRow::Absent | SidecarRow::Unknown => None,
    };
    for (column, text) in [
        (group::DIRECTORIES, Some(directory)),
        (group::REQUIRES_PYTHON, file.requires_python.as_deref()),
        (group::YANKED, file.yanked.as_deref()),
        (group::OTHER_HASHES, hashes),
        (group::SIDECARS, sidecar),
        (group::PROVENANCES, file.provenance.as_deref()),
    ] {
        let position = columns.optional(text);
        columns.word(column, position);
    }
}

/// The columns of the body while they grow; equal metadata lists are one.
struct BodyWriter {
    columns: ColumnsWriter,
    lists: FxHashMap<Vec<u32>, u32>,
}

impl BodyWriter {
    fn new() -> Self {
        Self {
            columns: ColumnsWriter::new(body::FIELDS, (body::STRINGS, body::STRING_ENDS)),
            lists: FxHashMap::default(),
        }
    }

    fn write(mut self, rows: &Rows<'_>, groups: &[Group]) -> Vec<u8> {
        for (column, text) in [
            (body::PACKAGE, &rows.package),
            (body::INDEX, &rows.index),
            (body::NOTICE, &rows.notice),
        ] {
            self.columns.push(column, text.as_bytes());
        }
        if rows.absent {
            self.columns.push(body::ABSENT, &[1]);
        }
        let mut file_count = 0;
        for release in &rows.releases {
            file_count += release.files.len();
            self.release(release, as_word(file_count));
        }
        for group in groups {
            for (column, word) in [
                (body::GROUP_ENDS, as_word(group.release_end)),
                (body::GROUP_LENGTHS, as_word(group.bytes.len())),
                (body::GROUP_CHECKSUMS, checksum(&group.bytes)),
            ] {
                self.columns.word(column, word);
            }
        }
        self.columns.write()
    }

    fn release(&mut self, release: &ReleaseRow<'_>, file_count: u32) {
        let mut flags = 0;
        for (set, bit) in [
            (release.yanked, body::YANKED),
            (release.has_sdist, body::HAS_SDIST),
            (release.has_wheel, body::HAS_WHEEL),
            (release.upload_time.is_some(), body::HAS_TIME),
        ] {
            flags |= if set { bit } else { 0 };
        }
        self.columns.push(body::RELEASE_FLAGS, &[flags]);
        let time = release.upload_time.unwrap_or_default();
        self.columns.push(body::RELEASE_TIMES, &time.to_le_bytes());
        let version = self.columns.string(&release.version);
        let requires_python = self.columns.optional(release.requires_python.as_deref());
        let list = self.metadata_of_release(&release.metadata);
        let source = release.metadata.first().map(|row| row.file.as_ref());
        let source = self.columns.optional(source);
        for (column, word) in [
            (body::VERSIONS, version),
            (body::RELEASE_ENDS, file_count),
            (body::RELEASE_REQUIRES_PYTHON, requires_python),
            (body::RELEASE_METADATA, list),
            (body::RELEASE_METADATA_FILE, source),
        ] {
            self.columns.word(column, word);
        }
    }

    /// The number of the metadata list of a release plus one, or 0 for none.
    fn metadata_of_release(&mut self, metadata: &[MetadataRow<'_>]) -> u32 {
        match metadata {
            [] => 0,
            [one] => self.metadata(one) + 1,
            several => {
                let mut items = vec![body::SEVERAL];
                for row in several {
                    items.push(self.columns.string(&row.file));
                    items.push(self.metadata(row));
                }
                self.list(items) + 1
            }
        }
    }

    /// The number of a metadata list.
    fn metadata(&mut self, metadata: &MetadataRow<'_>) -> u32 {
        let columns = &mut self.columns;
        let items = match &metadata.outcome {
            Outcome::Known {
                requires_python,
                extras,
                requires,
                build_requires,
            } => {
                let mut items = vec![
                    columns.optional(requires_python.as_deref()),
                    as_word(extras.len()),
                    build_requires
                        .as_ref()
                        .map_or(0, |texts| as_word(texts.len()) + 1),
                ];
                let of_build = build_requires.iter().flatten();
                let texts = extras.iter().chain(of_build).chain(requires);
                items.extend(texts.map(|text| columns.string(text)));
                items
            }
            Outcome::NeedsBuilding(reason) => {
                vec![body::NEEDS_BUILDING, columns.string(reason)]
            }
        };
        self.list(items)
    }

    /// The number of a list; equal lists are one.
    fn list(&mut self, items: Vec<u32>) -> u32 {
        let columns = &mut self.columns;
        let count = as_word(self.lists.len());
        match self.lists.entry(items) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                for item in vacant.key() {
                    columns.word(body::METADATA_ITEMS, *item);
                }
                let end = as_word(columns.length(body::METADATA_ITEMS) / 4);
                columns.word(body::METADATA_ENDS, end);
                *vacant.insert(count)
            }
        }
    }
}

/// How an address is stored: its shape, its directory, and the 32 bytes of a digest path (zero for other shapes).
fn split_url<'u>(url: &'u str, filename: &str) -> (u8, &'u str, [u8; 32]) {
    let Some(directory) = url
        .strip_suffix(filename)
        .filter(|directory| directory.ends_with('/'))
    else {
        return (group::URL_WHOLE, url, [0; 32]);
    };
    match digest_path(directory) {
        Some((prefix, digest)) => (group::URL_DIGEST, prefix, digest),
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
