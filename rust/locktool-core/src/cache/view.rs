//! A record as it is read: nothing is parsed until a release is asked for, and files not even read.
//!
//! Opening checks the frame, the length of the whole and the checksums of what it reads. A record in memory is read
//! whole; of one on disk only head and body are, and each group of files when one of its releases is asked for.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rmp::decode::{read_bin_len, read_int, read_map_len};

use super::columns::{Columns, read_text};
use super::front::{Front, read_span};
use super::group::{OfRelease, filename, read_files};
use super::layout::{body, checksum, group};
use super::record::{FileRow, MetadataRow, Outcome, ReleaseRow, Rows, Validators};

/// An opened record.
pub struct RecordView {
    source: Source,
    validators: Validators,
    pub(super) body: Columns,
    release_count: usize,
    group_starts: Box<[u64]>,
    groups: Box<[OnceLock<Option<Columns>>]>,
}

/// Where groups of files are read from.
enum Source {
    /// Nowhere: all were read when the record was opened.
    Memory,
    Disk {
        path: PathBuf,
        /// Raised when a group is not there any more: what was answered so far may rest on a damaged record.
        lost: Arc<AtomicBool>,
    },
}

/// What a reader needs of a release before it looks at its files.
pub struct ReleaseHead<'a> {
    pub version: &'a str,
    pub yanked: bool,
    pub has_sdist: bool,
    pub has_wheel: bool,
    pub upload_time: Option<i64>,
    pub requires_python: Option<&'a str>,
    pub files: Range<u32>,
}

impl RecordView {
    /// Opens a record in memory; `None` for anything that is not a whole record of this schema.
    pub fn open(bytes: impl AsRef<[u8]>) -> Option<Self> {
        let bytes = bytes.as_ref();
        let front = Front::of_memory(bytes)?;
        let view = Self::new(front, Source::Memory)?;
        for position in 0..view.groups.len() {
            let [start, end] = [position, position + 1].map(|at| view.group_starts[at]);
            let field = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
            let field = bytes.get(field)?;
            let expected = view.body.number(body::GROUP_CHECKSUMS, position);
            let group = read_group(field).filter(|_| is_expected(field, expected))?;
            let _ = view.groups[position].set(Some(group));
        }
        Some(view)
    }

    /// A record in memory of a body and the contents of its groups.
    pub(super) fn of_parts(
        validators: Validators,
        body: Vec<u8>,
        groups: Vec<Vec<u8>>,
    ) -> Option<Self> {
        let body = Columns::read(body.into(), body::KINDS)?;
        let view = Self::over(validators, body, 0, Source::Memory)?;
        for (cell, content) in view.groups.iter().zip(groups) {
            let _ = cell.set(Some(Columns::read(content.into(), group::KINDS)?));
        }
        Some(view)
    }

    /// Opens a record on disk, reading its head and body; `lost` is raised if later a group of files is damaged or gone.
    pub fn open_file(path: &Path, lost: &Arc<AtomicBool>) -> Option<Self> {
        let source = Source::Disk {
            path: path.to_owned(),
            lost: lost.clone(),
        };
        Self::new(Front::of_file(path)?, source)
    }

    fn new(front: Front, source: Source) -> Option<Self> {
        let validators = read_head(&front.head)?;
        let body = Columns::read(front.body, body::KINDS)?;
        let view = Self::over(validators, body, front.groups_start, source)?;
        let is_whole =
            front.parts == 5 + view.groups.len() && view.group_starts.last() == Some(&front.total);
        is_whole.then_some(view)
    }

    /// A record with this body, its groups yet unread.
    fn over(
        validators: Validators,
        body: Columns,
        groups_start: u64,
        source: Source,
    ) -> Option<Self> {
        let group_count = body.count(body::GROUP_ENDS);
        let mut starts = Vec::with_capacity(group_count + 1);
        let mut end = groups_start;
        starts.push(end);
        for group in 0..group_count {
            end = end.checked_add(body.number(body::GROUP_LENGTHS, group))?;
            starts.push(end);
        }
        let release_count = body.count(body::VERSION_ENDS);
        let last = group_count.checked_sub(1);
        let covered = last.map_or(0, |last| body.position(body::GROUP_ENDS, last));
        (covered == release_count).then(|| Self {
            source,
            validators,
            body,
            release_count,
            group_starts: starts.into(),
            groups: (0..group_count).map(|_| OnceLock::new()).collect(),
        })
    }

    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    pub fn package(&self) -> &str {
        self.body.text(body::PACKAGE)
    }

