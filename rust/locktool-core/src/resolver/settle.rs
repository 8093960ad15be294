//! The answer among its own versions: what a search met on its way and did not use leaves no trace.
//!
//! Versions that are not part of an answer can still have shaped it: a fork that was split for one of them, a requirement that
//! was taken into account for another. So the environments are solved once more with nothing published but the versions of the
//! answer, until that changes nothing. Taking unused versions off an index then changes no lock.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ResolveError;
use super::fork::{ForkSolution, Shared};
use super::package::Origin;
use super::partition::Partition;
use super::quality::Order;
use crate::marker::{Marker, Membership};
use crate::solver::{PackageId, RankSet};

/// How many tries beyond those of the search itself may be spent: any small registry settles within.
const SPARE_TRIES: usize = 1000;

/// Solves again within the versions of the solutions until these are all used.
///
/// An answer is a solution among its own versions too, but a search that has only these can take far longer to come to it: the
/// universal lock of a workflow platform with all its extras (698 packages) took 190 s in place of 1 s. What is not found
/// with about the tries of the first search is not looked for, and the answer stays as it is.
pub(super) fn settled(
    solutions: Vec<ForkSolution>,
    items: &[Membership],
    universe: Marker,
    shared: &mut Shared<'_, '_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    let used = versions_used(&solutions, shared);
    if has_met_only(&used, shared) {
        return Ok(solutions);
    }
    // What was learned from unused versions would be a trace of them.
    let (mut order, mut exchanged) = (Order::default(), FxHashSet::default());
    let mut narrowed = shared.lend();
    narrowed.order = &mut order;
    narrowed.exchanged = &mut exchanged;
    narrowed.most_tries = *narrowed.tries * 2 + SPARE_TRIES;
    match solve_within(used, items, universe, &mut narrowed) {
        Ok(settled) => Ok(settled),
        Err(ResolveError::Cancelled | ResolveError::Impossible(_))
            if !shared.progress.is_cancelled() =>
        {
            shared.expander.widen();
            Ok(solutions)
        }
        Err(error) => Err(error),
    }
}

fn solve_within(
    mut used: FxHashMap<PackageId, RankSet>,
    items: &[Membership],
    universe: Marker,
    shared: &mut Shared<'_, '_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    loop {
        shared.expander.confine(used.clone());
        let solutions = Partition::new(items, universe).solve(shared)?;
        // Each turn uses fewer versions, or is the last.
        let still_used = versions_used(&solutions, shared);
        if still_used == used {
            return Ok(solutions);
        }
        used = still_used;
    }
}

/// Whether the search met nothing of the indexes but the versions that some solution has.
fn has_met_only(used: &FxHashMap<PackageId, RankSet>, shared: &Shared<'_, '_>) -> bool {
    let mut versions = shared.met.versions.iter();
    !shared.met.is_split
        && versions.all(|(package, rank)| {
            let is_used = used.get(package).is_some_and(|ranks| ranks.contains(*rank));
            is_used || !matches!(shared.catalog.key(*package).origin, Origin::Index)
        })
}

/// The versions of each package of the indexes that some solution has.
fn versions_used(
    solutions: &[ForkSolution],
    shared: &mut Shared<'_, '_>,
) -> FxHashMap<PackageId, RankSet> {
    let mut used: FxHashMap<PackageId, RankSet> = FxHashMap::default();
    for (package, rank, _) in solutions.iter().flat_map(|solution| &solution.chosen) {
        let base = shared.catalog.base(*package);
        if matches!(shared.catalog.key(base).origin, Origin::Index) {
            let known = used.entry(base).or_default();
            *known = known.union(&RankSet::singleton(*rank));
        }
    }
    used
}
