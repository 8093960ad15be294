//! The end of a search: where each chosen version is needed, and whether all that follows from it was known.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::super::ResolveError;
use super::super::coverage::Service;
use super::super::package::ROOT;
use super::{End, Fork, ForkSolution};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::{Incompatibility, PackageId, Rank};

impl Fork<'_, '_> {
    /// Looks at a finished search: `None` if it has to go on, because requirements apply that it did not know of. Every chosen
    /// version must support the Python of all environments that need it.
    pub(super) fn finish(&mut self) -> Result<Option<End>, ResolveError> {
        let chosen: Vec<(PackageId, Rank)> = self.solver.decisions().collect();
        let (reach, is_complete) = self.exact_reach(&chosen)?;
        if !is_complete || self.exclude_second_origins(&chosen, &reach) {
            self.solver.restart();
            return Ok(None);
        }
        let mut solution = Vec::with_capacity(chosen.len());
        for (package, rank) in chosen {
            let needed = reach.get(&package).copied().unwrap_or(Marker::FALSE);
            if needed.is_false() {
                continue;
            }
            let versions = self.shared.catalog.versions(package)?;
            let requires_python = versions
                .listing
                .as_ref()
                .and_then(|listing| listing.releases[rank as usize].requires_python.clone());
            if let Some(requires_python) = requires_python {
                let supported = self.shared.chooser.supported_python(&requires_python);
                if !needed.implies(supported) {
                    return Ok(Some(End::Split(supported)));
                }
            }
            if let Some(required) = self.unserved(package, rank, needed)? {
                return Ok(Some(End::Split(required)));
            }
            if let Some(own) = self.beyond_own(package, needed)? {
                return Ok(Some(End::Split(own)));
            }
            solution.push((package, rank, needed));
        }
        Ok(Some(End::Solved(ForkSolution {
            environment: self.environment,
            chosen: solution,
        })))
    }

    /// A required environment in which a chosen version turned out to be needed and has nothing to install.
    fn unserved(
        &mut self,
        package: PackageId,
        rank: Rank,
        needed: Marker,
    ) -> Result<Option<Marker>, ResolveError> {
        let versions = self.shared.catalog.versions(package)?;
        let (Some(name), Some(listing)) =
            (self.shared.catalog.key(package).name, &versions.listing)
        else {
            return Ok(None);
        };
        let place = (self.environment, needed);
        let coverage = self.shared.chooser.coverage();
        match coverage.of_required(name, (listing, rank), place) {
            Service::Without(required) => Ok(Some(required)),
            Service::Whole | Service::Nowhere => Ok(None),
        }
    }

    /// The environments in which each chosen package is needed: the least fixed point over all edges from the root.
    ///
    /// Edges on the way that the solver was not given are given to it; then the result is not complete.
    fn exact_reach(
        &mut self,
        chosen: &[(PackageId, Rank)],
    ) -> Result<(FxHashMap<PackageId, Marker>, bool), ResolveError> {
        let ranks: FxHashMap<PackageId, Rank> = chosen.iter().copied().collect();
        let mut reach = FxHashMap::from_iter([(ROOT, self.environment)]);
        let mut is_complete = true;
        let mut changed = vec![ROOT];
        while let Some(package) = changed.pop() {
            let from = reach[&package];
            let rank = ranks[&package];
            let edges = self
                .shared
                .expander
                .edges(self.shared.catalog, package, rank)?
                .expect("a chosen version has edges");
            for (place, edge) in edges.iter().enumerate() {
                let marker = from.and(edge.marker);
                if marker.is_false() {
                    continue;
                }
                if self.given.insert((package, rank, place)) {
                    is_complete = false;
                    self.note_incoming(package, rank, edge);
                    self.solver
                        .add_dependency(package, rank, edge.target, &edge.allowed);
                }
                if !ranks.contains_key(&edge.target) {
                    continue;
                }
                let known = reach.entry(edge.target).or_insert(Marker::FALSE);
                let widened = known.or(marker);
                if widened != *known {
                    *known = widened;
                    if !changed.contains(&edge.target) {
                        changed.push(edge.target);
                    }
                }
            }
        }
        Ok((reach, is_complete))
    }

    /// Says of packages that share a name and are needed in one environment that they exclude each other: an address and the
    /// index are not mixed. Returns whether there were any.
    fn exclude_second_origins(
        &mut self,
        chosen: &[(PackageId, Rank)],
        reach: &FxHashMap<PackageId, Marker>,
    ) -> bool {
        let catalog = &self.shared.catalog;
        let mut by_name: BTreeMap<PackageName, Vec<(PackageId, Marker)>> = BTreeMap::new();
        for (package, _) in chosen {
            let is_base = catalog.base(*package) == *package;
            if let (true, Some(name), Some(needed)) =
                (is_base, catalog.key(*package).name, reach.get(package))
            {
                by_name.entry(name).or_default().push((*package, *needed));
            }
        }
        let mut excluded = false;
        for namesakes in by_name.values() {
            for (place, (package, needed)) in namesakes.iter().enumerate() {
                for (other, elsewhere) in &namesakes[place + 1..] {
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
