//! The order of decisions, and how conflicts change it.
//!
//! When versions of a package are turned down again and again because of an earlier choice, searching on means walking back to
//! versions from years ago. Instead the turned-down package, and whatever requires it, is decided before the culprit, and the
//! search starts over with everything it learned.

use rustc_hash::FxHashMap;

use crate::solver::{Conflict, PackageId};

/// After this many rejections by one culprit the order changes; each further change takes twice as many.
const PATIENCE: u32 = 5;

/// What conflicts have taught about the order of decisions.
#[derive(Debug, Default)]
pub(super) struct Order {
    rejections: FxHashMap<(PackageId, PackageId), u32>,
    patience: FxHashMap<(PackageId, PackageId), u32>,
    /// Promoted packages; a lower number is decided earlier.
    promoted: FxHashMap<PackageId, i64>,
    lowest: i64,
}

impl Order {
    /// Counts a conflict; true if the rejected package should be decided before the culprit from here on.
    pub fn record(&mut self, conflict: Conflict) -> bool {
        let pair = (conflict.rejected, conflict.culprit);
        let count = self.rejections.entry(pair).or_default();
        *count += 1;
        let patience = self.patience.entry(pair).or_insert(PATIENCE);
        if *count < *patience {
            return false;
        }
        *count = 0;
        *patience *= 2;
        true
    }

    /// Puts a package, and after it those that require it, in front of everything.
    pub fn promote(&mut self, rejected: PackageId, requirers: &[PackageId]) {
        for package in std::iter::once(&rejected).chain(requirers) {
            self.lowest -= 1;
            self.promoted.insert(*package, self.lowest);
        }
    }

    /// The place of a package among the promoted ones.
    pub fn promotion(&self, package: PackageId) -> Option<i64> {
        self.promoted.get(&package).copied()
    }
}
