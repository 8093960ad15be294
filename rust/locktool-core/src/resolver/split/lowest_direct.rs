//! Under `lowest-direct`, a version that was chosen for where the project requires the package itself, and is needed elsewhere too.

use super::super::ResolveError;
use super::super::candidate::{Choice, Demand, Wish};
use super::Fork;
use crate::marker::Marker;
use crate::solver::{PackageId, RankSet};

impl Fork<'_, '_> {
    /// The marker to split at where a chosen package turned out to be needed beyond the project's own requirements of it, and the
    /// newest version would do there.
    pub(super) fn beyond_own(
        &mut self,
        package: PackageId,
        needed: Marker,
    ) -> Result<Option<Marker>, ResolveError> {
        if !self.shared.chooser.prefers_oldest_of_own() {
            return Ok(None);
        }
        let key = self.shared.catalog.key(package);
        let Some(name) = key.name.filter(|_| key.extra.is_none()) else {
            return Ok(None);
        };
        let demand = Demand {
            region: needed,
            ..self.demand(package)
        };
        if demand.direct.is_false() || needed.implies(demand.direct.without_memberships()) {
            return Ok(None);
        }
        let incoming = self.incoming.get(&package).into_iter().flatten();
        let active = incoming.filter(|one| self.solver.decision(one.package) == Some(one.rank));
        let allowed = active.fold(RankSet::full(), |set, one| {
            set.intersection(&one.edge.allowed)
        });
        let versions = self.shared.catalog.versions(package)?;
        let wish = Wish {
            name,
            allowed: &allowed,
            environment: self.environment,
            demand: &demand,
        };
        match self.shared.chooser.choose(&wish, &versions) {
            Choice::Split(marker) => Ok(Some(marker)),
            Choice::Version(_) | Choice::Nothing => Ok(None),
        }
    }
}