    pub fn index(&self) -> &str {
        self.body.text(body::INDEX)
    }

    pub fn notice(&self) -> &str {
        self.body.text(body::NOTICE)
    }

    /// The index does not have the package.
    pub fn is_absent(&self) -> bool {
        self.body.truth(body::ABSENT)
    }

    pub fn release_count(&self) -> usize {
        self.release_count
    }

    /// The head of a release.
    pub fn release(&self, release: usize) -> ReleaseHead<'_> {
        let flags = self.body.number(body::RELEASE_FLAGS, release);
        let requires_python = self.body.number(body::RELEASE_REQUIRES_PYTHON, release);
        let time = self.body.number(body::RELEASE_TIMES, release);
        let files = self.files_of(release);
        let word = |position| u32::try_from(position).unwrap_or(u32::MAX);
        ReleaseHead {
            version: self.version(release),
            yanked: flags & body::YANKED != 0,
            has_sdist: flags & body::HAS_SDIST != 0,
            has_wheel: flags & body::HAS_WHEEL != 0,
            upload_time: (flags & body::HAS_TIME != 0).then(|| time.cast_signed()),
            requires_python: self.string(requires_python),
            files: word(files.start)..word(files.end),
        }
    }

    fn version(&self, release: usize) -> &str {
        let versions = (body::VERSIONS, body::VERSION_ENDS);
        self.body.slice(versions, release).unwrap_or_default()
    }

    /// Which of all files are those of a release.
    fn files_of(&self, release: usize) -> Range<usize> {
        let start = self.body.start(body::RELEASE_ENDS, release);
        start..self.body.position(body::RELEASE_ENDS, release)
    }

    /// The files of a release; `None` if they cannot be read any more, which the store remembers.
    pub fn files(&self, release: usize) -> Option<Vec<FileRow<'_>>> {
        let position = self.group_of(release)?;
        let columns = self.group(position)?;
        let first_release = self.body.start(body::GROUP_ENDS, position);
        let before = self.body.start(body::RELEASE_ENDS, first_release);
        let count = columns.count(group::NAME_STARTS);
        let files = self.files_of(release);
        let end = files.end.saturating_sub(before).min(count);
        let start = files.start.saturating_sub(before).min(end);
        let head = self.release(release);
        let of_release = OfRelease {
            version: head.version,
            upload_time: head.upload_time,
        };
        Some(read_files(columns, &self.body, of_release, start..end))
    }

    /// The group that holds the files of a release.
    fn group_of(&self, release: usize) -> Option<usize> {
        let (mut low, mut high) = (0, self.groups.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.body.position(body::GROUP_ENDS, middle) <= release {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.groups.len()).then_some(low)
    }

    pub(super) fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// A group of files; `None` if it cannot be read any more.
    pub(super) fn group(&self, position: usize) -> Option<&Columns> {
        let read = || read_group(&self.group_on_disk(position)?);
        self.groups[position].get_or_init(read).as_ref()
    }

    /// The bytes of a group, its `bin` header included, if they are what the body says.
    fn group_on_disk(&self, position: usize) -> Option<Vec<u8>> {
        let Source::Disk { path, lost } = &self.source else {
            return None;
        };
        let [start, end] = [position, position + 1].map(|at| self.group_starts[at]);
        let length = usize::try_from(end - start).ok()?;
        let expected = self.body.number(body::GROUP_CHECKSUMS, position);
        let in_place = read_span(path, start, length).filter(|bytes| is_expected(bytes, expected));
        let bytes = in_place.or_else(|| elsewhere(path, length, expected));
        if bytes.is_none() {
            lost.store(true, Ordering::Relaxed);
        }
        bytes
    }

    /// Whether something is known of a release's metadata.
    pub fn has_metadata(&self, release: usize) -> bool {
        self.body.number(body::RELEASE_METADATA, release) != 0
    }

    /// What is known of a release's metadata, by the files that were read.
    pub fn metadata(&self, release: usize) -> Option<Vec<MetadataRow<'_>>> {
        let list = self.body.number(body::RELEASE_METADATA, release);
        let Some(list) = list.checked_sub(1) else {
            return Some(Vec::new());
        };
        let version = self.version(release);
        let items = self.metadata_list(list)?;
        let [body::SEVERAL, lists @ ..] = &items[..] else {
            return Some(vec![self.metadata_row(version, &items)?]);
        };
        let rows = lists
            .iter()
            .map(|list| self.metadata_row(version, &self.metadata_list(*list)?));
        rows.collect()
    }

    fn metadata_list(&self, list: u64) -> Option<Vec<u64>> {
        let list = usize::try_from(list).ok()?;
        let first = self.body.start(body::METADATA_ENDS, list);
        let end = self.body.position(body::METADATA_ENDS, list);
        let is_written = first <= end && end <= self.body.count(body::METADATA_ITEMS);
        let items = |position| self.body.number(body::METADATA_ITEMS, position);
        is_written.then(|| (first..end).map(items).collect())
    }

    fn metadata_row(&self, version: &str, items: &[u64]) -> Option<MetadataRow<'_>> {
        let [kind, start, ending, items @ ..] = items else {
            return None;
        };
        let outcome = match (*kind, items) {
            (body::NEEDS_BUILDING, [reason, ..]) => {
                Outcome::NeedsBuilding(Cow::Borrowed(self.string(*reason)?))
            }
            (body::KNOWN, [requires_python, extra_count, build_count, texts @ ..]) => {
                let texts = texts
                    .iter()
                    .map(|text| self.string(*text).map(Cow::Borrowed));
                let mut extras: Vec<_> = texts.collect::<Option<_>>()?;
                let mut others = split_off(&mut extras, *extra_count);
                let build_requires = build_count.checked_sub(1).map(|count| {
                    let requires = split_off(&mut others, count);
                    std::mem::replace(&mut others, requires)
                });
                Outcome::Known {
                    requires_python: self.string(*requires_python).map(Cow::Borrowed),
                    extras,
                    requires: others,
                    build_requires,
                }
            }
            _ => return None,
        };
        Some(MetadataRow {
            file: Cow::Owned(filename(&self.body, version, [*start, *ending])),
            outcome,
        })
    }

    /// Everything, as rows; `None` if files cannot be read any more.
    pub fn rows(&self) -> Option<Rows<'_>> {
        let releases = (0..self.release_count).map(|position| {
            let head = self.release(position);
            Some(ReleaseRow {
                version: Cow::Borrowed(head.version),
                yanked: head.yanked,
                has_sdist: head.has_sdist,
                has_wheel: head.has_wheel,
                upload_time: head.upload_time,
                requires_python: head.requires_python.map(Cow::Borrowed),
                files: self.files(position)?,
                metadata: self.metadata(position).unwrap_or_default(),
            })
        });
        Some(Rows {
            package: Cow::Borrowed(self.package()),
            index: Cow::Borrowed(self.index()),
            absent: self.is_absent(),
            notice: Cow::Borrowed(self.notice()),
            releases: releases.collect::<Option<_>>()?,
        })
    }

    fn string(&self, position: u64) -> Option<&str> {
        self.body.named(body::TABLE, position)
    }
}

