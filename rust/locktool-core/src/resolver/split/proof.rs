//! A fork without a solution: whether its proof rests on requirements that never apply together, and so calls for a split.

use rustc_hash::FxHashSet;

use super::{Dispute, Split, SplitDetector};
use crate::marker::Marker;
use crate::solver::{Cause, Incompatibility, IncompatibilityId, Term};

impl SplitDetector<'_> {
    /// The split, if the requirements of a proof never apply together.
    ///
    /// # Errors
    /// The environments in which all of them do.
    pub fn of_proof(&self, terminal: IncompatibilityId) -> Result<Split, Marker> {
        let mut together = self.environment;
        for (marker, dispute) in self.proof_markers(terminal) {
            let narrowed = together.and(marker);
            if narrowed.is_false() {
                let over = Some(dispute);
                return Ok(Split { marker, over });
            }
            together = narrowed;
        }
        Err(together)
    }

    /// The markers of all requirements that a proof uses and that do not hold in the whole fork, nearest to the conflict first, each
    /// with what is required by whom.
    fn proof_markers(&self, terminal: IncompatibilityId) -> Vec<(Marker, Dispute)> {
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

    fn edge_markers(&self, dependency: &Incompatibility, markers: &mut Vec<(Marker, Dispute)>) {
        let [(package, Term::Positive(versions)), rest @ ..] = &dependency.terms[..] else {
            return;
        };
        let required = rest.first().map(|(target, _)| *target);
        let edges = self.requirements.all().filter(|(target, incoming)| {
            required.is_none_or(|required| required == *target)
                && incoming.package == *package
                && versions.contains(incoming.rank)
        });
        let mut found: Vec<(Marker, Dispute)> = edges
            .map(|(package, incoming)| {
                let required_by = incoming.package;
                (
                    incoming.edge.marker,
                    Dispute {
                        package,
                        required_by,
                    },
                )
            })
            .filter(|(marker, _)| !self.environment.implies(*marker))
            .collect();
        found.sort_by_cached_key(|(marker, dispute)| (marker.to_string(), *dispute));
        found.dedup();
        markers.extend(found);
    }
}
