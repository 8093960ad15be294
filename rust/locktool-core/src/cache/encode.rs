//! Rows to the bytes of a record, in the layout that `record` draws: a page first and metadata behind it, so that metadata is added
//! to a page whose files are encoded already (`rewrite`).

use rmp::encode::{
    write_array_len, write_bin, write_bin_len, write_map_len, write_sint, write_str, write_uint,
};

use super::columns::{ColumnsWriter, IN_MEMORY, as_number, as_word};
use super::group::{OfRelease, push_file};
use super::layout::{GROUP_FILES, body, checksum, checksum_of, group};
use super::metadata_lists::MetadataWriter;
use super::record::{FileRow, ReleaseRow, Rows, SCHEMA, Title, Validators};
use super::view::RecordView;

/// The bytes of a record.
pub fn encode(validators: &Validators, rows: &Rows<'_>) -> Vec<u8> {
    let mut page = PageWriter::new(&Title {
        package: &rows.package,
        index: &rows.index,
        absent: rows.absent,
        notice: &rows.notice,
    });
    for release in &rows.releases {
        page.push(release, &release.files);
    }
    let (mut columns, groups) = page.into_parts();
    let mut metadata = MetadataWriter::new(&mut columns);
    for release in &rows.releases {
        metadata.push(&release.version, &release.metadata);
    }
    let mut out = beginning(validators, &columns.write(), groups.len());
    for group in &groups {
        write_bin(&mut out, group).expect(IN_MEMORY);
    }
    out
}

/// A record up to the first of so many groups.
pub(super) fn beginning(validators: &Validators, body: &[u8], groups: usize) -> Vec<u8> {
    let head = encode_head(validators);
    let mut out = Vec::with_capacity(head.len() + body.len() + 32);
    write_array_len(&mut out, as_word(5 + groups)).expect(IN_MEMORY);
    write_uint(&mut out, u64::from(SCHEMA)).expect(IN_MEMORY);
    for part in [&head, body] {
        write_uint(&mut out, u64::from(checksum(part))).expect(IN_MEMORY);
        write_bin(&mut out, part).expect(IN_MEMORY);
    }
    out
}

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

/// A page while it is encoded, release by release: the columns of the body, and the groups of files before the open one.
pub struct PageWriter {
    columns: ColumnsWriter,
    open: ColumnsWriter,
    groups: Vec<Vec<u8>>,
    release_count: usize,
    file_count: usize,
    /// How many releases the groups have.
    grouped: usize,
}

impl PageWriter {
    pub fn new(title: &Title<'_>) -> Self {
        let mut columns = ColumnsWriter::new(body::KINDS, body::TABLE);
        for (column, text) in [
            (body::PACKAGE, title.package),
            (body::INDEX, title.index),
            (body::NOTICE, title.notice),
        ] {
            columns.push_bytes(column, text.as_bytes());
        }
        if title.absent {
            columns.push_bytes(body::ABSENT, &[1]);
        }
        Self {
            columns,
            open: ColumnsWriter::new(group::KINDS, group::TABLE),
            groups: Vec::new(),
            release_count: 0,
            file_count: 0,
            grouped: 0,
        }
    }

    /// Appends a release, but for its metadata, with these files.
    pub fn push<'f, 'a: 'f>(
        &mut self,
        release: &ReleaseRow<'_>,
        files: impl IntoIterator<Item = &'f FileRow<'a>>,
    ) {
        let of_release = OfRelease {
            version: &release.version,
            upload_time: release.upload_time,
        };
        for file in files {
            push_file(&mut self.open, &mut self.columns, of_release, file);
            self.file_count += 1;
        }
        self.release_count += 1;
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
        let version = (body::VERSIONS, body::VERSION_ENDS);
        self.columns.push_text(version, &release.version);
        for (column, number) in [
            (body::RELEASE_ENDS, as_number(self.file_count)),
            (body::RELEASE_FLAGS, flags),
            (body::RELEASE_TIMES, time.cast_unsigned()),
            (body::RELEASE_REQUIRES_PYTHON, requires_python),
        ] {
            self.columns.push(column, number);
        }
        if self.open.rows(group::NAME_STARTS) >= GROUP_FILES {
            self.close_group();
        }
    }

    /// The record in memory, in which no release has metadata: what a run goes on with is what the next one reads.
    pub fn finish(self, validators: Validators) -> RecordView {
        let (columns, groups) = self.into_parts();
        let record = RecordView::of_parts(validators, columns.write(), groups);
        record.expect("columns that were just written")
    }

    /// The columns of the body, in which no release has metadata, and the groups.
    fn into_parts(mut self) -> (ColumnsWriter, Vec<Vec<u8>>) {
        if self.grouped < self.release_count {
            self.close_group();
        }
        (self.columns, self.groups)
    }

    fn close_group(&mut self) {
        let content = self.open.write();
        self.open.clear();
        let header = group_header(&content);
        for (column, number) in [
            (body::GROUP_ENDS, as_number(self.release_count)),
            (body::GROUP_LENGTHS, as_number(header.len() + content.len())),
            (
                body::GROUP_CHECKSUMS,
                u64::from(checksum_of([&header, &content])),
            ),
        ] {
            self.columns.push(column, number);
        }
        self.groups.push(content);
        self.grouped = self.release_count;
    }
}

/// What stands before the content of a group.
fn group_header(content: &[u8]) -> Vec<u8> {
    let mut header = Vec::new();
    write_bin_len(&mut header, as_word(content.len())).expect(IN_MEMORY);
    header
}
