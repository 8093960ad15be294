//! A fork without a solution: whether its proof rests on requirements that never apply together, and so calls for a split.

use rustc_hash::FxHashSet;

use super::super::explain::{Failure, Premise};
use super::{Fork, Outcome};
use crate::marker::Marker;
use crate::solver::{Cause, Incompatibility, IncompatibilityId, Term};

impl Fork<'_, '_> {
    /// Ends a fork that has no solution: a split, if its proof rests on requirements that never apply together.
    pub(super) fn fail(self, terminal: IncompatibilityId) -> Outcome {
        let mut together = self.environment;
        for marker in self.proof_markers(terminal) {
            let narrowed = together.and(marker);
            if narrowed.is_false() {
                return Outcome::Split(marker);
            }
            together = narrowed;
        }
        let premises = self.incoming.into_iter().flat_map(|(target, incoming)| {
            incoming.into_iter().filter_map(move |incoming| {
                Some(Premise {
                    package: incoming.package,
                    rank: incoming.rank,
                    target,
                    allowed: incoming.edge.allowed,
                    requirement: incoming.edge.requirement?,
                })
            })
        });
        Outcome::Failed(Box::new(Failure {
            solver: self.solver,
            terminal,
            environment: together,
            reasons: self.reasons,
            premises: premises.collect(),
        }))
    }

    /// The markers of all requirements that a proof uses and that do not hold in the whole fork, nearest to the conflict first.
    fn proof_markers(&self, terminal: IncompatibilityId) -> Vec<Marker> {
        let mut markers = Vec::new();
        let mut seen = FxHashSet::default();
        let mut queue = std::collections::VecDeque::from([terminal]);
        while let Some(id) = queue.pop_front() {
            if !seen.insert(id) {
                continue;
            }
            let incompatibility = self.solver.incompatibility(id);
            match incompatibility.cause {
                Cause::Derived(left, right) => queue.extend([left, right]),
                Cause::Dependency => self.edge_markers(incompatibility, &mut markers),
                _ => {}
            }
        }
        markers
    }

    fn edge_markers(&self, dependency: &Incompatibility, markers: &mut Vec<Marker>) {
        let [(package, Term::Positive(versions)), rest @ ..] = &dependency.terms[..] else {
            return;
        };
        let target = rest.first().map(|(target, _)| *target);
        let edges = self
            .incoming
            .iter()
            .filter(|(id, _)| target.is_none_or(|target| target == **id))
            .flat_map(|(_, incoming)| incoming)
            .filter(|incoming| incoming.package == *package && versions.contains(incoming.rank));
        let mut found: Vec<Marker> = edges
            .map(|incoming| incoming.edge.marker)
            .filter(|marker| !self.environment.implies(*marker))
            .collect();
        found.sort_by_cached_key(ToString::to_string);
        found.dedup();
        markers.extend(found);
    }
}
