//! Requirements of one version on one package under different markers: whether they lead to one pick, or the fork has to split.

use super::super::ResolveError;
use super::super::candidate::{Demand, Wish};
use super::super::dependency::Edge;
use super::Fork;
use crate::marker::Marker;
use crate::solver::{Rank, RankSet};

impl Fork<'_, '_> {
    /// Where several requirements of one version on one package lead to different picks under their markers, the marker to
    /// split at.
    pub(super) fn diverging(&mut self, active: &[&Edge]) -> Result<Option<Marker>, ResolveError> {
        for (place, edge) in active.iter().enumerate() {
            let rivals: Vec<&Edge> = active
                .iter()
                .copied()
                .filter(|other| other.target == edge.target)
                .collect();
            let is_first = active[..place]
                .iter()
                .all(|other| other.target != edge.target);
            if !is_first || rivals.iter().all(|other| other.allowed == edge.allowed) {
                continue;
            }
            let together = self.foresee(&rivals, self.environment)?;
            for rival in &rivals {
                // What is chosen with a group or an extra keeps the versions of what is chosen without, wherever that can be:
                // they are used together, and every split of this kind would double the forks.
                let cut = match together {
                    Some(_) => rival.marker.without_memberships(),
                    None => rival.marker,
                };
                let inside = self.environment.and(cut);
                let outside = self.environment.difference(cut);
                if inside.is_false() || outside.is_false() {
                    continue;
                }
                let apart = (
                    self.foresee(&rivals, inside)?,
                    self.foresee(&rivals, outside)?,
                );
                if together.is_none()
                    || apart.0 != together
                    || apart.1.is_some_and(|r| Some(r) != together)
                {
                    return Ok(Some(cut));
                }
            }
        }
        Ok(None)
    }

    /// The version that requirements on one package would lead to in some environments, if nothing else stood in the way.
    fn foresee(
        &mut self,
        rivals: &[&Edge],
        environment: Marker,
    ) -> Result<Option<Rank>, ResolveError> {
        let mut demanding = rivals
            .iter()
            .filter(|edge| !edge.marker.is_disjoint(environment))
            .peekable();
        let Some(first) = demanding.peek().copied() else {
            return Ok(None);
        };
        let target = self.shared.catalog.base(first.target);
        let allowed = demanding.fold(RankSet::full(), |set, edge| set.intersection(&edge.allowed));
        let Some(name) = self.shared.catalog.key(target).name else {
            return Ok(None);
        };
        let versions = self.shared.catalog.versions(target)?;
        let demand = Demand {
            exact: first.exact,
            ..Demand::of_region(environment)
        };
        let wish = Wish {
            name,
            allowed: &allowed,
            environment,
            demand: &demand,
        };
        let foreseen = self.shared.chooser.foresee(&wish, &versions);
        self.shared
            .met
            .versions
            .extend(foreseen.map(|rank| (target, rank)));
        Ok(foreseen)
    }
}
