//! The requirements that a search has met, seen from what they require, and where in the fork each package is needed.
//!
//! A requirement is in force while the version that states it is decided.

use rustc_hash::FxHashMap;

use super::dependency::Edge;
use super::explain::Premise;
use super::judgement::RequirementSummary;
use super::package::{Catalog, ROOT};
use crate::marker::Marker;
use crate::solver::{PackageId, Rank, Solver};

/// A requirement of `package` at `rank`, seen from its target.
pub(super) struct Incoming {
    pub package: PackageId,
    pub rank: Rank,
    pub edge: Edge,
}

/// Who requires what, in one fork.
pub(super) struct RequirementGraph {
    environment: Marker,
    incoming: FxHashMap<PackageId, Vec<Incoming>>,
    /// Where decided packages are needed, as far as was known when they were decided.
    pub needed: FxHashMap<PackageId, Marker>,
}

impl RequirementGraph {
    /// A graph of the root alone, which is needed in the whole fork.
    pub fn new(environment: Marker) -> Self {
        Self {
            environment,
            incoming: FxHashMap::default(),
            needed: FxHashMap::from_iter([(ROOT, environment)]),
        }
    }

    /// Adds a requirement, once.
    pub fn add(&mut self, package: PackageId, rank: Rank, edge: &Edge) {
        let incoming = self.incoming.entry(edge.target).or_default();
        let is_known = incoming.iter().any(|other| {
            other.package == package
                && other.rank == rank
                && other.edge.allowed == edge.allowed
                && other.edge.marker == edge.marker
        });
        if !is_known {
            incoming.push(Incoming {
                package,
                rank,
                edge: edge.clone(),
            });
        }
    }

    /// The requirements on a package that are in force.
    pub fn in_force<'a>(
        &'a self,
        target: PackageId,
        solver: &'a Solver,
    ) -> impl Iterator<Item = &'a Incoming> {
        let incoming = self.incoming.get(&target).into_iter().flatten();
        incoming.filter(|incoming| solver.decision(incoming.package) == Some(incoming.rank))
    }

    /// All requirements that were met, with what they require.
    pub fn all(&self) -> impl Iterator<Item = (PackageId, &Incoming)> {
        let all = self.incoming.iter();
        all.flat_map(|(target, incoming)| incoming.iter().map(|one| (*target, one)))
    }

    /// Where a package is needed, as far as is known.
    pub fn where_needed(&self, package: PackageId) -> Marker {
        let needed = self.needed.get(&package).copied();
        needed.unwrap_or(self.environment)
    }

    /// Where a requirement applies: where its package is needed and its marker holds.
    pub fn where_applied(&self, incoming: &Incoming) -> Marker {
        self.where_needed(incoming.package)
            .and(incoming.edge.marker)
    }

    /// Where the requirements in force need a package.
    pub fn where_required(&self, package: PackageId, solver: &Solver) -> Marker {
        self.in_force(package, solver)
            .map(|incoming| self.where_applied(incoming))
            .fold(Marker::FALSE, Marker::or)
    }

    /// What the requirements in force say together, beside the versions.
    pub fn summary(
        &self,
        package: PackageId,
        solver: &Solver,
        catalog: &Catalog<'_>,
    ) -> RequirementSummary {
        let mut summary = RequirementSummary::of_environments(Marker::FALSE);
        for incoming in self.in_force(package, solver) {
            let applied = self.where_applied(incoming);
            summary.needed = summary.needed.or(applied);
            if !catalog.key(incoming.package).origin.is_published() {
                let allowed = &incoming.edge.allowed;
                summary.project_allows = summary.project_allows.intersection(allowed);
                summary.direct = summary.direct.or(applied);
            }
            summary.names_prerelease |= incoming.edge.names_prerelease;
            summary.pins_version |= incoming.edge.pins_version;
        }
        summary.needed = summary.needed.and(self.environment);
        if summary.needed.is_false() {
            summary.needed = self.environment;
        }
        summary
    }

    /// The decided packages of the indexes that require a package, without one of them.
    pub fn requirers(
        &self,
        package: PackageId,
        without: PackageId,
        solver: &Solver,
        catalog: &Catalog<'_>,
    ) -> Vec<(PackageId, Rank)> {
        let mut requirers: Vec<(PackageId, Rank)> = self
            .in_force(package, solver)
            .map(|incoming| (catalog.base(incoming.package), incoming.rank))
            .filter(|(requirer, _)| *requirer != package && *requirer != without)
            .filter(|(requirer, _)| catalog.key(*requirer).origin.is_on_an_index())
            .collect();
        requirers.sort_unstable();
        requirers.dedup();
        requirers
    }

    /// The requirements as premises of a proof.
    pub fn into_premises(self) -> Vec<Premise> {
        let all = self.incoming.into_iter();
        let premises = all.flat_map(|(target, incoming)| {
            incoming.into_iter().filter_map(move |incoming| {
                Some(Premise {
                    package: incoming.package,
                    rank: incoming.rank,
                    target,
                    allowed: incoming.edge.allowed,
                    requirement: incoming.edge.requirement?,
                })
            })
        });
        premises.collect()
    }
}
