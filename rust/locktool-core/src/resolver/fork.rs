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

use super::error::ResolveError;
use super::explain::Failure;
use super::improve;
use super::package::ROOT;
use super::run::Run;
use super::search::{End, Search};
use super::solution::ForkSolution;
use super::split::Split;
use super::trace;
use crate::marker::Marker;

/// How a fork ends.
pub(super) enum Outcome {
    Solved(ForkSolution),
    Split(Split),
    Failed(Box<Failure>),
}

/// Solves the environments of a fork.
///
/// # Errors
/// When the index does not answer and when the run is cancelled.
pub(super) fn solve(run: &mut Run<'_>, environment: Marker) -> Result<Outcome, ResolveError> {
    let _fork = trace::fork(environment);
    let mut search = Search::new(run, environment);
    match search.run_from(ROOT, None)? {
        End::Solved(solution) => Ok(Outcome::Solved(improve::improved(&mut search, solution)?)),
        End::Split(split) => Ok(Outcome::Split(split)),
        End::Failed(terminal) => Ok(match search.fail(terminal) {
            Ok(split) => Outcome::Split(split),
            Err(failure) => Outcome::Failed(failure),
        }),
        End::BudgetSpent => Err(ResolveError::BudgetSpent),
    }
}
