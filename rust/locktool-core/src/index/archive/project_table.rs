//! What a source distribution says without a build: its static PKG-INFO, or the `[project]` table of its pyproject.toml (PEP 621, 643).

use std::path::Path;

use url::Url;

use super::local::{local_sdist_texts, zip_texts};
use super::metadata_text::{Expected, check_identity, release_metadata};
use super::sdist::{self, Arriving, SdistTexts};
use crate::index::transport::download::download;
use crate::index::transport::error::{cannot_be_used, refused};
use crate::index::transport::file_problem::FileProblem;
use crate::index::transport::http::Transport;
use crate::metadata::Metadata;
use crate::name::PackageName;
use crate::project::ProjectMember;
use crate::source::{ReleaseMetadata, SourceError, has_extension};
use crate::version::Version;

/// What an sdist or source tree says without a build.
#[derive(Debug)]
pub enum SourceMetadata {
    Static {
        version: Version,
        metadata: ReleaseMetadata,
    },
    NeedsBuilding(String),
}

/// What an sdist on an index says without a build, and what has arrived of a `.tar.gz`.
pub async fn sdist_metadata<'t>(
    transport: &'t Transport,
    url: &Url,
    expected: Expected,
) -> Result<(SourceMetadata, Option<Arriving<'t>>), SourceError> {
    let (texts, arriving) = if has_extension(url.path(), "zip") {
        let mut archive = download(transport, url, None).await?;
        let texts = zip_texts(&mut archive).map_err(|problem| refused(url, problem))?;
        (texts, None)
    } else {
        let (texts, arriving) = sdist::fetch(transport, url, says_enough).await?;
        (texts, Some(arriving))
    };
    let metadata = read_sdist(&texts, expected).map_err(|reason| cannot_be_used(url, reason))?;
    Ok((metadata, arriving))
}

/// A static PKG-INFO is all that is needed; otherwise both files are.
pub fn says_enough(texts: &SdistTexts) -> bool {
    let is_static =
        |text: &Vec<u8>| Metadata::parse(text).is_ok_and(|metadata| metadata.sdist_is_static());
    match &texts.pkg_info {
        Some(text) => texts.pyproject.is_some() || is_static(text),
        None => false,
    }
}

/// Reads the describing files of an sdist.
pub fn read_sdist(texts: &SdistTexts, expected: Expected) -> Result<SourceMetadata, String> {
    let pkg_info = texts.pkg_info.as_deref().map(Metadata::parse).transpose();
    let pkg_info = pkg_info.map_err(|error| error.to_string())?;
    let mut known_version = expected.version;
    if let Some(metadata) = pkg_info {
        check_identity(&metadata, expected)?;
        known_version = Some(metadata.version);
        if metadata.sdist_is_static() {
            let version = metadata.version;
            return Ok(SourceMetadata::Static {
                version,
                metadata: release_metadata(metadata).without_credentials(),
            });
        }
    }
    let Some(pyproject) = texts.pyproject.as_deref() else {
        return Ok(SourceMetadata::NeedsBuilding(
            "it has no static metadata".to_owned(),
        ));
    };
    match ProjectMember::stated(pyproject) {
        Ok(project) if project.name != Some(expected.package) => {
            let name = project
                .name
                .as_ref()
                .map_or("no project", PackageName::as_str);
            Err(format!("its pyproject.toml is that of {name}"))
        }
        Ok(project) => match project.version.or(known_version) {
            Some(version) => Ok(SourceMetadata::Static {
                version,
                metadata: project.release_metadata(),
            }),
            None => Ok(SourceMetadata::NeedsBuilding(
                "its version is computed by its build".to_owned(),
            )),
        },
        Err(reason) => Ok(SourceMetadata::NeedsBuilding(reason)),
    }
}

/// What an sdist on this machine says without a build.
pub fn local_sdist_metadata(
    path: &Path,
    expected: Expected,
) -> Result<SourceMetadata, FileProblem> {
    let texts = local_sdist_texts(path, says_enough)?;
    read_sdist(&texts, expected).map_err(FileProblem::Content)
}
