//! A term: what is said of one package, as `PubGrub` says it.

use super::rank_set::RankSet;

/// A statement about the chosen version of a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Term {
    /// A version is chosen and it is in the set: `numpy >= 2`.
    Positive(RankSet),
    /// No version is chosen, or one outside of the set: `not numpy >= 2`.
    Negative(RankSet),
}

impl Term {
    /// The term every situation satisfies.
    pub fn any() -> Self {
        Self::Negative(RankSet::empty())
    }

    /// The term no situation satisfies.
    pub fn never() -> Self {
        Self::Positive(RankSet::empty())
    }

    pub fn is_positive(&self) -> bool {
        matches!(self, Self::Positive(_))
    }

    #[must_use]
    pub fn negate(&self) -> Self {
        match self {
            Self::Positive(set) => Self::Negative(set.clone()),
            Self::Negative(set) => Self::Positive(set.clone()),
        }
    }

    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Positive(a), Self::Positive(b)) => Self::Positive(a.intersection(b)),
            (Self::Positive(a), Self::Negative(b)) | (Self::Negative(b), Self::Positive(a)) => {
                Self::Positive(a.difference(b))
            }
            (Self::Negative(a), Self::Negative(b)) => Self::Negative(a.union(b)),
        }
    }

    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.negate().intersection(&other.negate()).negate()
    }

    /// Whether whatever satisfies this term satisfies `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Positive(a), Self::Positive(b)) => a.is_subset_of(b),
            (Self::Positive(a), Self::Negative(b)) => a.is_disjoint(b),
            (Self::Negative(_), Self::Positive(_)) => false,
            (Self::Negative(a), Self::Negative(b)) => b.is_subset_of(a),
        }
    }

    /// Whether nothing satisfies both.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Positive(a), Self::Positive(b)) => a.is_disjoint(b),
            (Self::Positive(a), Self::Negative(b)) | (Self::Negative(b), Self::Positive(a)) => {
                a.is_subset_of(b)
            }
            (Self::Negative(_), Self::Negative(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> Vec<Term> {
        let sets = [
            RankSet::empty(),
            RankSet::singleton(1),
            RankSet::between(1, 3),
            RankSet::singleton(2),
            RankSet::full(),
        ];
        sets.iter()
            .flat_map(|set| [Term::Positive(set.clone()), Term::Negative(set.clone())])
            .collect()
    }

    /// Whether a term holds when `chosen` is the chosen version, or none is.
    fn holds(term: &Term, chosen: Option<u32>) -> bool {
        match term {
            Term::Positive(set) => chosen.is_some_and(|rank| set.contains(rank)),
            Term::Negative(set) => !chosen.is_some_and(|rank| set.contains(rank)),
        }
    }

    #[test]
    fn operations_agree_with_situations() {
        let situations = [None, Some(0), Some(1), Some(2), Some(3)];
        for a in terms() {
            for b in terms() {
                for situation in situations {
                    let (in_a, in_b) = (holds(&a, situation), holds(&b, situation));
                    assert_eq!(holds(&a.intersection(&b), situation), in_a && in_b);
                    assert_eq!(holds(&a.union(&b), situation), in_a || in_b);
                    assert!(!a.is_subset_of(&b) || !in_a || in_b, "{a:?} {b:?}");
                    assert!(!(a.is_disjoint(&b) && in_a && in_b), "{a:?} {b:?}");
                }
            }
        }
    }
}
