//! The solution of one fork.

use rustc_hash::FxHashMap;

use super::error::ResolveError;
use super::judgement::Judgement;
use super::run::Run;
use crate::marker::Marker;
use crate::name::PackageName;
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

    /// Whether each version may be used in all environments that need it, and an address and the index are not mixed.
    ///
    /// # Errors
    /// When the index does not answer.
    pub fn serves(&self, run: &mut Run<'_>) -> Result<bool, ResolveError> {
        let mut by_name: FxHashMap<PackageName, Vec<(PackageId, Marker)>> = FxHashMap::default();
        for (package, rank, needed) in &self.chosen {
            let Some(name) = run.catalog.key(*package).name else {
                continue;
            };
            let versions = run.catalog.versions(*package)?;
            let environments = (self.environment, *needed);
            let judge = &mut run.selector.judge;
            let judgement = judge.environments(name, (&versions, *rank), environments);
            if judgement != Judgement::Usable {
                return Ok(false);
            }
            if run.catalog.base(*package) == *package {
                let namesakes = by_name.entry(name).or_default();
                let mut others = namesakes.iter();
                if others.any(|(_, elsewhere)| !elsewhere.is_disjoint(*needed)) {
                    return Ok(false);
                }
                namesakes.push((*package, *needed));
            }
        }
        Ok(true)
    }
}
