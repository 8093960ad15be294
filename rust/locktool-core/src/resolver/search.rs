//! One fork: the search for a solution in one set of environments.
//!
//! A requirement whose marker holds somewhere the requiring package is needed counts as if it held everywhere. Where that is too
//! strict the fork ends with the marker to split at: when two requirements of one version lead to different picks, when a
//! candidate needs a newer Python than some environments have, and when a failure rests on markers that exclude each other.
//! Where a package turns out to be needed in more environments than was known when it was decided, the requirements that
//! then apply are added and the search goes on.

mod apart;
mod bargain;
mod completion;
mod direct;
mod diverging;
mod exchange;
mod proof;
mod upgrade;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ResolveError;
use super::candidate::{Choice, Chooser, Demand, Wish};
use super::dependency::{Edge, Expander};
use super::explain::Failure;
use super::package::{Catalog, ROOT, Versions};
use super::quality::{Order, Turn};
use crate::marker::{Marker, Membership};
use crate::solver::{
    Cause, Conflict, Incompatibility, IncompatibilityId, PackageId, Rank, RankSet, Solver,
};
use crate::source::{PackageSource, Progress};
use bargain::Bargain;

/// How many alternatives are fetched ahead at most.
const MOST_AHEAD: usize = 16;

/// How a fork ends.
pub(super) enum Outcome {
    Solved(ForkSolution),
    /// Inside and outside of this marker are to be solved apart.
    Split(Marker),
    Failed(Box<Failure>),
}

/// How a search ends.
enum End {
    Solved(ForkSolution),
    Split(Marker),
    Failed(IncompatibilityId),
    /// What it was given to spend is used up.
    Spent,
}

/// The chosen versions of a fork, and where each is needed.
pub(super) struct ForkSolution {
    pub environment: Marker,
    /// Every chosen package, packages with extras included, with its rank and the environments that need it.
    pub chosen: Vec<(PackageId, Rank, Marker)>,
}

impl ForkSolution {
    fn picks(&self) -> FxHashMap<PackageId, Rank> {
        let picks = self.chosen.iter();
        picks.map(|(package, rank, _)| (*package, *rank)).collect()
    }
}

/// A requirement in force, seen from its target.
struct Incoming {
    package: PackageId,
    rank: Rank,
    edge: Edge,
}

/// What the rooms of a run share across its forks.
pub(super) struct Shared<'a, 'run> {
    pub catalog: &'a mut Catalog<'run>,
    pub expander: &'a mut Expander<'run>,
    pub chooser: &'a mut Chooser<'run>,
    pub source: &'run dyn PackageSource,
    pub progress: &'run Progress,
    /// Extras and groups that conflict with others.
    pub items: &'run [Membership],
    /// Counts the versions that were tried.
    pub tries: &'a mut usize,
    /// A search that goes beyond so many of them ends as cancelled.
    pub most_tries: usize,
    /// What the conflicts of the forks so far have taught.
    pub order: &'a mut Order,
    pub met: &'a mut Met,
    /// Old picks for which some fork found nothing better.
    pub exchanged: &'a mut FxHashSet<(PackageId, Rank)>,
    pub without_quality_pass: bool,
}

/// What of an index may have shaped the forks.
#[derive(Default)]
pub(super) struct Met {
    /// Versions that were tried or compared.
    pub versions: FxHashSet<(PackageId, Rank)>,
    /// A fork was split elsewhere than at an extra or a group of a conflict: for a version that may be used nowhere.
    pub is_split: bool,
}

impl<'run> Shared<'_, 'run> {
    /// The same rooms for a shorter while.
    pub fn lend(&mut self) -> Shared<'_, 'run> {
        Shared {
            catalog: self.catalog,
            expander: self.expander,
            chooser: self.chooser,
            tries: self.tries,
            order: self.order,
            met: self.met,
            exchanged: self.exchanged,
            ..*self
        }
    }
}

