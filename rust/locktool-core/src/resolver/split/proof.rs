//! A fork without a solution: whether its proof rests on requirements that never apply together, and so calls for a split.

use rustc_hash::FxHashSet;

use super::SplitDetector;
use crate::marker::Marker;
use crate::solver::{Cause, Incompatibility, IncompatibilityId, Term};

impl SplitDetector<'_> {
    /// The marker to split at, if the requirements of a proof never apply together.
    ///
    /// # Errors
    /// The environments in which all of them do.
    pub fn of_proof(&self, terminal: IncompatibilityId) -> Result<Marker, Marker> {
        let mut together = self.environment;
        for marker in self.proof_markers(terminal) {
            let narrowed = together.and(marker);
            if narrowed.is_false() {
                return Ok(marker);
            }
            together = narrowed;
        }
        Err(together)
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
        let required = rest.first().map(|(target, _)| *target);
        let edges = self.requirements.all().filter(|(target, incoming)| {
            required.is_none_or(|required| required == *target)
                && incoming.package == *package
                && versions.contains(incoming.rank)
        });
        let mut found: Vec<Marker> = edges
            .map(|(_, incoming)| incoming.edge.marker)
            .filter(|marker| !self.environment.implies(*marker))
            .collect();
        found.sort_by_cached_key(ToString::to_string);
        found.dedup();
        markers.extend(found);
    }
}
