//! `fork-strategy = "fewest"` across forks: what was solved apart is solved once more, each fork asked for what the others have.
//!
//! ```text
//! python < 3.13: a 1, b 1        python < 3.13: a 1, b 1
//! python >= 3.13: a 2, b 2   ->  python >= 3.13: a 1, b 2     (b<2 and b>=2 are required there, a 1 serves both)
//! ```

use std::collections::{BTreeMap, BTreeSet};

use tracing::info;

use super::error::ResolveError;
use super::partition;
use super::run::Run;
use super::solution::ForkSolution;
use crate::marker::Marker;
use crate::name::PackageName;
use crate::version::Version;

/// The solutions, or those with fewer versions that come of asking every fork for the oldest version that some fork has.
pub(super) fn with_common_versions(
    solutions: Vec<ForkSolution>,
    universe: Marker,
    run: &mut Run<'_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    if !run.selector.prefers_fewest() {
        return Ok(solutions);
    }
    let versions = versions_by_name(&solutions, run)?;
    let several = versions.iter().filter(|(_, versions)| versions.len() > 1);
    let common = several.filter_map(|(name, versions)| Some((*name, *versions.first()?)));
    info!(name: "fewest", "solving every fork once more, for versions in common");
    run.selector.prefer_in_all_forks(common.collect());
    let again = match partition::solve(universe, run) {
        Ok(again) => again,
        Err(ResolveError::Impossible(_)) => return Ok(solutions),
        Err(error) => return Err(error),
    };
    let count = |versions: &BTreeMap<PackageName, BTreeSet<Version>>| {
        versions.values().map(BTreeSet::len).sum::<usize>()
    };
    if count(&versions_by_name(&again, run)?) < count(&versions) {
        return Ok(again);
    }
    info!(name: "fewest", "kept the first solutions: the others have no fewer versions");
    Ok(solutions)
}

/// The versions of each package of an index.
fn versions_by_name(
    solutions: &[ForkSolution],
    run: &mut Run<'_>,
) -> Result<BTreeMap<PackageName, BTreeSet<Version>>, ResolveError> {
    let mut found: BTreeMap<PackageName, BTreeSet<Version>> = BTreeMap::new();
    for (package, rank, _) in solutions.iter().flat_map(|solution| &solution.chosen) {
        let key = run.catalog.key(*package);
        let Some(name) = key.name.filter(|_| key.origin.is_on_an_index()) else {
            continue;
        };
        let version = run.catalog.versions(*package)?.ascending[*rank as usize];
        found.entry(name).or_default().insert(version);
    }
    Ok(found)
}
