//! The improvement of a solution: whether old picks can be had newer, and others are not staler for it.
//!
//! One old pick after the other, the stalest first, is asked for at a newer version, with everything else free to move, and the
//! solution that comes of it replaces the one before if it is less stale as a whole: first over the packages that the project
//! names, and where these are equal, over the others. So what the project names is never put back for something that it does not
//! name. No improvement takes a pre-release, and none puts a package of the others back to before its author added a bound: that would
//! not be better, it would only be unsaid. The search for it is bounded in what it asks for and in how long it tries. What an existing
//! lock has is neither improved nor moved.
//!
//! The search decides `a` first, and `a 3` binds `b` to a release that is two years old. With `a 2` both are a month behind at most:
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a", "b"]);
//! example.publish(700, "a 2", &["b"]).publish(730, "a 3", &["b<2"]);
//! example.publish(1, "b 1", &[]).publish(730, "b 2", &[]);
//! assert_eq!(example.locked(), ["a 2", "b 2"]);
//! ```
//!
//! Where the project does not name `b`, `a` is not put back for it:
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a"]);
//! example.publish(700, "a 2", &["b"]).publish(730, "a 3", &["b<2"]);
//! example.publish(1, "b 1", &[]).publish(730, "b 2", &[]);
//! assert_eq!(example.locked(), ["a 3", "b 1"]);
//! ```

mod attempt;
mod evasion;
mod goals;

use rustc_hash::{FxHashMap, FxHashSet};

use super::error::{ResolveError, unless_offline};
use super::search::{Search, Snapshot};
use super::solution::ForkSolution;
use super::staleness::Staleness;
use super::trace;
use crate::solver::{PackageId, Rank, RankSet};
use goals::Goals;

/// So many newer versions are asked for in a fork. Half and double of it change no lock of 25 projects, which are the corpus of the
/// other bounds too (2026-11-26: flask, jupyterlab, warehouse, zulip, the hard sets, applications such as superset and prefect).
const MOST_GOALS: usize = 48;

/// So many of one package of which the search set versions aside: enough to find by bisection where a long list stops working.
/// With half of it one lock of the corpus differs (boto3 beside an old urllib3), double changes none.
const MOST_GOALS_OF_SET_ASIDE: usize = 12;

/// So many of any other; half and double change no lock of the corpus.
const MOST_GOALS_OF_STALE: usize = 2;

/// The improvement of one fork's solution.
struct Improvement<'s, 'a, 'run> {
    search: &'s mut Search<'a, 'run>,
    /// The packages that requirements of the project itself name.
    named: FxHashSet<PackageId>,
    /// The newest version of each package that may be used in the fork.
    newest: FxHashMap<PackageId, Rank>,
    /// Packages of which the search set versions aside: these are looked at even if they are not stale.
    set_aside: Vec<PackageId>,
    /// The packages whose pick an existing lock has as well.
    locked: FxHashSet<PackageId>,
    goals_left: usize,
}

/// Replaces a solution by better ones as long as some are found.
///
/// # Errors
/// When the index does not answer and when the run is cancelled.
pub(super) fn improved(
    search: &mut Search<'_, '_>,
    first: ForkSolution,
) -> Result<ForkSolution, ResolveError> {
    if !search.run.improves || !search.run.selector.prefers_newest() {
        return Ok(first);
    }
    let solver = &search.solver;
    let set_aside = search
        .run
        .order
        .keep_set_aside(|package| solver.decision(package));
    let improvement = Improvement {
        named: named(search, &first),
        newest: FxHashMap::default(),
        set_aside,
        locked: locked(search, &first)?,
        goals_left: MOST_GOALS,
        search,
    };
    improvement.run(first)
}

/// The packages of a solution that the project itself requires.
fn named(search: &Search<'_, '_>, solution: &ForkSolution) -> FxHashSet<PackageId> {
    let chosen = solution.chosen.iter().map(|(package, _, _)| *package);
    chosen
        .filter(|package| !search.summary(*package).direct.is_false())
        .collect()
}

/// The packages whose pick an existing lock has as well.
fn locked(
    search: &mut Search<'_, '_>,
    solution: &ForkSolution,
) -> Result<FxHashSet<PackageId>, ResolveError> {
    let mut locked = FxHashSet::default();
    let environment = search.environment;
    for (package, rank, _) in &solution.chosen {
        if search.run.is_locked((*package, *rank), environment)? {
            locked.insert(*package);
        }
    }
    Ok(locked)
}

