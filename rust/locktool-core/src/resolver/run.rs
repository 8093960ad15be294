//! What the forks of a run share: what was read of the world, the preferences, and what conflicts have taught so far.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::candidate::CandidateSelector;
use super::decision_order::DecisionOrder;
use super::dependency::DependencyProvider;
use super::error::ResolveError;
use super::options::{Preferences, ResolveOptions};
use super::package::Catalog;
use super::prefetch::WalkQueue;
use crate::manifest::Manifest;
use crate::marker::{Marker, Membership};
use crate::solver::{PackageId, Rank};
use crate::source::{PackageSource, Progress};

/// One run of the resolver.
pub(super) struct Run<'run> {
    pub catalog: Catalog<'run>,
    pub provider: DependencyProvider<'run>,
    pub selector: CandidateSelector<'run>,
    pub source: &'run dyn PackageSource,
    /// What is asked for ahead of the search.
    pub walk: Arc<WalkQueue>,
    pub progress: &'run Progress,
    /// Extras and groups that conflict with others; none in a run for one environment, in which nothing is chosen.
    pub conflict_items: Vec<Membership>,
    /// How many versions were tried.
    pub attempts: usize,
    pub order: DecisionOrder,
    /// Picks for which the improvement of some fork found nothing better.
    pub unimprovable: FxHashSet<(PackageId, Rank)>,
    /// Whether conflicts change the order of decisions and solutions are improved.
    pub improves: bool,
    /// Whether solutions are extended where that does; a search finds the same.
    pub extends: bool,
    /// What is solved without, while that is done to see what other packages get then.
    pub without: Option<Without>,
    /// Picks that are the versions without a split, each with the package that it is over.
    pub undivided: FxHashMap<(PackageId, Rank), PackageId>,
}

/// Packages that are left out, and those whose versions are sought.
pub(super) struct Without {
    pub packages: BTreeSet<PackageId>,
    pub sought: BTreeSet<PackageId>,
}

/// What forks have taught, so that others can be solved as if they had not been.
#[derive(Clone)]
pub(super) struct Learned {
    order: DecisionOrder,
    unimprovable: FxHashSet<(PackageId, Rank)>,
}

impl<'run> Run<'run> {
    /// A run in which nothing was read and nothing learned.
    pub fn new(
        manifest: &'run Manifest,
        source: &'run dyn PackageSource,
        (options, preferences): (&'run ResolveOptions, &'run Preferences),
        universe: Marker,
        progress: &'run Progress,
    ) -> Self {
        let target = options.target.as_ref();
        Self {
            catalog: Catalog::new(source, manifest),
            provider: DependencyProvider::new(source, manifest, target, universe),
            selector: CandidateSelector::new(manifest, options, preferences),
            source,
            walk: Arc::default(),
            progress,
            conflict_items: match target {
                Some(_) => Vec::new(),
                None => manifest.conflict_items(),
            },
            attempts: 0,
            order: DecisionOrder::default(),
            unimprovable: FxHashSet::default(),
            improves: manifest.settings.quality_pass.unwrap_or_default().0,
            extends: true,
            without: None,
            undivided: FxHashMap::default(),
        }
    }

    /// What the forks so far have taught.
    pub fn learned(&self) -> Learned {
        Learned {
            order: self.order.clone(),
            unimprovable: self.unimprovable.clone(),
        }
    }

    /// Goes back, or forward, to what forks have taught.
    pub fn restore(&mut self, learned: Learned) {
        self.order = learned.order;
        self.unimprovable = learned.unimprovable;
    }

    /// Whether an existing lock has a version for some of these environments.
    ///
    /// # Errors
    /// When the index does not answer.
    pub fn is_locked(
        &mut self,
        (package, rank): (PackageId, Rank),
        environment: Marker,
    ) -> Result<bool, ResolveError> {
        let Some(name) = self.catalog.key(package).name else {
            return Ok(false);
        };
        let versions = self.catalog.versions(package)?;
        let version = versions.ascending.get(rank as usize);
        Ok(version.is_some_and(|version| self.selector.is_locked(name, *version, environment)))
    }

    /// Whether requirements on a package are not looked at.
    pub fn leaves_out(&self, package: PackageId) -> bool {
        let without = self.without.as_ref();
        without.is_some_and(|one| one.packages.contains(&self.catalog.base(package)))
    }
}
