//! The partial solution: everything decided and derived so far, in order, undone level by level.
//!
//! One trail holds the assignments in order; beside it each package keeps its own stack with the intersection of all that is
//! said of it up to each assignment, so the satisfier of a term is found by bisection and undoing is popping.

use super::PackageId;
use super::incompatibility::IncompatibilityId;
use super::rank_set::{Rank, RankSet};
use super::term::Term;

/// The number of decisions in force.
pub(super) type DecisionLevel = u32;

#[derive(Clone, Debug)]
struct TrailEntry {
    package: PackageId,
    level: DecisionLevel,
    /// The incompatibility a derivation follows from; a decision has none.
    cause: Option<IncompatibilityId>,
}

/// All that is said of one package.
#[derive(Clone, Debug, Default)]
struct Assignments {
    /// Trail position and the intersection of everything up to there.
    stack: Vec<(u32, Term)>,
    decision: Option<Rank>,
}

/// An assignment that, with those before it, satisfies a term.
#[derive(Clone, Copy, Debug)]
pub(super) struct Satisfier {
    pub position: u32,
    pub level: DecisionLevel,
    pub cause: Option<IncompatibilityId>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct PartialSolution {
    trail: Vec<TrailEntry>,
    packages: Vec<Assignments>,
    level: DecisionLevel,
    /// Packages with at least one assignment, in order of their first one.
    mentioned: Vec<PackageId>,
    /// Packages with an assignment made or undone since somebody asked for them; some more than once.
    reassigned: Vec<PackageId>,
}

/// A package that must be chosen and is not yet.
#[derive(Clone, Copy, Debug)]
pub struct Undecided<'a> {
    /// The versions that it may still have.
    pub allowed: &'a RankSet,
    /// Ascends in the order in which packages were first mentioned.
    pub mention: u32,
}

impl PartialSolution {
    pub fn level(&self) -> DecisionLevel {
        self.level
    }

    /// The intersection of all that is said of a package, if anything is.
    pub fn term(&self, package: PackageId) -> Option<&Term> {
        self.packages
            .get(package.index())?
            .stack
            .last()
            .map(|(_, term)| term)
    }

    pub fn decision(&self, package: PackageId) -> Option<Rank> {
        self.packages.get(package.index())?.decision
    }

    /// Packages that must be chosen and are not yet, with the versions they may still have, in the order they were first required.
    pub fn undecided(&self) -> impl Iterator<Item = (PackageId, &RankSet)> {
        self.mentioned.iter().filter_map(|&package| {
            let assignments = &self.packages[package.index()];
            match assignments.stack.last() {
                Some((_, Term::Positive(set))) if assignments.decision.is_none() => {
                    Some((package, set))
                }
                _ => None,
            }
        })
    }

    /// The same of one package; `None` if it is decided or need not be chosen.
    pub fn undecided_package(&self, package: PackageId) -> Option<Undecided<'_>> {
        let assignments = self.packages.get(package.index())?;
        match (&assignments.stack[..], assignments.decision) {
            ([(first, _), ..], None) => match assignments.stack.last() {
                Some((_, Term::Positive(allowed))) => Some(Undecided {
                    allowed,
                    mention: *first,
                }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Moves the packages of which something was said or unsaid since the last call to the end of a list.
    pub fn take_reassigned(&mut self, taken: &mut Vec<PackageId>) {
        taken.append(&mut self.reassigned);
    }

    /// Packages of which anything is said.
    pub fn mentioned(&self) -> &[PackageId] {
        &self.mentioned
    }

    /// All decisions, in the order they were made.
    pub fn decisions(&self) -> impl Iterator<Item = (PackageId, Rank)> {
        self.trail
            .iter()
            .filter(|entry| entry.cause.is_none())
            .filter_map(|entry| Some((entry.package, self.decision(entry.package)?)))
    }

    pub fn decide(&mut self, package: PackageId, rank: Rank) {
        self.level += 1;
        self.assign(package, None, Term::Positive(RankSet::singleton(rank)));
        self.packages[package.index()].decision = Some(rank);
    }

    /// Adds what follows for `package`; returns false if it was known already.
    pub fn derive(&mut self, package: PackageId, term: &Term, cause: IncompatibilityId) -> bool {
        let merged = match self.term(package) {
            Some(known) if known.is_subset_of(term) => return false,
            Some(known) => known.intersection(term),
            None => term.clone(),
        };
        self.assign(package, Some(cause), merged);
        true
    }

    fn assign(&mut self, package: PackageId, cause: Option<IncompatibilityId>, merged: Term) {
        if self.packages.len() <= package.index() {
            self.packages
                .resize_with(package.index() + 1, Assignments::default);
        }
        let position = u32::try_from(self.trail.len()).expect("a trail of fewer than 2^32 steps");
        self.trail.push(TrailEntry {
            package,
            level: self.level,
            cause,
        });
        let assignments = &mut self.packages[package.index()];
        if assignments.stack.is_empty() {
            self.mentioned.push(package);
        }
        assignments.stack.push((position, merged));
        self.reassigned.push(package);
    }

    /// Undoes everything above `level`.
    pub fn backtrack(&mut self, level: DecisionLevel) {
        while self.trail.last().is_some_and(|entry| entry.level > level) {
            let Some(entry) = self.trail.pop() else { break };
            let assignments = &mut self.packages[entry.package.index()];
            assignments.stack.pop();
            if entry.cause.is_none() {
                assignments.decision = None;
            }
            self.reassigned.push(entry.package);
        }
        self.level = level;
        let packages = &self.packages;
        self.mentioned
            .retain(|package| !packages[package.index()].stack.is_empty());
    }

    /// The earliest assignment of `package` by which, taken together with `and` if given, `term` is satisfied.
    ///
    /// `before` limits the search to assignments ahead of a trail position. `None` if `and` alone satisfies it.
    pub fn satisfier(
        &self,
        package: PackageId,
        term: &Term,
        and: Option<&Term>,
        before: u32,
    ) -> Option<Satisfier> {
        if and.is_some_and(|own| own.is_subset_of(term)) {
            return None;
        }
        let stack = &self.packages[package.index()].stack;
        let index = stack.partition_point(|(_, known)| match and {
            Some(own) => !known.intersection(own).is_subset_of(term),
            None => !known.is_subset_of(term),
        });
        let (position, _) = stack.get(index)?;
        if *position >= before {
            return None;
        }
        let entry = &self.trail[*position as usize];
        Some(Satisfier {
            position: *position,
            level: entry.level,
            cause: entry.cause,
        })
    }
}
