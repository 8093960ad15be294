//! Which environments are solved apart: from one fork for all of them to solutions that cover them.
//!
//! A fork that names a marker is split there. Extras and groups of conflicts are chosen apart from the start: what has none of them
//! is solved first and gets what the project would get without them, then each of them alone, so that none moves what another one
//! gets; where one only adds to the solution without any, that is extended. The combinations of those that do not exclude each other multiply, so they are put together from these solutions, and only
//! where that does not hold are they solved themselves.

use std::sync::Arc;

use super::composition::Composition;
use super::error::ResolveError;
use super::extension;
use super::fork::{self, Outcome};
use super::run::Run;
use super::solution::ForkSolution;
use crate::marker::Marker;

/// Solves every environment of a universe.
///
/// # Errors
/// When the index does not answer, when there is no solution, and when the run is cancelled.
pub(super) fn solve(
    universe: Marker,
    run: &mut Run<'_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    let mut partition = Partition {
        universe,
        solutions: Vec::new(),
    };
    let items = run.conflict_items.clone();
    let chosen = items
        .iter()
        .fold(Marker::FALSE, |chosen, item| chosen.or(item.marker()));
    partition.cover(universe.difference(chosen), run)?;
    let without_any = partition.solutions.len();
    // Each item starts from what the fork without any has taught: else the order of their names would be one of the choices.
    let (order, unimprovable) = (run.order.clone(), run.unimprovable.clone());
    let mut combined = universe.and(chosen);
    for item in &items {
        let others = items.iter().filter(|other| *other != item);
        let others = others.fold(Marker::FALSE, |others, other| others.or(other.marker()));
        let alone = universe.and(item.marker()).difference(others);
        combined = combined.difference(alone);
        run.order = order.clone();
        run.unimprovable.clone_from(&unimprovable);
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
    partition.cover(rest, run)?;
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
        self.cover(environments, run)
    }

    /// Solves environments, split wherever one fork does not do.
    fn cover(&mut self, environments: Marker, run: &mut Run<'_>) -> Result<(), ResolveError> {
        let mut open = vec![environments];
        while let Some(environment) = open.pop() {
            if environment.is_false() {
                continue;
            }
            match fork::solve(run, environment)? {
                Outcome::Solved(solution) => self.solutions.push(solution),
                Outcome::Split(marker) => {
                    open.extend([environment.difference(marker), environment.and(marker)]);
                }
                Outcome::Failed(failure) => {
                    let explanation =
                        failure.explain(&mut run.catalog, &mut run.selector, self.universe);
                    return Err(ResolveError::Impossible(Arc::new(explanation)));
                }
            }
        }
        Ok(())
    }
}
