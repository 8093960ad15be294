//! Whether a version may be used where it is needed: the one judge of pre-releases, yanks, cutoffs, files and
//! requires-python.
//!
//! ```text
//! release:      pre-release, yanked, cutoff, no file in any environment of the project      -> Rejected
//! environments: requires-python, required environments, local versions, in those of a fork  -> Usable | Split | Rejected
//! ```

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::coverage::Coverage;
use super::judgement::{CandidateQuery, Judgement, Rejection};
use super::options::ResolveOptions;
use super::package::Versions;
use crate::distribution::compatible::CompatibleTags;
use crate::manifest::{Manifest, PrereleaseMode, python_lower_bound, python_supported};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::Rank;
use crate::version::SpecifierSet;

/// How pre-releases stand to final releases.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Prereleases {
    Never,
    /// Where there is no final release.
    Last,
    Equal,
}

/// The rules of one run by which versions are judged.
pub(super) struct Judge<'run> {
    manifest: &'run Manifest,
    /// Upper bounds of requires-python count too.
    reads_upper_python: bool,
    /// The environments that may install the result.
    installable: Marker,
    tags: Option<&'run CompatibleTags>,
    /// The environments of each requires-python. A few dozen serve the packages of a run.
    supported: FxHashMap<Arc<SpecifierSet>, Marker>,
    /// The same by the address of each in memory, where it is kept: the releases of a package share them.
    supported_at: FxHashMap<usize, (Arc<SpecifierSet>, Marker)>,
}

impl<'run> Judge<'run> {
    pub fn new(manifest: &'run Manifest, options: &'run ResolveOptions) -> Self {
        Self {
            manifest,
            reads_upper_python: options.target.is_some() || options.reads_upper_python,
            installable: options.installable(manifest),
            tags: options.tags.as_deref(),
            supported: FxHashMap::default(),
            supported_at: FxHashMap::default(),
        }
    }

    /// What is to be said of a version in the environments of a query.
    pub fn judge(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        rank: Rank,
    ) -> Judgement {
        if let Some(rejection) = self.release(query, versions, rank) {
            return Judgement::Rejected(rejection);
        }
        let environments = (query.environment, query.summary.needed);
        match self.environments(query.name, (versions, rank), environments) {
            Judgement::Usable => {
                let release = (versions, rank);
                self.coverage()
                    .of_local(query.name, release, query.allowed, query.environment)
            }
            judgement => judgement,
        }
    }

    /// What speaks against a version whatever the fork.
    pub fn release(
        &self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        rank: Rank,
    ) -> Option<Rejection> {
        let listing = versions.listing.as_ref()?;
        let release = &listing.releases[rank as usize];
        if release.version.is_prerelease() && self.prereleases(query) == Prereleases::Never {
            return Some(Rejection::Prerelease);
        }
        if release.yanked && !query.summary.pins_version {
            return Some(Rejection::Yanked);
        }
        if self.coverage().is_hidden(query.name, listing, rank) {
            return Some(Rejection::Cutoff);
        }
        // The environments of a fork say nothing of it: an unrelated fork would change the version of a package.
        let covered = self.coverage().environments(query.name, listing, rank);
        covered
            .is_disjoint(self.installable)
            .then_some(Rejection::Files)
    }

    /// How a version stands to the environments that need it, among those of a fork: `(environment, needed)`.
    pub fn environments(
        &mut self,
        name: PackageName,
        (versions, rank): (&Versions, Rank),
        (environment, needed): (Marker, Marker),
    ) -> Judgement {
        let Some(listing) = &versions.listing else {
            return Judgement::Usable;
        };
        if let Some(requires_python) = versions.requires_python(rank) {
            let supported = self.supported_python(requires_python);
            if !needed.implies(supported) {
                return if environment.is_disjoint(supported) {
                    Judgement::Rejected(Rejection::Python(Arc::clone(requires_python)))
                } else {
                    Judgement::Split(supported)
                };
            }
        }
        self.coverage()
            .of_required(name, (listing, rank), (environment, needed))
    }

    /// Final releases come first wherever there are some: a specifier that names a pre-release permits them, it does not ask for
    /// them.
    pub fn prereleases(&self, query: &CandidateQuery<'_>) -> Prereleases {
        match (
            self.manifest.prerelease_of(query.name),
            query.summary.names_prerelease,
        ) {
            (PrereleaseMode::Allow, _) => Prereleases::Equal,
            (PrereleaseMode::Disallow, _) | (PrereleaseMode::Explicit, false) => Prereleases::Never,
            (PrereleaseMode::IfNecessary | PrereleaseMode::IfNecessaryOrExplicit, _)
            | (PrereleaseMode::Explicit, true) => Prereleases::Last,
        }
    }

    /// What may be used of the files of releases.
    pub fn coverage(&self) -> Coverage<'run> {
        Coverage {
            manifest: self.manifest,
            tags: self.tags,
        }
    }

    /// The environments in which a requires-python is met.
    ///
    /// A universal run reads the lower bound, and upper ones only where they leave nothing of the project's environments; a run for a
    /// single environment reads the whole text.
    pub fn supported_python(&mut self, requires_python: &Arc<SpecifierSet>) -> Marker {
        let address = Arc::as_ptr(requires_python).addr();
        if let Some((_, marker)) = self.supported_at.get(&address) {
            return *marker;
        }
        let marker = match self.supported.get(requires_python) {
            Some(marker) => *marker,
            None if self.reads_upper_python => python_supported(requires_python),
            None => python_lower_bound(requires_python, self.installable),
        };
        let kept = Arc::clone(requires_python);
        self.supported.insert(Arc::clone(&kept), marker);
        self.supported_at.insert(address, (kept, marker));
        marker
    }
}
