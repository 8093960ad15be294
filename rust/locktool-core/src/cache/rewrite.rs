//! A record with other validators or with more metadata: its files are copied as they stand, not decoded.

use rmp::encode::write_bin;
use rustc_hash::FxHashMap;

use super::columns::{Columns, ColumnsWriter, IN_MEMORY};
use super::encode::beginning;
use super::layout::{body, group};
use super::metadata_lists::MetadataWriter;
use super::record::{FileRow, MetadataRow, Outcome, Validators};
use super::view::RecordView;

impl RecordView {
    /// The same record with other validators; `None` if files cannot be read any more.
    pub fn renewed(&self, validators: &Validators) -> Option<Vec<u8>> {
        self.with_body(validators, self.body.bytes())
    }

    fn with_body(&self, validators: &Validators, body: &[u8]) -> Option<Vec<u8>> {
        let groups = 0..self.group_count();
        let groups: Vec<_> = groups.map(|at| self.group(at)).collect::<Option<_>>()?;
        let mut out = beginning(validators, body, groups.len());
        for group in groups {
            write_bin(&mut out, group.bytes()).expect(IN_MEMORY);
        }
        Some(out)
    }

    /// How many texts of the table the page itself names; those of metadata stand behind them.
    fn texts_of_page(&self) -> Option<u64> {
        let most = |columns: &Columns, column, rows: usize| {
            let numbers = (0..rows).map(|row| columns.number(column, row));
            numbers.max().unwrap_or_default()
        };
        let column = body::RELEASE_REQUIRES_PYTHON;
        let mut texts = most(&self.body, column, self.release_count());
        for position in 0..self.group_count() {
            let columns = self.group(position)?;
            let rows = columns.count(group::NAME_STARTS);
            for column in [
                group::NAME_STARTS,
                group::NAME_ENDINGS,
                group::REQUIRES_PYTHON,
            ] {
                texts = texts.max(most(columns, column, rows));
            }
        }
        Some(texts)
    }
}

/// What a record is to say of the metadata of its releases.
pub struct MetadataUpdate<'a> {
    record: &'a RecordView,
    /// Of each release, by the files that were read.
    lists: Vec<Vec<MetadataRow<'a>>>,
}

impl<'a> MetadataUpdate<'a> {
    /// Begins with what a record says.
    pub fn of(record: &'a RecordView) -> Self {
        let releases = 0..record.release_count();
        let lists = releases.map(|release| record.metadata(release).unwrap_or_default());
        Self {
            record,
            lists: lists.collect(),
        }
    }

    /// Keeps what another record of the package learned of releases that are listed, where the file it came from is the same one.
    pub fn adopt(&mut self, other: &'a RecordView) {
        let releases = (0..other.release_count()).filter(|release| other.has_metadata(*release));
        let by_version: FxHashMap<&str, usize> = releases
            .map(|release| (other.release(release).version, release))
            .collect();
        if by_version.is_empty() {
            return;
        }
        for (position, list) in self.lists.iter_mut().enumerate() {
            let version = self.record.release(position).version;
            let Some(&release) = by_version.get(version) else {
                continue;
            };
            let (Some(listed), Some(read)) = (self.record.files(position), other.files(release))
            else {
                continue;
            };
            for metadata in other.metadata(release).unwrap_or_default() {
                if is_same_file(&metadata.file, &listed, &read) && says_more(&metadata, list) {
                    replace(list, metadata);
                }
            }
        }
    }

    /// Takes what a file said, in place of what is known of the same file; nothing if the release has no such file.
    pub fn learn(&mut self, release: usize, metadata: MetadataRow<'a>) {
        let files = self.record.files(release).unwrap_or_default();
        if find(&files, &metadata.file).is_some()
            && let Some(list) = self.lists.get_mut(release)
        {
            replace(list, metadata);
        }
    }

    /// The record with this metadata; `None` if its files cannot be read any more.
    pub fn write(&self) -> Option<Vec<u8>> {
        let record = self.record;
        let texts = record.texts_of_page()?;
        let mut columns = ColumnsWriter::of(&record.body, (body::KINDS, body::TABLE), texts);
        for column in [
            body::RELEASE_METADATA,
            body::METADATA_ENDS,
            body::METADATA_ITEMS,
        ] {
            columns.clear_numbers(column);
        }
        let mut metadata = MetadataWriter::new(&mut columns);
        for (release, list) in self.lists.iter().enumerate() {
            metadata.push(record.release(release).version, list);
        }
        record.with_body(record.validators(), &columns.write())
    }
}

/// Whether the file of a name is the same in two releases.
fn is_same_file(filename: &str, listed: &[FileRow<'_>], read: &[FileRow<'_>]) -> bool {
    match (find(listed, filename), find(read, filename)) {
        (Some(listed), Some(read)) if listed.sha256.is_some() => listed.sha256 == read.sha256,
        (Some(listed), Some(read)) => listed.url == read.url,
        _ => false,
    }
}

fn find<'f, 'a>(files: &'f [FileRow<'a>], filename: &str) -> Option<&'f FileRow<'a>> {
    files.iter().find(|file| file.filename == filename)
}

/// Whether metadata says more than what is known of the same file.
fn says_more(metadata: &MetadataRow<'_>, list: &[MetadataRow<'_>]) -> bool {
    let known = list.iter().find(|known| known.file == metadata.file);
    known.is_none_or(|known| {
        matches!(known.outcome, Outcome::NeedsBuilding(_))
            && matches!(metadata.outcome, Outcome::Known { .. })
    })
}

fn replace<'a>(list: &mut Vec<MetadataRow<'a>>, metadata: MetadataRow<'a>) {
    list.retain(|known| known.file != metadata.file);
    list.push(metadata);
}
