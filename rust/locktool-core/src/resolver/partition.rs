//! Which environments are solved apart: from one fork for all of them to solutions that cover them.
//!
//! A fork that names a marker is split there. Where the marker is an extra or a group of a conflict, what is chosen is solved
//! with at most one such item at a time: the combinations of items that do not exclude each other multiply, so they are put
//! together from these solutions, and only where that does not hold are they solved themselves. What has none of the items of any
//! conflict is solved first, and alone: it gets what the project would get without them.

use std::sync::Arc;

use super::ResolveError;
use super::composition::Composition;
use super::fork::{Fork, ForkSolution, Outcome, Shared};
use crate::marker::{Marker, Membership};

/// The environments of a run while they are solved.
pub(super) struct Partition {
    universe: Marker,
    open: Vec<Marker>,
    solutions: Vec<ForkSolution>,
    /// Extras and groups of conflicts at which forks are not halved but solved alone.
    items: Vec<Membership>,
    /// Those of them at which a fork was split.
    apart: Vec<Membership>,
    /// Environments with none of those apart.
    with_none: Marker,
    with_one: Marker,
    /// Environments with several of those apart, which wait until the others are solved.
    waiting: Marker,
}

impl Partition {
    pub fn new(items: &[Membership], universe: Marker) -> Self {
        let chosen = items
            .iter()
            .fold(Marker::FALSE, |chosen, item| chosen.or(item.marker()));
        Self {
            universe,
            open: vec![universe.and(chosen), universe.difference(chosen)],
            solutions: Vec::new(),
            items: items.to_vec(),
            apart: Vec::new(),
            with_none: Marker::TRUE,
            with_one: Marker::FALSE,
            waiting: Marker::FALSE,
        }
    }

    /// Solves every environment.
    pub fn solve(mut self, shared: &mut Shared<'_, '_>) -> Result<Vec<ForkSolution>, ResolveError> {
        loop {
            while let Some(environment) = self.next() {
                match Fork::new(shared.lend(), environment).solve()? {
                    Outcome::Solved(solution) => self.solutions.push(solution),
                    Outcome::Split(marker) => {
                        let is_at_item = self.split(environment, marker);
                        shared.met.is_split |= !is_at_item;
                    }
                    Outcome::Failed(failure) => {
                        let explanation =
                            failure.explain(shared.catalog, shared.chooser, self.universe);
                        return Err(ResolveError::Impossible(Arc::new(explanation)));
                    }
                }
            }
            if self.waiting.is_false() {
                return Ok(self.solutions);
            }
            let composition = Composition::new(&self.solutions, &self.apart, self.waiting);
            let (solution, rest) = composition.check(shared)?;
            if !solution.environment.is_false() {
                self.solutions.push(solution);
            }
            self.open.push(rest);
            self.waiting = Marker::FALSE;
            // What cannot be put together is halved like anything else.
            self.items.clear();
            self.with_none = Marker::TRUE;
            self.apart.clear();
        }
    }

    /// The environments to solve next, at most one of the items apart in each.
    fn next(&mut self) -> Option<Marker> {
        while let Some(environment) = self.open.pop() {
            let fitting = environment.and(self.with_none.or(self.with_one));
            self.waiting = self.waiting.or(environment.difference(fitting));
            if !fitting.is_false() {
                return Some(fitting);
            }
        }
        None
    }

    /// Leaves both sides of a marker to be solved; true if it is an extra or a group of a conflict.
    fn split(&mut self, environment: Marker, marker: Marker) -> bool {
        let (inside, outside) = (environment.and(marker), environment.difference(marker));
        let alone = self.items.iter().copied().find(|item| {
            let with = environment.and(item.marker());
            with == inside || with == outside
        });
        let Some(item) = alone else {
            self.open.extend([outside, inside]);
            return false;
        };
        if !self.apart.contains(&item) {
            self.apart.push(item);
            let chosen = item.marker();
            self.with_one = self
                .with_one
                .difference(chosen)
                .or(self.with_none.and(chosen));
            self.with_none = self.with_none.difference(chosen);
        }
        // First what is there without the item: all others are put together with it.
        self.open.push(environment.and(item.marker()));
        self.open.push(environment.difference(item.marker()));
        true
    }
}
