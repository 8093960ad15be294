//! `PubGrub` over numbers: packages are ids, versions are ranks, sets of versions are lists of rank intervals.
//!
//! The solver knows nothing of Python packaging, of markers or of where facts come from. The caller feeds facts
//! (dependencies, exclusions, rejected versions) step by step, chooses what to decide next, and may restart; learned
//! incompatibilities stay. The algorithm is Natalie Weizenbaum's `PubGrub`, with her words for its parts.
//!
//! It is written here rather than taken from the `pubgrub` crate because its caller needs three things that crate's
//! provider interface does not carry: restarts that keep what was learned while the order of decisions changes, the
//! culprit of each rejected version as it happens, and facts that arrive only when they are known. The crate is the
//! oracle in `tests/solver_oracle.rs`.

mod incompatibility;
mod partial_solution;
mod rank_set;
mod search;
mod term;

pub use incompatibility::{Cause, Incompatibility, IncompatibilityId};
pub use partial_solution::Undecided;
pub use rank_set::{Rank, RankSet};
pub use search::{Conflict, Solver};
pub use term::Term;

/// The number of a package inside one run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PackageId(pub u32);

impl PackageId {
    /// The id as an index into tables that have a row for every package.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
