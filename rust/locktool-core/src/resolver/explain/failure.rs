//! A search without a solution, as it is explained: the proof, and the requirements that it may rest on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::package::{Catalog, Origin};
use crate::marker::Marker;
use crate::requirement::Requirement;
use crate::solver::{Cause, IncompatibilityId, PackageId, Rank, RankSet, Solver};

/// A requirement that the search took into account.
pub(in super::super) struct Premise {
    pub package: PackageId,
    pub rank: Rank,
    pub target: PackageId,
    pub allowed: RankSet,
    pub requirement: Arc<Requirement>,
}

/// A search that ended without a solution.
pub(in super::super) struct Failure {
    pub solver: Solver,
    pub terminal: IncompatibilityId,
    /// Environments in which every premise of the proof holds.
    pub environment: Marker,
    pub reasons: Vec<Arc<str>>,
    pub premises: Vec<Premise>,
}

impl Failure {
    /// The premises of the proof, in the order in which it uses them.
    pub fn leaves(&self) -> Vec<IncompatibilityId> {
        let mut leaves = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![self.terminal];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.solver.incompatibility(id).cause {
                Cause::Derived(left, right) => open.extend([right, left]),
                _ => leaves.push(id),
            }
        }
        leaves
    }
}

/// Whether a dependency only says that a package with an extra is the package, or that the project has a member.
pub(super) fn is_plain_membership(
    catalog: &Catalog<'_>,
    package: PackageId,
    target: PackageId,
) -> bool {
    catalog.base(package) == catalog.base(target)
        || (matches!(catalog.key(package).origin, Origin::Root)
            && matches!(catalog.key(target).origin, Origin::Member(_)))
}
