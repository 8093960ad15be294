//! Which version of a package to try next: what may be used at all, and what is preferred among it.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::coverage::{Coverage, Service};
use super::package::Versions;
use super::{Preferences, ResolveOptions};
use crate::manifest::{
    ForkStrategy, Manifest, PrereleaseMode, ResolutionMode, python_lower_bound, python_supported,
};
use crate::marker::{Marker, MarkerEnvironment};
use crate::name::PackageName;
use crate::solver::{Rank, RankSet};
use crate::source::{Listing, Release};
use crate::version::{SpecifierSet, Version};

/// What the chooser says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Version(Rank),
    /// The answer differs inside and outside of this marker.
    Split(Marker),
    /// No version in the set may be used.
    Nothing,
}

/// Why a version is not chosen although the requirements allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Objection {
    Prerelease,
    Yanked,
    /// The cutoff hides it.
    Cutoff,
    /// It needs another Python than the environments that need it have.
    Python(Arc<SpecifierSet>),
    /// None of its files can be used there.
    Files,
}

/// What is asked of the chooser.
pub(super) struct Wish<'a> {
    pub name: PackageName,
    pub allowed: &'a RankSet,
    /// The environments of the fork.
    pub environment: Marker,
    pub demand: &'a Demand,
}

/// What the requirements on a package ask for, beside the versions that they leave together.
pub(super) struct Demand {
    /// The part of the fork in which the package is needed, as far as is known.
    pub region: Marker,
    /// Where a requirement of the project itself is among those that ask.
    pub direct: Marker,
    pub names_prerelease: bool,
    /// The project pins the version, which admits a yanked one.
    pub exact: bool,
    /// The versions that the project's own requirements allow.
    pub own: RankSet,
}

impl Demand {
    /// Asks for nothing but to serve a region.
    pub fn of_region(region: Marker) -> Self {
        Self {
            region,
            direct: Marker::FALSE,
            names_prerelease: false,
            exact: false,
            own: RankSet::full(),
        }
    }
}

/// How a version's requires-python stands to the environments that need it.
enum PythonFit {
    Everywhere,
    /// Only where the marker holds.
    Within(Marker),
    Nowhere,
}

/// The rules of one run, and what was locked before.
pub(super) struct Chooser<'run> {
    manifest: &'run Manifest,
    options: &'run ResolveOptions,
    preferences: &'run Preferences,
    /// The environments that may install the answer.
    installable: Marker,
    /// Versions to take wherever they may be used.
    everywhere: FxHashMap<PackageName, Version>,
    pythons: FxHashMap<SpecifierSet, Marker>,
}

impl<'run> Chooser<'run> {
    pub fn new(
        manifest: &'run Manifest,
        options: &'run ResolveOptions,
        preferences: &'run Preferences,
    ) -> Self {
        Self {
            manifest,
            options,
            preferences,
            installable: options.installable(manifest),
            everywhere: FxHashMap::default(),
            pythons: FxHashMap::default(),
        }
    }

    /// Whether a package is to move to its best version before others are asked to stay.
    pub fn is_to_move(&self, name: PackageName) -> bool {
        self.preferences.moving.contains(&name)
    }

    fn resolution_mode(&self) -> ResolutionMode {
        self.manifest.settings.resolution.unwrap_or_default()
    }

    /// Whether newer versions are better.
    pub fn prefers_newest(&self) -> bool {
        self.resolution_mode() == ResolutionMode::Highest
    }

    /// Whether one version for all environments is better than the newest for each.
    pub fn prefers_fewest(&self) -> bool {
        self.manifest.settings.fork_strategy.unwrap_or_default() == ForkStrategy::Fewest
    }

    /// Takes these versions wherever they may be used and the existing lock says nothing.
    pub fn prefer_everywhere(&mut self, versions: FxHashMap<PackageName, Version>) {
        self.everywhere = versions;
    }

    /// Whether the oldest versions are better where the project requires a package itself, and only there. Requirements without a
    /// project (those of `compile`) are not split for it: what one of them asks for anywhere has one old pin.
    pub fn prefers_oldest_of_own(&self) -> bool {
        let is_project = self
            .manifest
            .members
            .iter()
            .any(|member| member.name.is_some());
        is_project && self.resolution_mode() == ResolutionMode::LowestDirect
    }

