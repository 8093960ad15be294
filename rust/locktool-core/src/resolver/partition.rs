//! Which environments are solved apart: from one fork for all of them to solutions that cover them.
//!
//! A fork that names a marker is split there. Where requirements split it, its environments are also solved without the package that
//! they disagree on, for the versions of the others (`undivided`).
//!
//! Extras and groups of conflicts are chosen apart from the start: what has none of them is solved first and gets what the project
//! would get without them, then each of them alone, so that none moves what another one gets; where one only adds to the solution
//! without any, that is extended. The combinations of those that do not exclude each other multiply, so they are put together from
//! these solutions, and only where that does not hold are they solved themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::composition::Composition;
use super::error::{ResolveError, unless_offline};
use super::extension;
use super::fork::{self, Outcome};
use super::run::{Learned, Run, Without};
use super::solution::ForkSolution;
use super::split::{Dispute, Split};
use super::trace;
use super::undivided::{Concerned, Sides};
use crate::marker::Marker;
use crate::solver::PackageId;

/// So many packages that splits are over are left out one at a time, which may double the work with each; more are left out together.
/// One at a time no version of 5,000 random projects depended on a fork that had nothing to do with it, together those of 11 did
/// (2026-11-27; a run of a real project of the benchmarks splits over two packages at most).
const MOST_ONE_AT_A_TIME: usize = 4;

/// Solves every environment of a universe.
///
/// # Errors
/// When the index does not answer, when there is no solution, and when the run is cancelled.
pub(super) fn solve(
    universe: Marker,
    run: &mut Run<'_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    let items = run.conflict_items.clone();
    let chosen = items
        .iter()
        .fold(Marker::FALSE, |chosen, item| chosen.or(item.marker()));
    let mut partition = Partition {
        universe,
        solutions: cover(universe.difference(chosen), universe, run)?.solutions,
    };
    let without_any = partition.solutions.len();
    // Each item starts from what the fork without any has taught: else the order of their names would be one of the choices.
    let learned = run.learned();
    let mut combined = universe.and(chosen);
    for item in &items {
        let others = items.iter().filter(|other| *other != item);
        let others = others.fold(Marker::FALSE, |others, other| others.or(other.marker()));
        let alone = universe.and(item.marker()).difference(others);
        combined = combined.difference(alone);
        run.restore(learned.clone());
        for number in 0..without_any {
            let common = partition.solutions[number].environment;
            let environments = items.iter().fold(common, |environments, item| {
                environments.assume(*item, false)
            });
            partition.extend(number, environments.and(alone), run)?;
        }
    }
    if combined.is_false() {
        return Ok(partition.solutions);
    }
    let composition = Composition::new(&partition.solutions, &items, combined);
    let (solution, rest) = composition.check(run)?;
    if !solution.environment.is_false() {
        partition.solutions.push(solution);
    }
    partition
        .solutions
        .extend(cover(rest, universe, run)?.solutions);
    Ok(partition.solutions)
}

struct Partition {
    universe: Marker,
    solutions: Vec<ForkSolution>,
}

impl Partition {
    /// Solves environments in which more is required than a solution has.
    fn extend(
        &mut self,
        solution: usize,
        environments: Marker,
        run: &mut Run<'_>,
    ) -> Result<(), ResolveError> {
        if environments.is_false() {
            return Ok(());
        }
        if run.extends
            && let Some(extended) =
                extension::extended(run, &self.solutions[solution], environments)?
        {
            self.solutions.push(extended);
            return Ok(());
        }
        let covered = cover(environments, self.universe, run)?;
        self.solutions.extend(covered.solutions);
        Ok(())
    }
}

/// What covers some environments.
struct Cover {
    solutions: Vec<ForkSolution>,
    /// What the environments were split over.
    over: BTreeSet<Dispute>,
}

/// Solves environments, split wherever one fork does not do. The universe is what a failure is explained against.
fn cover(environment: Marker, universe: Marker, run: &mut Run<'_>) -> Result<Cover, ResolveError> {
    let mut solutions = Vec::new();
    if !environment.is_false() {
        let before = run.learned();
        match fork::solve(run, environment)? {
            Outcome::Solved(solution) => solutions.push(solution),
            Outcome::Split(split) => {
                return cover_sides((environment, universe), split, before, run);
            }
            Outcome::Failed(failure) => {
                let explanation = failure.explain(&mut run.catalog, &mut run.selector, universe);
                return Err(ResolveError::Impossible(Arc::new(explanation)));
            }
        }
    }
    Ok(Cover {
        solutions,
        over: BTreeSet::new(),
    })
}

/// Solves both sides of a split; what it is not about gets the versions that it would have without. `before` is what was known when
/// the fork was begun.
fn cover_sides(
    (environment, universe): (Marker, Marker),
    split: Split,
    before: Learned,
    run: &mut Run<'_>,
) -> Result<Cover, ResolveError> {
    let inside = cover(environment.and(split.marker), universe, run)?;
    let outside = cover(environment.difference(split.marker), universe, run)?;
    let mut over = &inside.over | &outside.over;
    let mut sides = Sides {
        inside: inside.solutions,
        outside: outside.solutions,
    };
    let Some(dispute) = split.over else {
        return Ok(Cover {
            solutions: sides.into_solutions(),
            over,
        });
    };
    let mut disputes = BTreeSet::from([dispute]);
    if over.len() >= MOST_ONE_AT_A_TIME {
        disputes.extend(&over);
    }
    over.insert(dispute);
    let concerned = Concerned::by(&disputes, &run.catalog);
    let moved = sides.moved(&concerned, run)?;
    if !moved.is_empty()
        && let Some(undivided) = solved_without(
            &concerned.disputed,
            &moved,
            (environment, universe),
            before,
            run,
        )?
    {
        sides.take_versions_of(&undivided, (&concerned, &moved), run)?;
    }
    Ok(Cover {
        solutions: sides.into_solutions(),
        over,
    })
}

/// Environments solved without some packages, for the versions of those that moved; `None` where that cannot be done.
fn solved_without(
    packages: &BTreeSet<PackageId>,
    moved: &BTreeSet<PackageId>,
    (environment, universe): (Marker, Marker),
    before: Learned,
    run: &mut Run<'_>,
) -> Result<Option<Vec<ForkSolution>>, ResolveError> {
    let _without = trace::without(&run.catalog, packages, moved);
    let after = run.learned();
    let outer = run.without.take();
    let left_out = outer.iter().flat_map(|outer| &outer.packages);
    run.without = Some(Without {
        packages: left_out.chain(packages).copied().collect(),
        sought: moved.clone(),
    });
    run.restore(before);
    let solved = cover(environment, universe, run);
    run.without = outer;
    run.restore(after);
    match solved {
        Err(ResolveError::Impossible(_)) => Ok(None),
        solved => Ok(unless_offline(solved)?.map(|cover| cover.solutions)),
    }
}
