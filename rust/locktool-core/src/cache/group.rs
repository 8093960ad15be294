//! A file of a release as the cells of a group, and the other way.
//!
//! What files of a release have in common stands in the record's body - the parts of their names, requires-python - and
//! times count from the release's own. What only some files have is a digest for each of those, in their order.

use std::borrow::Cow;
use std::ops::Range;

use super::columns::{Columns, ColumnsWriter};
use super::layout::{body, group};
use super::record::{FileRow, SidecarRow};
use super::template::{self, LeftOut};

/// What the cells of a file leave to its release.
#[derive(Clone, Copy)]
pub(super) struct OfRelease<'a> {
    pub version: &'a str,
    pub upload_time: Option<i64>,
}

/// Appends a file to a group; what it shares with others goes into the table of the body.
pub(super) fn push_file(
    columns: &mut ColumnsWriter,
    shared: &mut ColumnsWriter,
    release: OfRelease<'_>,
    file: &FileRow<'_>,
) {
    let (filename, version) = (file.filename.as_ref(), release.version);
    let [start, ending] = template::of_filename(filename, version);
    columns.push(group::NAME_STARTS, shared.string(&start));
    columns.push(group::NAME_ENDINGS, shared.string(&ending));
    let requires_python = shared.optional(file.requires_python.as_deref());
    columns.push(group::REQUIRES_PYTHON, requires_python);
    let (address, path_digest) = template::of_address(&file.url, filename, version);
    let (sidecar, sidecar_sha256) = hash_of_sidecar(&file.sidecar);
    let mut flags = flags(file);
    for (column, bit, digest) in [
        (group::PATH_DIGESTS, group::HAS_PATH_DIGEST, path_digest),
        (group::SHA256, group::HAS_SHA256, file.sha256),
        (
            group::SIDECAR_SHA256,
            group::HAS_SIDECAR_SHA256,
            sidecar_sha256,
        ),
    ] {
        if let Some(digest) = digest {
            columns.push_bytes(column, &digest);
            flags |= bit;
        }
    }
    columns.push(group::FLAGS, flags);
    columns.push(group::SIZES, file.size.unwrap_or_default());
    let since = |time: i64| time.wrapping_sub(release.upload_time.unwrap_or_default());
    let time = file.upload_time.map(since).unwrap_or_default();
    columns.push(group::TIMES, time.cast_unsigned());
    let hashes = Some(file.other_hashes.as_ref()).filter(|text| !text.is_empty());
    let provenance = file.provenance.as_ref();
    let provenance = provenance.map(|text| template::of_text(text, filename, version));
    for (column, text) in [
        (group::ADDRESSES, Some(address.as_str())),
        (group::YANKED, file.yanked.as_deref()),
        (group::OTHER_HASHES, hashes),
        (group::SIDECARS, sidecar),
        (group::PROVENANCES, provenance.as_deref()),
    ] {
        let position = columns.optional(text);
        columns.push(column, position);
    }
}

/// The flags of a file, but for those of digests.
fn flags(file: &FileRow<'_>) -> u64 {
    let is_announced = matches!(file.sidecar, SidecarRow::Present(_) | SidecarRow::Sha256(_));
    [
        (file.size.is_some(), group::HAS_SIZE),
        (file.upload_time.is_some(), group::HAS_TIME),
        (file.sidecar == SidecarRow::Absent, group::SIDECAR_ABSENT),
        (is_announced, group::SIDECAR_PRESENT),
    ]
    .iter()
    .map(|(is_set, bit)| if *is_set { *bit } else { 0 })
    .sum()
}

/// The hash that is announced of a sidecar: as a text, or as a digest where it is a SHA-256.
fn hash_of_sidecar<'f>(sidecar: &'f SidecarRow<'_>) -> (Option<&'f str>, Option<[u8; 32]>) {
    match sidecar {
        SidecarRow::Absent | SidecarRow::Unknown => (None, None),
        SidecarRow::Sha256(digest) => (None, Some(*digest)),
        SidecarRow::Present(hash) => (Some(hash.as_ref()).filter(|hash| !hash.is_empty()), None),
    }
}

/// The files of some rows of a group.
pub(super) fn read_files<'a>(
    columns: &'a Columns,
    shared: &'a Columns,
    release: OfRelease<'_>,
    rows: Range<usize>,
) -> Vec<FileRow<'a>> {
    let digests = |column, bit| Digests::from_row(columns, (column, bit), rows.start);
    let mut reader = GroupReader {
        columns,
        shared,
        path_digests: digests(group::PATH_DIGESTS, group::HAS_PATH_DIGEST),
        sha256: digests(group::SHA256, group::HAS_SHA256),
        sidecar_sha256: digests(group::SIDECAR_SHA256, group::HAS_SIDECAR_SHA256),
    };
    rows.map(|row| reader.file(release, row)).collect()
}

