//! The universal resolver: from a manifest to the versions that answer it, for every environment at once.
//!
//! ```text
//! partition --fork--> solver <-- dependency (edges) <-- package (ranks) <-- PackageSource
//!      ^            |       ^
//!      '---split----'       candidate (what may be used, what is preferred), quality (what is decided first)
//! fork: search -> exchange (old picks for a small loss elsewhere) -> solution
//! solutions -> composition (combinations of conflicts) -> settle (once more, with these versions only) -> fewest (once more, for
//! versions in common) -> resolution -> locked packages
//! ```
//!
//! A run starts with one fork for all environments. A fork is solved, or it names a marker to split at. Forks share what was
//! read, in which order to decide and which exchanges are in vain; each has a solver of its own. The answer depends on the
//! manifest, the index and the existing lock only: not on the order in which requirements are written or answers arrive.

mod candidate;
mod composition;
mod coverage;
mod dependency;
mod explain;
mod fewest;
mod fork;
mod loss;
mod package;
mod partition;
mod prefetch;
mod quality;
mod resolution;
mod settle;
mod unserved;
mod warnings;

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::lock::LockedPackage;
use crate::manifest::Manifest;
use crate::marker::{Marker, MarkerEnvironment, Membership};
use crate::name::PackageName;
use crate::source::{PackageSource, Progress, SourceError};
use crate::version::Version;
use candidate::Chooser;
use dependency::Expander;
use fork::{ForkSolution, Met, Shared};
use package::Catalog;
use partition::Partition;
use quality::Order;

pub use explain::{Change, Edit, Explanation, Hint, Step, Suggestion};
pub use resolution::Resolution;

/// What may differ between two runs on one manifest.
#[derive(Clone, Debug, Default)]
pub struct ResolveOptions {
    /// The one environment to resolve for; `None` for all that the manifest supports.
    pub target: Option<MarkerEnvironment>,
    /// Reads the upper bounds of the packages' requires-python too, as installers do. A universal run does not: whoever supports
    /// a later Python than the packages of today would be given old ones.
    pub reads_upper_python: bool,
}

impl ResolveOptions {
    /// The environments that may install the answer: the one of the run, or those of the project.
    pub fn installable(&self, manifest: &Manifest) -> Marker {
        self.target.as_ref().map_or_else(
            || manifest.installable(),
            |environment| environment_marker(environment, "python_full_version"),
        )
    }
}

/// Which versions of an existing lock are kept where they still serve.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    entries: Vec<(PackageName, Version, Marker)>,
    /// The packages that are to move, where the others are not.
    moving: FxHashSet<PackageName>,
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
            moving: FxHashSet::default(),
        }
    }

    /// The same preferences, with packages that are to move to their best version before the others are asked to stay.
    #[must_use]
    pub fn moving(self, packages: FxHashSet<PackageName>) -> Self {
        Self {
            moving: packages,
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

/// Why a run has no answer.
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
    let mut catalog = Catalog::new(source, manifest);
    let mut expander = Expander::new(source, manifest, options.target.as_ref(), universe);
    let mut chooser = Chooser::new(manifest, options, preferences);
    // Nothing is chosen in the one environment of a run that is not universal.
    let items = match &options.target {
        Some(_) => Vec::new(),
        None => manifest.conflict_items(),
    };
    let mut tries = 0;
    let mut order = Order::default();
    let solutions = prefetch::while_walking_ahead(manifest, source, universe, || {
        let mut shared = Shared {
            catalog: &mut catalog,
            expander: &mut expander,
            chooser: &mut chooser,
            source,
            progress,
            items: &items,
            tries: &mut tries,
            most_tries: usize::MAX,
            order: &mut order,
            met: &mut Met::default(),
            exchanged: &mut FxHashSet::default(),
            without_quality_pass: !manifest.settings.quality_pass.unwrap_or_default().0,
        };
        let solutions = solve(&items, universe, &mut shared)?;
        fewest::with_common_versions(solutions, &items, universe, &mut shared)
    })?;
    let resolution =
        resolution::build(&mut catalog, &mut expander, manifest, &solutions, universe)?;
    Ok(Resolution {
        tries,
        ..resolution
    })
}

/// Solves every environment, with the versions of the answer alone in the end.
fn solve(
    items: &[Membership],
    universe: Marker,
    shared: &mut Shared<'_, '_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    let solutions = Partition::new(items, universe).solve(shared)?;
    settle::settled(solutions, items, universe, shared)
}

/// The condition that an environment is this one, by the fields that decide what can be installed in it; `python` is the field by which
/// its Python is told, `python_version` or `python_full_version`.
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
