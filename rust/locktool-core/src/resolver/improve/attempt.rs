//! One attempt at a newer version of a package: whether it is worth a search, and the search itself.

use super::super::error::ResolveError;
use super::super::prefetch::ask_ahead_of_probes;
use super::super::search::{Budget, End};
use super::super::solution::ForkSolution;
use super::super::staleness::Staleness;
use super::super::trace;
use super::Improvement;
use crate::solver::{Cause, Incompatibility, PackageId, Rank, RankSet};

/// How many versions below the chosen one of a package that binds an old pick are looked at for one that does not.
const PROBES: [usize; 4] = [0, 1, 3, 7];

/// So many more attempts than there are packages a search for a better solution may take. Half and double change no lock of 25
/// projects (2026-11-26, the corpus of `improve`).
const MOST_DETOURS: usize = 64;

/// The same where only one old pick is at stake: double changes one lock of the corpus (boto3 beside aiobotocore and s3fs), half none.
const FEW_DETOURS: usize = 24;

impl Improvement<'_, '_, '_> {
    /// The solution with a package at this version or above, if one is found within the budget.
    pub(super) fn attempt(
        &mut self,
        package: PackageId,
        goal: Rank,
        best: &ForkSolution,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        let _attempt = trace::attempt(&self.search.run.catalog, package, goal);
        self.search.solver.add(Incompatibility::unusable(
            package,
            RankSet::between(0, goal),
            Cause::NoVersions,
        ));
        self.search.run.order.prefer_at_most(package, goal);
        let picks = best.picks();
        let versions = self.search.run.catalog.versions(package)?;
        let is_set_aside = self.set_aside.contains(&package);
        self.search.budget = Some(Budget {
            goal: (package, goal),
            gain: (!is_set_aside).then(|| Staleness::between(&versions, picks[&package], goal)),
            picks,
            named: self.named.clone(),
            locked: self.locked.clone(),
        });
        let detours = if is_set_aside {
            MOST_DETOURS
        } else {
            FEW_DETOURS
        };
        let most_attempts = best.chosen.len() + detours;
        let end = self.search.run_from(package, Some(most_attempts));
        self.search.budget = None;
        Ok(match end? {
            End::Solved(solution) if solution.picks().contains_key(&package) => Some(solution),
            _ => None,
        })
    }

    /// Whether what binds a package below a version is not bound to do so: each such package has a version a little below the chosen
    /// one that allows it.
    pub(super) fn may_be_lifted(
        &mut self,
        package: PackageId,
        goal: Rank,
    ) -> Result<bool, ResolveError> {
        let search = &*self.search;
        let mut requirers: Vec<(PackageId, Rank)> = search
            .requirements
            .in_force(package, &search.solver)
            .filter(|incoming| !incoming.edge.allowed.contains(goal))
            .map(|incoming| (incoming.package, incoming.rank))
            .collect();
        requirers.sort_unstable();
        requirers.dedup();
        for (requirer, rank) in requirers {
            let catalog = &self.search.run.catalog;
            let base = catalog.base(requirer);
            let is_fixed =
                self.locked.contains(&base) || !catalog.key(base).origin.is_on_an_index();
            if is_fixed || !self.is_lifted_below((requirer, rank), (package, goal))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_lifted_below(
        &mut self,
        (requirer, rank): (PackageId, Rank),
        (package, goal): (PackageId, Rank),
    ) -> Result<bool, ResolveError> {
        let base = self.search.run.catalog.base(requirer);
        let versions = self.search.run.catalog.versions(base)?;
        let Some(listing) = &versions.listing else {
            return Ok(false);
        };
        let most = PROBES[PROBES.len() - 1] + 1;
        let below = self.search.usable(base, &RankSet::between(0, rank), most)?;
        let probes = PROBES
            .iter()
            .filter_map(|position| below.get(*position).copied());
        // Reading a source distribution could mean building it.
        let probes: Vec<Rank> = probes
            .filter(|rank| listing.releases[*rank as usize].has_wheel)
            .collect();
        let run = &mut *self.search.run;
        for (position, probe) in probes.iter().copied().enumerate() {
            ask_ahead_of_probes(run.source, listing, &probes[position..]);
            let edges = run.provider.edges(&mut run.catalog, requirer, probe)?;
            let is_lifted = edges.is_ok_and(|edges| {
                let mut bounds = edges.iter().filter(|edge| edge.target == package);
                bounds.all(|edge| edge.allowed.contains(goal))
            });
            if is_lifted {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
