//! Where a fork has to be split: requirements that lead to different picks, or exclude each other, under markers that never hold
//! together.
//!
//! ```text
//! a 1 requires   c<2 ; python_version < '3.13'    c>=2 ; python_version >= '3.13'    diverging: split at python_version < '3.13'
//! a 1 requires   c<2 ; python_version < '3.13'
//! b 1 requires   c>=2 ; python_version >= '3.13'                                     exclusive: the same split
//! ```

mod diverging;
mod exclusive;
mod lowest_direct;
mod proof;

use super::requirement_graph::RequirementGraph;
use crate::marker::{Marker, Membership};
use crate::solver::{PackageId, Solver};

pub(super) use diverging::diverging;
pub(super) use lowest_direct::beyond_direct;

/// Inside and outside of a marker are to be solved apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split {
    pub marker: Marker,
    /// None where a release serves only a part of the environments, as one for newer Pythons does.
    pub over: Option<Dispute>,
}

/// A package on which requirements differ, and one that states some of them: `c` and `a` above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dispute {
    pub package: PackageId,
    pub required_by: PackageId,
}

/// Finds the marker to split at in the state of a search.
pub(super) struct SplitDetector<'a> {
    pub environment: Marker,
    pub solver: &'a Solver,
    pub requirements: &'a RequirementGraph,
    /// Extras and groups that conflict with others.
    pub conflict_items: &'a [Membership],
}

impl SplitDetector<'_> {
    /// Whether a marker holds in some environments of the fork and not in others.
    fn divides(&self, marker: Marker) -> bool {
        !self.environment.is_disjoint(marker) && !self.environment.implies(marker)
    }
}
