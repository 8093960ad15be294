//! The order of decisions, how conflicts change it, and how far back a search steps at once.
//!
//! When versions of a package are turned down again and again because of an earlier choice, searching on means walking back to
//! versions from years ago. First the turned-down package, and whatever requires it, is decided before the culprit, and the
//! search starts over with everything it learned. Where the other side is turned down in its turn, both step back in turns. If
//! that does not help, because the culprit is bound elsewhere, the version that requires the turned-down package is set
//! aside: the next attempt is one version below it, then two, then four. Where nothing else is left the versions set aside are tried
//! one by one, and the improvement looks at those between once there is a solution.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::solver::{Conflict, PackageId, Rank};

/// After this many rejections by one culprit the search changes its course. 2 changes four locks of 25 projects, 10 changes five
/// (2026-11-26, the corpus of `improve`).
const PATIENCE: u32 = 5;

/// Two sides of a conflict step back in turns until one of them was rejected so many times in a row. 40 changes one lock of the same
/// projects (boto3 beside aiobotocore and s3fs), 160 none.
const MOST_PATIENCE: u32 = 80;

/// What to do after a conflict.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConflictResponse {
    /// Search on.
    Continue,
    /// Decide the rejected package and those that require it first.
    Promote,
    /// Set the versions aside that require the rejected package.
    StepBack,
}

impl ConflictResponse {
    /// How the search goes on, in words.
    pub fn course(&self) -> &'static str {
        match self {
            Self::Continue => "the same order",
            Self::Promote => "the first of them decided earlier",
            Self::StepBack => "the versions set aside that require the first of them",
        }
    }
}

/// How far down the versions of a package a search has stepped.
#[derive(Clone, Debug)]
struct Descent {
    /// The lowest version that was set aside.
    lowest_set_aside: Rank,
    step: usize,
    /// Everything below was tried in vain: versions are tried one by one.
    exhausted: bool,
}

/// What conflicts have taught about the order of decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct DecisionOrder {
    rejections: FxHashMap<(PackageId, PackageId), u32>,
    /// After how many rejections the course changes, where two sides stepped back in turns.
    patience: FxHashMap<(PackageId, PackageId), u32>,
    /// So many times longer is waited where changing the course did nothing.
    delays: FxHashMap<(PackageId, PackageId), u32>,
    /// Promoted packages; a lower number is decided earlier.
    promoted: FxHashMap<PackageId, i64>,
    lowest: i64,
    descents: BTreeMap<PackageId, Descent>,
}

impl DecisionOrder {
    /// Starts on other environments: the order of decisions is kept, what was set aside comes into question again.
    pub fn begin_fork(&mut self) {
        self.rejections.clear();
        self.delays.clear();
        self.descents.clear();
    }

    /// Counts a conflict and says what follows from it.
    pub fn record(&mut self, conflict: Conflict) -> ConflictResponse {
        let pair = (conflict.rejected, conflict.culprit);
        let count = self.rejections.entry(pair).or_default();
        *count += 1;
        let patience = self.patience.get(&pair).copied().unwrap_or(PATIENCE);
        let delay = self.delays.get(&pair).copied().unwrap_or(1);
        if *count < patience.saturating_mul(delay) {
            return ConflictResponse::Continue;
        }
        *count = 0;
        if self.promoted.contains_key(&conflict.rejected) {
            ConflictResponse::StepBack
        } else {
            ConflictResponse::Promote
        }
    }

    /// Whether a package that was promoted in vain is to be promoted once more, because those that bind the culprit were promoted
    /// over it since: the two sides step back in turns, each time twice as far.
    pub fn alternate(&mut self, conflict: Conflict, requirers: &[(PackageId, Rank)]) -> bool {
        let own = self.promotion(conflict.rejected);
        let is_overtaken = requirers.iter().any(|(requirer, _)| {
            self.promotion(*requirer)
                .is_some_and(|position| Some(position) < own)
        });
        let pair = (conflict.rejected, conflict.culprit);
        let patience = self.patience.entry(pair).or_insert(PATIENCE);
        if !is_overtaken || *patience >= MOST_PATIENCE {
            return false;
        }
        *patience *= 2;
        true
    }

    /// Waits longer before the same conflict changes the course again.
    pub fn delay(&mut self, conflict: Conflict) {
        let pair = (conflict.rejected, conflict.culprit);
        let delay = self.delays.entry(pair).or_insert(1);
        *delay = delay.saturating_mul(2);
    }