/// What follows the first so many texts.
fn split_off<'a>(texts: &mut Vec<Cow<'a, str>>, count: u64) -> Vec<Cow<'a, str>> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    texts.split_off(count.min(texts.len()))
}

/// The same group in the record that stands in the place by now: another run renewed it or learned more.
fn elsewhere(path: &Path, length: usize, expected: u64) -> Option<Vec<u8>> {
    let current = RecordView::new(Front::of_file(path)?, Source::Memory)?;
    let position = (0..current.groups.len()).find(|&group| {
        current.body.position(body::GROUP_LENGTHS, group) == length
            && current.body.number(body::GROUP_CHECKSUMS, group) == expected
    })?;
    let bytes = read_span(path, current.group_starts[position], length)?;
    is_expected(&bytes, expected).then_some(bytes)
}

/// The columns of a group, from its bytes with their `bin` header.
fn read_group(bytes: &[u8]) -> Option<Columns> {
    let mut content = bytes;
    let length = read_bin_len(&mut content).ok()? as usize;
    (content.len() == length).then(|| Columns::read(content.into(), group::KINDS))?
}

fn is_expected(group: &[u8], checksum_of_body: u64) -> bool {
    u64::from(checksum(group)) == checksum_of_body
}

fn read_head(head: &[u8]) -> Option<Validators> {
    let mut rest = head;
    let mut validators = Validators::default();
    for _ in 0..read_map_len(&mut rest).ok()? {
        match read_text(&mut rest)? {
            "etag" => validators.etag = nonempty(read_text(&mut rest)?),
            "last-modified" => validators.last_modified = nonempty(read_text(&mut rest)?),
            "fetched" => validators.fetched = read_int(&mut rest).ok()?,
            "fresh-until" => validators.fresh_until = read_int(&mut rest).ok()?,
            _ => return None,
        }
    }
    rest.is_empty().then_some(validators)
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
