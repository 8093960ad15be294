//! Bytes of a record, read in place: nothing is copied or parsed until a release is asked for.
//!
//! Opening checks the frame, both checksums and the length of every column; what then still does not fit together
//! (a record written wrongly on purpose) reads as empty text, never as a panic.

use std::borrow::Cow;

use rmp::decode::{read_array_len, read_bin_len, read_bool, read_int, read_map_len, read_str_len};

use super::encode::{
    FILE_SHA256, FILE_SIZE, FILE_TIME, HAS_SDIST, HAS_WHEEL, NEEDS_BUILDING, RELEASE_TIME,
    SIDECAR_ABSENT, SIDECAR_PRESENT, URL_DIGEST, URL_WHOLE, YANKED, checksum,
};
use super::record::{
    FileRow, MetadataRow, Outcome, ReleaseRow, Rows, SCHEMA, SidecarRow, Validators,
};

/// An opened record over bytes of any owner (a mapped file or memory).
pub struct RecordView<B> {
    bytes: B,
    validators: Validators,
    absent: bool,
    body: Span,
    columns: [Span; KEYS.len()],
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    releases: usize,
    files: usize,
}

/// Start and end within the bytes.
#[derive(Clone, Copy, Default)]
struct Span(usize, usize);

/// The fields of the body, in the order of `Column`.
pub(super) const KEYS: [&str; 27] = [
    "package",
    "index",
    "notice",
    "strings",
    "string-ends",
    "versions",
    "release-ends",
    "release-flags",
    "release-times",
    "release-requires-python",
    "release-metadata",
    "release-metadata-file",
    "filenames",
    "filename-ends",
    "directories",
    "path-digests",
    "file-flags",
    "sha256",
    "sizes",
    "times",
    "requires-python",
    "yanked",
    "other-hashes",
    "sidecars",
    "provenances",
    "metadata-ends",
    "metadata-items",
];

#[derive(Clone, Copy)]
#[repr(usize)]
enum Column {
    Package,
    Index,
    Notice,
    Strings,
    StringEnds,
    Versions,
    ReleaseEnds,
    ReleaseFlags,
    ReleaseTimes,
    ReleaseRequiresPython,
    ReleaseMetadata,
    ReleaseMetadataFile,
    Filenames,
    FilenameEnds,
    Directories,
    PathDigests,
    FileFlags,
    Sha256,
    Sizes,
    Times,
    RequiresPython,
    Yanked,
    OtherHashes,
    Sidecars,
    Provenances,
    MetadataEnds,
    MetadataItems,
}

/// Bytes per row, for the columns that have a row per release or per file.
const RELEASE_COLUMNS: [(Column, usize); 6] = [
    (Column::ReleaseEnds, 4),
    (Column::ReleaseFlags, 1),
    (Column::ReleaseTimes, 8),
    (Column::ReleaseRequiresPython, 4),
    (Column::ReleaseMetadata, 4),
    (Column::ReleaseMetadataFile, 4),
];
const FILE_COLUMNS: [(Column, usize); 11] = [
    (Column::Directories, 4),
    (Column::PathDigests, 32),
    (Column::FileFlags, 1),
    (Column::Sha256, 32),
    (Column::Sizes, 8),
    (Column::Times, 8),
    (Column::RequiresPython, 4),
    (Column::Yanked, 4),
    (Column::OtherHashes, 4),
    (Column::Sidecars, 4),
    (Column::Provenances, 4),
];

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

impl<B: AsRef<[u8]>> RecordView<B> {
    /// Opens a record; `None` for anything that is not a whole record of this schema.
    pub fn open(bytes: B) -> Option<Self> {
        let all = bytes.as_ref();
        let mut rest = all;
        if read_array_len(&mut rest).ok()? != 5 || read_int::<u32, _>(&mut rest).ok()? != SCHEMA {
            return None;
        }
        let head = read_part(all, &mut rest)?;
        let body = read_part(all, &mut rest)?;
        let validators = read_head(&all[head.0..head.1])?;
        let (columns, absent) = read_body(all, body)?;
        let mut view = Self {
            bytes,
            validators,
            absent,
            body,
            columns,
            counts: Counts::default(),
        };
        view.counts = view.check_lengths()?;
        Some(view)
    }

    fn check_lengths(&self) -> Option<Counts> {
        let length = |column: Column| self.column(column).len();
        let words = |column| length(column).is_multiple_of(4).then(|| length(column) / 4);
        let releases = words(Column::Versions)?;
        let files = words(Column::FilenameEnds)?;
        words(Column::StringEnds)?;
        words(Column::MetadataEnds)?;
        words(Column::MetadataItems)?;
        let fits = |rows: usize, (column, width): (Column, usize)| {
            length(column) == 0 || length(column) == rows * width
        };
        let whole = RELEASE_COLUMNS
            .into_iter()
            .all(|column| fits(releases, column))
            && FILE_COLUMNS.into_iter().all(|column| fits(files, column))
            && std::str::from_utf8(self.column(Column::Strings)).is_ok();
        whole.then_some(Counts { releases, files })
    }

