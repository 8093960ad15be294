//! The order of decisions, how conflicts change it, and how far back a search steps at once.
//!
//! When versions of a package are turned down again and again because of an earlier choice, searching on means walking back to
//! versions from years ago. First the turned-down package, and whatever requires it, is decided before the culprit, and the
//! search starts over with everything it learned. Where the other side is turned down in its turn, both step back in turns. If
//! that does not help, because the culprit is bound elsewhere, the version that requires the turned-down package becomes a
//! suspect: the next try is one version below it, then two, then four. Suspects are only set aside: where nothing else is left
//! they are tried one by one, and the exchange pass looks at those between once there is a solution.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::solver::{Conflict, PackageId, Rank};

/// After this many rejections by one culprit the search changes its course.
const PATIENCE: u32 = 5;

/// Two sides of a conflict step back in turns until one of them was rejected so many times in a row.
const MOST_PATIENCE: u32 = 80;

/// What to do after a conflict.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Search on.
    Stay,
    /// Decide the rejected package and those that require it first.
    Promote,
    /// Set the versions aside that require the rejected package.
    StepBack,
}

/// How far down the versions of a package a search has stepped.
#[derive(Clone, Debug)]
struct Ladder {
    /// The lowest version that was set aside.
    lowest_suspect: Rank,
    step: usize,
    /// Everything below was tried in vain: versions are tried one by one.
    exhausted: bool,
}

/// What conflicts have taught about the order of decisions.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    rejections: FxHashMap<(PackageId, PackageId), u32>,
    /// After how many rejections the course changes, where two sides stepped back in turns.
    patience: FxHashMap<(PackageId, PackageId), u32>,
    /// So many times longer is waited where changing the course did nothing.
    delays: FxHashMap<(PackageId, PackageId), u32>,
    /// Promoted packages; a lower number is decided earlier.
    promoted: FxHashMap<PackageId, i64>,
    lowest: i64,
    ladders: BTreeMap<PackageId, Ladder>,
}

impl Order {
    /// Starts on other environments: the order of decisions is kept, what was set aside comes into question again.
    pub fn begin_fork(&mut self) {
        self.rejections.clear();
        self.delays.clear();
        self.ladders.clear();
    }

    /// Counts a conflict and says what follows from it.
    pub fn record(&mut self, conflict: Conflict) -> Turn {
        let pair = (conflict.rejected, conflict.culprit);
        let count = self.rejections.entry(pair).or_default();
        *count += 1;
        let patience = self.patience.get(&pair).copied().unwrap_or(PATIENCE);
        let delay = self.delays.get(&pair).copied().unwrap_or(1);
        if *count < patience.saturating_mul(delay) {
            return Turn::Stay;
        }
        *count = 0;
        if self.promoted.contains_key(&conflict.rejected) {
            Turn::StepBack
        } else {
            Turn::Promote
        }
    }

    /// Whether a package that was promoted in vain is to be promoted once more, because those that bind the culprit were promoted
    /// over it since: the two sides step back in turns, each time twice as far.
    pub fn take_turns(&mut self, conflict: Conflict, holders: &[(PackageId, Rank)]) -> bool {
        let own = self.promotion(conflict.rejected);
        let is_overtaken = holders.iter().any(|(holder, _)| {
            self.promotion(*holder)
                .is_some_and(|place| Some(place) < own)
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
    pub fn be_patient(&mut self, conflict: Conflict) {
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

    /// The place of a package among the promoted ones.
    pub fn promotion(&self, package: PackageId) -> Option<i64> {
        self.promoted.get(&package).copied()
    }

    /// Sets a version aside; false if the package has none left that could be tried in its place.
    pub fn suspect(&mut self, package: PackageId, rank: Rank) -> bool {
        let ladder = self.ladders.entry(package).or_insert(Ladder {
            lowest_suspect: Rank::MAX,
            step: 1,
            exhausted: false,
        });
        if ladder.exhausted || rank >= ladder.lowest_suspect {
            return false;
        }
        if ladder.lowest_suspect != Rank::MAX {
            ladder.step *= 2;
        }
        ladder.lowest_suspect = rank;
        true
    }

    /// Which of the versions that may be used to try, given in the order of preference; `None` for the first of them.
    pub fn place(&mut self, package: PackageId, usable: &[Rank]) -> Option<Rank> {
        let ladder = self.ladders.get_mut(&package)?;
        if ladder.exhausted {
            return None;
        }
        let below: Vec<Rank> = usable
            .iter()
            .copied()
            .filter(|rank| *rank < ladder.lowest_suspect)
            .collect();
        let place = (ladder.step - 1).min(below.len().saturating_sub(1));
        ladder.exhausted = below.is_empty();
        below.get(place).copied()
    }

    /// Whether versions of the package were set aside and others are still to be tried.
    pub fn watches(&self, package: PackageId) -> bool {
        let ladder = self.ladders.get(&package);
        ladder.is_some_and(|ladder| !ladder.exhausted)
    }

    /// Keeps the packages of which versions were set aside at those of a solution, and gives them.
    pub fn hold(&mut self, decided: impl Fn(PackageId) -> Option<Rank>) -> Vec<PackageId> {
        self.rejections.clear();
        let stepped = std::mem::take(&mut self.ladders);
        for (package, ladder) in &stepped {
            if let Some(rank) = decided(*package).filter(|_| !ladder.exhausted) {
                self.hold_at(*package, rank);
            }
        }
        self.ladders.keys().copied().collect()
    }

    /// Prefers the version of a package and what is below it.
    pub fn hold_at(&mut self, package: PackageId, rank: Rank) {
        let ladder = Ladder {
            lowest_suspect: rank + 1,
            step: 1,
            exhausted: false,
        };
        self.ladders.insert(package, ladder);
    }
}
