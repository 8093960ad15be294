//! The universal resolver: from a manifest to the versions that satisfy it, for every environment at once.
//!
//! ```text
//! partition --environments--> fork: search -> improve -> ForkSolution
//!     ^                               |
//!     '---------- split --------------'
//! search <-- dependency (edges) <-- package (ranks) <-- PackageSource
//!    ^------ candidate (what is preferred) <-- judge (what may be used), decision_order (what is decided first)
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
pub mod example;
mod explain;
mod fewest;
mod fork;
mod improve;
mod judge;
mod package;
mod partition;
mod prefetch;
mod resolution;
mod run;
mod search;
mod split;
mod unserved;
mod warnings;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::lock::LockedPackage;
use crate::manifest::Manifest;
use crate::marker::{Marker, MarkerEnvironment};
use crate::name::PackageName;
use crate::source::{PackageSource, Progress, SourceError};
use crate::version::Version;
use run::Run;

pub use explain::{Change, Edit, Explanation, Hint, Step, Suggestion};
pub use resolution::Resolution;

/// What may differ between two runs on one manifest.
#[derive(Clone, Debug, Default)]
pub struct ResolveOptions {
    /// The one environment to resolve for; `None` for all that the manifest supports.
    pub target: Option<MarkerEnvironment>,
    /// Reads the upper bounds of the packages' requires-python too, as installers do. A universal run does not: whoever supports
    /// a later Python than the packages of today would get old ones.
    pub reads_upper_python: bool,
}

/// Which versions of an existing lock are kept where they still serve.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    entries: Vec<(PackageName, Version, Marker)>,
    /// The packages that are to move, where the others are not.
    upgraded: FxHashSet<PackageName>,
}

impl Preferences {
    /// Takes the versions of locked packages; entries that cannot be read are no preference.
    pub fn from_locked(packages: &[LockedPackage], keep: impl Fn(PackageName) -> bool) -> Self {
        let entries = packages.iter().filter_map(|package| {
            let name = PackageName::parse(&package.name).ok()?;
            let version = package.version.as_deref()?.parse().ok()?;
            let marker = match package.marker.as_deref() {
                Some(text) => Marker::parse(text).ok()?,
                None => Marker::TRUE,
            };
            keep(name).then_some((name, version, marker))
        });
        Self {
            entries: entries.collect(),
            upgraded: FxHashSet::default(),
        }
    }

    /// The same preferences, with packages that are to move to their best version before the others are asked to stay.
    #[must_use]
    pub fn upgrading(self, packages: FxHashSet<PackageName>) -> Self {
        Self {
            upgraded: packages,
            ..self
        }
    }

    fn of(&self, name: PackageName) -> impl Iterator<Item = (Version, Marker)> + '_ {
        self.entries
            .iter()
            .filter(move |(other, _, _)| *other == name)
            .map(|(_, version, marker)| (*version, *marker))
    }
}

/// Why a run has no resolution.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResolveError {
    /// The index, or a file it serves, kept the question from being asked.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// No combination of versions satisfies the requirements.
    #[error("{0}")]
    Impossible(Arc<Explanation>),
    #[error("cancelled")]
    Cancelled,
    /// The steps or the time that this run was given are used up.
    #[error("no resolution was found within the steps and the time of this run")]
    BudgetSpent,
}

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
    let solutions = prefetch::while_walking_ahead(manifest, source, universe, || {
        let solutions = partition::solve(universe, &mut run)?;
        fewest::with_common_versions(solutions, universe, &mut run)
    })?;
    let resolution = resolution::build(&mut run, manifest, &solutions, universe)?;
    Ok(Resolution {
        attempts: run.attempts,
        ..resolution
    })
}

/// The condition that an environment is this one, by the fields that decide what can be installed in it; `python` is the field by which
/// its Python is given by, `python_version` or `python_full_version`.
pub fn environment_marker(environment: &MarkerEnvironment, python: &str) -> Marker {
    let version = match python {
        "python_version" => &environment.python_version,
        _ => &environment.python_full_version,
    };
    let fields = [
        (python, version),
        ("sys_platform", &environment.sys_platform),
        ("platform_machine", &environment.platform_machine),
        ("implementation_name", &environment.implementation_name),
    ];
    fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(field, value)| Marker::parse(&format!("{field} == '{value}'")).ok())
        .fold(Marker::TRUE, Marker::and)
}
