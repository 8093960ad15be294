//! What a search for a newer pick may give up for it: where it is not worth going on.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::package::Versions;
use super::super::staleness::Staleness;
use crate::solver::{PackageId, Rank};

/// The goal of a search for a better solution, and what it may cost.
pub(in super::super) struct Budget {
    pub goal: (PackageId, Rank),
    /// How much staler other packages may become each; `None` where versions of a whole family move together.
    pub gain: Option<Staleness>,
    /// The solution so far.
    pub picks: FxHashMap<PackageId, Rank>,
    /// The packages that the project names.
    pub named: FxHashSet<PackageId>,
    /// What an existing lock has.
    pub locked: FxHashSet<PackageId>,
}

impl Budget {
    /// Whether a search may choose a version: not where it makes its package staler than the goal is worth, moves what a lock has, is
    /// a pre-release, or may have to be built to be read.
    pub fn admits(&self, package: PackageId, rank: Rank, versions: &Versions) -> bool {
        let pick = self.picks.get(&package).copied();
        if pick == Some(rank) || self.goal == (package, rank) {
            return true;
        }
        let listing = versions.listing.as_ref();
        let has_wheel = listing.is_none_or(|listing| listing.releases[rank as usize].has_wheel);
        let cost = pick.map_or(Staleness::default(), |pick| {
            Staleness::between(versions, rank, pick)
        });
        has_wheel
            && !versions.ascending[rank as usize].is_prerelease()
            && !self.locked.contains(&package)
            && (cost.is_none() || self.covers(package, cost))
    }

    /// Whether a package may become so much staler: one that the project names for another such one alone, and any other for less
    /// than is gained.
    fn covers(&self, package: PackageId, cost: Staleness) -> bool {
        let is_for_named = self.named.contains(&self.goal.0);
        match (is_for_named, self.named.contains(&package)) {
            (true, false) => true,
            (false, true) => false,
            _ => self.gain.is_none_or(|gain| cost < gain),
        }
    }
}
