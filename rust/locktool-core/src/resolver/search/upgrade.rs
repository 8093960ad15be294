//! Upgrades: a package that is to move is decided before what an existing lock holds, so that it forces others and they do not
//! hold it.
//!
//! What requires it is decided before it, since that says which versions come into question, and keeps its own preference.

use super::Fork;
use crate::solver::PackageId;

impl Fork<'_, '_> {
    /// Puts a package that is to move, and all that leads to it, in front of the others the first time it comes up; true if the
    /// search has to start over, because others were decided before.
    pub(super) fn takes_the_lead(&mut self, package: PackageId) -> bool {
        let base = self.shared.catalog.base(package);
        let is_to_move = {
            let name = self.shared.catalog.key(base).name;
            name.is_some_and(|name| self.shared.chooser.is_to_move(name))
        };
        if !is_to_move || !self.led.insert(base) {
            return false;
        }
        let ancestors = self.ancestors(base);
        let decided = self.solver.decisions().any(|(other, _)| {
            let other = self.shared.catalog.base(other);
            other != base
                && !ancestors.contains(&other)
                && self.shared.catalog.key(other).origin.is_on_an_index()
        });
        self.shared.order.promote(base, &ancestors);
        decided
    }

    /// The decided packages of the indexes that lead to a package, the nearest first.
    fn ancestors(&self, package: PackageId) -> Vec<PackageId> {
        let mut found: Vec<PackageId> = Vec::new();
        let mut open = vec![package];
        while let Some(next) = open.pop() {
            for (requirer, _) in self.requirers(next, package) {
                if requirer != package && !found.contains(&requirer) {
                    found.push(requirer);
                    open.push(requirer);
                }
            }
        }
        found
    }
}
