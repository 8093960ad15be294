//! A record as it is read: nothing is parsed until a release is asked for, and files not even read.
//!
//! Opening checks the frame, the length of the whole and the checksums of what it reads. A record in memory is read
//! whole; of one on disk only head and body are, and each group of files when one of its releases is asked for.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rmp::decode::{read_bin_len, read_int, read_map_len};

use super::columns::{Columns, read_text};
use super::encode::{encode_head, frame};
use super::front::{Front, read_span};
use super::layout::{body, checksum, group};
use super::record::{FileRow, MetadataRow, Outcome, ReleaseRow, Rows, SidecarRow, Validators};

/// An opened record.
pub struct RecordView {
    source: Source,
    validators: Validators,
    body: Columns,
    /// Where the checksum of the body stands in the bytes.
    body_start: usize,
    release_count: usize,
    group_starts: Box<[u64]>,
    groups: Box<[OnceLock<Option<Columns>>]>,
}

/// Where groups of files are read from.
enum Source {
    Memory(Vec<u8>),
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
    /// A number that is equal for equal texts, and the text.
    pub requires_python: Option<(u32, &'a str)>,
    pub files: std::ops::Range<u32>,
}

impl RecordView {
    /// Opens a record in memory; `None` for anything that is not a whole record of this schema.
    pub fn open(bytes: impl Into<Vec<u8>>) -> Option<Self> {
        let bytes = bytes.into();
        let front = Front::of_memory(&bytes)?;
        let view = Self::new(front, Source::Memory(bytes))?;
        let whole = (0..view.groups.len()).all(|group| view.group(group).is_some());
        whole.then_some(view)
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
        let columns = Columns::read(front.body, body::FIELDS)?;
        let group_count = columns.count(body::GROUP_ENDS, body::FIELDS);
        let mut starts = Vec::with_capacity(group_count + 1);
        let mut end = front.groups_start;
        starts.push(end);
        for group in 0..group_count {
            end += u64::from(columns.word(body::GROUP_LENGTHS, group));
            starts.push(end);
        }
        let release_count = columns.count(body::VERSIONS, body::FIELDS);
        let covered = group_count
            .checked_sub(1)
            .map_or(0, |last| columns.word(body::GROUP_ENDS, last) as usize);
        let whole =
            front.parts == 5 + group_count && front.total == end && covered == release_count;
        whole.then(|| Self {
            source,
            validators,
            body: columns,
            body_start: front.body_start,
            release_count,
            group_starts: starts.into(),
            groups: (0..group_count).map(|_| OnceLock::new()).collect(),
        })
    }

    /// The same record with other validators, what they are of copied unread; `None` of a record on disk.
    pub fn renewed(&self, validators: &Validators) -> Option<Vec<u8>> {
        let Source::Memory(bytes) = &self.source else {
            return None;
        };
        let mut out = frame(&encode_head(validators), 5 + self.groups.len());
        out.extend_from_slice(&bytes[self.body_start..]);
        Some(out)
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
        let flags = self.body.byte(body::RELEASE_FLAGS, release);
        let requires_python = self.body.word(body::RELEASE_REQUIRES_PYTHON, release);
        let version = self.body.word(body::VERSIONS, release);
        let time = self.body.long(body::RELEASE_TIMES, release);
        ReleaseHead {
            version: self.string(version).unwrap_or_default(),
            yanked: flags & body::YANKED != 0,
            has_sdist: flags & body::HAS_SDIST != 0,
            has_wheel: flags & body::HAS_WHEEL != 0,
            upload_time: (flags & body::HAS_TIME != 0).then(|| time.cast_signed()),
            requires_python: self
                .string(requires_python)
                .map(|text| (requires_python, text)),
            files: self.body.start(body::RELEASE_ENDS, release)
                ..self.body.word(body::RELEASE_ENDS, release),
        }
    }