    /// Whether an existing lock has this version for these environments.
    pub fn is_locked(&self, name: PackageName, version: Version, environment: Marker) -> bool {
        self.preferences
            .of(name)
            .any(|(locked, marker)| locked == version && !marker.is_disjoint(environment))
    }

    /// Where an existing lock has another version of a package, if it has this one elsewhere.
    pub fn locked_otherwise(&self, name: PackageName, version: Version) -> Marker {
        let entries = self.preferences.of(name);
        let (same, other): (Vec<_>, Vec<_>) = entries.partition(|(locked, _)| *locked == version);
        if same.is_empty() {
            return Marker::FALSE;
        }
        let markers = other.iter().map(|(_, marker)| *marker);
        markers.fold(Marker::FALSE, Marker::or)
    }

    /// The one environment of a run that is not universal.
    pub fn target(&self) -> Option<&MarkerEnvironment> {
        self.options.target.as_ref()
    }

    pub fn choose(&mut self, wish: &Wish<'_>, versions: &Versions) -> Choice {
        if let Some(choice) = self.preferred(wish, versions) {
            return choice;
        }
        let common = self.everywhere.get(&wish.name).copied();
        if let Some(choice) = common.and_then(|version| self.kept(wish, versions, version)) {
            return choice;
        }
        match self.resolution_mode() {
            ResolutionMode::Highest => self.choose_from(wish, versions, false),
            ResolutionMode::Lowest => self.choose_from(wish, versions, true),
            ResolutionMode::LowestDirect => self.choose_lowest_direct(wish, versions),
        }
    }

    /// The lowest version where the project requires the package itself, the highest where only others do. What an extra or group
    /// requires counts for all: what is chosen with it keeps the versions of what is chosen without.
    fn choose_lowest_direct(&mut self, wish: &Wish<'_>, versions: &Versions) -> Choice {
        let direct = wish.demand.direct.without_memberships();
        if wish.environment.is_disjoint(direct) {
            return self.choose_from(wish, versions, false);
        }
        let lowest = self.choose_from(wish, versions, true);
        let is_everywhere = !self.prefers_oldest_of_own() || wish.demand.region.implies(direct);
        if is_everywhere || lowest == self.choose_from(wish, versions, false) {
            return lowest;
        }
        Choice::Split(direct)
    }

    fn choose_from(&mut self, wish: &Wish<'_>, versions: &Versions, lowest: bool) -> Choice {
        let allowed = wish.allowed;
        let count = versions.count();
        let ranks: Vec<Rank> = if lowest {
            allowed.ascending(count).collect()
        } else {
            allowed.descending(count).collect()
        };
        let prereleases = self.prereleases(wish);
        let is_stable = |rank: &Rank| !versions.ascending[*rank as usize].is_prerelease();
        if prereleases == Prereleases::Equal {
            return self.first_that_fits(wish, versions, ranks.into_iter());
        }
        let stable = ranks.iter().copied().filter(is_stable);
        let choice = self.first_that_fits(wish, versions, stable);
        if choice != Choice::Nothing || prereleases == Prereleases::Never {
            return choice;
        }
        self.first_that_fits(wish, versions, ranks.into_iter())
    }

    /// The version that the existing lock has, where it still may be used.
    fn preferred(&mut self, wish: &Wish<'_>, versions: &Versions) -> Option<Choice> {
        let locked: Vec<(Version, Marker)> = self
            .preferences
            .of(wish.name)
            .filter(|(_, marker)| !marker.is_disjoint(wish.environment))
            .collect();
        if let [(_, first), rest @ ..] = &locked[..]
            && !rest.is_empty()
        {
            // The shortest condition that tells the entries apart: their whole markers also say where the package is needed, and
            // a fork that is cut along that sees requirements that never apply.
            let all = rest.iter().fold(*first, |all, (_, marker)| all.or(*marker));
            let cut = first.simplify(all);
            // Entries that overlap, as in a lock merged by hand, cannot be told apart at some point.
            if !wish.environment.is_disjoint(cut) && !wish.environment.implies(cut) {
                return Some(Choice::Split(cut));
            }
        }
        let (version, _) = locked.first()?;
        self.kept(wish, versions, *version)
    }