    pub fn validators(&self) -> &Validators {
        &self.validators
    }

    /// The part of the record that a revalidation leaves as it is.
    pub fn body(&self) -> &[u8] {
        &self.bytes.as_ref()[self.body.0..self.body.1]
    }

    pub fn package(&self) -> &str {
        self.text(Column::Package)
    }

    pub fn index(&self) -> &str {
        self.text(Column::Index)
    }

    pub fn notice(&self) -> &str {
        self.text(Column::Notice)
    }

    /// The index does not have the package.
    pub fn is_absent(&self) -> bool {
        self.absent
    }

    pub fn release_count(&self) -> usize {
        self.counts.releases
    }

    /// The head of a release.
    pub fn release(&self, release: usize) -> ReleaseHead<'_> {
        let flags = self.byte(Column::ReleaseFlags, release);
        let requires_python = self.word(Column::ReleaseRequiresPython, release);
        let first = if release == 0 {
            0
        } else {
            self.word(Column::ReleaseEnds, release - 1)
        };
        ReleaseHead {
            version: self
                .string(self.word(Column::Versions, release))
                .unwrap_or_default(),
            yanked: flags & YANKED != 0,
            has_sdist: flags & HAS_SDIST != 0,
            has_wheel: flags & HAS_WHEEL != 0,
            upload_time: (flags & RELEASE_TIME != 0)
                .then(|| self.long(Column::ReleaseTimes, release).cast_signed()),
            requires_python: self
                .string(requires_python)
                .map(|text| (requires_python, text)),
            files: first..self.word(Column::ReleaseEnds, release),
        }
    }

    /// The files of a release.
    pub fn files(&self, release: usize) -> impl Iterator<Item = FileRow<'_>> {
        let range = self.release(release).files;
        let end = (range.end as usize).min(self.counts.files);
        (range.start as usize..end).map(|file| self.file(file))
    }

    /// Whether something is known of a release's metadata.
    pub fn has_metadata(&self, release: usize) -> bool {
        self.word(Column::ReleaseMetadata, release) != 0
    }

    /// What is known of a release's metadata.
    pub fn metadata(&self, release: usize) -> Option<MetadataRow<'_>> {
        let list = self.word(Column::ReleaseMetadata, release).checked_sub(1)? as usize;
        let source = self
            .word(Column::ReleaseMetadataFile, release)
            .checked_sub(1)?;
        let first = if list == 0 {
            0
        } else {
            self.word(Column::MetadataEnds, list - 1) as usize
        };
        let end = self.word(Column::MetadataEnds, list) as usize;
        let items = self.column(Column::MetadataItems).get(first * 4..end * 4)?;
        let mut words = items
            .chunks_exact(4)
            .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let opening = words.next()?;
        let outcome = if opening == NEEDS_BUILDING {
            Outcome::NeedsBuilding(Cow::Borrowed(self.string(words.next()?)?))
        } else {
            let extra_count = words.next()? as usize;
            let texts: Option<Vec<_>> = words
                .map(|word| self.string(word).map(Cow::Borrowed))
                .collect();
            let mut extras = texts?;
            let requires = extras.split_off(extra_count.min(extras.len()));
            let requires_python = self.string(opening).map(Cow::Borrowed);
            Outcome::Known {
                requires_python,
                extras,
                requires,
            }
        };
        Some(MetadataRow {
            file: Cow::Borrowed(self.filename(source as usize)),
            outcome,
        })
    }

    /// Everything, as rows.
    pub fn rows(&self) -> Rows<'_> {
        let releases = (0..self.counts.releases).map(|position| {
            let head = self.release(position);
            ReleaseRow {
                version: Cow::Borrowed(head.version),
                yanked: head.yanked,
                has_sdist: head.has_sdist,
                has_wheel: head.has_wheel,
                upload_time: head.upload_time,
                requires_python: head.requires_python.map(|(_, text)| Cow::Borrowed(text)),
                files: self.files(position).collect(),
                metadata: self.metadata(position),
            }
        });
        Rows {
            package: Cow::Borrowed(self.package()),
            index: Cow::Borrowed(self.index()),
            absent: self.absent,
            notice: Cow::Borrowed(self.notice()),
            releases: releases.collect(),
        }
    }

    fn file(&self, file: usize) -> FileRow<'_> {
        let flags = self.byte(Column::FileFlags, file);
        let filename = self.filename(file);
        let text = |column| self.string(self.word(column, file)).map(Cow::Borrowed);
        let sidecar = match (flags & SIDECAR_ABSENT != 0, flags & SIDECAR_PRESENT != 0) {
            (true, _) => SidecarRow::Absent,
            (false, true) => SidecarRow::Present(text(Column::Sidecars).unwrap_or_default()),
            (false, false) => SidecarRow::Unknown,
        };
        FileRow {
            filename: Cow::Borrowed(filename),
            url: self.url(file, flags, filename),
            sha256: (flags & FILE_SHA256 != 0).then(|| self.digest(Column::Sha256, file)),
            other_hashes: text(Column::OtherHashes).unwrap_or_default(),
            size: (flags & FILE_SIZE != 0).then(|| self.long(Column::Sizes, file)),
            upload_time: (flags & FILE_TIME != 0)
                .then(|| self.long(Column::Times, file).cast_signed()),
            requires_python: text(Column::RequiresPython),
            yanked: text(Column::Yanked),
            sidecar,
            provenance: text(Column::Provenances),
        }
    }

    fn url(&self, file: usize, flags: u8, filename: &str) -> Cow<'_, str> {
        let directory = self
            .string(self.word(Column::Directories, file))
            .unwrap_or_default();
        if flags & URL_WHOLE != 0 {
            return Cow::Borrowed(directory);
        }
        if flags & URL_DIGEST == 0 {
            return Cow::Owned(format!("{directory}{filename}"));
        }
        let digits = to_hex(&self.digest(Column::PathDigests, file));
        let (first, second, rest) = (&digits[..2], &digits[2..4], &digits[4..]);
        Cow::Owned(format!("{directory}{first}/{second}/{rest}/{filename}"))
    }

    fn filename(&self, file: usize) -> &str {
        let first = if file == 0 {
            0
        } else {
            self.word(Column::FilenameEnds, file - 1)
        };
        let end = self.word(Column::FilenameEnds, file);
        self.slice(Column::Filenames, first, end)
            .unwrap_or_default()
    }

    fn string(&self, position: u32) -> Option<&str> {
        let at = position.checked_sub(1)? as usize;
        let first = if at == 0 {
            0
        } else {
            self.word(Column::StringEnds, at - 1)
        };
        self.slice(Column::Strings, first, self.word(Column::StringEnds, at))
    }

    fn slice(&self, column: Column, first: u32, end: u32) -> Option<&str> {
        let bytes = self.column(column).get(first as usize..end as usize)?;
        std::str::from_utf8(bytes).ok()
    }

    fn text(&self, column: Column) -> &str {
        std::str::from_utf8(self.column(column)).unwrap_or_default()
    }

    fn byte(&self, column: Column, row: usize) -> u8 {
        self.column(column).get(row).copied().unwrap_or_default()
    }

    fn word(&self, column: Column, row: usize) -> u32 {
        u32::from_le_bytes(self.cell(column, row))
    }

    fn long(&self, column: Column, row: usize) -> u64 {
        u64::from_le_bytes(self.cell(column, row))
    }

    fn digest(&self, column: Column, row: usize) -> [u8; 32] {
        self.cell(column, row)
    }

    /// A cell of a column; zero in an empty column.
    fn cell<const WIDTH: usize>(&self, column: Column, row: usize) -> [u8; WIDTH] {
        let cell = self.column(column).get(row * WIDTH..(row + 1) * WIDTH);
        cell.and_then(|cell| cell.try_into().ok())
            .unwrap_or([0; WIDTH])
    }

    fn column(&self, column: Column) -> &[u8] {
        let Span(start, end) = self.columns[column as usize];
        &self.bytes.as_ref()[start..end]
    }
}

