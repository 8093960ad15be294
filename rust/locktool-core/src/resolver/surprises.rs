//! Picks that surprise: where the requirements of a resolution allow a newer version than the chosen one, and why it is not taken.
//!
//! Only what the run has read is looked at, so that telling it fetches nothing and changes nothing.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use tracing::{Level, info};

use super::error::ResolveError;
use super::judge::Prereleases;
use super::judgement::{CandidateQuery, Judgement, Rejection, RequirementSummary};
use super::package::Versions;
use super::run::Run;
use super::solution::ForkSolution;
use crate::marker::{Marker, or_too_complex};
use crate::name::PackageName;
use crate::solver::{PackageId, Rank, RankSet};

/// The picks of one fork, and what the requirements among them allow.
struct Fork<'a> {
    solution: &'a ForkSolution,
    picks: FxHashMap<PackageId, Rank>,
    allowed: FxHashMap<PackageId, RankSet>,
}

/// Tells each surprising pick of a resolution in a sentence, in the order of their names.
///
/// # Errors
/// None but those of an index, which has answered before.
pub(super) fn tell(
    run: &mut Run<'_>,
    solutions: &[ForkSolution],
    universe: Marker,
) -> Result<(), ResolveError> {
    if !tracing::enabled!(Level::INFO) || !run.selector.prefers_newest() {
        return Ok(());
    }
    let mut told: BTreeMap<String, (PackageId, Marker)> = BTreeMap::new();
    let mut forks_of: FxHashMap<PackageId, Marker> = FxHashMap::default();
    for solution in solutions {
        let fork = Fork::new(run, solution);
        for (package, rank, needed) in &solution.chosen {
            let forks = forks_of.entry(*package).or_insert(Marker::FALSE);
            *forks = forks.or(solution.environment);
            if let Some(sentence) = sentence(run, &fork, (*package, *rank), *needed)? {
                let known = told.entry(sentence).or_insert((*package, Marker::FALSE));
                known.1 = known.1.or(solution.environment);
            }
        }
    }
    for (sentence, (package, forks)) in told {
        let is_everywhere = forks_of[&package].implies(forks);
        let text = or_too_complex(|| forks.to_text(universe)).ok().flatten();
        if let Some(forks) = text.filter(|_| !is_everywhere) {
            info!(name: "pick", "{sentence} (where {forks})");
        } else {
            info!(name: "pick", "{sentence}");
        }
    }
    Ok(())
}

impl<'a> Fork<'a> {
    fn new(run: &Run<'_>, solution: &'a ForkSolution) -> Self {
        let mut allowed: FxHashMap<PackageId, RankSet> = FxHashMap::default();
        for (package, rank, needed) in &solution.chosen {
            let known = run.provider.known_edges(*package, *rank);
            let edges = known.and_then(|edges| edges.as_ref().ok());
            for edge in edges.into_iter().flat_map(|edges| edges.iter()) {
                // A package with an extra has the version of the package itself, which is no requirement of anybody.
                if edge.requirement.is_some() && !edge.marker.is_disjoint(*needed) {
                    let target = run.catalog.base(edge.target);
                    let known = allowed.entry(target).or_insert_with(RankSet::full);
                    *known = known.intersection(&edge.allowed);
                }
            }
        }
        Self {
            solution,
            picks: solution.picks(),
            allowed,
        }
    }
}

/// `a 1 was chosen, not 2: the existing lock has it`
fn sentence(
    run: &mut Run<'_>,
    fork: &Fork<'_>,
    (package, rank): (PackageId, Rank),
    needed: Marker,
) -> Result<Option<String>, ResolveError> {
    let key = run.catalog.key(package);
    let is_pick = run.catalog.base(package) == package && key.origin.is_on_an_index();
    let Some(name) = key.name.filter(|_| is_pick) else {
        return Ok(None);
    };
    let versions = run.catalog.versions(package)?;
    let allowed = fork.allowed.get(&package).cloned();
    let newer = RankSet::between(rank + 1, versions.count());
    let newer = newer.intersection(&allowed.unwrap_or_else(RankSet::full));
    let query = CandidateQuery {
        name,
        allowed: &newer,
        environment: fork.solution.environment,
        summary: &RequirementSummary::of_environments(needed),
    };
    let surprise = surprise(run, fork, (package, rank), (&query, &versions));
    Ok(surprise.map(|(better, reason)| {
        let version = versions.ascending[better as usize];
        let pick = run.catalog.display_version(package, rank);
        format!("{pick} was chosen, not {version}: {reason}")
    }))
}

