//! A rejected version whose conflict lies between requirements that never apply together: no reason for an older version, but
//! for solving them apart.

use super::super::dependency::Edge;
use super::SplitDetector;
use crate::marker::Marker;
use crate::solver::{Conflict, RankSet};

impl SplitDetector<'_> {
    /// The marker that separates the requirements which turned a version down, if none of those that apply together with it
    /// would have: an extra or a group of a conflict where one does, or where the version's own requirement applies.
    pub fn exclusive(&self, conflict: Conflict, active: &[&Edge]) -> Option<Marker> {
        let from = self.requirements.where_needed(conflict.rejected);
        let own: Vec<&Edge> = active
            .iter()
            .copied()
            .filter(|edge| edge.target == conflict.culprit)
            .collect();
        let applied = own
            .iter()
            .fold(Marker::FALSE, |all, edge| all.or(from.and(edge.marker)));
        let allowed = own
            .iter()
            .fold(RankSet::full(), |set, edge| set.intersection(&edge.allowed));
        let opposed = self.opposed(conflict, applied, &allowed)?;
        let items = self.conflict_items.iter().map(|item| item.marker());
        let item = items.filter(|item| self.divides(*item)).find(|item| {
            let is_with = applied.implies(*item) && opposed.is_disjoint(*item);
            is_with || (applied.is_disjoint(*item) && opposed.implies(*item))
        });
        item.or_else(|| {
            // The marker as it is written makes simpler forks than the environments to which the whole chain of requirements leads.
            let written = own
                .iter()
                .fold(Marker::FALSE, |all, edge| all.or(edge.marker));
            let markers = [written, applied].into_iter();
            markers
                .map(Marker::without_memberships)
                .find(|marker| self.divides(*marker) && opposed.is_disjoint(*marker))
        })
    }

    /// Where the requirements apply that exclude these versions of the culprit; `None` if one of them applies where the
    /// versions are required, or none is known.
    fn opposed(&self, conflict: Conflict, applied: Marker, allowed: &RankSet) -> Option<Marker> {
        let mut opposed = Marker::FALSE;
        let mut together = allowed.clone();
        for incoming in self.requirements.in_force(conflict.culprit, self.solver) {
            let elsewhere = self.requirements.where_applied(incoming);
            if !elsewhere.is_disjoint(applied) {
                together = together.intersection(&incoming.edge.allowed);
            } else if incoming.edge.allowed.is_disjoint(allowed) {
                opposed = opposed.or(elsewhere);
            }
        }
        (!opposed.is_false() && !together.is_empty()).then_some(opposed)
    }
}
