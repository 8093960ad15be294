//! Requirements of one version on one package under different markers: whether they lead to one pick, or the fork has to split.

use super::super::dependency::Edge;
use super::super::error::ResolveError;
use super::super::judgement::{CandidateQuery, RequirementSummary};
use super::super::run::Run;
use crate::marker::Marker;
use crate::solver::{Rank, RankSet};

/// Where several requirements of one version on one package lead to different picks under their markers, the marker to
/// split at.
pub(in super::super) fn diverging(
    run: &mut Run<'_>,
    environment: Marker,
    active: &[&Edge],
) -> Result<Option<Marker>, ResolveError> {
    for (position, edge) in active.iter().enumerate() {
        let rivals: Vec<&Edge> = active
            .iter()
            .copied()
            .filter(|other| other.target == edge.target)
            .collect();
        let is_first = active[..position]
            .iter()
            .all(|other| other.target != edge.target);
        if !is_first || rivals.iter().all(|other| other.allowed == edge.allowed) {
            continue;
        }
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
                return Ok(Some(cut));
            }
        }
    }
    Ok(None)
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