    /// The files of a release; `None` if they cannot be read any more, which the store remembers.
    pub fn files(&self, release: usize) -> Option<Vec<FileRow<'_>>> {
        let position = self.group_of(release)?;
        let columns = self.group(position)?;
        let first_release = self.body.start(body::GROUP_ENDS, position) as usize;
        let before = self.body.start(body::RELEASE_ENDS, first_release);
        let count = columns.count(group::FILENAME_ENDS, group::FIELDS);
        let range = self.release(release).files;
        let start = range.start.saturating_sub(before) as usize;
        let end = (range.end.saturating_sub(before) as usize).min(count);
        Some((start..end).map(|row| file(columns, row)).collect())
    }

    /// The group that holds the files of a release.
    fn group_of(&self, release: usize) -> Option<usize> {
        let (mut low, mut high) = (0, self.groups.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.body.word(body::GROUP_ENDS, middle) as usize <= release {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < self.groups.len()).then_some(low)
    }

    fn group(&self, position: usize) -> Option<&Columns> {
        let read = || {
            let bytes = self.group_bytes(position)?;
            let mut rest = &bytes[..];
            let length = read_bin_len(&mut rest).ok()? as usize;
            (rest.len() == length).then(|| Columns::read(rest.into(), group::FIELDS))?
        };
        self.groups[position].get_or_init(read).as_ref()
    }

    /// The bytes of a group, its `bin` header included, if they are what the body says.
    fn group_bytes(&self, position: usize) -> Option<Cow<'_, [u8]>> {
        let (start, end) = (self.group_starts[position], self.group_starts[position + 1]);
        let expected = self.body.word(body::GROUP_CHECKSUMS, position);
        match &self.source {
            Source::Memory(bytes) => {
                let start = usize::try_from(start).ok()?;
                let bytes = bytes.get(start..usize::try_from(end).ok()?)?;
                (checksum(bytes) == expected).then_some(Cow::Borrowed(bytes))
            }
            Source::Disk { path, lost } => {
                let length = usize::try_from(end - start).ok()?;
                let in_place = || {
                    let bytes = read_span(path, start, length)?;
                    (checksum(&bytes) == expected).then_some(bytes)
                };
                let bytes = in_place().or_else(|| elsewhere(path, length, expected));
                if bytes.is_none() {
                    lost.store(true, Ordering::Relaxed);
                }
                bytes.map(Cow::Owned)
            }
        }
    }

    /// Whether something is known of a release's metadata.
    pub fn has_metadata(&self, release: usize) -> bool {
        self.body.word(body::RELEASE_METADATA, release) != 0
    }

    /// What is known of a release's metadata, by the files that were read.
    pub fn metadata(&self, release: usize) -> Option<Vec<MetadataRow<'_>>> {
        let Some(list) = self
            .body
            .word(body::RELEASE_METADATA, release)
            .checked_sub(1)
        else {
            return Some(Vec::new());
        };
        let items = self.metadata_list(list)?;
        let [body::SEVERAL, pairs @ ..] = &items[..] else {
            let source = self.body.word(body::RELEASE_METADATA_FILE, release);
            return Some(vec![self.metadata_row(source, &items)?]);
        };
        let rows = pairs.chunks_exact(2).map(|pair| {
            let items = self.metadata_list(pair[1])?;
            self.metadata_row(pair[0], &items)
        });
        rows.collect()
    }

    fn metadata_list(&self, list: u32) -> Option<Vec<u32>> {
        let list = list as usize;
        let first = self.body.start(body::METADATA_ENDS, list) as usize;
        let end = self.body.word(body::METADATA_ENDS, list) as usize;
        let items = self.body.column(body::METADATA_ITEMS);
        let items = items.get(first * 4..end * 4)?.chunks_exact(4);
        let words = items.map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        Some(words.collect())
    }

    fn metadata_row(&self, source: u32, items: &[u32]) -> Option<MetadataRow<'_>> {
        let outcome = match items {
            [body::NEEDS_BUILDING, reason, ..] => {
                Outcome::NeedsBuilding(Cow::Borrowed(self.string(*reason)?))
            }
            [requires_python, extra_count, build_count, texts @ ..] => {
                let texts = texts
                    .iter()
                    .map(|word| self.string(*word).map(Cow::Borrowed));
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
            file: Cow::Borrowed(self.string(source)?),
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
                requires_python: head.requires_python.map(|(_, text)| Cow::Borrowed(text)),
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

    fn string(&self, position: u32) -> Option<&str> {
        string(&self.body, (body::STRINGS, body::STRING_ENDS), position)
    }
}

/// What follows the first so many texts.
fn split_off<'a>(texts: &mut Vec<Cow<'a, str>>, count: u32) -> Vec<Cow<'a, str>> {
    texts.split_off((count as usize).min(texts.len()))
}

