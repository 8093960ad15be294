//! The beginning of a record, which is all that opening one reads: frame, head and body, up to the first group.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use rmp::decode::{read_array_len, read_bin_len, read_int};

use super::layout::checksum;
use super::record::SCHEMA;

/// What is read of a file at first: head and, of most packages, the whole body.
const FIRST_READ: usize = 4096;
/// More than any number or length header of `MessagePack` takes.
const LONGEST_HEADER: usize = 16;

/// Head and body of a record, their checksums verified, and where the rest is.
pub(super) struct Front {
    /// How many values the record says it has.
    pub parts: usize,
    pub head: Vec<u8>,
    pub body: Box<[u8]>,
    pub groups_start: u64,
    /// The length of the whole record.
    pub total: u64,
}

impl Front {
    pub fn of_memory(bytes: &[u8]) -> Option<Self> {
        Self::read(Beginning::new(bytes, u64::try_from(bytes.len()).ok()?))
    }

    pub fn of_file(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let total = file.metadata().ok()?.len();
        Self::read(Beginning::new(file, total))
    }

    fn read<R: Read>(mut beginning: Beginning<R>) -> Option<Self> {
        beginning.reach(FIRST_READ)?;
        let mut rest = &beginning.bytes[..];
        let (parts, schema) = read_frame(&mut rest)?;
        if schema != SCHEMA {
            return None;
        }
        let head_start = beginning.bytes.len() - rest.len();
        let head = beginning.part(head_start)?;
        let body = beginning.part(head.end)?;
        Some(Self {
            parts,
            groups_start: u64::try_from(body.end).ok()?,
            head: beginning.bytes[head].to_vec(),
            body: beginning.bytes[body].into(),
            total: beginning.total,
        })
    }
}

/// How many values a record says it has, and the number of its schema.
fn read_frame(rest: &mut &[u8]) -> Option<(usize, u32)> {
    let parts = read_array_len(rest).ok()? as usize;
    Some((parts, read_int(rest).ok()?))
}

/// Whether a file is a record of an earlier schema, which no reader will take any more.
pub(super) fn is_outdated(path: &Path) -> bool {
    let schema = || {
        let mut first = Vec::new();
        let file = File::open(path).ok()?;
        let limit = u64::try_from(2 * LONGEST_HEADER).ok()?;
        file.take(limit).read_to_end(&mut first).ok()?;
        Some(read_frame(&mut &first[..])?.1)
    };
    schema().is_some_and(|schema| schema < SCHEMA)
}

/// As much of a record as was needed so far.
struct Beginning<R> {
    reader: R,
    total: u64,
    bytes: Vec<u8>,
}

impl<R: Read> Beginning<R> {
    fn new(reader: R, total: u64) -> Self {
        Self {
            reader,
            total,
            bytes: Vec::new(),
        }
    }

    /// Reads on until so many bytes are there, or all.
    fn reach(&mut self, length: usize) -> Option<()> {
        let wanted = u64::try_from(length).ok()?.min(self.total);
        let missing = wanted.saturating_sub(u64::try_from(self.bytes.len()).ok()?);
        self.bytes.reserve_exact(usize::try_from(missing).ok()?);
        let mut part = self.reader.by_ref().take(missing);
        let read = part.read_to_end(&mut self.bytes).ok()?;
        (u64::try_from(read).ok()? == missing).then_some(())
    }

    /// Reads a checksum and the `bin` value it is of; where the value's content stands, if it is what was written.
    fn part(&mut self, start: usize) -> Option<Range<usize>> {
        self.reach(start + LONGEST_HEADER)?;
        let mut rest = self.bytes.get(start..)?;
        let expected: u32 = read_int(&mut rest).ok()?;
        let length = read_bin_len(&mut rest).ok()? as usize;
        let content = self.bytes.len() - rest.len();
        self.reach(content + length)?;
        let range = content..content + length;
        (checksum(self.bytes.get(range.clone())?) == expected).then_some(range)
    }
}

/// A part of a file.
pub(super) fn read_span(path: &Path, start: u64, length: usize) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
