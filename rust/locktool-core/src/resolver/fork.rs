//! One fork: a set of environments that is solved with one version of each package, or split, or cannot be solved.
//!
//! ```text
//! search --solution--> improve --> Solved
//!    |--marker-------------------> Split
//!    '--proof--> split::proof ---> Split | Failed
//! ```
//!
//! The first fork has all environments. Here it is split twice: at what `a` requires, and where `c 2` has no Python.
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a", "c"]);
//! example.publish(1, "a 1", &["b<2 ; sys_platform == 'win32'", "b>=2 ; sys_platform != 'win32'"]);
//! example.publish(1, "b 1", &[]).publish(2, "b 2", &[]);
//! example.publish(1, "c 1", &[]).publish(2, "c 2", &[]).needs_python("c 2", ">=3.12");
//! assert_eq!(
//!     example.locked(),
//!     [
//!         "a 1",
//!         "b 1 ; sys_platform == 'win32'",
//!         "b 2 ; sys_platform != 'win32'",
//!         "c 1 ; python_version < '3.12'",
//!         "c 2 ; python_version >= '3.12'",
//!     ]
//! );
//! ```

use rustc_hash::FxHashMap;

use super::ResolveError;
use super::explain::Failure;
use super::improve;
use super::package::ROOT;
use super::run::Run;
use super::search::{End, Search};
use crate::marker::Marker;
use crate::solver::{PackageId, Rank};

/// How a fork ends.
pub(super) enum Outcome {
    Solved(ForkSolution),
    /// Inside and outside of this marker are to be solved apart.
    Split(Marker),
    Failed(Box<Failure>),
}

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

/// Solves the environments of a fork.
///
/// # Errors
/// When the index does not answer and when the run is cancelled.
pub(super) fn solve(run: &mut Run<'_>, environment: Marker) -> Result<Outcome, ResolveError> {
    let mut search = Search::new(run, environment);
    match search.run_from(ROOT, None)? {
        End::Solved(solution) => Ok(Outcome::Solved(improve::improved(&mut search, solution)?)),
        End::Split(marker) => Ok(Outcome::Split(marker)),
        End::Failed(terminal) => Ok(search.fail(terminal)),
        End::BudgetSpent => Err(ResolveError::BudgetSpent),
    }
}
