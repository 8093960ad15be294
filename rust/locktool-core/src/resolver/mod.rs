//! The universal resolver: from a manifest to the versions that satisfy it, for every environment at once.
//!
//! ```text
//! partition --environments--> fork: search -> improve -> ForkSolution
//!     ^                               |
//!     '---------- split --------------' both sides --> undivided (what the split is not about)
//! search <-- dependency (edges) <-- package (ranks) <-- PackageSource
//!    ^------ candidate (what is preferred) <-- judge (what may be used), decision_order (what is decided first)
//! solution without any item of a conflict -> extension (with one that only adds) -> ForkSolution
//! solutions -> composition (combinations of conflicts) -> fewest (once more, for versions in common) -> resolution -> locked packages
//! ```
//!
//! A run starts with one fork for all environments. A fork is solved, or it names a marker to split at. Forks share what was
//! read, the order of decisions and which improvements are in vain; each has a solver of its own. The resolution depends on the
//! manifest, the index and the existing lock only: not on the order in which requirements are written or responses arrive.

mod candidate;
mod composition;
mod coverage;
mod decision_order;
mod dependency;
mod elsewhere;
mod entry;
mod error;
pub mod example;
mod explain;
mod extension;
mod failed_builds;
mod fewest;
mod fork;
mod improve;
mod judge;
mod judgement;
mod options;
mod package;
mod parallel;
mod partition;
mod prefetch;
mod requirement_graph;
mod resolution;
mod run;
mod search;
mod solution;
mod split;
mod staleness;
mod surprises;
mod trace;
mod undivided;
mod unserved;
mod warnings;

use std::sync::Arc;

use crate::manifest::Manifest;
use crate::marker::Marker;
use crate::source::{PackageSource, Progress};
use run::Run;
use solution::ForkSolution;

pub use error::ResolveError;
pub use explain::{Change, Edit, Explanation, Hint, Step, Suggestion};
pub use options::{Preferences, ResolveOptions, environment_marker};
pub use resolution::Resolution;

/// Resolves a manifest.
///
/// # Errors
/// When the index does not answer, when there is no solution, and when the run was cancelled.
pub fn resolve(
    manifest: &Manifest,
    source: &dyn PackageSource,
    options: &ResolveOptions,
    preferences: &Preferences,
    progress: &Progress,
) -> Result<Resolution, ResolveError> {
    let universe = match &options.target {
        Some(environment) => environment_marker(environment, "python_full_version"),
        None => manifest.universe(),
    };
    let mut run = Run::new(manifest, source, (options, preferences), universe, progress);
    let _resolve = tracing::debug_span!("resolve").entered();
    let queue = Arc::clone(&run.walk);
    let solutions = prefetch::while_walking_ahead(manifest, (source, &queue), universe, || {
        solutions(&mut run, universe)
    })?;
    surprises::tell(&mut run, &solutions, universe)?;
    let resolution = resolution::build(&mut run, manifest, &solutions, universe)?;
    Ok(Resolution {
        attempts: run.attempts,
        ..resolution
    })
}

/// The solutions of a run, which cover a universe.
fn solutions(run: &mut Run<'_>, universe: Marker) -> Result<Vec<ForkSolution>, ResolveError> {
    let solutions = partition::solve(universe, run)?;
    fewest::with_common_versions(solutions, universe, run)
}
