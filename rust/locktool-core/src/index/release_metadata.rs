//! From a release to what it requires: which of its files is asked, and what happens when one has no answer.

use std::collections::BTreeMap;
use std::iter::once;
use std::sync::Arc;

use tokio::task::JoinSet;
use url::Url;

use super::joined::{Rest, Statement, joined};
use super::sdist_metadata::{needs_building, sdists_in_order};
use super::session::Session;
use super::single_flight::guard;
use super::warnings::Warnings;
use super::wheels::Wheels;
use crate::index::archive::local::local_wheel_metadata;
use crate::index::archive::metadata_text::{Expected, read_metadata};
use crate::index::archive::wheel_metadata::wheel_metadata;
use crate::index::page::releases::refusal;
use crate::index::record::conversion::{Learned, LearnedMetadata};
use crate::index::record::listing_state::ListingState;
use crate::index::transport::address::parse_address;
use crate::index::transport::error::cannot_be_used;
use crate::source::{File, Listing, ReleaseMetadata, SourceError};

/// So many broken wheels of a release are passed over before the release counts as unusable.
const MOST_WHEELS: usize = 3;

impl Session {
    /// The metadata, if it is known; `None` if a file has to be read.
    pub fn known_metadata(
        &self,
        listing: &Listing,
        release: usize,
    ) -> Option<Result<Arc<ReleaseMetadata>, SourceError>> {
        let Some(known) = self.known(listing) else {
            let reason = format!("{} is not a listing of this run", listing.package);
            return Some(Err(SourceError::Unusable { reason }));
        };
        if let Some(refused) = self.refused(&known, listing, release) {
            return Some(Err(refused));
        }
        if let Some(stated) = self.programs.stated.of_release(listing, release) {
            return Some(stated);
        }
        match self.recall(&known, listing, release) {
            Some(LearnedMetadata::Known(metadata)) => return Some(Ok(metadata)),
            Some(LearnedMetadata::NeedsBuilding(reason)) if self.programs.builder.is_none() => {
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

    /// Why no file of a release can be taken, where what is announced of each is no digest.
    fn refused(
        &self,
        known: &ListingState,
        listing: &Listing,
        release: usize,
    ) -> Option<SourceError> {
        // Either all files of a release are so, or none.
        let file = listing.files(release).first();
        let (file, malformed) =
            file.and_then(|file| Some((file, file.malformed_digest.as_ref()?)))?;
        let page = match (&file.links, known.index) {
            (Some(links), _) => links.to_string(),
            (None, Some(index)) => self.indexes.get(index).shown_page(listing.package),
            (None, None) => listing.index.to_string(),
        };
        let reason = refusal(&page, &file.filename, malformed);
        Some(SourceError::Unusable { reason })
    }

    /// What is known of a release without reading a file.
    fn recall(
        &self,
        known: &ListingState,
        listing: &Listing,
        release: usize,
    ) -> Option<LearnedMetadata> {
        let wheels = self.wheels(listing, release);
        if wheels.is_empty() {
            let sdists = sdists_in_order(listing.files(release));
            let learned = known.recall(listing, release, sdists.get(..1)?)?;
            return Some(learned.outcome);
        }
        let of_group = |group| known.recall(listing, release, &wheels.same_as_first(group));
        let all = of_group(0).and_then(|first| {
            let LearnedMetadata::Known(metadata) = &first.outcome else {
                return None;
            };
            let groups = wheels.groups(Some(metadata));
            let others = groups[1..].iter().map(|group| of_group(*group));
            let learned: Option<Vec<Learned>> = once(Some(first.clone())).chain(others).collect();
            Some((groups, learned?))
        });
        let any = || known.recall(listing, release, &wheels.in_order());
        let (groups, learned) = match all {
            None if self.offline => (vec![0], vec![any()?]),
            all => all?,
        };
        self.joined((listing, release), (&wheels, &groups), learned)
    }

    /// The wheels of a release, the first of which speaks for it.
    fn wheels<'a>(&self, listing: &'a Listing, release: usize) -> Wheels<'a> {
        let run = (self.installable, self.tags.as_deref());
        Wheels::of(listing.files(release), listing.package, run)
    }

    /// What wheels say together, each for its environments. Remembers where they state different requirements.
    fn joined(
        &self,
        (listing, release): (&Listing, usize),
        (wheels, groups): (&Wheels<'_>, &[usize]),
        learned: Vec<Learned>,
    ) -> Option<LearnedMetadata> {
        // Nearly every release: nobody to disagree with, and no environments to tell apart.
        if let [Learned { outcome, .. }] = &learned[..] {
            return matches!(outcome, LearnedMetadata::Known(_)).then(|| outcome.clone());
        }
        let parts = wheels.parts(groups);
        let mut statements = Vec::new();
        for (learned, environments) in learned.into_iter().zip(&parts.of_groups) {
            let LearnedMetadata::Known(metadata) = learned.outcome else {
                return None;
            };
            statements.push(Statement {
                filename: learned.filename,
                metadata,
                environments: *environments,
            });
        }
        let title = (listing.package, listing.releases[release].version);
        let rest = Rest {
            environments: parts.rest,
            has_sdist: listing.releases[release].has_sdist,
        };
        let (metadata, disagreement) = joined(title, &statements, rest, self.installable);
        if let Some(disagreement) = disagreement {
            guard(&self.disagreements).insert(title, disagreement);
        }
        Some(LearnedMetadata::Known(metadata))
    }

    /// Reads the metadata of a release from its files.
    pub async fn fetch_metadata(
        self: Arc<Self>,
        listing: &Listing,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        let known = self.known(listing).ok_or(SourceError::Cancelled)?;
        let wheels = self.wheels(listing, release);
        self.count_metadata();
        if wheels.is_empty() {
            let version = listing.releases[release].version;
            let expected = Expected {
                package: listing.package,
                version: Some(version),
            };
            let learned = self.learn_from_sdist(&known, listing, release, expected);
            let learned = learned.await?;
            known.learn(version, learned.clone());
            return match learned.outcome {
                LearnedMetadata::Known(metadata) => Ok(metadata),
                LearnedMetadata::NeedsBuilding(reason) => {
                    Err(needs_building(listing, release, &reason))
                }
            };
        }
        let reading = (&known, listing, release);
        let groups = wheels.groups(None);
        let mut learned = self.read_groups(reading, &wheels, &groups).await?;
        if let Some(LearnedMetadata::Known(first)) = learned.get(&0).map(|first| &first.outcome) {
            let mut others = wheels.groups(Some(first));
            others.retain(|group| !groups.contains(group));
            learned.extend(self.read_groups(reading, &wheels, &others).await?);
        }
        let (groups, learned): (Vec<usize>, Vec<Learned>) = learned.into_iter().unzip();
        match self.joined((listing, release), (&wheels, &groups), learned) {
            Some(LearnedMetadata::Known(metadata)) => Ok(metadata),
            _ => Err(SourceError::Cancelled),
        }
    }

    /// Reads a wheel of each of some groups, all at once. Those of which none can be read are left out, the first excepted.
    async fn read_groups(
        self: &Arc<Self>,
        (known, listing, release): (&Arc<ListingState>, &Listing, usize),
        wheels: &Wheels<'_>,
        groups: &[usize],
    ) -> Result<BTreeMap<usize, Learned>, SourceError> {
        let version = listing.releases[release].version;
        let expected = Expected {
            package: listing.package,
            version: Some(version),
        };
        let mut reading = JoinSet::new();
        for &group in groups {
            // Any wheel stands in for the one that speaks first.
            let files = match group {
                0 => wheels.in_order(),
                _ => wheels.of_group(group),
            };
            let files: Vec<File> = files.into_iter().take(MOST_WHEELS).cloned().collect();
            let recalled = known.recall(listing, release, &wheels.same_as_first(group));
            let (session, known) = (Arc::clone(self), Arc::clone(known));
            reading.spawn(async move {
                let learned = match recalled {
                    Some(learned) => Ok(learned),
                    None => session.first_readable_wheel(&known, &files, expected).await,
                };
                (group, learned)
            });
        }
        let mut learned = BTreeMap::new();
        while let Some(read) = reading.join_next().await {
            match read.map_err(|_| SourceError::Cancelled)? {
                (group, Ok(read)) => {
                    known.learn(version, read.clone());
                    learned.insert(group, read);
                }
                (1.., Err(SourceError::Unusable { .. })) => {}
                (_, Err(error)) => return Err(error),
            }
        }
        Ok(learned)
    }

    async fn first_readable_wheel(
        &self,
        known: &ListingState,
        files: &[File],
        expected: Expected,
    ) -> Result<Learned, SourceError> {
        let mut problem = None;
        for file in files {
            match self.learn_from_wheel(known, file, expected).await {
                Err(SourceError::Unusable { reason }) => {
                    problem.get_or_insert(reason);
                }
                Ok(learned) => {
                    if let Some(problem) = problem {
                        known.warn(expected.version, vec![problem]);
                    }
                    return Ok(learned);
                }
                Err(error) => return Err(error),
            }
        }
        Err(SourceError::Unusable {
            reason: problem.unwrap_or_default(),
        })
    }

    async fn learn_from_wheel(
        &self,
        known: &ListingState,
        file: &File,
        expected: Expected,
    ) -> Result<Learned, SourceError> {
        let url = self.address(known, file)?;
        let text = if url.scheme() == "file" {
            local_wheel_metadata(&url, file, expected.package)?
        } else {
            let transport = self.transport()?;
            let warnings = Warnings::default();
            let text = wheel_metadata(transport, &warnings, &url, file, expected.package).await;
            known.warn(expected.version, warnings.take());
            text?
        };
        let (_, metadata) =
            read_metadata(&text, expected).map_err(|reason| cannot_be_used(&url, reason))?;
        Ok(Learned {
            filename: file.filename.clone(),
            outcome: LearnedMetadata::Known(Arc::new(metadata)),
        })
    }

    pub fn address(&self, known: &ListingState, file: &File) -> Result<Url, SourceError> {
        if file.has_relative_path() {
            return parse_address(&file.url, &self.project_dir);
        }
        let Some(index) = known.index.map(|index| self.indexes.get(index)) else {
            let parsed = Url::parse(&file.url).map_err(|error| SourceError::Unusable {
                reason: format!("{:?} is not an address ({error})", file.url),
            })?;
            return Ok(self.queries.added_to(parsed));
        };
        let url = index.fetched_url(&file.url, &self.queries)?;
        // What find-links list beside the files of an index may be on this machine.
        if url.scheme() == "file" && !index.is_local() && file.links.is_none() {
            let reason = format!(
                "{} lists {url}, which is on this machine, and the index is not",
                index.recorded
            );
            return Err(SourceError::Unusable { reason });
        }
        Ok(url)
    }
}