/// The same group in the record that stands in the place by now: another run renewed it or learned more.
fn elsewhere(path: &Path, length: usize, expected: u32) -> Option<Vec<u8>> {
    let current = RecordView::new(Front::of_file(path)?, Source::Memory(Vec::new()))?;
    let position = (0..current.groups.len()).find(|&group| {
        current.body.word(body::GROUP_LENGTHS, group) as usize == length
            && current.body.word(body::GROUP_CHECKSUMS, group) == expected
    })?;
    let bytes = read_span(path, current.group_starts[position], length)?;
    (checksum(&bytes) == expected).then_some(bytes)
}

fn string(columns: &Columns, table: (usize, usize), position: u32) -> Option<&str> {
    columns.slice(table.0, table.1, position.checked_sub(1)? as usize)
}

fn file(columns: &Columns, row: usize) -> FileRow<'_> {
    let flags = columns.byte(group::FLAGS, row);
    let filename = columns
        .slice(group::FILENAMES, group::FILENAME_ENDS, row)
        .unwrap_or_default();
    let text = |column| {
        let table = (group::STRINGS, group::STRING_ENDS);
        string(columns, table, columns.word(column, row))
    };
    let sidecar = match (
        flags & group::SIDECAR_ABSENT != 0,
        flags & group::SIDECAR_PRESENT != 0,
    ) {
        (true, _) => SidecarRow::Absent,
        (false, true) => SidecarRow::Present(text(group::SIDECARS).unwrap_or_default().into()),
        (false, false) => SidecarRow::Unknown,
    };
    let directory = text(group::DIRECTORIES).unwrap_or_default();
    let url = if flags & group::URL_WHOLE != 0 {
        Cow::Borrowed(directory)
    } else if flags & group::URL_DIGEST == 0 {
        Cow::Owned(format!("{directory}{filename}"))
    } else {
        let digits = to_hex(&columns.cell::<32>(group::PATH_DIGESTS, row));
        let (first, second, rest) = (&digits[..2], &digits[2..4], &digits[4..]);
        Cow::Owned(format!("{directory}{first}/{second}/{rest}/{filename}"))
    };
    FileRow {
        filename: Cow::Borrowed(filename),
        url,
        sha256: (flags & group::HAS_SHA256 != 0).then(|| columns.cell(group::SHA256, row)),
        other_hashes: text(group::OTHER_HASHES).unwrap_or_default().into(),
        size: (flags & group::HAS_SIZE != 0).then(|| columns.long(group::SIZES, row)),
        upload_time: (flags & group::HAS_TIME != 0)
            .then(|| columns.long(group::TIMES, row).cast_signed()),
        requires_python: text(group::REQUIRES_PYTHON).map(Cow::Borrowed),
        yanked: text(group::YANKED).map(Cow::Borrowed),
        sidecar,
        provenance: text(group::PROVENANCES).map(Cow::Borrowed),
    }
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

/// Lower-case hexadecimal digits.
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
