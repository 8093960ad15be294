//! The exchange pass: whether old picks of a solution can be had newer for a small loss elsewhere.
//!
//! One old pick after the other, the oldest first, is asked for at a newer version, with everything else free to move, and the
//! solution that comes of it replaces the one before if it loses less as a whole: first over the packages that the project
//! names, and where these lose the same, over the others. So what the project names is never put back for something that it does not
//! name. No exchange takes a pre-release, and none puts a package of the others back to before its author added a bound: that would
//! not be better, it would only be unsaid. The pass is bounded in what it asks for and in how long it tries. What an existing lock holds
//! is neither exchanged nor moved.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::ResolveError;
use super::super::candidate::Wish;
use super::super::loss::Loss;
use super::super::package::Versions;
use super::super::quality::Order;
use super::bargain::Bargain;
use super::{End, Fork, ForkSolution};
use crate::marker::Marker;
use crate::solver::{Cause, Incompatibility, PackageId, Rank, RankSet, Solver};
use crate::source::SourceError;

/// So many newer versions are asked for in a fork.
const MOST_GOALS: usize = 48;

/// So many of one package of which the search set versions aside: enough to find by bisection where a long list stops working.
const MOST_GOALS_OF_HELD: usize = 12;

/// So many of any other.
const MOST_GOALS_OF_OLD: usize = 2;

/// So many more tries than there are packages a search for a better solution may take.
const MOST_DETOURS: usize = 64;

/// The same where only one old pick is at stake.
const FEW_DETOURS: usize = 24;

/// The state of a search to come back to.
struct Saved {
    solver: Solver,
    order: Order,
    given: FxHashSet<(PackageId, Rank, usize)>,
    reach: FxHashMap<PackageId, Marker>,
}

/// The versions to ask for, the newest first: the newest of all, and then the one in the middle between what works and what
/// does not.
struct Goals {
    left: Vec<Rank>,
    place: usize,
}

impl Goals {
    fn new(newest_first: Vec<Rank>) -> Self {
        Self {
            left: newest_first,
            place: 0,
        }
    }

    fn next(&self) -> Option<Rank> {
        self.left.get(self.place).copied()
    }

    fn worked(&mut self) {
        self.left.truncate(self.place);
        self.place = self.left.len() / 2;
    }

    fn failed(&mut self) {
        self.left.drain(..=self.place);
        self.place = self.left.len() / 2;
    }
}

/// What the pass knows of a fork.
struct Exchange {
    /// The packages that requirements of the project itself name.
    named: FxHashSet<PackageId>,
    /// The newest version of each package that may be used in the fork.
    newest: FxHashMap<PackageId, Rank>,
    /// Packages of which the search set versions aside: these are looked at even if they are not old.
    held: Vec<PackageId>,
    /// The picks that an existing lock has as well.
    kept: FxHashSet<PackageId>,
    goals_left: usize,
}

