//! From a release to what it requires: which of its files is asked, and what happens when one has no answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use url::Url;

use super::download::download;
use super::flat::{local_path, local_sdist_metadata, local_wheel_metadata, named_copy, unreadable};
use super::http::printable;
use super::known::Known;
use super::location::parse_address;
use super::remote_metadata::{
    Expected, SourceAnswer, read_metadata, read_metadata_of_tree, sdist_metadata, wheel_metadata,
};
use super::rows::{Answer, Learned};
use super::session::Session;
use crate::name::PackageName;
use crate::source::{File, Listing, ReleaseMetadata, Sidecar, SourceError};
use crate::version::Version;

/// So many broken wheels of a release are passed over before the release counts as unusable.
const MOST_WHEELS: usize = 3;

impl Session {
    /// The metadata, if it is known; `None` if a file has to be read.
    pub fn metadata_at_hand(
        &self,
        listing: &Listing,
        release: usize,
    ) -> Option<Result<Arc<ReleaseMetadata>, SourceError>> {
        let Some(known) = self.known(listing) else {
            let reason = format!("{} is not a listing of this run", listing.package);
            return Some(Err(SourceError::Unusable { reason }));
        };
        match known.recall(listing, release).map(|learned| learned.answer) {
            Some(Answer::Known(metadata)) => return Some(Ok(metadata)),
            Some(Answer::NeedsBuilding(reason)) if self.builder.is_none() => {
                return Some(Err(needs_building(listing, release, &reason)));
            }
            _ => {}
        }
        if self.offline && !listing.files(release).iter().any(File::is_local) {
            let version = listing.releases[release].version;
            let what = format!("the metadata of {} {version}", listing.package);
            return Some(Err(SourceError::Offline { what }));
        }
        None
    }

    /// Reads the metadata of a release from its files.
    pub async fn fetch_metadata(
        &self,
        listing: &Listing,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        let known = self.known(listing).ok_or(SourceError::Cancelled)?;
        let files = listing.files(release);
        let expected = Expected {
            package: listing.package,
            version: Some(listing.releases[release].version),
        };
        let learned = match wheels_in_order(files).split_first() {
            Some((first, others)) => {
                self.first_readable_wheel(&known, first, others, expected)
                    .await?
            }
            None => {
                self.learn_from_sdist(&known, listing, release, expected)
                    .await?
            }
        };
        self.count_metadata();
        known.learn(listing.releases[release].version, learned.clone());
        match learned.answer {
            Answer::Known(metadata) => Ok(metadata),
            Answer::NeedsBuilding(reason) => Err(needs_building(listing, release, &reason)),
        }
    }

    async fn first_readable_wheel(
        &self,
        known: &Known,
        first: &File,
        others: &[&File],
        expected: Expected,
    ) -> Result<Learned, SourceError> {
        let problem = match self.learn_from_wheel(known, first, expected).await {
            Err(SourceError::Unusable { reason }) => reason,
            answer => return answer,
        };
        for file in others.iter().take(MOST_WHEELS - 1) {
            match self.learn_from_wheel(known, file, expected).await {
                Err(SourceError::Unusable { .. }) => {}
                answer => {
                    self.warnings.add(problem);
                    return answer;
                }
            }
        }
        Err(SourceError::Unusable { reason: problem })
    }

    async fn learn_from_wheel(
        &self,
        known: &Known,
        file: &File,
        expected: Expected,
    ) -> Result<Learned, SourceError> {
        let url = self.address(known, file)?;
        let text = if url.scheme() == "file" {
            local_wheel_metadata(&url, file, expected.package)?
        } else {
            let transport = self.transport()?;
            wheel_metadata(transport, &self.warnings, &url, file, expected.package).await?
        };
        let (_, metadata) =
            read_metadata(&text, expected).map_err(|reason| SourceError::Unusable {
                reason: format!("{} cannot be used: {reason}", printable(&url)),
            })?;
        Ok(Learned {
            filename: file.filename.clone(),
            answer: Answer::Known(Arc::new(metadata)),
        })
    }

