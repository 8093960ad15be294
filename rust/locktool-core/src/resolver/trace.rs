//! The sentences that a search emits of its steps. Nothing is written or looked up where nobody records.

use std::collections::BTreeSet;

use tracing::span::EnteredSpan;
use tracing::{debug, debug_span, info};

use super::dependency::Edge;
use super::package::Catalog;
use super::solution::ForkSolution;
use crate::marker::{Marker, or_too_complex};
use crate::solver::{Conflict, PackageId, Rank, RankSet, Solver};

/// The text of a marker. One that has none ends no run here.
pub(super) fn text(marker: Marker) -> String {
    match or_too_complex(|| marker.to_string()) {
        Ok(text) if text.is_empty() => "all environments".to_owned(),
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}

/// The time in which one fork is solved.
pub(super) fn fork(environment: Marker) -> EnteredSpan {
    debug_span!("fork", of = %text(environment)).entered()
}

/// The time in which the environments of a split are solved without the packages that it is over, since others have several versions.
pub(super) fn without(
    catalog: &Catalog<'_>,
    packages: &BTreeSet<PackageId>,
    moved: &BTreeSet<PackageId>,
) -> EnteredSpan {
    let names = |packages: &BTreeSet<PackageId>| {
        let mut names: Vec<String> = packages.iter().map(|one| catalog.display(*one)).collect();
        names.sort_unstable();
        names.join(", ")
    };
    debug!(
        name: "without",
        "solving without {}, to see what others get: {}", names(packages), names(moved)
    );
    debug_span!("without", of = %names(packages)).entered()
}

/// The time in which a package is decided, whatever it waits for.
pub(super) fn decide(catalog: &Catalog<'_>, package: PackageId) -> EnteredSpan {
    debug_span!("decide", of = %catalog.display(package)).entered()
}

/// A version is about to be tried.
pub(super) fn chosen(catalog: &Catalog<'_>, package: PackageId, rank: Rank, allowed: &RankSet) {
    if catalog.key(package).origin.is_published() {
        debug!(
            name: "chosen",
            "chose {}{}",
            catalog.display_version(package, rank),
            not_the_newest(catalog, package, rank, allowed)
        );
    }
}

fn not_the_newest(
    catalog: &Catalog<'_>,
    package: PackageId,
    rank: Rank,
    allowed: &RankSet,
) -> String {
    let releases = catalog.known_listing(package).map(|one| &one.releases);
    let count = releases.and_then(|releases| Rank::try_from(releases.len()).ok());
    let newest = count.and_then(|count| allowed.descending(count).next());
    match newest.filter(|newest| *newest > rank) {
        Some(newest) => format!(
            "; requirements allow up to {}",
            catalog.display_version(package, newest)
        ),
        None => String::new(),
    }
}

/// A version was turned down because of an earlier choice.
pub(super) fn turned_down(
    catalog: &Catalog<'_>,
    solver: &Solver,
    (conflict, rank): (Conflict, Rank),
    edges: &[&Edge],
) {
    debug!(
        name: "conflict",
        "turned down {}, which {}",
        catalog.display_version(conflict.rejected, rank),
        demand(catalog, solver, conflict.culprit, edges)
    );
}

/// `requires c>=2, and c 1 is chosen`
fn demand(catalog: &Catalog<'_>, solver: &Solver, culprit: PackageId, edges: &[&Edge]) -> String {
    let edge = edges.iter().find(|edge| edge.target == culprit);
    let requirement = edge.and_then(|edge| edge.requirement.as_deref());
    let requirement = requirement.map_or_else(|| catalog.display(culprit), ToString::to_string);
    match solver.decision(culprit) {
        Some(rank) => {
            let chosen = catalog.display_version(culprit, rank);
            format!("requires {requirement}, and {chosen} is chosen")
        }
        None => format!("requires {requirement}, and others exclude that"),
    }
}

/// Decisions were undone, from that many to those of now.
pub(super) fn backtracked(catalog: &Catalog<'_>, solver: &Solver, before: u32) {
    let now = solver.level();
    if now < before {
        debug!(
            name: "backtrack",
            "went back over {} decision{}{}",
            before - now,
            if before - now == 1 { "" } else { "s" },
            solver.decisions().last().map_or_else(String::new, |(package, rank)| {
                format!(", to {}", catalog.display_version(package, rank))
            })
        );
    }
}

/// The search starts over, because conflicts have taught something about two packages.
pub(super) fn restarted(catalog: &Catalog<'_>, conflict: Conflict, course: &str) {
    debug!(
        name: "restart",
        "{} goes with no {} again and again: started over, with {course}",
        catalog.display(conflict.rejected),
        catalog.display(conflict.culprit)
    );
}

/// The fork is split; an attempt at a better solution is given up instead.
pub(super) fn split(
    catalog: &Catalog<'_>,
    is_attempt: bool,
    marker: Marker,
    because: impl FnOnce(&Catalog<'_>) -> String,
) {
    if is_attempt {
        debug!(name: "split", "would split at {}: {}", text(marker), because(catalog));
    } else {
        info!(name: "split", "split at {}: {}", text(marker), because(catalog));
    }
}

/// `what a 1 requires of c differs there`
pub(super) fn required_there(
    catalog: &Catalog<'_>,
    (package, rank): (PackageId, Rank),
    over: PackageId,
) -> String {
    format!(
        "what {} requires of {} differs there",
        catalog.display_version(package, rank),
        catalog.display(over)
    )
}

/// The time in which a newer version of an old pick is looked for.
pub(super) fn improve(catalog: &Catalog<'_>, package: PackageId, pick: Rank) -> EnteredSpan {
    debug_span!("improve", of = %catalog.display_version(package, pick)).entered()
}

/// The time of one attempt at a newer version.
pub(super) fn attempt(catalog: &Catalog<'_>, package: PackageId, goal: Rank) -> EnteredSpan {
    debug_span!("attempt", of = %catalog.display_version(package, goal)).entered()
}

/// A better solution takes the place of the one before.
pub(super) fn improved(
    catalog: &Catalog<'_>,
    package: PackageId,
    (before, after): (&ForkSolution, &ForkSolution),
) {
    info!(name: "improved", "{}", improvement(catalog, package, (before, after)));
}

/// `b moves from 1 to 2, and a is put back from 3 to 2`
fn improvement(
    catalog: &Catalog<'_>,
    package: PackageId,
    (before, after): (&ForkSolution, &ForkSolution),
) -> String {
    let picks = after.picks();
    let mut moves: Vec<(&str, PackageId, Rank, Rank)> = Vec::new();
    for (other, rank, _) in &before.chosen {
        let is_base = catalog.base(*other) == *other;
        match picks.get(other).copied().filter(|_| is_base) {
            Some(now) if *other == package => moves.push(("moves", *other, *rank, now)),
            Some(now) if now < *rank => moves.push(("is put back", *other, *rank, now)),
            _ => {}
        }
    }
    moves.sort_by_cached_key(|(_, other, _, _)| (*other != package, catalog.display(*other)));
    let moves = moves.into_iter().map(|(verb, other, from, to)| {
        let name = catalog.display(other);
        let version = |rank: Rank| {
            let listing = catalog.known_listing(other);
            let release = listing.and_then(|listing| listing.releases.get(rank as usize));
            release.map_or_else(String::new, |release| release.version.to_string())
        };
        format!("{name} {verb} from {} to {}", version(from), version(to))
    });
    moves.collect::<Vec<_>>().join(", and ")
}
