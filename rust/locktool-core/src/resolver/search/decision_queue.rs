//! The packages that a search has to decide, the next one first.
//!
//! ```text
//! extras of decided packages < local packages < promoted ones < pinned ones < other packages < other extras
//! ```
//!
//! Within a class the package that was required first comes first, but for promoted ones, which have an order of their own. The queue
//! follows the solver: only packages whose assignments have changed, and the extras of these, are looked at again, since a
//! project with two thousand packages and extras would otherwise compare them all for each of its decisions.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::decision_order::DecisionOrder;
use super::super::package::Catalog;
use crate::solver::{PackageId, Solver, Undecided};

/// What is decided first: an extra of a decided package is before everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Class {
    ExtraOfDecided,
    Local,
    /// With the position among the promoted packages.
    Promoted(i64),
    /// Requirements leave one version.
    Pinned,
    Other,
    OtherExtra,
}

/// The position of a package in the queue: its class, and when it was first mentioned.
type Position = (Class, u32);

/// The undecided packages of a search. An empty queue is filled from the solver at the next update.
#[derive(Default)]
pub(super) struct DecisionQueue {
    /// The packages at all positions that they had. What is not the position of a package any more is passed over.
    ordered: BinaryHeap<Reverse<(Position, PackageId)>>,
    positions: Vec<Option<Position>>,
    changed: Vec<PackageId>,
    is_filled: bool,
}

/// With so many times more entries than packages the queue is made anew, of one entry for each.
const MOST_PASSED_OVER: usize = 4;

impl DecisionQueue {
    /// Takes over what has changed in the solver.
    pub fn update(&mut self, solver: &mut Solver, catalog: &Catalog<'_>, order: &DecisionOrder) {
        let mut changed = std::mem::take(&mut self.changed);
        solver.take_reassigned(&mut changed);
        if !self.is_filled {
            self.is_filled = true;
            changed.clear();
            changed.extend(solver.undecided().map(|(package, _)| package));
        }
        for package in changed.drain(..) {
            self.reposition(package, solver, catalog, order);
            for extra in catalog.with_extras(package) {
                self.reposition(*extra, solver, catalog, order);
            }
        }
        self.changed = changed;
    }

    /// The package to decide next.
    pub fn first(&mut self) -> Option<PackageId> {
        while let Some(Reverse((position, package))) = self.ordered.peek() {
            if self.positions[package.index()] == Some(*position) {
                return Some(*package);
            }
            self.ordered.pop();
        }
        None
    }

    fn reposition(
        &mut self,
        package: PackageId,
        solver: &Solver,
        catalog: &Catalog<'_>,
        order: &DecisionOrder,
    ) {
        let position = solver.undecided_package(package).map(|undecided| {
            let class = class(package, undecided, (solver, catalog, order));
            (class, undecided.mention)
        });
        if self.positions.len() <= package.index() {
            self.positions.resize(package.index() + 1, None);
        }
        let known = std::mem::replace(&mut self.positions[package.index()], position);
        let Some(position) = position.filter(|position| known != Some(*position)) else {
            return;
        };
        if self.ordered.len() < MOST_PASSED_OVER * self.positions.len() {
            self.ordered.push(Reverse((position, package)));
        } else {
            let positioned = (0..).map(PackageId).zip(&self.positions);
            let entries =
                positioned.filter_map(|(package, position)| Some(((*position)?, package)));
            self.ordered = entries.map(Reverse).collect();
        }
    }
}

fn class(
    package: PackageId,
    undecided: Undecided<'_>,
    (solver, catalog, order): (&Solver, &Catalog<'_>, &DecisionOrder),
) -> Class {
    let key = catalog.key(package);
    if key.extra.is_some() {
        return match solver.decision(catalog.base(package)) {
            Some(_) => Class::ExtraOfDecided,
            None => Class::OtherExtra,
        };
    }
    if !key.origin.is_on_an_index() {
        return Class::Local;
    }
    match order.promotion(package) {
        Some(position) => Class::Promoted(position),
        None if undecided.allowed.as_singleton().is_some() => Class::Pinned,
        None => Class::Other,
    }
}