    /// Puts a package, and after it those that require it, in front of everything.
    pub fn promote(&mut self, rejected: PackageId, requirers: &[PackageId]) {
        for package in std::iter::once(&rejected).chain(requirers) {
            self.lowest -= 1;
            self.promoted.insert(*package, self.lowest);
        }
    }

    /// The position of a package among the promoted ones.
    pub fn promotion(&self, package: PackageId) -> Option<i64> {
        self.promoted.get(&package).copied()
    }

    /// Sets a version aside; false if the package has none left that could be tried in its place.
    pub fn set_aside(&mut self, package: PackageId, rank: Rank) -> bool {
        let descent = self.descents.entry(package).or_insert(Descent {
            lowest_set_aside: Rank::MAX,
            step: 1,
            exhausted: false,
        });
        if descent.exhausted || rank >= descent.lowest_set_aside {
            return false;
        }
        if descent.lowest_set_aside != Rank::MAX {
            descent.step *= 2;
        }
        descent.lowest_set_aside = rank;
        true
    }

    /// Which of the versions in question to try, in the order of preference; `None` for the first of them.
    pub fn step_back(&mut self, package: PackageId, considered: &[Rank]) -> Option<Rank> {
        let descent = self.descents.get_mut(&package)?;
        if descent.exhausted {
            return None;
        }
        let below: Vec<Rank> = considered
            .iter()
            .copied()
            .filter(|rank| *rank < descent.lowest_set_aside)
            .collect();
        let position = (descent.step - 1).min(below.len().saturating_sub(1));
        descent.exhausted = below.is_empty();
        below.get(position).copied()
    }

    /// The versions that stepping back comes to below one of those in question, if each were set aside in turn.
    pub fn steps_below(&self, package: PackageId, considered: &[Rank], rank: Rank) -> Vec<Rank> {
        let descent = self.descents.get(&package);
        let Some(descent) = descent.filter(|descent| rank < descent.lowest_set_aside) else {
            return Vec::new();
        };
        let (mut lowest, mut step) = (rank, descent.step);
        let mut below = considered;
        let mut steps = Vec::new();
        loop {
            let first = below.iter().position(|rank| *rank < lowest);
            below = first.map_or(&[], |first| &below[first..]);
            let Some(last) = below.len().checked_sub(1) else {
                return steps;
            };
            step = step.saturating_mul(2);
            lowest = below[(step - 1).min(last)];
            steps.push(lowest);
        }
    }

    /// Whether versions of the package were set aside and others are still to be tried.
    pub fn is_stepping_back(&self, package: PackageId) -> bool {
        let descent = self.descents.get(&package);
        descent.is_some_and(|descent| !descent.exhausted)
    }

    /// Keeps the packages of which versions were set aside at those of a solution, and returns them.
    pub fn keep_set_aside(
        &mut self,
        decided: impl Fn(PackageId) -> Option<Rank>,
    ) -> Vec<PackageId> {
        self.rejections.clear();
        let stepped = std::mem::take(&mut self.descents);
        for (package, descent) in &stepped {
            if let Some(rank) = decided(*package).filter(|_| !descent.exhausted) {
                self.prefer_at_most(*package, rank);
            }
        }
        self.descents.keys().copied().collect()
    }

    /// Prefers the version of a package and what is below it.
    pub fn prefer_at_most(&mut self, package: PackageId, rank: Rank) {
        let descent = Descent {
            lowest_set_aside: rank + 1,
            step: 1,
            exhausted: false,
        };
        self.descents.insert(package, descent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: PackageId = PackageId(1);

    #[test]
    fn the_steps_below_are_those_that_stepping_back_takes() {
        let considered: Vec<Rank> = (0..100).rev().collect();
        let mut order = DecisionOrder::default();
        assert!(order.set_aside(PACKAGE, 99));
        let first = order.step_back(PACKAGE, &considered).expect("98");
        let foreseen = order.steps_below(PACKAGE, &considered, first);
        let mut taken = Vec::new();
        let mut rank = first;
        while order.set_aside(PACKAGE, rank) {
            let Some(next) = order.step_back(PACKAGE, &considered) else {
                break;
            };
            taken.push(next);
            rank = next;
        }
        assert_eq!(foreseen, taken);
        assert_eq!(foreseen, [96, 92, 84, 68, 36, 0]);
    }

    #[test]
    fn there_are_no_steps_below_what_was_not_set_aside() {
        let order = DecisionOrder::default();
        assert!(order.steps_below(PACKAGE, &[3, 2, 1], 3).is_empty());
    }
}
