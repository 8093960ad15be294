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
}