    /// A version that was chosen before, where it still may be used.
    fn kept(&mut self, wish: &Wish<'_>, versions: &Versions, version: Version) -> Option<Choice> {
        let place = versions.ascending.binary_search(&version).ok()?;
        let rank = Rank::try_from(place).ok()?;
        let listing = versions.listing.as_ref()?;
        let release = &listing.releases[place];
        let fits = matches!(self.python_fit(wish, release), PythonFit::Everywhere)
            && self.service(wish, versions, rank) == Service::Whole;
        let may_be = !version.is_prerelease() || self.prereleases(wish) != Prereleases::Never;
        let usable = !self.is_hidden(wish.name, listing, release)
            && self.has_files(wish.name, listing, rank);
        (wish.allowed.contains(rank) && usable && fits && may_be).then_some(Choice::Version(rank))
    }

    fn first_that_fits(
        &mut self,
        wish: &Wish<'_>,
        versions: &Versions,
        ranks: impl Iterator<Item = Rank>,
    ) -> Choice {
        let mut split = None;
        for rank in ranks {
            if !self.is_usable(wish, versions, rank) {
                continue;
            }
            let Some(listing) = &versions.listing else {
                return Choice::Version(rank);
            };
            let lacking = match self.python_fit(wish, &listing.releases[rank as usize]) {
                PythonFit::Everywhere => match self.service(wish, versions, rank) {
                    Service::Whole => return Choice::Version(rank),
                    Service::Without(marker) => marker,
                    Service::Nowhere => continue,
                },
                PythonFit::Within(marker) => marker,
                PythonFit::Nowhere => continue,
            };
            let strategy = self.manifest.settings.fork_strategy.unwrap_or_default();
            if strategy == ForkStrategy::RequiresPython {
                return Choice::Split(lacking);
            }
            split = split.or(Some(lacking));
        }
        split.map_or(Choice::Nothing, Choice::Split)
    }

    /// What speaks against a version of a set, to tell it to people.
    pub fn objection(
        &mut self,
        wish: &Wish<'_>,
        versions: &Versions,
        rank: Rank,
    ) -> Option<Objection> {
        let listing = versions.listing.as_ref()?;
        let release = &listing.releases[rank as usize];
        let never = self.prereleases(wish) == Prereleases::Never;
        if never && release.version.is_prerelease() {
            return Some(Objection::Prerelease);
        }
        if release.yanked && !wish.demand.exact {
            return Some(Objection::Yanked);
        }
        if self.is_hidden(wish.name, listing, release) {
            return Some(Objection::Cutoff);
        }
        if !self.has_files(wish.name, listing, rank) {
            return Some(Objection::Files);
        }
        match self.python_fit(wish, release) {
            PythonFit::Everywhere => {
                let is_nowhere = self.service(wish, versions, rank) == Service::Nowhere;
                is_nowhere.then_some(Objection::Files)
            }
            _ => release.requires_python.clone().map(Objection::Python),
        }
    }

    /// All final versions of a set that may be used, in the order of preference.
    pub fn usable(&self, wish: &Wish<'_>, versions: &Versions) -> Vec<Rank> {
        let usable = |rank: &Rank| {
            !versions.ascending[*rank as usize].is_prerelease()
                && self.is_usable(wish, versions, *rank)
        };
        wish.allowed
            .descending(versions.count())
            .filter(usable)
            .collect()
    }

    /// The final versions of a set that may be used wherever the package is needed, the newest first.
    pub fn fitting(&mut self, wish: &Wish<'_>, versions: &Versions) -> impl Iterator<Item = Rank> {
        let listing = versions.listing.as_ref();
        let descending = wish.allowed.descending(versions.count());
        descending.filter(move |rank| {
            let is_final = !versions.ascending[*rank as usize].is_prerelease();
            is_final
                && self.is_usable(wish, versions, *rank)
                && listing.is_none_or(|listing| {
                    let release = &listing.releases[*rank as usize];
                    matches!(self.python_fit(wish, release), PythonFit::Everywhere)
                })
                && self.service(wish, versions, *rank) == Service::Whole
        })
    }