/// Reads a checksum and the `bin` field it is of.
fn read_part(all: &[u8], rest: &mut &[u8]) -> Option<Span> {
    let expected: u32 = read_int(rest).ok()?;
    let length = read_bin_len(rest).ok()? as usize;
    let span = take(all, rest, length)?;
    (checksum(&all[span.0..span.1]) == expected).then_some(span)
}

/// Where the next `length` bytes of `rest` are within `all`.
fn take(all: &[u8], rest: &mut &[u8], length: usize) -> Option<Span> {
    let start = all.len() - rest.len();
    *rest = rest.get(length..)?;
    Some(Span(start, start + length))
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
    Some(validators)
}

fn nonempty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn read_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = read_str_len(rest).ok()? as usize;
    let text = rest.get(..length)?;
    *rest = &rest[length..];
    std::str::from_utf8(text).ok()
}

fn read_body(all: &[u8], body: Span) -> Option<([Span; KEYS.len()], bool)> {
    let whole = &all[..body.1];
    let mut rest = &whole[body.0..];
    let mut columns = [Span::default(); KEYS.len()];
    let mut absent = false;
    for _ in 0..read_map_len(&mut rest).ok()? {
        let key = read_text(&mut rest)?;
        if key == "absent" {
            absent = read_bool(&mut rest).ok()?;
            continue;
        }
        let position = KEYS.iter().position(|known| *known == key)?;
        let length = if position <= Column::Notice as usize {
            read_str_len(&mut rest).ok()?
        } else {
            read_bin_len(&mut rest).ok()?
        };
        columns[position] = take(whole, &mut rest, length as usize)?;
    }
    Some((columns, absent))
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
