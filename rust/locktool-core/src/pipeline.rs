//! One run, wired: manifest and existing lock in, locked packages out.
//!
//! A lock that still proves itself against the manifest is its own answer: nothing is asked of any index. Otherwise the index
//! client answers the resolver, and the versions of the lock are preferred where they still serve.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::cache::Reading;
use crate::certify::certify;
use crate::index::{Client, ClientOptions, RefreshPolicy};
use crate::locked::{LockedDocument, LockedPackage};
use crate::manifest::{Manifest, ManifestError, ManifestRecord};
use crate::name::PackageName;
use crate::resolver::{Preferences, ResolveError, ResolveOptions, resolve};
use crate::source::{PackageSource, Progress, SourceError};

/// Which locked versions may move although they still serve.
#[derive(Clone, Debug, Default)]
pub enum Upgrade {
    #[default]
    Nothing,
    Everything,
    Packages(FxHashSet<PackageName>),
}

/// What concerns a run and not the answer's inputs.
#[derive(Default)]
pub struct RunOptions {
    pub client: ClientOptions,
    pub resolve: ResolveOptions,
    pub upgrade: Upgrade,
}

/// The answer of a run.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub packages: Vec<LockedPackage>,
    pub requires_python: Option<String>,
    /// Sentences for people, in the order in which they came up.
    pub warnings: Vec<String>,
    /// How many sets of environments were solved apart; none if the existing lock was the answer.
    pub forks: usize,
}

/// Why a run has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunError {
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    #[error("{0}")]
    Resolve(#[from] ResolveError),
}

impl From<SourceError> for RunError {
    fn from(error: SourceError) -> Self {
        Self::Resolve(error.into())
    }
}

/// Runs to the end, or until the progress says that it was cancelled.
///
/// # Errors
/// When the manifest is not well formed, an index does not answer, or there is no solution.
pub fn run(
    record: &ManifestRecord,
    locked: Option<&LockedDocument>,
    options: RunOptions,
    progress: &Arc<Progress>,
) -> Result<Answer, RunError> {
    if let Some(document) = locked
        && may_keep(&options)
        && certify(document, record).is_ok_and(|reasons| reasons.is_empty())
    {
        return Ok(Answer {
            packages: document.packages.clone(),
            requires_python: record.requires_python.clone(),
            ..Answer::default()
        });
    }
    let manifest = Manifest::from_record(record)?;
    let preferences = preferences(locked, &options.upgrade);
    progress.set_step("resolving");
    let mut asked = options.client;
    loop {
        let client = Client::new(asked.clone(), Arc::clone(progress))?;
        let resolved = resolve_with(&client, &manifest, &options.resolve, &preferences, progress);
        if client.has_lost_files() && asked.reading == Reading::OnDemand {
            asked.reading = Reading::Whole;
            continue;
        }
        // What could not be written is one of the warnings.
        client.write_back();
        let warnings = client.take_warnings();
        let (packages, forks) = resolved?;
        return Ok(Answer {
            packages,
            requires_python: record.requires_python.clone(),
            warnings,
            forks,
        });
    }
}

fn resolve_with(
    source: &dyn PackageSource,
    manifest: &Manifest,
    options: &ResolveOptions,
    preferences: &Preferences,
    progress: &Progress,
) -> Result<(Vec<LockedPackage>, usize), ResolveError> {
    let resolution = resolve(manifest, source, options, preferences, progress)?;
    Ok((resolution.packages, resolution.forks))
}

/// Whether an existing lock that proves itself may be the answer.
fn may_keep(options: &RunOptions) -> bool {
    matches!(options.upgrade, Upgrade::Nothing)
        && matches!(options.client.refresh, RefreshPolicy::None)
        && options.resolve.target.is_none()
}

fn preferences(locked: Option<&LockedDocument>, upgrade: &Upgrade) -> Preferences {
    let Some(document) = locked else {
        return Preferences::default();
    };
    match upgrade {
        Upgrade::Nothing => Preferences::from_locked(&document.packages, |_| true),
        Upgrade::Everything => Preferences::default(),
        Upgrade::Packages(names) => {
            Preferences::from_locked(&document.packages, |name| !names.contains(&name))
        }
    }
}
