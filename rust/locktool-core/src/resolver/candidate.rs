//! Which version of a package to try next: what is preferred among the versions that may be used.
//!
//! What an existing lock has comes first, then what other forks have under `fork-strategy = "fewest"`, then the newest version, or
//! the oldest, as the settings say.

use rustc_hash::FxHashMap;

use super::judge::{Judge, Prereleases};
use super::judgement::{CandidateQuery, Judgement, RequirementSummary};
use super::options::{Preferences, ResolveOptions};
use super::package::Versions;
use crate::manifest::{ForkStrategy, Manifest, ResolutionMode};
use crate::marker::{Marker, MarkerEnvironment};
use crate::name::PackageName;
use crate::solver::Rank;
use crate::version::Version;

/// What is selected.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Version(Rank),
    /// The choice differs inside and outside of this marker.
    Split(Marker),
    /// No version of the set may be used.
    Nothing,
}

/// The preferences of one run, over what the judge lets through.
pub(super) struct CandidateSelector<'run> {
    pub judge: Judge<'run>,
    manifest: &'run Manifest,
    options: &'run ResolveOptions,
    preferences: &'run Preferences,
    /// Versions to take in every fork in which they may be used.
    common: FxHashMap<PackageName, Version>,
}

impl<'run> CandidateSelector<'run> {
    pub fn new(
        manifest: &'run Manifest,
        options: &'run ResolveOptions,
        preferences: &'run Preferences,
    ) -> Self {
        Self {
            judge: Judge::new(manifest, options),
            manifest,
            options,
            preferences,
            common: FxHashMap::default(),
        }
    }

    /// Whether a package is to move to its best version before others are asked to stay.
    pub fn is_upgraded(&self, name: PackageName) -> bool {
        self.preferences.upgraded.contains(&name)
    }

    fn resolution_mode(&self) -> ResolutionMode {
        self.manifest.settings.resolution.unwrap_or_default()
    }

    fn fork_strategy(&self) -> ForkStrategy {
        self.manifest.settings.fork_strategy.unwrap_or_default()
    }

    /// Whether newer versions are better.
    pub fn prefers_newest(&self) -> bool {
        self.resolution_mode() == ResolutionMode::Highest
    }

    /// Whether one version for all environments is better than the newest for each.
    pub fn prefers_fewest(&self) -> bool {
        self.fork_strategy() == ForkStrategy::Fewest
    }

    /// Takes these versions wherever they may be used and the existing lock says nothing.
    pub fn prefer_in_all_forks(&mut self, versions: FxHashMap<PackageName, Version>) {
        self.common = versions;
    }

