//! What a search asks for ahead of itself: the metadata of the versions that come next where those of a package keep being rejected,
//! and, whenever it has to wait, of what it is likely to choose of the other packages.

use std::sync::Arc;

use super::super::candidate::Choice;
use super::super::judgement::CandidateQuery;
use super::super::package::Versions;
use super::super::prefetch::Tried;
use super::Search;
use crate::solver::{PackageId, Rank, RankSet};
use crate::source::Listing;

impl Search<'_, '_> {
    /// Asks for the versions that are likely to follow one that is about to be read. Where the search steps back by more than one
    /// version at once, the versions between are not asked for.
    pub(super) fn ask_ahead(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
        versions: &Versions,
        rank: Rank,
    ) {
        let source = self.run.source;
        let Some(listing) = &versions.listing else {
            return;
        };
        let tried = Tried {
            package,
            rank,
            is_known: self.is_known(package, listing, rank),
            allowed,
        };
        if !tried.is_known {
            self.run.walk.follow(source, listing, rank as usize);
            self.ask_for_undecided(package);
        }
        let (withdrawn, more) = self.windows.advance(tried, source.concurrency());
        for rank in withdrawn {
            source.withdraw_metadata(listing, rank as usize);
        }
        if more == 0 {
            return;
        }
        for next in self.likely_after(package, allowed, versions, (rank, more)) {
            source.prefetch_metadata(listing, next as usize);
            self.windows.ask(package, next);
        }
    }

    /// Asks for what is likely to be chosen of the packages that are still to be decided: the search is about to wait for one
    /// response, and the others may come with it. The walk ahead of the search has asked for what it expected, which is not what
    /// the requirements of other versions allow.
    fn ask_for_undecided(&mut self, awaited: PackageId) {
        let undecided: Vec<(PackageId, RankSet)> = self
            .solver
            .undecided()
            .filter(|(package, allowed)| {
                *package != awaited
                    && self.run.catalog.base(*package) == *package
                    && self.windows.has_changed(*package, allowed)
            })
            .map(|(package, allowed)| (package, allowed.clone()))
            .collect();
        for (package, allowed) in undecided {
            // The walk reads the listing of a package whose versions nothing has asked for, and the metadata of its first choice.
            let Some(versions) = self.run.catalog.known_versions(package).cloned() else {
                continue;
            };
            self.windows.look_at(package, &allowed);
            let likely = self.likely_choice(package, &allowed, &versions);
            let (Some(rank), Some(listing)) = (likely, &versions.listing) else {
                continue;
            };
            if !self.is_known(package, listing, rank) && self.may_ask(package, listing, rank) {
                let (walk, source) = (&self.run.walk, self.run.source);
                walk.follow(source, listing, rank as usize);
                self.windows.ask(package, rank);
            }
        }
    }

    /// Whether the metadata of a version need no request.
    fn is_known(&self, package: PackageId, listing: &Arc<Listing>, rank: Rank) -> bool {
        self.run.provider.has_metadata(package, rank)
            || self.run.source.is_known(listing, rank as usize)
    }

    /// Whether a version may be asked for ahead and was not. To read a source distribution could mean to build it.
    fn may_ask(&self, package: PackageId, listing: &Listing, rank: Rank) -> bool {
        listing.releases[rank as usize].has_wheel
            && self.run.catalog.manifest().may_use_wheels(listing.package)
            && !self.windows.is_asked(package, rank)
    }

    /// The version that would be chosen now, where the choice is among those that somebody published.
    fn likely_choice(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
        versions: &Versions,
    ) -> Option<Rank> {
        let key = self.run.catalog.key(package);
        let name = key.name.filter(|_| key.origin.is_published())?;
        if self.run.order.is_stepping_back(package) {
            return None;
        }
        let query = CandidateQuery {
            name,
            allowed,
            environment: self.environment,
            summary: &self.summary(package),
        };
        match self.run.selector.choose(&query, versions) {
            Choice::Version(rank) => Some(rank),
            Choice::Split(_) | Choice::Nothing => None,
        }
    }

    /// The versions that are likely to be tried after one of them and were not asked for, at most so many.
    fn likely_after(
        &self,
        package: PackageId,
        allowed: &RankSet,
        versions: &Versions,
        (rank, most): (Rank, usize),
    ) -> Vec<Rank> {
        let name = self.run.catalog.key(package).name;
        let (Some(name), Some(listing)) = (name, &versions.listing) else {
            return Vec::new();
        };
        let summary = self.summary(package);
        let query = CandidateQuery {
            name,
            allowed,
            environment: self.environment,
            summary: &summary,
        };
        let is_new = |rank: &Rank| self.may_ask(package, listing, *rank);
        let (order, selector) = (&self.run.order, &self.run.selector);
        if order.is_stepping_back(package) {
            let considered = selector.considered(&query, versions).collect::<Vec<Rank>>();
            let steps = order.steps_below(package, &considered, rank);
            return steps.into_iter().filter(is_new).take(most).collect();
        }
        let likely = selector.after(&query, versions, rank);
        likely.filter(is_new).take(most).collect()
    }

    /// Takes back what was asked for and has not begun: the search is over.
    pub(super) fn withdraw_what_is_ahead(&mut self) {
        for (package, rank) in self.windows.close() {
            let versions = self.run.catalog.versions(package);
            if let Some(listing) = versions.ok().and_then(|versions| versions.listing.clone()) {
                self.run.source.withdraw_metadata(&listing, rank as usize);
            }
        }
    }
}