impl Improvement<'_, '_, '_> {
    fn run(mut self, first: ForkSolution) -> Result<ForkSolution, ResolveError> {
        let mut best = first;
        let mut seen = FxHashSet::default();
        while let Some((package, pick)) = self.stalest(&best, &seen)? {
            seen.insert(package);
            if self.search.run.unimprovable.contains(&(package, pick)) {
                continue;
            }
            let _improve = trace::improve(&self.search.run.catalog, package, pick);
            match self.improve(package, pick, &best)? {
                Some(better) => {
                    trace::improved(&self.search.run.catalog, package, (&best, &better));
                    best = better;
                }
                None => {
                    self.search.run.unimprovable.insert((package, pick));
                }
            }
            if self.goals_left == 0 {
                break;
            }
        }
        Ok(best)
    }

    /// Looks for the newest version of a package that makes a better solution, by bisection: requirements change rarely.
    fn improve(
        &mut self,
        package: PackageId,
        pick: Rank,
        first: &ForkSolution,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        let newest = self.newest.get(&package).copied().unwrap_or(pick);
        let newer = RankSet::between(pick + 1, newest + 1);
        let mut goals = Goals::new(self.search.usable(package, &newer, usize::MAX)?);
        let is_set_aside = self.set_aside.contains(&package);
        let most = if is_set_aside {
            MOST_GOALS_OF_SET_ASIDE
        } else {
            MOST_GOALS_OF_STALE
        };
        let mut found: Option<(ForkSolution, Snapshot)> = None;
        for _ in 0..most {
            let Some(goal) = goals.next().filter(|_| self.goals_left > 0) else {
                break;
            };
            if !is_set_aside && !unless_offline(self.may_be_lifted(package, goal))?.unwrap_or(false)
            {
                goals.failed();
                continue;
            }
            self.goals_left -= 1;
            let before = self.search.snapshot();
            let best = found.as_ref().map_or(first, |(best, _)| best);
            let mut better = None;
            match self.acceptable(package, goal, best)? {
                Some(other) => {
                    goals.worked();
                    if self.is_better(&other, best)? {
                        better = Some(other);
                    }
                }
                None => goals.failed(),
            }
            let after = self.search.exchange(before);
            if let Some(other) = better {
                found = Some((other, after));
            }
        }
        Ok(found.map(|(best, snapshot)| {
            self.search.exchange(snapshot);
            best
        }))
    }

    /// The solution with a package at this version or above, if one is found within the budget that evades no bound.
    fn acceptable(
        &mut self,
        package: PackageId,
        goal: Rank,
        best: &ForkSolution,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        let Some(other) = unless_offline(self.attempt(package, goal, best))?.flatten() else {
            return Ok(None);
        };
        let evades = evasion::evades_a_bound(self.search, (&other, best), &self.named);
        let is_acceptable = !unless_offline(evades)?.unwrap_or(true);
        Ok(is_acceptable.then_some(other))
    }

    /// The pick that is furthest behind, of those not seen yet.
    fn stalest(
        &mut self,
        solution: &ForkSolution,
        seen: &FxHashSet<PackageId>,
    ) -> Result<Option<(PackageId, Rank)>, ResolveError> {
        let mut stalest = None;
        for (package, rank, _) in &solution.chosen {
            if seen.contains(package) || self.locked.contains(package) {
                continue;
            }
            let staleness = self.staleness(*package, *rank)?;
            let is_set_aside = self.set_aside.contains(package);
            if staleness.is_none() || !(staleness.is_worth_a_search() || is_set_aside) {
                continue;
            }
            let name = self.search.run.catalog.key(*package).name;
            let is_named = self.named.contains(package);
            let key = (is_named, is_set_aside, staleness, std::cmp::Reverse(name));
            if stalest.as_ref().is_none_or(|(known, _)| key > *known) {
                stalest = Some((key, (*package, *rank)));
            }
        }
        Ok(stalest.map(|(_, pick)| pick))
    }

    /// Whether a solution is less stale than another, over the packages of both, and those that only it has: to do without a package
    /// is no gain. What the project names comes first.
    fn is_better(
        &mut self,
        solution: &ForkSolution,
        other: &ForkSolution,
    ) -> Result<bool, ResolveError> {
        let picks = other.picks();
        let (mut named, mut rest) = (Staleness::default(), Staleness::default());
        for (package, rank, _) in &solution.chosen {
            let is_named = self.named.contains(package);
            let more = if is_named { &mut named } else { &mut rest };
            *more = *more + self.staleness(*package, *rank)?;
            if let Some(rank) = picks.get(package) {
                *more = *more - self.staleness(*package, *rank)?;
            }
        }
        Ok((named, rest) < Default::default())
    }

    /// How far a pick is behind the newest version that the project itself allows and that may be used in the whole fork.
    fn staleness(&mut self, package: PackageId, rank: Rank) -> Result<Staleness, ResolveError> {
        let catalog = &mut self.search.run.catalog;
        let is_base = catalog.base(package) == package;
        if !is_base || !catalog.key(package).origin.is_on_an_index() {
            return Ok(Staleness::default());
        }
        let versions = catalog.versions(package)?;
        let newest = if let Some(newest) = self.newest.get(&package) {
            *newest
        } else {
            let above = RankSet::between(rank, versions.count());
            let usable = self.search.usable(package, &above, 1)?;
            let newest = usable.first().copied().unwrap_or(rank);
            self.newest.insert(package, newest);
            newest
        };
        Ok(Staleness::between(&versions, rank, newest))
    }
}