/// An answer, or nothing where it takes what an offline run does not have: that is not exchanged.
fn at_hand<T>(answer: Result<T, ResolveError>) -> Result<Option<T>, ResolveError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ResolveError::Source(SourceError::Offline { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Fork<'_, '_> {
    /// Replaces a solution by better ones as long as some are found.
    pub(super) fn exchange_old_picks(
        &mut self,
        first: ForkSolution,
    ) -> Result<ForkSolution, ResolveError> {
        if self.shared.without_quality_pass || !self.shared.chooser.prefers_newest() {
            return Ok(first);
        }
        let solver = &self.solver;
        let held = self.shared.order.hold(|package| solver.decision(package));
        let mut exchange = Exchange {
            named: self.named(&first),
            newest: FxHashMap::default(),
            held,
            kept: self.kept(&first)?,
            goals_left: MOST_GOALS,
        };
        let mut best = first;
        let mut seen = FxHashSet::default();
        while let Some((package, pick)) = self.oldest(&best, &seen, &mut exchange)? {
            seen.insert(package);
            if self.shared.exchanged.contains(&(package, pick)) {
                continue;
            }
            match self.exchange(package, pick, &best, &mut exchange)? {
                Some(better) => best = better,
                None => {
                    self.shared.exchanged.insert((package, pick));
                }
            }
            if exchange.goals_left == 0 {
                break;
            }
        }
        Ok(best)
    }

    /// Looks for the newest version of a package that makes a better solution, by bisection: requirements change rarely.
    fn exchange(
        &mut self,
        package: PackageId,
        pick: Rank,
        first: &ForkSolution,
        exchange: &mut Exchange,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        let newest = exchange.newest.get(&package).copied().unwrap_or(pick);
        let newer = RankSet::between(pick + 1, newest + 1);
        let mut goals = Goals::new(self.fitting(package, &newer, usize::MAX)?);
        let is_held = exchange.held.contains(&package);
        let most = if is_held {
            MOST_GOALS_OF_HELD
        } else {
            MOST_GOALS_OF_OLD
        };
        let mut found: Option<(ForkSolution, Saved)> = None;
        for _ in 0..most {
            let Some(goal) = goals.next().filter(|_| exchange.goals_left > 0) else {
                break;
            };
            let may_be = is_held
                || at_hand(self.may_be_lifted(package, goal, &exchange.kept))?.unwrap_or(false);
            if !may_be {
                goals.failed();
                continue;
            }
            exchange.goals_left -= 1;
            let before = self.save();
            let best = found.as_ref().map_or(first, |(best, _)| best);
            match at_hand(self.attempt(package, goal, best, exchange))?.flatten() {
                Some(other)
                    if !at_hand(self.evades_a_bound(&other, best, &exchange.named))?
                        .unwrap_or(true) =>
                {
                    goals.worked();
                    if self.is_better(&other, best, exchange)? {
                        found = Some((other, self.save()));
                    }
                }
                _ => goals.failed(),
            }
            self.restore(before);
        }
        Ok(found.map(|(best, saved)| {
            self.restore(saved);
            best
        }))
    }

    /// The solution with a package at this version or above, if one is found for what may be given up.
    fn attempt(
        &mut self,
        package: PackageId,
        goal: Rank,
        best: &ForkSolution,
        exchange: &Exchange,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        self.solver.add(Incompatibility::unusable(
            package,
            RankSet::between(0, goal),
            Cause::NoVersions,
        ));
        self.shared.order.hold_at(package, goal);
        let picks = best.picks();
        let versions = self.shared.catalog.versions(package)?;
        let is_held = exchange.held.contains(&package);
        let gain = (!is_held).then(|| self.loss_between(package, &versions, picks[&package], goal));
        self.bargain = Some(Bargain {
            goal: (package, goal),
            gain,
            picks,
            named: exchange.named.clone(),
            kept: exchange.kept.clone(),
        });
        let detours = if is_held { MOST_DETOURS } else { FEW_DETOURS };
        let most_tries = best.chosen.len() + detours;
        let end = self.search(package, most_tries);
        self.bargain = None;
        Ok(match end? {
            End::Solved(solution) if solution.picks().contains_key(&package) => Some(solution),
            _ => None,
        })
    }

    /// The pick that is furthest behind, of those not seen yet.
    fn oldest(
        &mut self,
        solution: &ForkSolution,
        seen: &FxHashSet<PackageId>,
        exchange: &mut Exchange,
    ) -> Result<Option<(PackageId, Rank)>, ResolveError> {
        let mut oldest = None;
        for (package, rank, _) in &solution.chosen {
            if seen.contains(package) || exchange.kept.contains(package) {
                continue;
            }
            let loss = self.loss(*package, *rank, exchange)?;
            let is_held = exchange.held.contains(package);
            if loss.is_none() || !(loss.is_old() || is_held) {
                continue;
            }
            let name = self.shared.catalog.key(*package).name;
            let is_named = exchange.named.contains(package);
            let place = (is_named, is_held, loss, std::cmp::Reverse(name));
            if oldest.as_ref().is_none_or(|(known, _)| place > *known) {
                oldest = Some((place, (*package, *rank)));
            }
        }
        Ok(oldest.map(|(_, pick)| pick))
    }

    /// Whether a solution loses less than another, over the packages of both, and those that only it has: to do without a package
    /// is no gain. What the project names comes first.
    fn is_better(
        &mut self,
        solution: &ForkSolution,
        other: &ForkSolution,
        exchange: &mut Exchange,
    ) -> Result<bool, ResolveError> {
        let picks = other.picks();
        let (mut named, mut rest) = (Loss::default(), Loss::default());
        for (package, rank, _) in &solution.chosen {
            let is_named = exchange.named.contains(package);
            let more = if is_named { &mut named } else { &mut rest };
            *more = *more + self.loss(*package, *rank, exchange)?;
            if let Some(rank) = picks.get(package) {
                *more = *more - self.loss(*package, *rank, exchange)?;
            }
        }
        Ok((named, rest) < Default::default())
    }

    /// What a pick loses against the newest version that the project itself allows and that may be used in the whole fork.
    fn loss(
        &mut self,
        package: PackageId,
        rank: Rank,
        exchange: &mut Exchange,
    ) -> Result<Loss, ResolveError> {
        let is_base = self.shared.catalog.base(package) == package;
        if !is_base || !self.shared.catalog.key(package).origin.is_on_an_index() {
            return Ok(Loss::default());
        }
        let versions = self.shared.catalog.versions(package)?;
        let newest = if let Some(newest) = exchange.newest.get(&package) {
            *newest
        } else {
            let above = RankSet::between(rank, versions.count());
            let fitting = self.fitting(package, &above, 1)?;
            let newest = fitting.first().copied().unwrap_or(rank);
            exchange.newest.insert(package, newest);
            newest
        };
        Ok(self.loss_between(package, &versions, rank, newest))
    }

    /// What a pick loses against another, among the versions that may be required.
    pub(super) fn loss_between(
        &self,
        package: PackageId,
        versions: &Versions,
        pick: Rank,
        newest: Rank,
    ) -> Loss {
        let within = self.shared.expander.within(package);
        Loss::between(versions, &within, pick, newest)
    }

    /// The versions of a package in a range that may take the place of a pick, the newest first.
    pub(super) fn fitting(
        &mut self,
        package: PackageId,
        range: &RankSet,
        most: usize,
    ) -> Result<Vec<Rank>, ResolveError> {
        let Some(name) = self.shared.catalog.key(package).name else {
            return Ok(Vec::new());
        };
        let versions = self.shared.catalog.versions(package)?;
        let demand = self.demand(package);
        let within = self.shared.expander.within(package);
        let allowed = range.intersection(&demand.own).intersection(&within);
        let wish = Wish {
            name,
            allowed: &allowed,
            environment: self.environment,
            demand: &demand,
        };
        let fitting = self.shared.chooser.fitting(&wish, &versions);
        Ok(fitting.take(most).collect())
    }

    /// The packages of a solution that the project itself requires.
    fn named(&self, solution: &ForkSolution) -> FxHashSet<PackageId> {
        let chosen = solution.chosen.iter().map(|(package, _, _)| *package);
        chosen
            .filter(|package| !self.demand(*package).direct.is_false())
            .collect()
    }

    /// The picks that an existing lock has as well.
    fn kept(&mut self, solution: &ForkSolution) -> Result<FxHashSet<PackageId>, ResolveError> {
        let mut kept = FxHashSet::default();
        for (package, rank, _) in &solution.chosen {
            let versions = self.shared.catalog.versions(*package)?;
            let (Some(name), Some(version)) = (
                self.shared.catalog.key(*package).name,
                versions.ascending.get(*rank as usize),
            ) else {
                continue;
            };
            if self
                .shared
                .chooser
                .is_locked(name, *version, self.environment)
            {
                kept.insert(*package);
            }
        }
        Ok(kept)
    }

    fn save(&self) -> Saved {
        Saved {
            solver: self.solver.clone(),
            order: self.shared.order.clone(),
            given: self.given.clone(),
            reach: self.reach.clone(),
        }
    }

    fn restore(&mut self, saved: Saved) {
        self.solver = saved.solver;
        *self.shared.order = saved.order;
        self.given = saved.given;
        self.reach = saved.reach;
    }
}
