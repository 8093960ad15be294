//! The search itself: unit propagation, conflict resolution, decisions and restarts.

use rustc_hash::FxHashMap;

use super::PackageId;
use super::incompatibility::{Cause, Incompatibility, IncompatibilityId};
use super::partial_solution::{DecisionLevel, PartialSolution, Satisfier, Undecided};
use super::rank_set::{Rank, RankSet};
use super::term::Term;

/// How an incompatibility stands to the partial solution.
enum Relation {
    /// All of its terms hold: a conflict.
    Satisfied,
    /// All but the one at this position hold: the last must not.
    AlmostSatisfied(usize),
    /// One of its terms is false already.
    Contradicted,
    Inconclusive,
}

/// A version that was turned down because of what is decided already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The package whose version was turned down.
    pub rejected: PackageId,
    /// The package that the version does not go with.
    pub culprit: PackageId,
}

/// One search for a solution.
#[derive(Clone, Debug)]
pub struct Solver {
    root: PackageId,
    store: Vec<Incompatibility>,
    /// For each package the incompatibilities that have a term on it.
    by_package: Vec<Vec<IncompatibilityId>>,
    /// Dependencies that differ only in the depending version are merged into one incompatibility.
    dependencies: FxHashMap<(PackageId, PackageId), Vec<IncompatibilityId>>,
    /// For each incompatibility the level at which it was found contradicted, and may be skipped until undone.
    contradicted: Vec<DecisionLevel>,
    solution: PartialSolution,
    /// Packages to look at again, because a restart undid conclusions that still follow.
    pending: Vec<PackageId>,
}

const NOT_CONTRADICTED: DecisionLevel = DecisionLevel::MAX;

impl Solver {
    /// A search in which `root` at rank 0 must be chosen.
    pub fn new(root: PackageId) -> Self {
        let mut solver = Self {
            root,
            store: Vec::new(),
            by_package: Vec::new(),
            dependencies: FxHashMap::default(),
            contradicted: Vec::new(),
            solution: PartialSolution::default(),
            pending: Vec::new(),
        };
        solver.add(Incompatibility {
            terms: smallvec::smallvec![(root, Term::Negative(RankSet::singleton(0)))],
            cause: Cause::Root,
        });
        solver
    }

    /// Adds a fact. It takes effect at the next propagation from one of its packages.
    pub fn add(&mut self, incompatibility: Incompatibility) -> IncompatibilityId {
        let id = self.add_unlisted(incompatibility);
        self.list(id);
        id
    }

    /// Says that `package` at `rank` requires `targets`, and decides on it unless that cannot be.
    ///
    /// Returns the conflict with an earlier choice that speaks against the version, if there is one. The next
    /// propagation from `package` then rules the version out.
    pub fn try_version(
        &mut self,
        package: PackageId,
        rank: Rank,
        targets: &[(PackageId, RankSet)],
    ) -> Option<Conflict> {
        let mut conflict = None;
        for (target, allowed) in targets {
            self.add_dependency(package, rank, *target, allowed);
            let rejected = *target != package
                && matches!(self.solution.term(*target),
                    Some(Term::Positive(known)) if known.is_disjoint(allowed));
            let impossible = allowed.is_empty() || (*target == package && !allowed.contains(rank));
            if conflict.is_none() && (rejected || impossible) {
                conflict = Some(Conflict {
                    rejected: package,
                    culprit: *target,
                });
            }
        }
        if conflict.is_none() {
            self.solution.decide(package, rank);
        }
        conflict
    }

