//! Upgrades: a package that is to move is decided before what an existing lock has, so that it moves others and they do not
//! keep it.
//!
//! What requires it is decided before it, since that says which versions come into question, and keeps its own preference.

use super::Search;
use crate::solver::PackageId;

impl Search<'_, '_> {
    /// Puts a package to upgrade, and all that leads to it, in front of the others the first time it comes up; true if the
    /// search has to start over, because others were decided before.
    pub(super) fn puts_upgrade_first(&mut self, package: PackageId) -> bool {
        let base = self.run.catalog.base(package);
        let name = self.run.catalog.key(base).name;
        let is_upgraded = name.is_some_and(|name| self.run.selector.is_upgraded(name));
        if !is_upgraded || !self.upgraded.insert(base) {
            return false;
        }
        let ancestors = self.ancestors(base);
        let is_late = self.solver.decisions().any(|(other, _)| {
            let other = self.run.catalog.base(other);
            other != base
                && !ancestors.contains(&other)
                && self.run.catalog.key(other).origin.is_on_an_index()
        });
        self.promote(base, &ancestors);
        is_late
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
