//! What a release requires where its source distribution says it: read without a build where that is enough, else built.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use url::Url;

use super::options::BuildFailure;
use super::session::Session;
use crate::index::archive::local::{local_path, named_copy, unreadable};
use crate::index::archive::metadata_text::{Expected, read_metadata, read_metadata_of_tree};
use crate::index::archive::project_table::{SourceMetadata, local_sdist_metadata, sdist_metadata};
use crate::index::archive::sdist::Arriving;
use crate::index::record::conversion::{Learned, LearnedMetadata};
use crate::index::record::listing_state::ListingState;
use crate::index::transport::download::download;
use crate::index::transport::error::cannot_be_read;
use crate::index::transport::file_problem::FileProblem;
use crate::source::{File, Listing, ReleaseMetadata, SourceError};
use crate::version::Version;

impl Session {
    pub async fn learn_from_sdist(
        &self,
        known: &ListingState,
        listing: &Listing,
        release: usize,
        expected: Expected,
    ) -> Result<Learned, SourceError> {
        let files = listing.files(release);
        let Some(file) = sdists_in_order(files).first().copied() else {
            let version = listing.releases[release].version;
            let reason = format!("{} {version} has no file that can be used", listing.package);
            return Err(SourceError::Unusable { reason });
        };
        let url = self.address(known, file)?;
        let recalled = known.recall(listing, release, &[file]);
        let (outcome, arriving) = match recalled.map(|learned| learned.outcome) {
            Some(LearnedMetadata::NeedsBuilding(reason)) => {
                (SourceMetadata::NeedsBuilding(reason), None)
            }
            _ if self.programs.is_sparing.load(Ordering::Relaxed) => {
                return Err(needs_building(listing, release, "not read for a try"));
            }
            _ => self.read_sdist(&url, expected).await?,
        };
        let outcome = match outcome {
            SourceMetadata::Static { metadata, .. } => LearnedMetadata::Known(Arc::new(metadata)),
            SourceMetadata::NeedsBuilding(_)
                if self.programs.builder.is_some()
                    && !self.programs.is_sparing.load(Ordering::Relaxed) =>
            {
                let (_, metadata) = self.build_sdist(&url, (file, arriving), expected).await?;
                LearnedMetadata::Known(Arc::new(metadata))
            }
            SourceMetadata::NeedsBuilding(reason) => LearnedMetadata::NeedsBuilding(reason),
        };
        Ok(Learned {
            filename: file.filename.clone(),
            outcome,
        })
    }

    async fn read_sdist(
        &self,
        url: &Url,
        expected: Expected,
    ) -> Result<(SourceMetadata, Option<Arriving<'_>>), SourceError> {
        if url.scheme() != "file" {
            return sdist_metadata(self.transport()?, url, expected).await;
        }
        let read = || -> Result<SourceMetadata, FileProblem> {
            local_sdist_metadata(&local_path(url)?, expected)
        };
        let read = read().map_err(|problem| cannot_be_read(url.as_str(), problem))?;
        Ok((read, None))
    }

    /// Fetches what has not arrived of an sdist and has it built.
    async fn build_sdist(
        &self,
        url: &Url,
        (file, arriving): (&File, Option<Arriving<'_>>),
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        if url.scheme() == "file" {
            let path = local_path(url).map_err(|error| unreadable(url, &error))?;
            return self.build(path, expected).await;
        }
        let sha256 = file.hash("sha256");
        let mut spooled = match arriving {
            Some(arriving) => arriving.whole(sha256).await?,
            None => download(self.transport()?, url, sha256).await?,
        };
        let copied = named_copy(&mut spooled, &file.filename);
        let (_directory, path) = copied.map_err(|error| unreadable(url, &error))?;
        self.build(path, expected).await
    }

    /// Asks the builder for the metadata of an sdist.
    pub async fn build(
        &self,
        path: PathBuf,
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        self.build_and_read(path, expected, read_metadata).await
    }

    /// Asks the builder for the metadata of a source tree, and takes it as it says it.
    pub async fn build_tree(
        &self,
        path: PathBuf,
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        self.build_and_read(path, expected, read_metadata_of_tree)
            .await
    }

    async fn build_and_read(
        &self,
        path: PathBuf,
        expected: Expected,
        read: impl Fn(&[u8], Expected) -> Result<(Version, ReleaseMetadata), String>,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        if let Some(stated) = self
            .programs
            .stated
            .of_source(expected.package, expected.version)
        {
            return stated;
        }
        let Some(builder) = self.programs.builder.clone() else {
            let reason = format!(
                "{} needs building, and building is not allowed",
                expected.package
            );
            return Err(SourceError::Unusable { reason });
        };
        let version = expected.version.map(|version| format!(" {version}"));
        let what = format!("{}{}", expected.package, version.unwrap_or_default());
        let failed = |failure: BuildFailure| SourceError::BuildFailed {
            package: expected.package,
            version: expected.version,
            reason: format!("building {what} failed: {}", failure.reason),
            suggestion: failure.suggestion,
        };
        let allowed = self.programs.stated.refuse(expected.package);
        allowed.map_err(|reason| failed(reason.into()))?;
        let built = self.programs.builds.build(builder, path, &what).await;
        let built = built.ok_or(SourceError::Cancelled)?.map_err(failed)?;
        let (version, metadata) =
            read(built.metadata.as_bytes(), expected).map_err(|reason| failed(reason.into()))?;
        let build_requires = built.build_requires;
        Ok((
            version,
            ReleaseMetadata {
                build_requires,
                ..metadata
            },
        ))
    }
}

pub fn sdists_in_order(files: &[File]) -> Vec<&File> {
    let mut sdists: Vec<&File> = files.iter().filter(|file| !file.is_wheel()).collect();
    sdists.sort_by_key(|file| (file.yanked.is_some(), !file.filename.ends_with(".tar.gz")));
    sdists
}

/// Why a source distribution is of no use where nothing may be built.
pub fn needs_building(listing: &Listing, release: usize, reason: &str) -> SourceError {
    let package = listing.package;
    let version = listing.releases[release].version;
    SourceError::Unusable {
        reason: format!(
            "{package} {version} has no wheel and needs building to know what it requires ({reason})"
        ),
    }
}