    /// Says that `package` at `rank` requires `target` in `allowed`; takes effect as any fact does.
    pub fn add_dependency(
        &mut self,
        package: PackageId,
        rank: Rank,
        target: PackageId,
        allowed: &RankSet,
    ) {
        let versions = RankSet::singleton(rank);
        if package == target {
            if !allowed.contains(rank) {
                self.add(Incompatibility::dependency(
                    package, versions, target, allowed,
                ));
            }
            return;
        }
        let same = self
            .dependencies
            .get(&(package, target))
            .into_iter()
            .flatten()
            .copied()
            .find(|id| {
                matches!(self.store[id.0 as usize].term(target), Some(Term::Negative(set)) if set == allowed)
            });
        let versions = match same.map(|id| self.store[id.0 as usize].term(package)) {
            Some(Some(Term::Positive(known))) if known.contains(rank) => return,
            Some(Some(Term::Positive(known))) => known.union(&versions),
            _ => versions,
        };
        let id = self.add(Incompatibility::dependency(
            package, versions, target, allowed,
        ));
        let merged = self.dependencies.entry((package, target)).or_default();
        if let Some(old) = same {
            merged.retain(|known| *known != old);
            for affected in [package, target] {
                self.by_package[affected.index()].retain(|known| *known != old);
            }
        }
        merged.push(id);
    }

    /// Draws every conclusion that follows from what changed about `start`.
    ///
    /// # Errors
    /// The incompatibility that shows that there is no solution.
    pub fn propagate(&mut self, start: PackageId) -> Result<(), IncompatibilityId> {
        let mut changed = std::mem::take(&mut self.pending);
        changed.push(start);
        while let Some(package) = changed.pop() {
            let Some(conflict) = self.propagate_package(package, &mut changed) else {
                continue;
            };
            let (culprit, cause) = self.resolve_conflict(conflict)?;
            changed.clear();
            self.derive(culprit, cause);
            changed.push(culprit);
        }
        Ok(())
    }

    /// Looks at every incompatibility of one package; returns one that is satisfied, a conflict.
    fn propagate_package(
        &mut self,
        package: PackageId,
        changed: &mut Vec<PackageId>,
    ) -> Option<IncompatibilityId> {
        let known = self.by_package.get(package.index()).map_or(0, Vec::len);
        // The most recent are the most general: looking at them first finds conflicts early.
        for position in (0..known).rev() {
            let id = self.by_package[package.index()][position];
            if self.contradicted[id.0 as usize] <= self.solution.level() {
                continue;
            }
            match self.relation(id) {
                Relation::Satisfied => return Some(id),
                Relation::AlmostSatisfied(index) => {
                    let (target, _) = self.store[id.0 as usize].terms[index];
                    if self.derive(target, id) && !changed.contains(&target) {
                        changed.push(target);
                    }
                    self.contradicted[id.0 as usize] = self.solution.level();
                }
                Relation::Contradicted => {
                    self.contradicted[id.0 as usize] = self.solution.level();
                }
                Relation::Inconclusive => {}
            }
        }
        None
    }

    fn relation(&self, id: IncompatibilityId) -> Relation {
        let mut open = None;
        for (index, (package, term)) in self.store[id.0 as usize].terms.iter().enumerate() {
            match self.solution.term(*package) {
                Some(known) if known.is_subset_of(term) => {}
                Some(known) if known.is_disjoint(term) => return Relation::Contradicted,
                _ if open.is_some() => return Relation::Inconclusive,
                _ => open = Some(index),
            }
        }
        open.map_or(Relation::Satisfied, Relation::AlmostSatisfied)
    }

    fn derive(&mut self, package: PackageId, cause: IncompatibilityId) -> bool {
        let Some(term) = self.store[cause.0 as usize].term(package).map(Term::negate) else {
            return false;
        };
        self.solution.derive(package, &term, cause)
    }

    /// Finds the incompatibility at the root of a conflict and undoes as much as it takes for it to bring something new.
    fn resolve_conflict(
        &mut self,
        conflict: IncompatibilityId,
    ) -> Result<(PackageId, IncompatibilityId), IncompatibilityId> {
        let mut current = conflict;
        loop {
            if self.is_terminal(current) {
                return Err(current);
            }
            let (package, satisfier, previous_level) = self.find_satisfier(current);
            match satisfier.cause {
                Some(cause) if previous_level >= satisfier.level => {
                    let derived = Incompatibility::resolve(
                        (current, &self.store[current.0 as usize]),
                        (cause, &self.store[cause.0 as usize]),
                        package,
                    );
                    current = self.add_unlisted(derived);
                }
                _ => {
                    self.backtrack(previous_level);
                    if current != conflict {
                        self.list(current);
                    }
                    return Ok((package, current));
                }
            }
        }
    }