pub(super) struct Fork<'a, 'run> {
    shared: Shared<'a, 'run>,
    environment: Marker,
    solver: Solver,
    incoming: FxHashMap<PackageId, Vec<Incoming>>,
    /// Where decided packages are needed, as far as was known when they were decided.
    reach: FxHashMap<PackageId, Marker>,
    /// Why versions were rejected, by the number in their cause.
    reasons: Vec<Arc<str>>,
    /// How often a version of the package was tried.
    tries: FxHashMap<PackageId, u32>,
    /// The edges that the solver knows, by version and place.
    given: FxHashSet<(PackageId, Rank, usize)>,
    /// The packages to move that have come up.
    led: FxHashSet<PackageId>,
    /// What a search for a better solution may give up for it.
    bargain: Option<Bargain>,
}

impl<'a, 'run> Fork<'a, 'run> {
    pub fn new(shared: Shared<'a, 'run>, environment: Marker) -> Self {
        shared.order.begin_fork();
        Self {
            shared,
            environment,
            solver: Solver::new(ROOT),
            incoming: FxHashMap::default(),
            reach: FxHashMap::from_iter([(ROOT, environment)]),
            reasons: Vec::new(),
            tries: FxHashMap::default(),
            given: FxHashSet::default(),
            led: FxHashSet::default(),
            bargain: None,
        }
    }

    pub fn solve(mut self) -> Result<Outcome, ResolveError> {
        match self.search(ROOT, usize::MAX)? {
            End::Solved(solution) => Ok(Outcome::Solved(self.exchange_old_picks(solution)?)),
            End::Split(marker) => Ok(Outcome::Split(marker)),
            End::Failed(terminal) => Ok(self.fail(terminal)),
            End::Spent => Err(ResolveError::Cancelled),
        }
    }

    /// Searches on, from a package about which something was learned, for at most so many tries.
    fn search(&mut self, start: PackageId, most_tries: usize) -> Result<End, ResolveError> {
        let most_tries = self
            .shared
            .most_tries
            .min(self.shared.tries.saturating_add(most_tries));
        let mut next = start;
        loop {
            if !self.shared.progress.may_step() {
                return Err(ResolveError::Cancelled);
            }
            if *self.shared.tries > most_tries {
                return Ok(End::Spent);
            }
            if let Err(terminal) = self.solver.propagate(next) {
                return Ok(End::Failed(terminal));
            }
            let Some((package, allowed)) = self.pick() else {
                if let Some(end) = self.finish()? {
                    return Ok(end);
                }
                next = ROOT;
                continue;
            };
            if self.takes_the_lead(package) {
                self.solver.restart();
                next = ROOT;
                continue;
            }
            if let Some(end) = self.step(package, &allowed)? {
                return Ok(end);
            }
            next = package;
        }
    }

    /// The package to decide next: extras of decided packages, then local ones, those that conflicts promoted, pinned ones,
    /// and the rest in the order they were first required.
    fn pick(&self) -> Option<(PackageId, RankSet)> {
        self.solver
            .undecided()
            .min_by_key(|(package, allowed)| self.priority(*package, allowed))
            .map(|(package, allowed)| (package, allowed.clone()))
    }

    fn priority(&self, package: PackageId, allowed: &RankSet) -> (u8, i64) {
        let key = self.shared.catalog.key(package);
        if key.extra.is_some() {
            let base = self.shared.catalog.base(package);
            return match self.solver.decision(base) {
                Some(_) => (0, 0),
                None => (9, 0),
            };
        }
        if !key.origin.is_on_an_index() {
            return (1, 0);
        }
        if let Some(promotion) = self.shared.order.promotion(package) {
            return (2, promotion);
        }
        if allowed.as_singleton().is_some() {
            return (3, 0);
        }
        (4, 0)
    }

    /// Tries a version of the package, unless the search ends there.
    fn step(&mut self, package: PackageId, allowed: &RankSet) -> Result<Option<End>, ResolveError> {
        if self.shared.catalog.base(package) != package {
            return self.step_extra(package, allowed);
        }
        let versions = self.shared.catalog.versions(package)?;
        match self.choose(package, allowed, &versions) {
            Choice::Split(marker) => Ok(Some(End::Split(marker))),
            Choice::Nothing => {
                self.solver.add(Incompatibility::unusable(
                    package,
                    allowed.clone(),
                    Cause::NoVersions,
                ));
                Ok(None)
            }
            Choice::Version(rank) if self.is_too_dear(package, rank, &versions) => {
                Ok(Some(End::Spent))
            }
            Choice::Version(rank) => {
                self.prefetch_alternatives(package, allowed, &versions, rank);
                self.try_version(package, rank)
            }
        }
    }

