//! Which newer versions of a package to ask for: the newest of all, and then the middle between what works and what does not.

use crate::solver::Rank;

/// The versions that are left to ask for.
pub(super) struct Goals {
    newest_first: Vec<Rank>,
    position: usize,
}

impl Goals {
    pub fn new(newest_first: Vec<Rank>) -> Self {
        Self {
            newest_first,
            position: 0,
        }
    }

    /// The version to ask for.
    pub fn next(&self) -> Option<Rank> {
        self.newest_first.get(self.position).copied()
    }

    /// The version worked: only newer ones are left.
    pub fn worked(&mut self) {
        self.newest_first.truncate(self.position);
        self.position = self.newest_first.len() / 2;
    }

    /// The version did not work: only older ones are left.
    pub fn failed(&mut self) {
        self.newest_first.drain(..=self.position);
        self.position = self.newest_first.len() / 2;
    }
}
