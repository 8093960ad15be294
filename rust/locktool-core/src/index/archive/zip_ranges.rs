//! One member out of a zip archive of which only some pieces are at hand: says which piece it needs next, or
//! gives the member (APPNOTE.TXT, with ZIP64).
//!
//! ```text
//! tail -> end record -> central directory -> local header and data -> member
//! ```

use std::io::Read;
use std::ops::Range;

use bytes::Bytes;

/// The largest metadata that is read; inflating stops there.
pub const LARGEST_MEMBER: u64 = 16 << 20;
/// Wheels of a hundred thousand files have directories below this.
const LARGEST_DIRECTORY: u64 = 64 << 20;
/// What is read of the end first: holds end record and directory of most wheels, and their metadata beside it.
pub const FIRST_TAIL: u64 = 16 << 10;
/// End record and the longest comment.
const LONGEST_TAIL: u64 = 22 + 65_535;

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const DIRECTORY_ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";

/// The pieces of an archive that have been read.
pub struct Pieces {
    total: u64,
    pieces: Vec<(u64, Bytes)>,
}

/// What reading the pieces came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Extraction {
    /// These bytes are needed to go on.
    Needs(Range<u64>),
    Member(Vec<u8>),
    /// The archive has no such member.
    Absent,
}

struct Member {
    header: u64,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    name_length: u64,
}

impl Pieces {
    pub fn new(total: u64) -> Self {
        Self {
            total,
            pieces: Vec::new(),
        }
    }

    pub fn add(&mut self, offset: u64, bytes: Bytes) {
        self.pieces.push((offset, bytes));
    }

    /// The bytes of a range, if one piece has them all.
    fn get(&self, range: Range<u64>) -> Option<&[u8]> {
        self.pieces.iter().find_map(|(offset, bytes)| {
            let start = usize::try_from(range.start.checked_sub(*offset)?).ok()?;
            let end = usize::try_from(range.end.checked_sub(*offset)?).ok()?;
            bytes.get(start..end)
        })
    }

    /// The bytes from the start of a range on, as many of the range as the file has.
    fn clipped(&self, range: Range<u64>) -> Result<&[u8], Range<u64>> {
        let range = range.start.min(self.total)..range.end.min(self.total);
        self.get(range.clone()).ok_or(range)
    }
}

enum Stop {
    Needs(Range<u64>),
    Broken(String),
}

impl From<Range<u64>> for Stop {
    fn from(range: Range<u64>) -> Self {
        Self::Needs(range)
    }
}

impl From<&str> for Stop {
    fn from(reason: &str) -> Self {
        Self::Broken(reason.to_owned())
    }
}

/// Looks for the one member whose name `wanted` accepts; the error says what is wrong with the archive.
pub fn extract(pieces: &Pieces, wanted: &dyn Fn(&str) -> bool) -> Result<Extraction, String> {
    let member = match find_member(pieces, wanted) {
        Ok(Some(member)) => read_member(pieces, &member),
        Ok(None) => return Ok(Extraction::Absent),
        Err(stop) => Err(stop),
    };
    match member {
        Ok(bytes) => Ok(Extraction::Member(bytes)),
        Err(Stop::Needs(range)) => Ok(Extraction::Needs(range)),
        Err(Stop::Broken(reason)) => Err(reason),
    }
}

fn find_member(pieces: &Pieces, wanted: &dyn Fn(&str) -> bool) -> Result<Option<Member>, Stop> {
    let directory = find_directory(pieces)?;
    if directory.end - directory.start > LARGEST_DIRECTORY {
        return Err("its directory is too large".into());
    }
    let mut rest = pieces.clipped(directory.clone())?;
    let mut found = None;
    while rest.starts_with(&DIRECTORY_ENTRY) {
        let fixed = rest.get(..46).ok_or("its directory breaks off")?;
        let lengths = [u16_at(fixed, 28), u16_at(fixed, 30), u16_at(fixed, 32)].map(usize::from);
        let name = rest
            .get(46..46 + lengths[0])
            .ok_or("its directory breaks off")?;
        let extra = 46 + lengths[0]..46 + lengths[0] + lengths[1];
        if std::str::from_utf8(name).is_ok_and(wanted) {
            let extra = rest.get(extra).ok_or("its directory breaks off")?;
            let member = read_entry(fixed, extra, name.len() as u64)?;
            if found.replace(member).is_some() {
                return Err("it has the metadata of more than one distribution".into());
            }
        }
        rest = rest
            .get(46 + lengths.iter().sum::<usize>()..)
            .ok_or("its directory breaks off")?;
    }
    Ok(found)
}