    /// Stores an incompatibility that is only a step on the way.
    fn add_unlisted(&mut self, incompatibility: Incompatibility) -> IncompatibilityId {
        let id = IncompatibilityId(
            u32::try_from(self.store.len()).expect("fewer than 2^32 incompatibilities"),
        );
        self.store.push(incompatibility);
        self.contradicted.push(NOT_CONTRADICTED);
        id
    }

    fn list(&mut self, id: IncompatibilityId) {
        for position in 0..self.store[id.0 as usize].terms.len() {
            let package = self.store[id.0 as usize].terms[position].0;
            if self.by_package.len() <= package.index() {
                self.by_package.resize_with(package.index() + 1, Vec::new);
            }
            self.by_package[package.index()].push(id);
        }
    }

    fn is_terminal(&self, id: IncompatibilityId) -> bool {
        match &self.store[id.0 as usize].terms[..] {
            [] => true,
            [(package, term)] => *package == self.root && term.is_positive(),
            _ => false,
        }
    }

    /// The last assignment that makes the incompatibility satisfied, and the highest level among what else it takes.
    fn find_satisfier(&self, id: IncompatibilityId) -> (PackageId, Satisfier, DecisionLevel) {
        let incompatibility = &self.store[id.0 as usize];
        let satisfiers: Vec<(PackageId, &Term, Satisfier)> = incompatibility
            .terms
            .iter()
            .map(|(package, term)| {
                let satisfier = self
                    .solution
                    .satisfier(*package, term, None, u32::MAX)
                    .expect("every term of a conflict is satisfied");
                (*package, term, satisfier)
            })
            .collect();
        let (package, term, last) = *satisfiers
            .iter()
            .max_by_key(|(_, _, satisfier)| satisfier.position)
            .expect("an incompatibility that is not terminal has terms");
        let own = match last.cause {
            Some(cause) => self.store[cause.0 as usize].term(package).map(Term::negate),
            None => self.solution.term(package).cloned(),
        };
        let own_earlier = self
            .solution
            .satisfier(package, term, own.as_ref(), last.position)
            .map(|satisfier| satisfier.level);
        let previous = satisfiers
            .iter()
            .filter(|(other, _, _)| *other != package)
            .map(|(_, _, satisfier)| satisfier.level)
            .chain(own_earlier)
            .max()
            .unwrap_or(0);
        // The root is decided at level 1 and is never undone.
        (package, last, previous.max(1).min(last.level))
    }

    fn backtrack(&mut self, level: DecisionLevel) {
        self.solution.backtrack(level);
        for contradicted in &mut self.contradicted {
            if *contradicted > level {
                *contradicted = NOT_CONTRADICTED;
            }
        }
    }

    /// Undoes every decision but the root's; everything learned stays.
    pub fn restart(&mut self) {
        if self.solution.level() > 1 {
            self.backtrack(1);
            self.pending = self.solution.mentioned().to_vec();
        }
    }

    /// Packages that must be chosen and are not yet, with the versions they may still have, in the order they were first required.
    pub fn undecided(&self) -> impl Iterator<Item = (PackageId, &RankSet)> {
        self.solution.undecided()
    }

    /// The same of one package; `None` if it is decided or need not be chosen.
    pub fn undecided_package(&self, package: PackageId) -> Option<Undecided<'_>> {
        self.solution.undecided_package(package)
    }

    /// Moves the packages whose assignments have changed since the last call to the end of a list, some more than once.
    pub fn take_reassigned(&mut self, taken: &mut Vec<PackageId>) {
        self.solution.take_reassigned(taken);
    }

    /// The number of decisions in force.
    pub fn level(&self) -> u32 {
        self.solution.level()
    }

    /// The version decided for a package.
    pub fn decision(&self, package: PackageId) -> Option<Rank> {
        self.solution.decision(package)
    }

    /// All decisions in the order they were made.
    pub fn decisions(&self) -> impl Iterator<Item = (PackageId, Rank)> {
        self.solution.decisions()
    }

    /// An incompatibility by its id, to explain a failure.
    pub fn incompatibility(&self, id: IncompatibilityId) -> &Incompatibility {
        &self.store[id.0 as usize]
    }
}