/// The file name that two templates of the body's table stand for.
pub(super) fn filename(shared: &Columns, version: &str, parts: [u64; 2]) -> String {
    let templates = parts.map(|part| shared.named(body::TABLE, part).unwrap_or_default());
    let [start, ending] = templates;
    let left_out = LeftOut {
        version,
        ..LeftOut::default()
    };
    expanded(
        &templates,
        start.len() + ending.len() + version.len(),
        &left_out,
    )
}

/// Reads files one after the other; those that have a digest have the next one of its column.
struct GroupReader<'a> {
    columns: &'a Columns,
    shared: &'a Columns,
    path_digests: Digests<'a>,
    sha256: Digests<'a>,
    sidecar_sha256: Digests<'a>,
}

impl<'a> GroupReader<'a> {
    fn file(&mut self, release: OfRelease<'_>, row: usize) -> FileRow<'a> {
        let columns = self.columns;
        let flags = columns.number(group::FLAGS, row);
        let text = |column| columns.named(group::TABLE, columns.number(column, row));
        let parts = [group::NAME_STARTS, group::NAME_ENDINGS];
        let parts = parts.map(|column| columns.number(column, row));
        let filename = filename(self.shared, release.version, parts);
        let path_digest = self.path_digests.next(flags);
        let left_out = LeftOut {
            version: release.version,
            filename: &filename,
            path_digest: path_digest.unwrap_or_default(),
        };
        let expand = |template: &str| {
            let length = template.len() + filename.len() + release.version.len();
            let digits = path_digest.map_or(0, |_| template::DIGEST_PATH);
            expanded(&[template], length + digits, &left_out)
        };
        let url = expand(text(group::ADDRESSES).unwrap_or_default());
        let provenance = text(group::PROVENANCES).map(|text| Cow::Owned(expand(text)));
        let sidecar = match self.sidecar_sha256.next(flags) {
            _ if flags & group::SIDECAR_ABSENT != 0 => SidecarRow::Absent,
            Some(digest) => SidecarRow::Sha256(digest),
            None if flags & group::SIDECAR_PRESENT != 0 => {
                SidecarRow::Present(text(group::SIDECARS).unwrap_or_default().into())
            }
            None => SidecarRow::Unknown,
        };
        let time = columns.number(group::TIMES, row).cast_signed();
        let time = time.wrapping_add(release.upload_time.unwrap_or_default());
        let requires_python = columns.number(group::REQUIRES_PYTHON, row);
        let requires_python = self.shared.named(body::TABLE, requires_python);
        FileRow {
            url: Cow::Owned(url),
            sha256: self.sha256.next(flags),
            other_hashes: text(group::OTHER_HASHES).unwrap_or_default().into(),
            size: (flags & group::HAS_SIZE != 0).then(|| columns.number(group::SIZES, row)),
            upload_time: (flags & group::HAS_TIME != 0).then_some(time),
            requires_python: requires_python.map(Cow::Borrowed),
            yanked: text(group::YANKED).map(Cow::Borrowed),
            sidecar,
            provenance,
            filename: Cow::Owned(filename),
        }
    }
}

/// A column of digests from some row on.
struct Digests<'a> {
    columns: &'a Columns,
    column: usize,
    bit: u64,
    at: usize,
}

impl<'a> Digests<'a> {
    fn from_row(columns: &'a Columns, (column, bit): (usize, u64), row: usize) -> Self {
        let is_empty = columns.column(column).is_empty();
        let has = |row: &usize| !is_empty && columns.number(group::FLAGS, *row) & bit != 0;
        Self {
            columns,
            column,
            bit,
            at: (0..row).filter(has).count(),
        }
    }

    /// The digest of the next row, which has these flags.
    fn next(&mut self, flags: u64) -> Option<[u8; 32]> {
        if flags & self.bit == 0 {
            return None;
        }
        self.at += 1;
        Some(self.columns.digest(self.column, self.at - 1))
    }
}

/// The text of some templates one behind the other; empty for a template that nobody writes.
fn expanded(templates: &[&str], capacity: usize, left_out: &LeftOut<'_>) -> String {
    let mut text = String::with_capacity(capacity);
    for template in templates {
        if template::expand(&mut text, template, left_out).is_none() {
            return String::new();
        }
    }
    text
}