/// Where the central directory is.
fn find_directory(pieces: &Pieces) -> Result<Range<u64>, Stop> {
    let first = pieces.total.saturating_sub(FIRST_TAIL);
    let longest = pieces.total.saturating_sub(LONGEST_TAIL);
    let tail = pieces.clipped(first..pieces.total)?;
    let (start, tail, at) = match find_end(tail) {
        Some(at) => (first, tail, at),
        None if first == longest => return Err(NOT_A_ZIP.into()),
        None => {
            let tail = pieces.clipped(longest..pieces.total)?;
            (longest, tail, find_end(tail).ok_or(NOT_A_ZIP)?)
        }
    };
    let end = &tail[at..at + 22];
    let (mut size, mut offset) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    if size == u64::from(u32::MAX) || offset == u64::from(u32::MAX) || u16_at(end, 10) == u16::MAX {
        let locator = (start + at as u64).checked_sub(20).ok_or(NOT_A_ZIP)?;
        let locator = pieces.clipped(locator..locator + 20)?;
        if !locator.starts_with(&LOCATOR_64) {
            return Err("it has no ZIP64 end record".into());
        }
        let record = u64_at(locator, 8);
        let record = pieces.clipped(record..record.saturating_add(56))?;
        if record.len() < 56 || !record.starts_with(&END_64) {
            return Err("its ZIP64 end record is not where it should be".into());
        }
        (size, offset) = (u64_at(record, 40), u64_at(record, 48));
    }
    match offset.checked_add(size) {
        Some(end) if end <= pieces.total => Ok(offset..end),
        _ => Err("its directory lies outside of the file".into()),
    }
}

const NOT_A_ZIP: &str = "it is not a zip archive";

fn find_end(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(22)?;
    (0..=last).rev().find(|&at| tail[at..].starts_with(&END))
}

fn read_entry(fixed: &[u8], extra: &[u8], name_length: u64) -> Result<Member, Stop> {
    if u16_at(fixed, 8) & 1 != 0 {
        return Err("its metadata is encrypted".into());
    }
    let mut member = Member {
        header: u64::from(u32_at(fixed, 42)),
        method: u16_at(fixed, 10),
        crc: u32_at(fixed, 16),
        compressed: u64::from(u32_at(fixed, 20)),
        size: u64::from(u32_at(fixed, 24)),
        name_length,
    };
    // In ZIP64 the fields that are all ones stand in the extra field with number 1, in this order.
    let mut wide = extra_field(extra, 1).unwrap_or_default();
    for field in [&mut member.size, &mut member.compressed, &mut member.header] {
        if *field == u64::from(u32::MAX) {
            let value = wide.get(..8).ok_or("its ZIP64 sizes are missing")?;
            *field = u64_at(value, 0);
            wide = &wide[8..];
        }
    }
    if member.size > LARGEST_MEMBER || member.compressed > LARGEST_MEMBER {
        return Err("its metadata is larger than 16 MiB".into());
    }
    Ok(member)
}

pub fn extra_field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let field = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == number {
            return Some(field);
        }
        extra = &extra[4 + length..];
    }
    None
}

fn read_member(pieces: &Pieces, member: &Member) -> Result<Vec<u8>, Stop> {
    // The local header's extra field may be longer than that of the directory; what is usual is read along.
    let usual = member.header
        ..member
            .header
            .saturating_add(30 + member.name_length + 128 + member.compressed);
    let header = match pieces.clipped(member.header..member.header.saturating_add(30)) {
        Ok(header) => header,
        Err(_) => pieces.clipped(usual.clone())?,
    };
    if header.len() < 30 || !header.starts_with(&LOCAL_HEADER) {
        return Err("its metadata is not where the directory says".into());
    }
    let skipped = 30 + u64::from(u16_at(header, 26)) + u64::from(u16_at(header, 28));
    let start = member.header + skipped;
    let exact = start..start.saturating_add(member.compressed);
    let data = match pieces.get(exact.clone()) {
        Some(data) => data,
        None if exact.end <= usual.end => pieces.clipped(usual)?,
        None => pieces.clipped(exact.clone())?,
    };
    let data = pieces.get(exact).unwrap_or(data);
    if data.len() as u64 != member.compressed {
        return Err("its metadata breaks off".into());
    }
    inflate(data, member)
}