    async fn learn_from_sdist(
        &self,
        known: &Known,
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
        let answer = match known.recall(listing, release).map(|learned| learned.answer) {
            Some(Answer::NeedsBuilding(reason)) => SourceAnswer::NeedsBuilding(reason),
            _ if self.is_sparing.load(Ordering::Relaxed) => {
                return Err(needs_building(listing, release, "not read for a try"));
            }
            _ => self.read_sdist(&url, expected).await?,
        };
        let answer = match answer {
            SourceAnswer::Static { metadata, .. } => Answer::Known(Arc::new(metadata)),
            SourceAnswer::NeedsBuilding(_)
                if self.builder.is_some() && !self.is_sparing.load(Ordering::Relaxed) =>
            {
                let (_, metadata) = self.build_sdist(&url, file, expected).await?;
                Answer::Known(Arc::new(metadata))
            }
            SourceAnswer::NeedsBuilding(reason) => Answer::NeedsBuilding(reason),
        };
        Ok(Learned {
            filename: file.filename.clone(),
            answer,
        })
    }

    async fn read_sdist(&self, url: &Url, expected: Expected) -> Result<SourceAnswer, SourceError> {
        if url.scheme() != "file" {
            return sdist_metadata(self.transport()?, url, expected).await;
        }
        let read = || {
            local_sdist_metadata(
                &local_path(url).map_err(|error| error.to_string())?,
                expected,
            )
        };
        read().map_err(|reason| SourceError::Unusable {
            reason: format!("{url} cannot be read: {reason}"),
        })
    }

    /// Fetches an sdist and has it built.
    async fn build_sdist(
        &self,
        url: &Url,
        file: &File,
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        if url.scheme() == "file" {
            let path = local_path(url).map_err(|error| unreadable(url, &error))?;
            return self.build(path, false, expected).await;
        }
        let mut spooled = download(self.transport()?, url, file.hash("sha256")).await?;
        let copied = named_copy(&mut spooled, &file.filename);
        let (_directory, path) = copied.map_err(|error| unreadable(url, &error))?;
        self.build(path, false, expected).await
    }

    /// Asks the builder for the metadata of a source tree or sdist.
    pub async fn build(
        &self,
        path: std::path::PathBuf,
        is_directory: bool,
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata), SourceError> {
        let Some(builder) = self.builder.clone() else {
            let reason = format!(
                "{} needs building, and building is not allowed",
                expected.package
            );
            return Err(SourceError::Unusable { reason });
        };
        let built = self.builds.build(builder, path, is_directory).await;
        let text = built.ok_or(SourceError::Cancelled)?;
        let read = if is_directory {
            read_metadata_of_tree
        } else {
            read_metadata
        };
        text.and_then(|text| read(text.as_bytes(), expected))
            .map_err(|reason| {
                let package = expected.package;
                let version = expected
                    .version
                    .map(|version| format!(" {version}"))
                    .unwrap_or_default();
                SourceError::Unusable {
                    reason: format!("building {package}{version} failed: {reason}"),
                }
            })
    }

    fn address(&self, known: &Known, file: &File) -> Result<Url, SourceError> {
        if file.has_relative_path() {
            return parse_address(&file.url, &self.project_dir);
        }
        let Some(place) = known.place.map(|place| self.places.get(place)) else {
            let parsed = Url::parse(&file.url).map_err(|error| SourceError::Unusable {
                reason: format!("{:?} is not an address ({error})", file.url),
            })?;
            return Ok(self.queries.added_to(parsed));
        };
        let url = place.fetched_url(&file.url, &self.queries)?;
        // What find-links list beside the files of an index may be on this machine.
        if url.scheme() == "file" && !place.is_local() && file.links.is_none() {
            let reason = format!(
                "{} lists {url}, which is on this machine, and the index is not",
                place.recorded
            );
            return Err(SourceError::Unusable { reason });
        }
        Ok(url)
    }
}

/// Wheels in the order they are asked: those that say more for less first, the same ones in every run.
fn wheels_in_order(files: &[File]) -> Vec<&File> {
    let mut wheels: Vec<&File> = files.iter().filter(|file| file.is_wheel()).collect();
    wheels.sort_by_key(|file| {
        let is_pure = file.filename.ends_with("-none-any.whl");
        let has_sidecar = matches!(file.sidecar, Sidecar::Present(_));
        (file.yanked.is_some(), !has_sidecar, !is_pure)
    });
    wheels
}

fn sdists_in_order(files: &[File]) -> Vec<&File> {
    let mut sdists: Vec<&File> = files.iter().filter(|file| !file.is_wheel()).collect();
    sdists.sort_by_key(|file| (file.yanked.is_some(), !file.filename.ends_with(".tar.gz")));
    sdists
}

pub fn needs_building(listing: &Listing, release: usize, reason: &str) -> SourceError {
    let package: PackageName = listing.package;
    let version = listing.releases[release].version;
    SourceError::Unusable {
        reason: format!(
            "{package} {version} has no wheel and needs building to know what it requires ({reason})"
        ),
    }
}
