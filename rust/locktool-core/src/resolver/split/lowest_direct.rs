//! Under `lowest-direct`, a version that was chosen for where the project requires the package itself, and is needed elsewhere too.

use super::super::candidate::Choice;
use super::super::error::ResolveError;
use super::super::judgement::{CandidateQuery, RequirementSummary};
use super::super::run::Run;
use crate::marker::Marker;
use crate::solver::{PackageId, RankSet};

/// The marker to split at where a chosen package turned out to be needed beyond the project's own requirements of it, and the
/// newest of the allowed versions would do there. The summary says where it is needed.
pub(in super::super) fn beyond_direct(
    run: &mut Run<'_>,
    package: PackageId,
    (allowed, summary): (&RankSet, &RequirementSummary),
    environment: Marker,
) -> Result<Option<Marker>, ResolveError> {
    let key = run.catalog.key(package);
    let Some(name) = key.name.filter(|_| key.extra.is_none()) else {
        return Ok(None);
    };
    let direct = summary.direct;
    if direct.is_false() || summary.needed.implies(direct.without_memberships()) {
        return Ok(None);
    }
    let versions = run.catalog.versions(package)?;
    let query = CandidateQuery {
        name,
        allowed,
        environment,
        summary,
    };
    match run.selector.choose(&query, &versions) {
        Choice::Split(marker) => Ok(Some(marker)),
        Choice::Version(_) | Choice::Nothing => Ok(None),
    }
}