    /// The highest version of a set that may be used anywhere in the fork, to foresee a choice.
    pub fn foresee(&self, wish: &Wish<'_>, versions: &Versions) -> Option<Rank> {
        let count = versions.count();
        let usable = |rank: &Rank| self.is_usable(wish, versions, *rank);
        let stable = |rank: &Rank| !versions.ascending[*rank as usize].is_prerelease();
        wish.allowed
            .descending(count)
            .filter(stable)
            .find(usable)
            .or_else(|| wish.allowed.descending(count).find(usable))
    }

    /// Final releases come first wherever there are some: a specifier that names a pre-release permits them, it does not ask for
    /// them.
    fn prereleases(&self, wish: &Wish<'_>) -> Prereleases {
        match (
            self.manifest.prerelease_of(wish.name),
            wish.demand.names_prerelease,
        ) {
            (PrereleaseMode::Allow, _) => Prereleases::Equal,
            (PrereleaseMode::Disallow, _) | (PrereleaseMode::Explicit, false) => Prereleases::Never,
            (PrereleaseMode::IfNecessary | PrereleaseMode::IfNecessaryOrExplicit, _)
            | (PrereleaseMode::Explicit, true) => Prereleases::Last,
        }
    }

    fn is_usable(&self, wish: &Wish<'_>, versions: &Versions, rank: Rank) -> bool {
        let Some(listing) = &versions.listing else {
            return true;
        };
        let release = &listing.releases[rank as usize];
        (!release.yanked || wish.demand.exact)
            && !self.is_hidden(wish.name, listing, release)
            && self.has_files(wish.name, listing, rank)
    }

    /// Whether the cutoff hides the release. What has no upload time cannot be shown to be old enough, and is hidden too.
    fn is_hidden(&self, name: PackageName, listing: &Listing, release: &Release) -> bool {
        self.coverage().cutoff(name, listing).is_some_and(|cutoff| {
            release
                .upload_time
                .is_none_or(|uploaded| uploaded >= cutoff)
        })
    }

    /// Whether some file of the release can be installed in some environment of the project. Which environments a fork has says
    /// nothing of it: an unrelated fork would change the version of a package.
    fn has_files(&self, name: PackageName, listing: &Listing, rank: Rank) -> bool {
        let covered = self.coverage().environments(name, listing, rank);
        !covered.is_disjoint(self.installable)
    }

    /// What may be used of the files of releases.
    pub fn coverage(&self) -> Coverage<'run> {
        Coverage {
            manifest: self.manifest,
        }
    }

    /// Whether a version serves all environments that need it and that a platform can tell apart.
    fn service(&self, wish: &Wish<'_>, versions: &Versions, rank: Rank) -> Service {
        let Some(listing) = &versions.listing else {
            return Service::Whole;
        };
        let coverage = self.coverage();
        let needed = (wish.environment, wish.demand.region);
        match coverage.of_required(wish.name, (listing, rank), needed) {
            Service::Whole => {
                coverage.of_local(wish.name, (versions, rank), wish.allowed, wish.environment)
            }
            lacking => lacking,
        }
    }

    fn python_fit(&mut self, wish: &Wish<'_>, release: &Release) -> PythonFit {
        let Some(requires_python) = &release.requires_python else {
            return PythonFit::Everywhere;
        };
        let supported = self.supported_python(requires_python);
        if wish.demand.region.implies(supported) {
            PythonFit::Everywhere
        } else if wish.environment.is_disjoint(supported) {
            PythonFit::Nowhere
        } else {
            PythonFit::Within(supported)
        }
    }

    /// The environments in which a requires-python is met.
    ///
    /// A universal run reads the lower bound, and upper ones only where they leave nothing of the project's environments; a run for a
    /// single environment reads the whole text.
    pub fn supported_python(&mut self, requires_python: &SpecifierSet) -> Marker {
        if let Some(marker) = self.pythons.get(requires_python) {
            return *marker;
        }
        let reads_whole = self.options.target.is_some() || self.options.reads_upper_python;
        let marker = if reads_whole {
            python_supported(requires_python)
        } else {
            python_lower_bound(requires_python, self.installable)
        };
        self.pythons.insert(requires_python.clone(), marker);
        marker
    }
}

/// How pre-releases stand to final releases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prereleases {
    Never,
    Last,
    Equal,
}
