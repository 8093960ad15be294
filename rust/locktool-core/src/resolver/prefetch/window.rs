//! How many versions of a package are asked for ahead of the search, which tries one after the other.
//!
//! A window opens when another version of the package was tried before the one that has to be waited for, and grows by one with each
//! version that the search reaches in it: what is on its way doubles with every round of requests, up to what the source takes at
//! once.
//!
//! ```text
//! tried     9  8        7           6              5
//! on its way   7 6      6 5 4       5 4 3 2        4 3 2 1 0
//! ```

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::solver::{PackageId, Rank, RankSet};

/// So many versions are asked for when a window opens.
const FIRST_SIZE: usize = 2;

/// The windows of one search.
#[derive(Debug, Default)]
pub(in super::super) struct Windows {
    of_packages: FxHashMap<PackageId, Window>,
    /// What requirements allowed of a package when its likely choice was last asked for.
    looked_at: FxHashMap<PackageId, RankSet>,
}

/// A version that the search is about to read.
#[derive(Clone, Copy)]
pub(in super::super) struct Tried<'a> {
    pub package: PackageId,
    pub rank: Rank,
    /// Its metadata needs no request.
    pub is_known: bool,
    /// The versions that the requirements allow.
    pub allowed: &'a RankSet,
}

/// What is asked ahead for one package.
#[derive(Debug, Default)]
struct Window {
    /// The version that was tried last.
    tried: Option<Rank>,
    size: usize,
    /// In the order in which they were asked for.
    asked: VecDeque<Rank>,
}

impl Windows {
    /// Moves the window of a package on, `most` being what the source takes at once. Returns what was asked for and cannot be chosen any
    /// more, and how many versions to ask for in addition.
    pub fn advance(&mut self, tried: Tried<'_>, most: usize) -> (Vec<Rank>, usize) {
        let window = self.of_packages.entry(tried.package).or_default();
        let was_asked = window.asked.contains(&tried.rank);
        window.asked.retain(|rank| *rank != tried.rank);
        let before = window.tried.replace(tried.rank);
        // A cache has what the search needs, or it comes back to what it knows; and the first version is nobody's fault.
        let is_known = tried.is_known && !was_asked;
        if is_known || before.is_none_or(|rank| rank == tried.rank) {
            return (Vec::new(), 0);
        }
        let (kept, withdrawn) = window
            .asked
            .drain(..)
            .partition(|rank| tried.allowed.contains(*rank));
        window.asked = kept;
        window.size = (window.size + 1).clamp(FIRST_SIZE, most.max(FIRST_SIZE));
        let more = window.size.saturating_sub(window.asked.len());
        (Vec::from(withdrawn), more)
    }

    /// Whether requirements allow other versions of a package than when its likely choice was last asked for.
    pub fn has_changed(&self, package: PackageId, allowed: &RankSet) -> bool {
        self.looked_at.get(&package) != Some(allowed)
    }

    /// Remembers what requirements allow of a package whose likely choice is asked for.
    pub fn look_at(&mut self, package: PackageId, allowed: &RankSet) {
        self.looked_at.insert(package, allowed.clone());
    }

    /// Whether a version of a package was asked for and is still ahead.
    pub fn is_asked(&self, package: PackageId, rank: Rank) -> bool {
        let window = self.of_packages.get(&package);
        window.is_some_and(|window| window.asked.contains(&rank))
    }

    /// Remembers that a version was asked for.
    pub fn ask(&mut self, package: PackageId, rank: Rank) {
        let window = self.of_packages.entry(package).or_default();
        window.asked.push_back(rank);
    }

    /// Takes everything that is still ahead, at the end of a search.
    pub fn close(&mut self) -> Vec<(PackageId, Rank)> {
        let windows = self.of_packages.iter_mut();
        let asked = windows
            .flat_map(|(package, window)| window.asked.drain(..).map(|rank| (*package, rank)));
        asked.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGE: PackageId = PackageId(1);

    /// Walks down from a rank and returns how many were asked for at each step.
    fn descend(windows: &mut Windows, from: Rank, steps: u32, most: usize) -> Vec<usize> {
        let mut next = from;
        let mut counts = Vec::new();
        for rank in (0..=from).rev().take(steps as usize) {
            let allowed = RankSet::between(0, rank + 1);
            let is_known = windows.is_asked(PACKAGE, rank);
            let tried = Tried {
                package: PACKAGE,
                rank,
                is_known,
                allowed: &allowed,
            };
            let (withdrawn, more) = windows.advance(tried, most);
            assert!(withdrawn.is_empty());
            next = next.min(rank);
            for _ in 0..more {
                if next > 0 {
                    next -= 1;
                    windows.ask(PACKAGE, next);
                }
            }
            counts.push(more);
        }
        counts
    }

    #[test]
    fn a_window_opens_at_the_second_version_and_doubles_with_each_round() {
        let mut windows = Windows::default();
        assert_eq!(descend(&mut windows, 100, 6, 64), [0, 2, 2, 2, 2, 2]);
        let ahead = windows.close().len();
        assert_eq!(ahead, 6);
    }

    #[test]
    fn a_window_has_no_more_than_the_source_takes_at_once() {
        let mut windows = Windows::default();
        descend(&mut windows, 500, 300, 8);
        assert_eq!(windows.close().len(), 8);
        assert!(windows.close().is_empty());
    }

    #[test]
    fn what_is_known_opens_no_window() {
        let mut windows = Windows::default();
        let allowed = RankSet::full();
        for rank in (0..9).rev() {
            let tried = Tried {
                package: PACKAGE,
                rank,
                is_known: true,
                allowed: &allowed,
            };
            assert_eq!(windows.advance(tried, 64), (Vec::new(), 0));
        }
    }

    #[test]
    fn what_can_no_longer_be_chosen_is_moot() {
        let mut windows = Windows::default();
        descend(&mut windows, 20, 3, 64);
        let allowed = RankSet::between(0, 16);
        let tried = Tried {
            package: PACKAGE,
            rank: 17,
            is_known: true,
            allowed: &allowed,
        };
        let advanced = windows.advance(tried, 64);
        assert_eq!(advanced, (vec![16], 3));
    }
}
