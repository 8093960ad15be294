//! Files without an index: directories and pages of links (`--find-links`), and indexes that are directories
//! (`file://`), laid out flat or as `name/` with or without an index.html.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use url::Url;

use super::file_rows::files;
use super::html;
use crate::index::archive::local::{local_path, unreadable};
use crate::index::transport::address::{is_relative_path, recorded_links, without_credentials};
use crate::index::transport::digests::hash_file;
use crate::index::transport::error::cannot_be_used;
use crate::index::transport::query::Query;
use crate::name::PackageName;
use crate::source::{File, SourceError, has_extension};

/// A directory or page of links.
pub struct Links {
    /// Without credentials and query.
    pub url: Url,
    query: Query,
    /// What locks record.
    pub recorded: Arc<str>,
    /// It is written as a path from the project, and so are the files in it.
    pub is_relative: bool,
}

impl Links {
    /// Links as they are written, and the address that this is.
    pub fn new(written: &str, url: &Url, project_dir: &Path) -> Self {
        let mut plain = without_credentials(url);
        Self {
            recorded: recorded_links(written, url, project_dir).into(),
            is_relative: is_relative_path(written),
            query: Query::take(&mut plain),
            url: plain,
        }
    }

    /// The address as it is sent.
    pub fn page(&self) -> Url {
        self.query.added_to(self.url.clone())
    }

    /// Under what the cache keeps the page.
    pub fn cache_key(&self) -> String {
        format!("links {}{}", self.url, self.query.fingerprint())
    }

    /// Whether they are on this machine.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }
}

/// All find-links of a run, and their files once they were read.
#[derive(Default)]
pub struct AllLinks {
    pub each: Vec<Links>,
    pub files: OnceLock<Result<LinkedFiles, SourceError>>,
    /// Whoever reads them, while the others wait.
    pub turn: tokio::sync::Mutex<()>,
}

/// The files of all find-links, by the package their name seems to be of.
#[derive(Debug, Default)]
pub struct LinkedFiles(FxHashMap<PackageName, Vec<File>>);

impl LinkedFiles {
    pub fn add(&mut self, file: &File) {
        for name in possible_names(&file.filename) {
            let files = self.0.entry(name).or_default();
            if !files.iter().any(|known| known.filename == file.filename) {
                files.push(file.clone());
            }
        }
    }

    /// Adds the files of a directory or page of links, by the address that locks record of it.
    pub fn add_listed(&mut self, files: Vec<File>, recorded: &Arc<str>) {
        for file in files {
            self.add(&File {
                links: Some(Arc::clone(recorded)),
                ..file
            });
        }
    }

    /// The files of a package; those on this machine have a hash that tells them apart.
    pub fn of(&self, package: PackageName) -> Result<Vec<File>, SourceError> {
        let files = self.named_for(package).iter().cloned();
        files.map(complete).collect()
    }

    /// The files whose names may be those of a package, as they are listed.
    pub fn named_for(&self, package: PackageName) -> &[File] {
        self.0.get(&package).map(Vec::as_slice).unwrap_or_default()
    }
}

/// `a-b-1.0.tar.gz` may be of `a` or of `a-b`; what follows a wheel's first dash is its version.
fn possible_names(filename: &str) -> Vec<PackageName> {
    let dashes: Vec<usize> = filename.match_indices('-').map(|(at, _)| at).collect();
    let counted = if has_extension(filename, "whl") {
        1
    } else {
        dashes.len()
    };
    let names = dashes
        .into_iter()
        .take(counted)
        .map(|at| PackageName::parse(&filename[..at]));
    let mut names: Vec<PackageName> = names.filter_map(Result::ok).collect();
    names.dedup();
    names
}

fn complete(mut file: File) -> Result<File, SourceError> {
    let local = file
        .url
        .starts_with("file:")
        .then(|| Url::parse(&file.url).ok())
        .flatten();
    if !file.has_strong_hash()
        && file.malformed_digest.is_none()
        && let Some(url) = local
    {
        let hashed = local_path(&url)
            .and_then(|path| hash_file(&path, &file.hashes))
            .map_err(|error| unreadable(&url, &error))?;
        if let Some(mismatch) = hashed.mismatch {
            return Err(cannot_be_used(&url, mismatch));
        }
        file.hashes.push(("sha256".to_owned(), hashed.sha256));
        file.hashes.sort();
        file.size = Some(hashed.size);
    }
    Ok(file)
}

/// The files of find-links on this machine: a directory, or a page of links.
pub fn read_local_links(url: &Url) -> Result<Vec<File>, SourceError> {
    let path = local_path(url).map_err(|error| unreadable(url, &error))?;
    let read = if path.is_dir() {
        files_of_directory(&path)
    } else {
        fs::read(&path).map(|page| files(html::parse_links(&page, url).files))
    };
    read.map_err(|error| unreadable(url, &error))
}

fn files_of_directory(directory: &Path) -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned);
        if let (Some(name), Ok(url)) = (name, Url::from_file_path(&path))
            && path.is_file()
        {
            files.push(File::bare(name, url));
        }
    }
    files.sort_by(|one, other| one.filename.cmp(&other.filename));
    Ok(files)
}

/// The files of a package on an index that is a directory; `None` if it has none.
pub fn read_local_page(page: &Url) -> Result<Option<Vec<File>>, SourceError> {
    let read = || -> io::Result<Option<Vec<File>>> {
        let directory = local_path(page)?;
        if !directory.is_dir() {
            return Ok(None);
        }
        match fs::read(directory.join("index.html")) {
            Ok(text) => Ok(Some(files(html::parse_links(&text, page).files))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                files_of_directory(&directory).map(Some)
            }
            Err(error) => Err(error),
        }
    };
    let files = read().map_err(|error| unreadable(page, &error))?;
    let complete_all = |files: Vec<File>| files.into_iter().map(complete).collect();
    files.map(complete_all).transpose()
}
