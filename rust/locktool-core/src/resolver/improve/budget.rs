//! What a newer pick may cost: where a search for a better solution is not begun, and where it is given up.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::ResolveError;
use super::super::loss::Loss;
use super::super::package::Versions;
use super::{Fork, ForkSolution};
use crate::solver::{PackageId, Rank, RankSet};

/// How many versions below the chosen one of a package that binds an old pick are looked at for one that does not.
const PROBES: [usize; 4] = [0, 1, 3, 7];

/// So many releases of a package, the newest, are asked whether they have a bound.
const MOST_LATER_RELEASES: usize = 16;

/// What is to be had, and what may be given up for it.
pub(super) struct Bargain {
    pub goal: (PackageId, Rank),
    /// What other packages may lose each; `None` where versions of a whole family move together.
    pub gain: Option<Loss>,
    /// The solution so far.
    pub picks: FxHashMap<PackageId, Rank>,
    /// The packages that the project names.
    pub named: FxHashSet<PackageId>,
    /// What an existing lock holds.
    pub kept: FxHashSet<PackageId>,
}

impl Bargain {
    /// Whether a package may lose so much: one that the project names for another such one alone, and any other for less than is to
    /// be had.
    fn affords(&self, package: PackageId, price: Loss) -> bool {
        let is_for_named = self.named.contains(&self.goal.0);
        match (is_for_named, self.named.contains(&package)) {
            (true, false) => true,
            (false, true) => false,
            _ => self.gain.is_none_or(|gain| price < gain),
        }
    }
}

impl Fork<'_, '_> {
    /// Whether what binds a package below a version is not bound to do so: each such package has a version a little below the chosen
    /// one that allows it.
    pub(super) fn may_be_lifted(
        &mut self,
        package: PackageId,
        goal: Rank,
        kept: &FxHashSet<PackageId>,
    ) -> Result<bool, ResolveError> {
        let incoming = self.incoming.get(&package).into_iter().flatten();
        let mut holders: Vec<(PackageId, Rank)> = incoming
            .filter(|incoming| self.solver.decision(incoming.package) == Some(incoming.rank))
            .filter(|incoming| !incoming.edge.allowed.contains(goal))
            .map(|incoming| (incoming.package, incoming.rank))
            .collect();
        holders.sort_unstable();
        holders.dedup();
        for (holder, rank) in holders {
            let base = self.shared.catalog.base(holder);
            let is_bound =
                kept.contains(&base) || !self.shared.catalog.key(base).origin.is_on_an_index();
            if is_bound || !self.is_lifted_below((holder, rank), (package, goal))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_lifted_below(
        &mut self,
        (holder, rank): (PackageId, Rank),
        (package, goal): (PackageId, Rank),
    ) -> Result<bool, ResolveError> {
        let base = self.shared.catalog.base(holder);
        let versions = self.shared.catalog.versions(base)?;
        let Some(listing) = &versions.listing else {
            return Ok(false);
        };
        let most = PROBES[PROBES.len() - 1] + 1;
        let below = self.fitting(base, &RankSet::between(0, rank), most)?;
        let probes = PROBES.iter().filter_map(|place| below.get(*place).copied());
        // Reading a source distribution could mean building it.
        let probes: Vec<Rank> = probes
            .filter(|rank| listing.releases[*rank as usize].has_wheel)
            .collect();
        for probe in &probes {
            self.shared
                .source
                .prefetch_metadata(listing, *probe as usize);
        }
        for probe in probes {
            let edges = self
                .shared
                .expander
                .edges(self.shared.catalog, holder, probe)?;
            let is_lifted = edges.is_ok_and(|edges| {
                let mut bonds = edges.iter().filter(|edge| edge.target == package);
                bonds.all(|edge| edge.allowed.contains(goal))
            });
            if is_lifted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a search for a better solution ends at this version: it costs more than there is to be had, it moves what a lock
    /// holds, it is a pre-release, or it may have to be built to be read.
    pub(super) fn is_too_dear(&self, package: PackageId, rank: Rank, versions: &Versions) -> bool {
        let Some(bargain) = &self.bargain else {
            return false;
        };
        let pick = bargain.picks.get(&package).copied();
        if pick == Some(rank) || bargain.goal == (package, rank) {
            return false;
        }
        let listing = versions.listing.as_ref();
        let is_source = listing.is_some_and(|listing| !listing.releases[rank as usize].has_wheel);
        let price = pick.map_or(Loss::default(), |pick| {
            self.loss_between(package, versions, rank, pick)
        });
        is_source
            || versions.ascending[rank as usize].is_prerelease()
            || bargain.kept.contains(&package)
            || (!price.is_none() && !bargain.affords(package, price))
    }

    /// Whether a solution puts a package that the project does not name back, in place of another solution, to a release without a
    /// bound that every later one has.
    pub(super) fn evades_a_bound(
        &mut self,
        solution: &ForkSolution,
        other: &ForkSolution,
        named: &FxHashSet<PackageId>,
    ) -> Result<bool, ResolveError> {
        let (picks, before) = (solution.picks(), other.picks());
        for (package, rank, _) in &solution.chosen {
            let higher = before.get(package).filter(|before| *before > rank);
            let is_named = named.contains(&self.shared.catalog.base(*package));
            let Some(higher) = higher.filter(|_| !is_named) else {
                continue;
            };
            for (target, pick) in self.bounds_against((*package, *higher), &picks)? {
                if self.is_bound_above((*package, *rank), (target, pick))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The picks that requirements of a version do not admit.
    fn bounds_against(
        &mut self,
        (package, rank): (PackageId, Rank),
        picks: &FxHashMap<PackageId, Rank>,
    ) -> Result<Vec<(PackageId, Rank)>, ResolveError> {
        let edges = self
            .shared
            .expander
            .edges(self.shared.catalog, package, rank)?;
        let Ok(edges) = edges else {
            return Ok(Vec::new());
        };
        let picked = edges
            .iter()
            .filter_map(|edge| Some((edge, *picks.get(&edge.target)?)));
        let opposed = picked.filter(|(edge, pick)| {
            !edge.allowed.contains(*pick) && !edge.marker.is_disjoint(self.environment)
        });
        Ok(opposed.map(|(edge, pick)| (edge.target, pick)).collect())
    }

    /// Whether none of the newest releases of a package above a version admits a pick of another one.
    fn is_bound_above(
        &mut self,
        (package, rank): (PackageId, Rank),
        (target, pick): (PackageId, Rank),
    ) -> Result<bool, ResolveError> {
        let base = self.shared.catalog.base(package);
        let versions = self.shared.catalog.versions(base)?;
        let above = RankSet::between(rank + 1, versions.count());
        let later = self.fitting(base, &above, MOST_LATER_RELEASES)?;
        let Some(listing) = &versions.listing else {
            return Ok(false);
        };
        let has_wheel = |rank: &Rank| listing.releases[*rank as usize].has_wheel;
        let later: Vec<Rank> = later.into_iter().filter(has_wheel).collect();
        for rank in &later {
            self.shared
                .source
                .prefetch_metadata(listing, *rank as usize);
        }
        for rank in later {
            let picks = FxHashMap::from_iter([(target, pick)]);
            if self.bounds_against((package, rank), &picks)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
