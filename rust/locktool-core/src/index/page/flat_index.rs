//! An index that is one page or directory of links (`format = "flat"`): read once a run, then asked by file name.

use std::sync::OnceLock;

use super::find_links::LinkedFiles;
use crate::source::{File, SourceError};

/// The files of a flat index, once they are read.
#[derive(Debug, Default)]
pub struct FlatIndex {
    pub files: OnceLock<Result<LinkedFiles, SourceError>>,
    /// Whoever reads it, while the others wait.
    pub turn: tokio::sync::Mutex<()>,
}

pub fn gathered(files: &[File]) -> LinkedFiles {
    let mut flat = LinkedFiles::default();
    for file in files {
        flat.add(file);
    }
    flat
}
