//! Where the files of a release can be installed, and which environments a release has to leave to another one.
//!
//! In a run for one environment its wheel tags decide, where they are known; otherwise markers say where a wheel may fit. Wheels for a
//! few platforms are enough for a universal resolution, whatever environments a fork has, since nobody may want the others. Two
//! things ask for more: an environment that the project says it requires, and a local version, which is a build for some machines of
//! the release it is named after.

use super::judgement::{Judgement, Rejection};
use super::package::Versions;
use crate::distribution::compatible::CompatibleTags;
use crate::manifest::Manifest;
use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::{Rank, RankSet};
use crate::source::{File, Listing};

/// What may be used of a release's files, in one run.
#[derive(Clone, Copy)]
pub(super) struct Coverage<'run> {
    pub manifest: &'run Manifest,
    /// What the one environment of the run installs, where it is known.
    pub tags: Option<&'run CompatibleTags>,
}

impl Coverage<'_> {
    /// The moment from which on files of a listing are not there. What the project names by its address is always there.
    pub fn cutoff(self, name: PackageName, listing: &Listing) -> Option<i64> {
        if listing.is_direct() {
            return None;
        }
        self.manifest.cutoff_of(name, &listing.index)
    }

    /// Where some file of a release may be installed; everywhere if one can be built.
    pub fn environments(self, name: PackageName, listing: &Listing, rank: Rank) -> Marker {
        let release = &listing.releases[rank as usize];
        let has_wheel = release.has_wheel && self.manifest.may_use_wheels(name);
        let may_build = release.has_sdist && self.manifest.may_build(name);
        let shows_all = self.cutoff(name, listing).is_none();
        match (may_build, has_wheel) {
            (false, false) => return Marker::FALSE,
            (true, _) if shows_all => return Marker::TRUE,
            (false, true) if shows_all && self.tags.is_none() => {
                return listing.wheel_environments(rank as usize);
            }
            _ => {}
        }
        let files = listing.files(rank as usize);
        let mut visible = files
            .iter()
            .filter(|file| self.is_visible(name, listing, file));
        if may_build && visible.clone().any(|file| !file.is_wheel()) {
            return Marker::TRUE;
        }
        if !has_wheel {
            return Marker::FALSE;
        }
        visible
            .try_fold(Marker::FALSE, |known, file| {
                let widened = known.or(self.of_file(name, file));
                if widened.is_true() {
                    Err(widened)
                } else {
                    Ok(widened)
                }
            })
            .unwrap_or_else(|whole| whole)
    }

    /// Where a wheel may be installed, among the environments of the run.
    fn of_file(self, name: PackageName, file: &File) -> Marker {
        match self.tags {
            None => file.environments(name),
            Some(tags) if file.is_compatible(name, tags) => Marker::TRUE,
            Some(_) => Marker::FALSE,
        }
    }

    /// Whether the cutoff leaves a file. One without an upload time cannot be shown to be old enough, unless it is the user's own, in
    /// a directory of links.
    pub fn is_visible(self, name: PackageName, listing: &Listing, file: &File) -> bool {
        self.cutoff(name, listing).is_none_or(|cutoff| {
            file.is_in_local_links() || file.upload_time.is_some_and(|uploaded| uploaded < cutoff)
        })
    }

    /// Whether the cutoff hides a release.
    pub fn is_hidden(self, name: PackageName, listing: &Listing, rank: Rank) -> bool {
        let Some(cutoff) = self.cutoff(name, listing) else {
            return false;
        };
        if let Some(uploaded) = listing.releases[rank as usize].upload_time {
            return uploaded >= cutoff;
        }
        let mut files = listing.files(rank as usize).iter();
        !files.any(|file| self.is_visible(name, listing, file))
    }

    /// Whether a release has files for every required environment in which it is needed, among those of a fork; a split leaves the
    /// required environment to another release.
    pub fn of_required(
        self,
        name: PackageName,
        (listing, rank): (&Listing, Rank),
        (environment, needed): (Marker, Marker),
    ) -> Judgement {
        if self.manifest.required_environments.is_empty() {
            return Judgement::Usable;
        }
        let covered = self.environments(name, listing, rank);
        for required in &self.manifest.required_environments {
            let asked = required.and(needed);
            if asked.is_false() || !asked.is_disjoint(covered) {
                continue;
            }
            return if environment.implies(*required) {
                Judgement::Rejected(Rejection::Files)
            } else {
                Judgement::Split(*required)
            };
        }
        Judgement::Usable
    }

    /// Whether a local version has files for every platform of a fork that another release of the same public version has some for; a
    /// split leaves the others to that one.
    pub fn of_local(
        self,
        name: PackageName,
        (versions, rank): (&Versions, Rank),
        allowed: &RankSet,
        environment: Marker,
    ) -> Judgement {
        let version = versions.ascending[rank as usize];
        let Some(listing) = versions.listing.as_ref().filter(|_| version.is_local()) else {
            return Judgement::Usable;
        };
        let own = self.platforms(name, listing, rank);
        let mut others = Marker::FALSE;
        for other in (0..rank).rev() {
            if versions.ascending[other as usize].public() != version.public() {
                break;
            }
            if allowed.contains(other) && !listing.releases[other as usize].yanked {
                others = others.or(self.platforms(name, listing, other));
            }
        }
        let left = others.difference(own);
        if left.is_disjoint(environment) {
            Judgement::Usable
        } else if environment.implies(left) {
            Judgement::Rejected(Rejection::Files)
        } else {
            Judgement::Split(left)
        }
    }

    /// The platforms that a release has a file for, whatever the interpreter.
    fn platforms(self, name: PackageName, listing: &Listing, rank: Rank) -> Marker {
        let release = &listing.releases[rank as usize];
        if release.has_sdist && self.manifest.may_build(name) {
            return Marker::TRUE;
        }
        let files = listing.files(rank as usize).iter();
        files
            .filter(|file| self.is_visible(name, listing, file))
            .fold(Marker::FALSE, |known, file| known.or(file.platforms(name)))
    }
}
