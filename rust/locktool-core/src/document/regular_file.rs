//! Reading a file whole, if it is one: to open a pipe or a device would wait for bytes that may never come.

use std::fs::metadata;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Past this many bytes a file is no document of a person or a tool, and reading it takes more memory than a check may.
const LARGEST_DOCUMENT: u64 = 32 << 20;

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
/// As [`read_regular_file`], and for a file that is larger than any document.
pub fn read_document_file(path: &Path) -> Result<Vec<u8>> {
    if metadata(path)?.len() > LARGEST_DOCUMENT {
        return Err(refused("it is larger than 32 MB"));
    }
    read_regular_file(path)
}

fn refused(reason: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, reason)
}
