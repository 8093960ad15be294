//! What a search asks for ahead of itself: the metadata of the versions that come next where those of a package keep being rejected.

use super::super::judgement::CandidateQuery;
use super::super::package::Versions;
use super::super::prefetch::Tried;
use super::Search;
use crate::solver::{PackageId, Rank, RankSet};

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
            is_known: self.run.provider.has_metadata(package, rank)
                || source.is_known(listing, rank as usize),
            allowed,
        };
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
        // Reading a source distribution ahead could mean building it.
        let is_new = |rank: &Rank| {
            listing.releases[*rank as usize].has_wheel && !self.windows.is_asked(package, *rank)
        };
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
