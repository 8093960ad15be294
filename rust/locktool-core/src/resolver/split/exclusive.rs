//! A rejected version whose conflict lies between requirements that never apply together: no reason for an older version, but
//! for solving them apart.

use super::super::dependency::Edge;
use super::Fork;
use crate::marker::Marker;
use crate::solver::{Conflict, RankSet};

impl Fork<'_, '_> {
    /// The marker that tells the requirements apart which turned a version down, if none of those that apply together with it
    /// would have: an extra or a group of a conflict where one does, or where the version's own requirement applies.
    pub(super) fn never_together(&self, conflict: Conflict, active: &[&Edge]) -> Option<Marker> {
        let from = self.where_required(conflict.rejected);
        let wishes: Vec<&Edge> = active
            .iter()
            .copied()
            .filter(|edge| edge.target == conflict.culprit)
            .collect();
        let wish = wishes
            .iter()
            .fold(Marker::FALSE, |all, edge| all.or(from.and(edge.marker)));
        let allowed = wishes
            .iter()
            .fold(RankSet::full(), |set, edge| set.intersection(&edge.allowed));
        let opposed = self.opposed(conflict, wish, &allowed)?;
        let items = self.shared.items.iter().map(|item| item.marker());
        let item = items.filter(|item| self.divides(*item)).find(|item| {
            let is_with = wish.implies(*item) && opposed.is_disjoint(*item);
            is_with || (wish.is_disjoint(*item) && opposed.implies(*item))
        });
        item.or_else(|| {
            // The marker as it is written makes simpler forks than the place where the whole chain of requirements leads.
            let written = wishes
                .iter()
                .fold(Marker::FALSE, |all, edge| all.or(edge.marker));
            let places = [written, wish].into_iter();
            places
                .map(Marker::without_memberships)
                .find(|place| self.divides(*place) && opposed.is_disjoint(*place))
        })
    }

    fn divides(&self, item: Marker) -> bool {
        !self.environment.is_disjoint(item) && !self.environment.implies(item)
    }

    /// Where the requirements apply that do not go with these versions of the culprit; `None` if one of them applies where the
    /// versions are wished for, or none is known.
    fn opposed(&self, conflict: Conflict, wish: Marker, allowed: &RankSet) -> Option<Marker> {
        let mut opposed = Marker::FALSE;
        let mut together = allowed.clone();
        for incoming in self.incoming.get(&conflict.culprit).into_iter().flatten() {
            if self.solver.decision(incoming.package) != Some(incoming.rank) {
                continue;
            }
            let applies = self
                .where_required(incoming.package)
                .and(incoming.edge.marker);
            if !applies.is_disjoint(wish) {
                together = together.intersection(&incoming.edge.allowed);
            } else if incoming.edge.allowed.is_disjoint(allowed) {
                opposed = opposed.or(applies);
            }
        }
        (!opposed.is_false() && !together.is_empty()).then_some(opposed)
    }
}
