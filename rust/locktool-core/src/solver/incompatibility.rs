//! An incompatibility: terms that may not all hold at once, and the cause from which it is known.

use smallvec::SmallVec;

use super::PackageId;
use super::rank_set::RankSet;
use super::term::Term;

/// The position of an incompatibility in its solver's store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IncompatibilityId(pub(super) u32);

/// Why an incompatibility is known to hold.
#[derive(Clone, Debug)]
pub enum Cause {
    /// The root must be chosen.
    Root,
    /// A chosen version requires another package: `{boto3 in 5..7, not botocore in 8..9}`.
    Dependency,
    /// No version that may be used is in the set: `{numpy in 40..}`.
    NoVersions,
    /// The version cannot be used; the number is the caller's record of the reason.
    Rejected(u32),
    /// Both packages may not be chosen together: `{a of the index, a of an address}`.
    Exclusion,
    /// Follows from two others by the rule of resolution.
    Derived(IncompatibilityId, IncompatibilityId),
}

/// Terms of which at least one must be false in every solution.
#[derive(Clone, Debug)]
pub struct Incompatibility {
    pub terms: SmallVec<[(PackageId, Term); 2]>,
    pub cause: Cause,
}

impl Incompatibility {
    /// `package` in `versions` requires `target` in `allowed`.
    pub fn dependency(
        package: PackageId,
        versions: RankSet,
        target: PackageId,
        allowed: &RankSet,
    ) -> Self {
        let mut terms = SmallVec::new();
        if package == target {
            terms.push((package, Term::Positive(versions.difference(allowed))));
        } else {
            terms.push((package, Term::Positive(versions)));
            // Allowing no version at all says nothing of the target: every situation satisfies that term.
            if !allowed.is_empty() {
                terms.push((target, Term::Negative(allowed.clone())));
            }
        }
        Self {
            terms,
            cause: Cause::Dependency,
        }
    }

    /// No version of `package` in `versions` may be chosen.
    pub fn unusable(package: PackageId, versions: RankSet, cause: Cause) -> Self {
        Self {
            terms: SmallVec::from_iter([(package, Term::Positive(versions))]),
            cause,
        }
    }

    /// No version of `package` goes with any version of `other`.
    pub fn exclusion(package: PackageId, other: PackageId) -> Self {
        let any = || Term::Positive(RankSet::full());
        Self {
            terms: SmallVec::from_iter([(package, any()), (other, any())]),
            cause: Cause::Exclusion,
        }
    }

    /// The term on `package`, if there is one.
    pub fn term(&self, package: PackageId) -> Option<&Term> {
        self.terms
            .iter()
            .find(|(other, _)| *other == package)
            .map(|(_, term)| term)
    }

    /// What follows from two incompatibilities when `package` is taken out of both: the rule of resolution.
    pub fn resolve(
        (left_id, left): (IncompatibilityId, &Self),
        (right_id, right): (IncompatibilityId, &Self),
        package: PackageId,
    ) -> Self {
        let mut terms: SmallVec<[(PackageId, Term); 2]> = SmallVec::new();
        for (other, term) in &left.terms {
            let merged = match right.term(*other) {
                Some(opposite) if *other == package => term.union(opposite),
                Some(same) => term.intersection(same),
                None => term.clone(),
            };
            if merged != Term::any() {
                terms.push((*other, merged));
            }
        }
        for (other, term) in &right.terms {
            if left.term(*other).is_none() && *term != Term::any() {
                terms.push((*other, term.clone()));
            }
        }
        Self {
            terms,
            cause: Cause::Derived(left_id, right_id),
        }
    }
}
