//! Archives on this machine: copies under their own names, and the members that describe them.

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use url::Url;

use super::sdist::{self, Enough, SdistTexts};
use super::zip_ranges::{Extraction, Pieces, extract};
use crate::index::transport::digests::hash_file;
use crate::index::transport::download::check_hash;
use crate::index::transport::error::{Problem, RequestError, cannot_be_read};
use crate::index::transport::file_problem::FileProblem;
use crate::name::PackageName;
use crate::source::{File, SourceError};

/// Questions to an archive until it counts as one that asks for ever.
pub const MOST_RANGES: usize = 8;

pub fn local_path(url: &Url) -> io::Result<PathBuf> {
    let refused = || {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is not a path of this machine",
        )
    };
    url.to_file_path().map_err(|()| refused())
}

pub fn unreadable(url: &Url, error: &io::Error) -> SourceError {
    RequestError::new(url, Problem::System(error.to_string())).into()
}

/// A copy of an open file under a name of its own, which builders and installers read; it lasts as long as its
/// directory. The name was parsed as that of a file, so it has no separators.
pub fn named_copy(file: &mut fs::File, filename: &str) -> io::Result<(tempfile::TempDir, PathBuf)> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join(filename);
    io::copy(file, &mut fs::File::create(&path)?)?;
    Ok((directory, path))
}

/// Takes a member out of a zip archive on disk.
pub fn member_of_file(
    file: &mut fs::File,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, FileProblem> {
    let mut pieces = Pieces::new(file.seek(SeekFrom::End(0))?);
    for _ in 0..MOST_RANGES {
        match extract(&pieces, wanted).map_err(FileProblem::Content)? {
            Extraction::Member(text) => return Ok(Some(text)),
            Extraction::Absent => return Ok(None),
            Extraction::Needs(range) => {
                file.seek(SeekFrom::Start(range.start))?;
                let mut bytes = Vec::new();
                file.take(range.end - range.start).read_to_end(&mut bytes)?;
                pieces.add(range.start, bytes.into());
            }
        }
    }
    Err(FileProblem::EndlessDirectory)
}

/// `name-1.0.dist-info/METADATA` of the package.
pub fn is_metadata(member: &str, package: PackageName) -> bool {
    let directory = member
        .strip_suffix("/METADATA")
        .and_then(|rest| rest.strip_suffix(".dist-info"));
    let name = directory
        .filter(|rest| !rest.contains('/'))
        .and_then(|rest| rest.rsplit_once('-'));
    name.is_some_and(|(name, _)| PackageName::parse(name) == Ok(package))
}

/// METADATA of a wheel on this machine.
pub fn local_wheel_metadata(
    url: &Url,
    file: &File,
    package: PackageName,
) -> Result<Vec<u8>, SourceError> {
    let read = || -> Result<Vec<u8>, FileProblem> {
        let path = local_path(url)?;
        if let Some(expected) = file.hash("sha256") {
            check_hash(Some(expected), &hash_file(&path, &[])?.sha256)?;
        }
        let mut archive = fs::File::open(&path)?;
        let text = member_of_file(&mut archive, &|name| is_metadata(name, package))?;
        text.ok_or(FileProblem::NoMetadata)
    };
    read().map_err(|problem| cannot_be_read(url.as_str(), problem))
}

/// The describing files of an sdist on this machine, as far as they are asked for.
pub fn local_sdist_texts(path: &Path, enough: Enough) -> Result<SdistTexts, FileProblem> {
    let mut archive = fs::File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "zip") {
        zip_texts(&mut archive)
    } else {
        sdist::scan(archive, enough).map_err(FileProblem::Content)
    }
}

/// The describing files of a zip sdist.
pub fn zip_texts(file: &mut fs::File) -> Result<SdistTexts, FileProblem> {
    let mut member =
        |name: &'static str| member_of_file(file, &|path| sdist::top_level(path) == Some(name));
    Ok(SdistTexts {
        pkg_info: member("PKG-INFO")?,
        pyproject: member("pyproject.toml")?,
    })
}
