//! Sets of version ranks: sorted, disjoint, non-adjacent half-open intervals, so equal sets are equal values.
//!
//! A rank is the position of a version among all known versions of its package. The universe is `0..Rank::MAX`, which lets
//! "every version" mean the same before and after the versions are known.

use smallvec::{SmallVec, smallvec};

/// The position of a version in its package's ascending list of versions.
pub type Rank = u32;

/// A set of ranks of one package.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct RankSet {
    intervals: SmallVec<[(Rank, Rank); 2]>,
}

impl RankSet {
    /// The set of no version.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The set of every version.
    pub fn full() -> Self {
        Self::between(0, Rank::MAX)
    }

    /// The set of one version.
    pub fn singleton(rank: Rank) -> Self {
        Self::between(rank, rank + 1)
    }

    /// The ranks from `start` up to but not including `end`.
    pub fn between(start: Rank, end: Rank) -> Self {
        if start < end {
            Self {
                intervals: smallvec![(start, end)],
            }
        } else {
            Self::empty()
        }
    }

    /// Collects ranks that come in ascending order, merging neighbours.
    pub fn from_ascending(ranks: impl IntoIterator<Item = Rank>) -> Self {
        let mut set = Self::empty();
        for rank in ranks {
            set.push(rank, rank + 1);
        }
        set
    }

    /// Appends an interval that starts at or after the end of the last one.
    fn push(&mut self, start: Rank, end: Rank) {
        match self.intervals.last_mut() {
            Some(last) if last.1 >= start => last.1 = last.1.max(end),
            _ => self.intervals.push((start, end)),
        }
    }

    /// The intervals, ascending, each `start..end`.
    pub fn intervals(&self) -> &[(Rank, Rank)] {
        &self.intervals
    }

    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }

    /// The only rank in the set, if it has exactly one.
    pub fn as_singleton(&self) -> Option<Rank> {
        match self.intervals[..] {
            [(start, end)] if end - start == 1 => Some(start),
            _ => None,
        }
    }

    pub fn contains(&self, rank: Rank) -> bool {
        let after = self.intervals.partition_point(|&(_, end)| end <= rank);
        self.intervals
            .get(after)
            .is_some_and(|&(start, _)| start <= rank)
    }

    #[must_use]
    pub fn complement(&self) -> Self {
        let mut result = Self::empty();
        let mut from = 0;
        for &(start, end) in &self.intervals {
            if from < start {
                result.intervals.push((from, start));
            }
            from = end;
        }
        if from < Rank::MAX {
            result.intervals.push((from, Rank::MAX));
        }
        result
    }

    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut result = Self::empty();
        let (mut left, mut right) = (self.intervals.iter(), other.intervals.iter());
        let (mut a, mut b) = (left.next(), right.next());
        while let (Some(&(a_start, a_end)), Some(&(b_start, b_end))) = (a, b) {
            let (start, end) = (a_start.max(b_start), a_end.min(b_end));
            if start < end {
                result.intervals.push((start, end));
            }
            if a_end <= b_end {
                a = left.next();
            } else {
                b = right.next();
            }
        }
        result
    }

    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut result = Self::empty();
        let (mut left, mut right) = (
            self.intervals.iter().peekable(),
            other.intervals.iter().peekable(),
        );
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => left.next(),
                (Some(_), None) => left.next(),
                _ => right.next(),
            };
            match next {
                Some(&(start, end)) => result.push(start, end),
                None => return result,
            }
        }
    }

    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    pub fn is_disjoint(&self, other: &Self) -> bool {
        let (mut left, mut right) = (&self.intervals[..], &other.intervals[..]);
        while let ([(start, end), later @ ..], [(other_start, other_end), others_later @ ..]) =
            (left, right)
        {
            if end <= other_start {
                left = later;
            } else if other_end <= start {
                right = others_later;
            } else {
                return false;
            }
        }
        true
    }

    pub fn is_subset_of(&self, other: &Self) -> bool {
        // Intervals have gaps between them, so each has to lie within a single one.
        let mut others = other.intervals.iter().peekable();
        self.intervals.iter().all(|&(start, end)| {
            while others.next_if(|(_, other_end)| *other_end < end).is_some() {}
            others
                .peek()
                .is_some_and(|(other_start, _)| *other_start <= start)
        })
    }

    /// The ranks below `limit`, highest first.
    pub fn descending(&self, limit: Rank) -> impl Iterator<Item = Rank> + Clone + '_ {
        self.intervals
            .iter()
            .rev()
            .flat_map(move |&(start, end)| (start..end.min(limit)).rev())
    }

    /// The ranks below `limit`, lowest first.
    pub fn ascending(&self, limit: Rank) -> impl Iterator<Item = Rank> + Clone + '_ {
        self.intervals
            .iter()
            .flat_map(move |&(start, end)| start..end.min(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_set() -> impl Strategy<Value = RankSet> {
        proptest::collection::btree_set(0u32..40, 0..20).prop_map(RankSet::from_ascending)
    }

    proptest! {
        #[test]
        fn complement_twice_is_identity(set in any_set()) {
            prop_assert_eq!(set.complement().complement(), set);
        }

        #[test]
        fn operations_agree_with_membership(a in any_set(), b in any_set()) {
            for rank in 0..45 {
                prop_assert_eq!(a.intersection(&b).contains(rank), a.contains(rank) && b.contains(rank));
                prop_assert_eq!(a.union(&b).contains(rank), a.contains(rank) || b.contains(rank));
                prop_assert_eq!(a.difference(&b).contains(rank), a.contains(rank) && !b.contains(rank));
            }
        }

        #[test]
        fn comparisons_agree_with_intersection(a in any_set(), b in any_set()) {
            let both = a.intersection(&b);
            prop_assert_eq!(a.is_disjoint(&b), both.is_empty());
            prop_assert_eq!(a.is_subset_of(&b), both == a);
            prop_assert!(both.is_subset_of(&a) && both.is_subset_of(&b));
        }

        #[test]
        fn sets_with_equal_members_are_equal_values(a in any_set(), b in any_set()) {
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.union(&a.intersection(&b)), a);
        }
    }
}