    /// Whether the oldest versions are better where the project requires a package itself, and only there. Requirements without a
    /// project (those of `compile`) are not split for it: what one of them asks for anywhere has one old pin.
    pub fn prefers_oldest_of_direct(&self) -> bool {
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

    /// The version to try.
    pub fn choose(&mut self, query: &CandidateQuery<'_>, versions: &Versions) -> Choice {
        if let Some(choice) = self.locked(query, versions) {
            return choice;
        }
        let common = self.common.get(&query.name).copied();
        if let Some(choice) = common.and_then(|version| self.kept(query, versions, version)) {
            return choice;
        }
        match self.resolution_mode() {
            ResolutionMode::Highest => self.choose_from(query, versions, false),
            ResolutionMode::Lowest => self.choose_from(query, versions, true),
            ResolutionMode::LowestDirect => self.choose_lowest_direct(query, versions),
        }
    }

    /// The lowest version where the project requires the package itself, the highest where only others do. What an extra or group
    /// requires counts for all: what is chosen with it keeps the versions of what is chosen without.
    fn choose_lowest_direct(&mut self, query: &CandidateQuery<'_>, versions: &Versions) -> Choice {
        let direct = query.summary.direct.without_memberships();
        if query.environment.is_disjoint(direct) {
            return self.choose_from(query, versions, false);
        }
        let lowest = self.choose_from(query, versions, true);
        let is_everywhere =
            !self.prefers_oldest_of_direct() || query.summary.needed.implies(direct);
        if is_everywhere || lowest == self.choose_from(query, versions, false) {
            return lowest;
        }
        Choice::Split(direct)
    }

    fn choose_from(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        lowest: bool,
    ) -> Choice {
        let count = versions.count();
        if lowest {
            let ranks = query.allowed.ascending(count);
            self.first_preferred(query, versions, ranks)
        } else {
            let ranks = query.allowed.descending(count);
            self.first_preferred(query, versions, ranks)
        }
    }

    /// The first version in this order that may be used, a final one where there is one.
    fn first_preferred(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        ranks: impl Iterator<Item = Rank> + Clone,
    ) -> Choice {
        if self.judge.prereleases(query) == Prereleases::Equal {
            return self.first_usable(query, versions, ranks);
        }
        let is_final = |rank: &Rank| !versions.ascending[*rank as usize].is_prerelease();
        let finals = ranks.clone().filter(is_final);
        match self.first_usable(query, versions, finals) {
            Choice::Nothing => self.first_usable(query, versions, ranks),
            choice => choice,
        }
    }

    /// The version that the existing lock has, where it still may be used.
    fn locked(&mut self, query: &CandidateQuery<'_>, versions: &Versions) -> Option<Choice> {
        let locked: Vec<(Version, Marker)> = self
            .preferences
            .of(query.name)
            .filter(|(_, marker)| !marker.is_disjoint(query.environment))
            .collect();
        if let [(_, first), rest @ ..] = &locked[..]
            && !rest.is_empty()
        {
            // The shortest condition that separates the entries: their whole markers also say where the package is needed, and
            // a fork that is cut along that sees requirements that never apply.
            let all = rest.iter().fold(*first, |all, (_, marker)| all.or(*marker));
            let cut = first.simplify(all);
            // Entries that overlap, as in a lock merged by hand, cannot be separated at some point.
            if !query.environment.is_disjoint(cut) && !query.environment.implies(cut) {
                return Some(Choice::Split(cut));
            }
        }
        let (version, _) = locked.first()?;
        self.kept(query, versions, *version)
    }

    /// A version that was chosen before, yanked since or not, where it still may be used.
    fn kept(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        version: Version,
    ) -> Option<Choice> {
        let position = versions.ascending.binary_search(&version).ok()?;
        let rank = Rank::try_from(position).ok()?;
        versions.listing.as_ref()?;
        let summary = RequirementSummary {
            pins_version: true,
            ..query.summary.clone()
        };
        let pinned = CandidateQuery {
            summary: &summary,
            ..*query
        };
        let is_usable = query.allowed.contains(rank)
            && self.judge.judge(&pinned, versions, rank) == Judgement::Usable;
        is_usable.then_some(Choice::Version(rank))
    }

    fn first_usable(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
        ranks: impl Iterator<Item = Rank>,
    ) -> Choice {
        let mut split = None;
        for rank in ranks {
            match self.judge.judge(query, versions, rank) {
                Judgement::Usable => return Choice::Version(rank),
                Judgement::Split(marker) if !self.prefers_fewest() => {
                    return Choice::Split(marker);
                }
                Judgement::Split(marker) => split = split.or(Some(marker)),
                Judgement::Rejected(_) => {}
            }
        }
        split.map_or(Choice::Nothing, Choice::Split)
    }

    /// The final versions of a set against which nothing speaks but the fork's environments, the newest first.
    pub fn considered(
        &self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
    ) -> impl Iterator<Item = Rank> {
        let descending = query.allowed.descending(versions.count());
        descending.filter(|rank| {
            !versions.ascending[*rank as usize].is_prerelease()
                && self.judge.release(query, versions, *rank).is_none()
        })
    }

    /// The versions of a set that are likely to be tried after one of them, in this order.
    pub fn after<'q>(
        &'q self,
        query: &'q CandidateQuery<'q>,
        versions: &'q Versions,
        rank: Rank,
    ) -> Box<dyn Iterator<Item = Rank> + 'q> {
        let with_prereleases = self.judge.prereleases(query) == Prereleases::Equal;
        let is_likely = move |rank: &Rank| {
            let is_prerelease = versions.ascending[*rank as usize].is_prerelease();
            (with_prereleases || !is_prerelease)
                && self.judge.release(query, versions, *rank).is_none()
        };
        let takes_lowest = match self.resolution_mode() {
            ResolutionMode::Highest => false,
            ResolutionMode::Lowest => true,
            ResolutionMode::LowestDirect => {
                let direct = query.summary.direct.without_memberships();
                !query.environment.is_disjoint(direct)
            }
        };
        if takes_lowest {
            let above = query.allowed.ascending(versions.count());
            return Box::new(above.filter(move |other| *other > rank).filter(is_likely));
        }
        Box::new(query.allowed.descending(rank).filter(is_likely))
    }

    /// The final versions of a set that may be used wherever the package is needed, the newest first.
    pub fn usable(
        &mut self,
        query: &CandidateQuery<'_>,
        versions: &Versions,
    ) -> impl Iterator<Item = Rank> {
        let descending = query.allowed.descending(versions.count());
        descending.filter(|rank| {
            !versions.ascending[*rank as usize].is_prerelease()
                && self.judge.judge(query, versions, *rank) == Judgement::Usable
        })
    }

    /// The highest version of a set against which nothing speaks but the fork's environments, to predict a choice.
    pub fn predict(&self, query: &CandidateQuery<'_>, versions: &Versions) -> Option<Rank> {
        let count = versions.count();
        let is_possible = |rank: &Rank| self.judge.release(query, versions, *rank).is_none();
        let is_final = |rank: &Rank| !versions.ascending[*rank as usize].is_prerelease();
        query
            .allowed
            .descending(count)
            .filter(is_final)
            .find(is_possible)
            .or_else(|| query.allowed.descending(count).find(is_possible))
    }
}
