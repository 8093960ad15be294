//! Whether a solution only evades a bound: it puts a package back to a release from before its author ruled another pick out.
//!
//! ```text
//! a 1 requires b      a 2 requires b<2      a 3 requires b<2      b 1, b 2
//! a 3 with b 1 stays: a 1 with b 2 has a newer b only because a 1 does not say yet what a 2 and a 3 say.
//! ```

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::error::ResolveError;
use super::super::prefetch::ask_ahead_of_probes;
use super::super::search::Search;
use super::super::solution::ForkSolution;
use crate::solver::{PackageId, Rank, RankSet};

/// So many releases of a package, the newest, are asked whether they have a bound. Half changes no lock of 25 projects (2026-11-26,
/// the corpus of `improve`).
const MOST_LATER_RELEASES: usize = 16;

/// Whether a solution puts a package that the project does not name back, in place of another solution, to a release without a
/// bound that every later one has.
pub(super) fn evades_a_bound(
    search: &mut Search<'_, '_>,
    (solution, other): (&ForkSolution, &ForkSolution),
    named: &FxHashSet<PackageId>,
) -> Result<bool, ResolveError> {
    let (picks, before) = (solution.picks(), other.picks());
    for (package, rank, _) in &solution.chosen {
        let higher = before.get(package).filter(|before| *before > rank);
        let is_named = named.contains(&search.run.catalog.base(*package));
        let Some(higher) = higher.filter(|_| !is_named) else {
            continue;
        };
        for (target, pick) in bounds_against(search, (*package, *higher), &picks)? {
            if is_bound_above(search, (*package, *rank), (target, pick))? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The picks that requirements of a version do not admit.
fn bounds_against(
    search: &mut Search<'_, '_>,
    (package, rank): (PackageId, Rank),
    picks: &FxHashMap<PackageId, Rank>,
) -> Result<Vec<(PackageId, Rank)>, ResolveError> {
    let run = &mut *search.run;
    let edges = run.provider.edges(&mut run.catalog, package, rank)?;
    let Ok(edges) = edges else {
        return Ok(Vec::new());
    };
    let picked = edges
        .iter()
        .filter_map(|edge| Some((edge, *picks.get(&edge.target)?)));
    let opposed = picked.filter(|(edge, pick)| {
        !edge.allowed.contains(*pick) && !edge.marker.is_disjoint(search.environment)
    });
    Ok(opposed.map(|(edge, pick)| (edge.target, pick)).collect())
}

/// Whether none of the newest releases of a package above a version admits a pick of another one.
fn is_bound_above(
    search: &mut Search<'_, '_>,
    (package, rank): (PackageId, Rank),
    (target, pick): (PackageId, Rank),
) -> Result<bool, ResolveError> {
    let base = search.run.catalog.base(package);
    let versions = search.run.catalog.versions(base)?;
    let above = RankSet::between(rank + 1, versions.count());
    let later = search.usable(base, &above, MOST_LATER_RELEASES)?;
    let Some(listing) = &versions.listing else {
        return Ok(false);
    };
    let has_wheel = |rank: &Rank| listing.releases[*rank as usize].has_wheel;
    let later: Vec<Rank> = later.into_iter().filter(has_wheel).collect();
    let picks = FxHashMap::from_iter([(target, pick)]);
    for (position, rank) in later.iter().copied().enumerate() {
        ask_ahead_of_probes(search.run.source, listing, &later[position..]);
        if bounds_against(search, (package, rank), &picks)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}
