//! The solution of one fork.

use rustc_hash::FxHashMap;

use crate::marker::Marker;
use crate::solver::{PackageId, Rank};

/// The chosen versions of a fork, and where each is needed.
pub(super) struct ForkSolution {
    pub environment: Marker,
    /// Every chosen package, packages with extras included, with its rank and the environments that need it.
    pub chosen: Vec<(PackageId, Rank, Marker)>,
}

impl ForkSolution {
    /// The rank of each package.
    pub fn picks(&self) -> FxHashMap<PackageId, Rank> {
        let picks = self.chosen.iter();
        picks.map(|(package, rank, _)| (*package, *rank)).collect()
    }

    /// The solution of some of its environments.
    pub fn within(self, environments: Marker) -> Self {
        let environment = self.environment.and(environments);
        let chosen = self.chosen.into_iter();
        let chosen = chosen.map(|(package, rank, needed)| (package, rank, needed.and(environment)));
        Self {
            environment,
            chosen: chosen.filter(|(_, _, needed)| !needed.is_false()).collect(),
        }
    }
}
