//! The end of a search: where each chosen version is needed, and whether all that follows from it was known.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::super::error::ResolveError;
use super::super::judgement::{Judgement, RequirementSummary};
use super::super::package::ROOT;
use super::super::solution::ForkSolution;
use super::super::split::{Split, beyond_direct};
use super::{End, Search};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::{Incompatibility, PackageId, Rank, RankSet};

impl Search<'_, '_> {
    /// Looks at a finished search: `None` if it has to go on, because requirements apply that it did not know of. Every chosen
    /// version must be usable in all environments that need it.
    pub(super) fn complete(&mut self) -> Result<Option<End>, ResolveError> {
        let chosen: Vec<(PackageId, Rank)> = self.solver.decisions().collect();
        let (needed, is_complete) = self.exact_needs(&chosen)?;
        if !is_complete || self.exclude_second_origins(&chosen, &needed) {
            self.solver.restart();
            return Ok(None);
        }
        let mut solution = Vec::with_capacity(chosen.len());
        for (package, rank) in chosen {
            let needed = needed.get(&package).copied().unwrap_or(Marker::FALSE);
            if needed.is_false() {
                continue;
            }
            if let Some(marker) = self.split_at_needs(package, rank, needed)? {
                self.trace_split(marker, |catalog| {
                    let version = catalog.display_version(package, rank);
                    format!("{version} does not serve all environments that need it")
                });
                return Ok(Some(End::Split(Split { marker, over: None })));
            }
            solution.push((package, rank, needed));
        }
        Ok(Some(End::Solved(ForkSolution {
            environment: self.environment,
            chosen: solution,
        })))
    }

    /// The marker to split at where a chosen version turned out to be needed in environments that it does not fit.
    fn split_at_needs(
        &mut self,
        package: PackageId,
        rank: Rank,
        needed: Marker,
    ) -> Result<Option<Marker>, ResolveError> {
        let Some(name) = self.run.catalog.key(package).name else {
            return Ok(None);
        };
        let versions = self.run.catalog.versions(package)?;
        let judge = &mut self.run.selector.judge;
        match judge.environments(name, (&versions, rank), (self.environment, needed)) {
            Judgement::Split(marker) => Ok(Some(marker)),
            Judgement::Usable | Judgement::Rejected(_) => self.beyond_direct(package, needed),
        }
    }

    /// The marker to split at where the oldest version serves more than what the project itself requires.
    fn beyond_direct(
        &mut self,
        package: PackageId,
        needed: Marker,
    ) -> Result<Option<Marker>, ResolveError> {
        if !self.run.selector.prefers_oldest_of_direct() {
            return Ok(None);
        }
        let summary = RequirementSummary {
            needed,
            ..self.summary(package)
        };
        let in_force = self.requirements.in_force(package, &self.solver);
        let allowed = in_force.fold(RankSet::full(), |set, incoming| {
            set.intersection(&incoming.edge.allowed)
        });
        beyond_direct(self.run, package, (&allowed, &summary), self.environment)
    }

    /// The environments in which each chosen package is needed: the least fixed point over all edges from the root.
    ///
    /// Edges on the way that the solver does not know are added to it; then the result is not complete.
    fn exact_needs(
        &mut self,
        chosen: &[(PackageId, Rank)],
    ) -> Result<(FxHashMap<PackageId, Marker>, bool), ResolveError> {
        let ranks: FxHashMap<PackageId, Rank> = chosen.iter().copied().collect();
        let mut needed = FxHashMap::from_iter([(ROOT, self.environment)]);
        let mut is_complete = true;
        let mut changed = vec![ROOT];
        while let Some(package) = changed.pop() {
            let from = needed[&package];
            let rank = ranks[&package];
            let run = &mut *self.run;
            let edges = run.provider.edges(&mut run.catalog, package, rank)?;
            let edges = edges.expect("a chosen version has edges");
            for (position, edge) in edges.iter().enumerate() {
                let marker = from.and(edge.marker);
                if marker.is_false() || run.leaves_out(edge.target) {
                    continue;
                }
                if self.known_edges.insert((package, rank, position)) {
                    is_complete = false;
                    self.requirements.add(package, rank, edge);
                    self.solver
                        .add_dependency(package, rank, edge.target, &edge.allowed);
                }
                if !ranks.contains_key(&edge.target) {
                    continue;
                }
                let known = needed.entry(edge.target).or_insert(Marker::FALSE);
                let widened = known.or(marker);
                if widened != *known {
                    *known = widened;
                    if !changed.contains(&edge.target) {
                        changed.push(edge.target);
                    }
                }
            }
        }
        Ok((needed, is_complete))
    }

    /// Says of packages that share a name and are needed in one environment that they exclude each other: an address and the
    /// index are not mixed. Returns whether there were any.
    fn exclude_second_origins(
        &mut self,
        chosen: &[(PackageId, Rank)],
        needed: &FxHashMap<PackageId, Marker>,
    ) -> bool {
        let catalog = &self.run.catalog;
        let mut by_name: BTreeMap<PackageName, Vec<(PackageId, Marker)>> = BTreeMap::new();
        for (package, _) in chosen {
            let is_base = catalog.base(*package) == *package;
            if let (true, Some(name), Some(needed)) =
                (is_base, catalog.key(*package).name, needed.get(package))
            {
                by_name.entry(name).or_default().push((*package, *needed));
            }
        }
        let mut excluded = false;
        for namesakes in by_name.values() {
            for (position, (package, needed)) in namesakes.iter().enumerate() {
                for (other, elsewhere) in &namesakes[position + 1..] {
                    if !needed.is_disjoint(*elsewhere) {
                        self.solver
                            .add(Incompatibility::exclusion(*package, *other));
                        excluded = true;
                    }
                }
            }
        }
        excluded
    }
}
