//! Requirements of one version on one package under different markers: whether they lead to one pick, or the fork has to split.

use super::super::dependency::Edge;
use super::super::error::ResolveError;
use super::super::judgement::{CandidateQuery, RequirementSummary};
use super::super::run::Run;
use crate::marker::Marker;
use crate::solver::{PackageId, Rank, RankSet};

/// Where several requirements of one version on one package lead to different picks under their markers: the marker to split at, and
/// the package.
pub(in super::super) fn diverging(
    run: &mut Run<'_>,
    environment: Marker,
    active: &[&Edge],
) -> Result<Option<(Marker, PackageId)>, ResolveError> {
    for rivals in rivals(active) {
        let together = predict(run, &rivals, environment)?;
        for rival in &rivals {
            // What is chosen with a group or an extra keeps the versions of what is chosen without, wherever that can be:
            // they are used together, and every split of this kind would double the forks.
            let cut = match together {
                Some(_) => rival.marker.without_memberships(),
                None => rival.marker,
            };
            let inside = environment.and(cut);
            let outside = environment.difference(cut);
            if inside.is_false() || outside.is_false() {
                continue;
            }
            let within = predict(run, &rivals, inside)?;
            let beyond = predict(run, &rivals, outside)?;
            if together.is_none()
                || within != together
                || beyond.is_some_and(|rank| Some(rank) != together)
            {
                return Ok(Some((cut, rival.target)));
            }
        }
    }
    Ok(None)
}

/// The edges to each package that has several which allow different versions, in the order of the first of them.
fn rivals<'e>(active: &[&'e Edge]) -> Vec<Vec<&'e Edge>> {
    // A workspace's root has thousands of edges: each is compared with those to its own target alone.
    let mut by_target: Vec<(PackageId, usize)> = Vec::with_capacity(active.len());
    by_target.extend((0..).zip(active).map(|(at, edge)| (edge.target, at)));
    by_target.sort_unstable();
    let same_target = by_target.chunk_by(|(one, _), (other, _)| one == other);
    let differ = |positions: &&[(PackageId, usize)]| {
        let allowed = |at: usize| &active[at].allowed;
        positions
            .iter()
            .any(|(_, at)| allowed(*at) != allowed(positions[0].1))
    };
    let mut differing: Vec<&[(PackageId, usize)]> = same_target.filter(differ).collect();
    differing.sort_unstable_by_key(|positions| positions[0].1);
    let edges =
        |positions: &[(PackageId, usize)]| positions.iter().map(|(_, at)| active[*at]).collect();
    differing.into_iter().map(edges).collect()
}

/// The version that requirements on one package would lead to in some environments, if nothing else stood in the way.
fn predict(
    run: &mut Run<'_>,
    rivals: &[&Edge],
    environment: Marker,
) -> Result<Option<Rank>, ResolveError> {
    let mut applying = rivals
        .iter()
        .filter(|edge| !edge.marker.is_disjoint(environment))
        .peekable();
    let Some(first) = applying.peek().copied() else {
        return Ok(None);
    };
    let target = run.catalog.base(first.target);
    let allowed = applying.fold(RankSet::full(), |set, edge| set.intersection(&edge.allowed));
    let Some(name) = run.catalog.key(target).name else {
        return Ok(None);
    };
    let versions = run.catalog.versions(target)?;
    let summary = RequirementSummary {
        pins_version: first.pins_version,
        ..RequirementSummary::of_environments(environment)
    };
    let query = CandidateQuery {
        name,
        allowed: &allowed,
        environment,
        summary: &summary,
    };
    Ok(run.selector.predict(&query, &versions))
}
