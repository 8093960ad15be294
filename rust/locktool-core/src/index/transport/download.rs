//! Whole files into temporary ones, hashed on the way.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use url::Url;

use super::digests::{DigestMismatch, Hashed, Hashing};
use super::error::{RequestError, refused};
use super::file_problem::FileProblem;
use super::http::Transport;
use super::resume::{LARGEST_FILE, Piece, Resumable};
use crate::cache::to_hex;

/// A file to fetch: from where, into which directory, and what its SHA-256 must be where that is known.
pub struct FileToFetch {
    pub address: String,
    pub directory: PathBuf,
    pub sha256: Option<String>,
}

/// A file while it is written.
pub struct Spool {
    url: Url,
    file: File,
    digest: Sha256,
    length: u64,
}

/// Fetches a whole file and checks its hash.
pub async fn download(
    transport: &Transport,
    url: &Url,
    sha256: Option<&str>,
) -> Result<File, RequestError> {
    let mut source = Resumable::new(transport, url);
    let mut spool = Spool::new(url)?;
    loop {
        match source.next().await? {
            Piece::Bytes(bytes) => spool.write(&bytes)?,
            Piece::Restart => spool = Spool::new(url)?,
            Piece::End => return spool.finish(sha256),
        }
    }
}

/// Fetches a whole file for its digests alone.
pub async fn fetch_digests(
    transport: &Transport,
    url: &Url,
    announced: &[(String, String)],
) -> Result<Hashed, RequestError> {
    let mut source = Resumable::new(transport, url);
    let mut hashing = Hashing::new(announced);
    loop {
        match source.next().await? {
            Piece::Bytes(bytes) => hashing.update(&bytes),
            Piece::Restart => hashing = Hashing::new(announced),
            Piece::End => return Ok(hashing.finish()),
        }
    }
}

impl Spool {
    pub fn new(url: &Url) -> Result<Self, RequestError> {
        let file = tempfile::tempfile().map_err(|error| no_space(url, &error))?;
        Ok(Self {
            url: url.clone(),
            file,
            digest: Sha256::new(),
            length: 0,
        })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), RequestError> {
        self.length += bytes.len() as u64;
        if self.length > LARGEST_FILE {
            return Err(refused(&self.url, FileProblem::TooLarge));
        }
        self.digest.update(bytes);
        self.file
            .write_all(bytes)
            .map_err(|error| no_space(&self.url, &error))
    }

    /// The file from its start, if its hash is the expected one.
    pub fn finish(mut self, sha256: Option<&str>) -> Result<File, RequestError> {
        let found = to_hex(&self.digest.finalize());
        check_hash(sha256, &found).map_err(|mismatch| refused(&self.url, mismatch.into()))?;
        self.file
            .rewind()
            .map_err(|error| no_space(&self.url, &error))?;
        Ok(self.file)
    }
}

pub fn check_hash(expected: Option<&str>, found: &str) -> Result<(), DigestMismatch> {
    match expected {
        Some(announced) if announced != found => Err(DigestMismatch {
            algorithm: "sha256".to_owned(),
            found: found.to_owned(),
            announced: announced.to_owned(),
        }),
        _ => Ok(()),
    }
}

fn no_space(url: &Url, error: &std::io::Error) -> RequestError {
    refused(url, FileProblem::NoSpace(error.to_string()))
}