/// The newest version of a query that could be in the place of a pick, and why it is not; of versions that cannot be used the newest,
/// where there is no other.
fn surprise(
    run: &mut Run<'_>,
    fork: &Fork<'_>,
    (package, pick): (PackageId, Rank),
    (query, versions): (&CandidateQuery<'_>, &Versions),
) -> Option<(Rank, String)> {
    let is_final = |rank: Rank| !versions.ascending[rank as usize].is_prerelease();
    let takes_prereleases =
        !is_final(pick) || run.selector.judge.prereleases(query) == Prereleases::Equal;
    let newer = query.allowed.descending(versions.count());
    let mut unusable = None;
    for better in newer.filter(|rank| takes_prereleases || is_final(*rank)) {
        let reason = match run.selector.judge.judge(query, versions, better) {
            Judgement::Usable => {
                let reason = passed_over(run, fork, (package, query.name), (pick, better));
                return Some((better, reason));
            }
            Judgement::Rejected(rejection) => rejected(&rejection),
            Judgement::Split(_) => Some("it serves only a part of these environments".to_owned()),
        };
        unusable = unusable.or(reason.map(|reason| (better, reason)));
    }
    unusable
}

/// Why a version may not be used, unless the project asks for that.
fn rejected(rejection: &Rejection) -> Option<String> {
    match rejection {
        Rejection::Prerelease | Rejection::Cutoff => None,
        Rejection::Yanked => Some("it was yanked".to_owned()),
        Rejection::Python(specifiers) => Some(format!("it needs Python {specifiers}")),
        Rejection::Files => Some("none of its files can be used".to_owned()),
    }
}

/// Why a version that may be used is not in the solution.
fn passed_over(
    run: &Run<'_>,
    fork: &Fork<'_>,
    (package, name): (PackageId, PackageName),
    (pick, better): (Rank, Rank),
) -> String {
    let listing = run.catalog.known_listing(package);
    let release = listing.and_then(|listing| listing.releases.get(pick as usize));
    let is_locked = release.is_some_and(|release| {
        let environment = fork.solution.environment;
        let selector = &run.selector;
        !selector.is_upgraded(name) && selector.is_locked(name, release.version, environment)
    });
    if is_locked {
        return "the existing lock has it".to_owned();
    }
    let chosen = fork.solution.chosen.iter();
    let parts = chosen.filter(|(part, _, _)| run.catalog.base(*part) == package);
    for (part, _, needed) in parts {
        match run.provider.known_edges(*part, better) {
            Some(Err(reason)) => return reason.to_string(),
            Some(Ok(edges)) => {
                let applying = edges
                    .iter()
                    .filter(|edge| !edge.marker.is_disjoint(*needed));
                let opposed = applying.filter_map(|edge| {
                    let pick = *fork.picks.get(&edge.target)?;
                    let requirement = edge.requirement.as_ref()?;
                    (!edge.allowed.contains(pick)).then(|| {
                        let chosen = run.catalog.display_version(edge.target, pick);
                        format!("it requires {requirement}, and {chosen} was chosen")
                    })
                });
                if let Some(reason) = opposed.into_iter().next() {
                    return reason;
                }
            }
            None => {}
        }
    }
    if let Some(over) = run.undivided.get(&(package, pick)) {
        let over = run.catalog.display(*over);
        return format!("this is the version without the split over {over}");
    }
    "the search passed it over (-vv shows its steps)".to_owned()
}
