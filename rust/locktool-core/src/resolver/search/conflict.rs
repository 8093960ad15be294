//! The response to a conflict: whether the order of decisions changes, or versions are set aside, before the search goes on.

use super::super::decision_order::ConflictResponse;
use super::super::trace;
use super::{DecisionQueue, Search};
use crate::solver::{Conflict, PackageId, Rank};

impl Search<'_, '_> {
    /// Learns from a conflict, and starts over where that changes what is decided first.
    pub(super) fn respond(&mut self, conflict: Conflict) {
        let rejected = self.run.catalog.base(conflict.rejected);
        let culprit = self.run.catalog.base(conflict.culprit);
        let conflict = Conflict { rejected, culprit };
        if rejected == culprit || !self.run.improves {
            return;
        }
        let mut response = self.run.order.record(conflict);
        if response == ConflictResponse::Continue {
            return;
        }
        if response == ConflictResponse::StepBack {
            let requirers = self.requirers(culprit, rejected);
            if self.run.order.alternate(conflict, &requirers) {
                response = ConflictResponse::Promote;
            }
        }
        let requirers = self.requirers(rejected, culprit);
        let packages: Vec<PackageId> = requirers.iter().map(|(package, _)| *package).collect();
        let has_changed = match response {
            ConflictResponse::Promote => {
                self.promote(rejected, &packages);
                true
            }
            _ => requirers.iter().fold(false, |any, (package, rank)| {
                self.run.order.set_aside(*package, *rank) || any
            }),
        };
        if has_changed {
            trace::restarted(&self.run.catalog, conflict, response.course());
            self.solver.restart();
        } else {
            self.run.order.delay(conflict);
        }
    }

    /// Puts a package, and after it those that require it, in front of everything.
    pub(super) fn promote(&mut self, rejected: PackageId, requirers: &[PackageId]) {
        self.run.order.promote(rejected, requirers);
        self.queue = DecisionQueue::default();
    }

    pub(super) fn requirers(
        &self,
        package: PackageId,
        without: PackageId,
    ) -> Vec<(PackageId, Rank)> {
        self.requirements
            .requirers(package, without, &self.solver, &self.run.catalog)
    }
}
