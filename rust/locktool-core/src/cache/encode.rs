//! Rows to the bytes of a record, in the layout that `record` draws.

use std::collections::hash_map::Entry;

use rmp::encode::{write_array_len, write_bin, write_map_len, write_sint, write_str, write_uint};
use rustc_hash::FxHashMap;

use super::columns::{ColumnsWriter, IN_MEMORY, as_number, as_word};
use super::group::{OfRelease, push_file};
use super::layout::{GROUP_FILES, body, checksum, group};
use super::record::{MetadataRow, Outcome, ReleaseRow, Rows, SCHEMA, Validators};
use super::template;

/// The bytes of a record.
pub fn encode(validators: &Validators, rows: &Rows<'_>) -> Vec<u8> {
    let mut columns = ColumnsWriter::new(body::KINDS, body::TABLE);
    let groups = groups(&rows.releases, &mut columns);
    let body = BodyWriter::new(columns).write(rows, &groups);
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

/// The groups of files; what they share goes into the table of the body.
fn groups(releases: &[ReleaseRow<'_>], shared: &mut ColumnsWriter) -> Vec<Group> {
    let open_group = || ColumnsWriter::new(group::KINDS, group::TABLE);
    let mut groups = Vec::new();
    let mut open = open_group();
    for (position, release) in releases.iter().enumerate() {
        let of_release = OfRelease {
            version: &release.version,
            upload_time: release.upload_time,
        };
        for file in &release.files {
            push_file(&mut open, shared, of_release, file);
        }
        let is_full = open.rows(group::NAME_STARTS) >= GROUP_FILES;
        let is_last = position + 1 == releases.len();
        if is_full || is_last {
            let mut bytes = Vec::new();
            write_bin(&mut bytes, &open.write()).expect(IN_MEMORY);
            groups.push(Group {
                release_end: position + 1,
                bytes,
            });
            open = open_group();
        }
    }
    groups
}

/// The columns of the body while they grow; equal metadata lists are one.
struct BodyWriter {
    columns: ColumnsWriter,
    lists: FxHashMap<Vec<u64>, u64>,
}

impl BodyWriter {
    fn new(columns: ColumnsWriter) -> Self {
        Self {
            columns,
            lists: FxHashMap::default(),
        }
    }

    fn write(mut self, rows: &Rows<'_>, groups: &[Group]) -> Vec<u8> {
        for (column, text) in [
            (body::PACKAGE, &rows.package),
            (body::INDEX, &rows.index),
            (body::NOTICE, &rows.notice),
        ] {
            self.columns.push_bytes(column, text.as_bytes());
        }
        if rows.absent {
            self.columns.push_bytes(body::ABSENT, &[1]);
        }
        let mut file_count = 0;
        for release in &rows.releases {
            file_count += release.files.len();
            self.release(release, as_number(file_count));
        }
        for group in groups {
            for (column, number) in [
                (body::GROUP_ENDS, as_number(group.release_end)),
                (body::GROUP_LENGTHS, as_number(group.bytes.len())),
                (body::GROUP_CHECKSUMS, u64::from(checksum(&group.bytes))),
            ] {
                self.columns.push(column, number);
            }
        }
        self.columns.write()
    }

    fn release(&mut self, release: &ReleaseRow<'_>, file_count: u64) {
        let mut flags = 0;
        for (set, bit) in [
            (release.yanked, body::YANKED),
            (release.has_sdist, body::HAS_SDIST),
            (release.has_wheel, body::HAS_WHEEL),
            (release.upload_time.is_some(), body::HAS_TIME),
        ] {
            flags |= if set { bit } else { 0 };
        }
        let time = release.upload_time.unwrap_or_default();
        let requires_python = self.columns.optional(release.requires_python.as_deref());
        let list = self.metadata_of_release(release);
        let version = (body::VERSIONS, body::VERSION_ENDS);
        self.columns.push_text(version, &release.version);
        for (column, number) in [
            (body::RELEASE_ENDS, file_count),
            (body::RELEASE_FLAGS, flags),
            (body::RELEASE_TIMES, time.cast_unsigned()),
            (body::RELEASE_REQUIRES_PYTHON, requires_python),
            (body::RELEASE_METADATA, list),
        ] {
            self.columns.push(column, number);
        }
    }

    /// The number of the metadata list of a release plus one, or 0 for none.
    fn metadata_of_release(&mut self, release: &ReleaseRow<'_>) -> u64 {
        match &release.metadata[..] {
            [] => 0,
            [one] => self.metadata(one, &release.version) + 1,
            several => {
                let mut items = vec![body::SEVERAL];
                for row in several {
                    items.push(self.metadata(row, &release.version));
                }
                self.list(items) + 1
            }
        }
    }

    /// The number of a metadata list.
    fn metadata(&mut self, metadata: &MetadataRow<'_>, version: &str) -> u64 {
        let columns = &mut self.columns;
        let name = template::of_filename(&metadata.file, version);
        let name = name.map(|part| columns.string(&part));
        let mut items = Vec::new();
        match &metadata.outcome {
            Outcome::Known {
                requires_python,
                extras,
                requires,
                build_requires,
            } => {
                items.push(body::KNOWN);
                items.extend(name);
                items.push(columns.optional(requires_python.as_deref()));
                items.push(as_number(extras.len()));
                let of_build = build_requires.as_ref();
                items.push(of_build.map_or(0, |texts| as_number(texts.len()) + 1));
                let of_build = of_build.into_iter().flatten();
                let texts = extras.iter().chain(of_build).chain(requires);
                items.extend(texts.map(|text| columns.string(text)));
            }
            Outcome::NeedsBuilding(reason) => {
                items.push(body::NEEDS_BUILDING);
                items.extend(name);
                items.push(columns.string(reason));
            }
        }
        self.list(items)
    }

    /// The number of a list; equal lists are one.
    fn list(&mut self, items: Vec<u64>) -> u64 {
        let columns = &mut self.columns;
        let count = as_number(self.lists.len());
        match self.lists.entry(items) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                for item in vacant.key() {
                    columns.push(body::METADATA_ITEMS, *item);
                }
                let end = as_number(columns.rows(body::METADATA_ITEMS));
                columns.push(body::METADATA_ENDS, end);
                *vacant.insert(count)
            }
        }
    }
}