fn inflate(data: &[u8], member: &Member) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    match member.method {
        0 => bytes.extend_from_slice(data),
        8 => {
            let mut decoder = flate2::read::DeflateDecoder::new(data).take(LARGEST_MEMBER + 1);
            decoder
                .read_to_end(&mut bytes)
                .map_err(|_| Stop::from("its metadata cannot be inflated"))?;
        }
        method => {
            return Err(Stop::Broken(format!(
                "its metadata is compressed by method {method}"
            )));
        }
    }
    let mut crc = flate2::Crc::new();
    crc.update(&bytes);
    if bytes.len() as u64 != member.size || crc.sum() != member.crc {
        return Err("its metadata does not have the size and checksum the directory says".into());
    }
    Ok(bytes)
}

pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;

    use super::*;

    pub fn archive(members: &[(&str, &[u8])], large: bool) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().large_file(large);
        for (name, content) in members {
            writer.start_file(*name, options).expect("a member");
            writer.write_all(content).expect("its content");
        }
        writer.finish().expect("an archive").into_inner()
    }

    /// Reads as a client of ranges does; also says how many ranges it took.
    fn fetch(archive: &[u8]) -> (Result<Extraction, String>, usize) {
        let mut pieces = Pieces::new(archive.len() as u64);
        let wanted = |name: &str| name.ends_with(".dist-info/METADATA");
        for count in 0..10 {
            match extract(&pieces, &wanted) {
                Ok(Extraction::Needs(range)) => {
                    let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
                    let slice = &archive[start.expect("small")..end.expect("small")];
                    pieces.add(range.start, Bytes::copy_from_slice(slice));
                }
                other => return (other, count),
            }
        }
        panic!("asks for ever");
    }

    fn noise(length: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(7);
        std::iter::repeat_with(|| random.u8(..))
            .take(length)
            .collect()
    }

    #[test]
    fn metadata_beside_the_directory_takes_one_range() {
        let filler = noise(300_000);
        for large in [false, true] {
            let bytes = archive(
                &[("a.py", &filler), ("a-1.dist-info/METADATA", b"Name: a")],
                large,
            );
            assert_eq!(
                fetch(&bytes),
                (Ok(Extraction::Member(b"Name: a".to_vec())), 1)
            );
        }
    }

    #[test]
    fn metadata_far_from_the_directory_takes_two() {
        let filler = noise(300_000);
        let bytes = archive(
            &[("a-1.dist-info/METADATA", b"Name: a"), ("a.py", &filler)],
            false,
        );
        assert_eq!(
            fetch(&bytes),
            (Ok(Extraction::Member(b"Name: a".to_vec())), 2)
        );
    }

    #[test]
    fn a_long_comment_and_a_large_directory_are_found() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        for number in 0..2000 {
            writer
                .start_file(format!("package/module_{number}.py"), options)
                .expect("a member");
        }
        writer
            .start_file("a-1.dist-info/METADATA", options)
            .expect("a member");
        writer.write_all(b"Name: a").expect("its content");
        writer
            .set_comment("c".repeat(60_000))
            .expect("a comment that fits");
        let bytes = writer.finish().expect("an archive").into_inner();
        assert_eq!(fetch(&bytes).0, Ok(Extraction::Member(b"Name: a".to_vec())));
    }

    #[test]
    fn archives_cut_or_flipped_anywhere_end_in_an_answer() {
        let bytes = archive(
            &[("a.py", b"x"), ("a-1.dist-info/METADATA", b"Name: a")],
            false,
        );
        for cut in 0..bytes.len() {
            let (result, _) = fetch(&bytes[..cut]);
            assert!(result.is_err(), "cut at {cut}");
        }
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            if let Ok(Extraction::Member(member)) = fetch(&flipped).0 {
                assert_eq!(member, b"Name: a", "flipped at {at}");
            }
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let length = usize::try_from(LARGEST_MEMBER + 1).expect("it fits");
        let zeros = vec![0; length];
        let bytes = archive(&[("a-1.dist-info/METADATA", &zeros)], false);
        assert!(fetch(&bytes).0.expect_err("refused").contains("16 MiB"));
    }

    #[test]
    fn no_metadata_and_two_of_them_are_told_apart() {
        assert_eq!(
            fetch(&archive(&[("a.py", b"")], false)).0,
            Ok(Extraction::Absent)
        );
        let two: [(&str, &[u8]); 2] = [
            ("a-1.dist-info/METADATA", b""),
            ("b-1.dist-info/METADATA", b""),
        ];
        assert!(fetch(&archive(&two, false)).0.is_err());
    }
}