    /// A package with an extra has the version of the package itself.
    fn step_extra(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
    ) -> Result<Option<End>, ResolveError> {
        let base = self.shared.catalog.base(package);
        match self.solver.decision(base) {
            Some(rank) if allowed.contains(rank) => self.try_version(package, rank),
            _ => {
                self.solver.add(Incompatibility::dependency(
                    package,
                    allowed.clone(),
                    base,
                    allowed,
                ));
                Ok(None)
            }
        }
    }

    fn choose(&mut self, package: PackageId, allowed: &RankSet, versions: &Versions) -> Choice {
        let key = self.shared.catalog.key(package);
        let (Some(name), true) = (key.name, key.origin.is_published()) else {
            return match allowed.ascending(versions.count()).next() {
                Some(rank) => Choice::Version(rank),
                None => Choice::Nothing,
            };
        };
        let demand = self.demand(package);
        let wish = Wish {
            name,
            allowed,
            environment: self.environment,
            demand: &demand,
        };
        self.reach.insert(package, demand.region);
        if !self.shared.order.watches(package) {
            return self.shared.chooser.choose(&wish, versions);
        }
        let usable = self.shared.chooser.usable(&wish, versions);
        let limit = match self.shared.order.place(package, &usable) {
            Some(rank) => RankSet::between(0, rank + 1),
            None => RankSet::full(),
        };
        let narrowed = Wish {
            allowed: &allowed.intersection(&limit),
            ..wish
        };
        match self.shared.chooser.choose(&narrowed, versions) {
            // Stepping back says nothing of the versions that were set aside.
            Choice::Nothing => self.shared.chooser.choose(&wish, versions),
            choice => choice,
        }
    }

    /// What the requirements in force ask of a package, beside the versions.
    fn demand(&self, package: PackageId) -> Demand {
        let mut demand = Demand::of_region(Marker::FALSE);
        for incoming in self.incoming.get(&package).into_iter().flatten() {
            if self.solver.decision(incoming.package) != Some(incoming.rank) {
                continue;
            }
            let from = self.where_required(incoming.package);
            demand.region = demand.region.or(from.and(incoming.edge.marker));
            let key = self.shared.catalog.key(incoming.package);
            let is_own = !key.origin.is_published();
            if is_own {
                demand.own = demand.own.intersection(&incoming.edge.allowed);
            }
            if is_own {
                demand.direct = demand.direct.or(from.and(incoming.edge.marker));
            }
            demand.names_prerelease |= incoming.edge.names_prerelease;
            demand.exact |= incoming.edge.exact;
        }
        demand.region = demand.region.and(self.environment);
        if demand.region.is_false() {
            demand.region = self.environment;
        }
        demand
    }

    /// Where a package is needed, as far as is known.
    fn where_required(&self, package: PackageId) -> Marker {
        let reach = self.reach.get(&package).copied();
        reach.unwrap_or(self.environment)
    }

    fn try_version(&mut self, package: PackageId, rank: Rank) -> Result<Option<End>, ResolveError> {
        *self.shared.tries += 1;
        let base = self.shared.catalog.base(package);
        self.shared.met.versions.insert((base, rank));
        let edges = match self
            .shared
            .expander
            .edges(self.shared.catalog, package, rank)?
        {
            Ok(edges) => edges,
            Err(reason) => {
                let number = u32::try_from(self.reasons.len()).unwrap_or(u32::MAX);
                self.reasons.push(reason);
                self.solver.add(Incompatibility::unusable(
                    package,
                    RankSet::singleton(rank),
                    Cause::Rejected(number),
                ));
                return Ok(None);
            }
        };
        if package != self.shared.catalog.base(package) {
            let reach = self.reach_of_extra(package);
            self.reach.insert(package, reach);
        }
        let region = self.where_required(package);
        let mut active: Vec<&Edge> = Vec::with_capacity(edges.len());
        for (place, edge) in edges.iter().enumerate() {
            let key = (package, rank, place);
            if self.given.contains(&key) || !edge.marker.is_disjoint(region) {
                self.given.insert(key);
                active.push(edge);
            }
        }
        if let Some(marker) = self.diverging(&active)? {
            return Ok(Some(End::Split(marker)));
        }
        let targets: Vec<(PackageId, RankSet)> = active
            .iter()
            .map(|edge| (edge.target, edge.allowed.clone()))
            .collect();
        for edge in &active {
            self.note_incoming(package, rank, edge);
        }
        if let Some(conflict) = self.solver.try_version(package, rank, &targets) {
            if let Some(marker) = self.never_together(conflict, &active) {
                return Ok(Some(End::Split(marker)));
            }
            self.learn(conflict);
        }
        Ok(None)
    }

