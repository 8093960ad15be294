//! Reading a file whole, if it is one: to open a pipe or a device would wait for bytes that may never come.

use std::fs::metadata;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Past this many bytes a file is no document of a person or a tool, and reading it takes more memory than a check may.
const LARGEST_DOCUMENT: u64 = 32 << 20;

/// A smaller document is read whatever is in it.
const SMALL_DOCUMENT: usize = 1 << 20;

/// Commas, brackets, braces and ends of lines, of which nearly every value has one: past this many a document takes seconds and more
/// memory than a check may. The lock of a workspace of 103 members and 800 packages has 57,000 (2026-11-26).
const MOST_MARKS: usize = 500_000;

/// The bytes of a regular file.
///
/// # Errors
/// As `std::fs::read`, and for what is no file.
pub fn read_regular_file(path: &Path) -> Result<Vec<u8>> {
    let kind = metadata(path)?.file_type();
    if !kind.is_file() && !kind.is_dir() {
        return Err(refused("it is not a regular file"));
    }
    std::fs::read(path)
}

/// The bytes of a document.
///
/// # Errors
/// As [`read_regular_file`], and for a file that is larger than any document or has more values.
pub fn read_document_file(path: &Path) -> Result<Vec<u8>> {
    if metadata(path)?.len() > LARGEST_DOCUMENT {
        return Err(refused("it is larger than 32 MB"));
    }
    let bytes = read_regular_file(path)?;
    if bytes.len() > SMALL_DOCUMENT && count_marks(&bytes) > MOST_MARKS {
        return Err(refused("it has more values than any lock or project"));
    }
    Ok(bytes)
}

fn count_marks(bytes: &[u8]) -> usize {
    let marks = |byte: &&u8| matches!(byte, b',' | b'\n' | b'[' | b'{');
    bytes.iter().filter(marks).count()
}

fn refused(reason: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, reason)
}