    fn note_incoming(&mut self, package: PackageId, rank: Rank, edge: &Edge) {
        let incoming = self.incoming.entry(edge.target).or_default();
        let known = incoming.iter().any(|other| {
            other.package == package
                && other.rank == rank
                && other.edge.allowed == edge.allowed
                && other.edge.marker == edge.marker
        });
        if !known {
            incoming.push(Incoming {
                package,
                rank,
                edge: edge.clone(),
            });
        }
    }

    fn reach_of_extra(&self, package: PackageId) -> Marker {
        self.incoming
            .get(&package)
            .into_iter()
            .flatten()
            .filter(|incoming| self.solver.decision(incoming.package) == Some(incoming.rank))
            .map(|incoming| {
                self.where_required(incoming.package)
                    .and(incoming.edge.marker)
            })
            .fold(Marker::FALSE, Marker::or)
    }

    fn learn(&mut self, conflict: Conflict) {
        let base = self.shared.catalog.base(conflict.rejected);
        let culprit = self.shared.catalog.base(conflict.culprit);
        let conflict = Conflict {
            rejected: base,
            culprit,
        };
        if base == culprit || self.shared.without_quality_pass {
            return;
        }
        let mut turn = self.shared.order.record(conflict);
        if turn == Turn::Stay {
            return;
        }
        if turn == Turn::StepBack {
            let holders = self.requirers(culprit, base);
            if self.shared.order.take_turns(conflict, &holders) {
                turn = Turn::Promote;
            }
        }
        let requirers = self.requirers(base, culprit);
        let packages: Vec<PackageId> = requirers.iter().map(|(package, _)| *package).collect();
        let is_turned = match turn {
            Turn::Promote => {
                self.shared.order.promote(base, &packages);
                true
            }
            _ => requirers.iter().fold(false, |any, (package, rank)| {
                self.shared.order.suspect(*package, *rank) || any
            }),
        };
        if is_turned {
            self.solver.restart();
        } else {
            self.shared.order.be_patient(conflict);
        }
    }

    /// The decided packages of the indexes that require a package.
    fn requirers(&self, package: PackageId, culprit: PackageId) -> Vec<(PackageId, Rank)> {
        let mut requirers: Vec<(PackageId, Rank)> = self
            .incoming
            .get(&package)
            .into_iter()
            .flatten()
            .filter(|incoming| self.solver.decision(incoming.package) == Some(incoming.rank))
            .map(|incoming| (self.shared.catalog.base(incoming.package), incoming.rank))
            .filter(|(requirer, _)| *requirer != package && *requirer != culprit)
            .filter(|(requirer, _)| {
                let origin = &self.shared.catalog.key(*requirer).origin;
                origin.is_on_an_index()
            })
            .collect();
        requirers.sort_unstable();
        requirers.dedup();
        requirers
    }

    /// When one version after the other is turned down, the metadata of those that come next is fetched ahead.
    fn prefetch_alternatives(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
        versions: &Versions,
        rank: Rank,
    ) {
        let tries = self.tries.entry(package).or_default();
        *tries += 1;
        if *tries < 3 || !tries.is_power_of_two() {
            return;
        }
        let Some(listing) = &versions.listing else {
            return;
        };
        let ahead = (*tries as usize).min(MOST_AHEAD);
        // Reading a source distribution ahead could mean building it.
        let is_cheap = |rank: &Rank| {
            let release = &listing.releases[*rank as usize];
            release.has_wheel && !release.version.is_prerelease()
        };
        for next in allowed.descending(rank).filter(is_cheap).take(ahead) {
            self.shared.source.prefetch_metadata(listing, next as usize);
        }
    }
}
