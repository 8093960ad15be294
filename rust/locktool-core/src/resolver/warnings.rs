//! What people should know of a resolution: extras that are asked for and do not exist, and newer releases that cannot be used.

use std::collections::{BTreeMap, BTreeSet};

use super::dependency::DependencyProvider;
use super::error::ResolveError;
use super::package::{Catalog, Origin};
use super::solution::ForkSolution;
use crate::document::caret::quoted;
use crate::document::did_you_mean;
use crate::name::ExtraName;
use crate::solver::{PackageId, Rank};

/// The warnings about the versions of a resolution.
pub(super) fn of_solutions(
    catalog: &mut Catalog<'_>,
    provider: &mut DependencyProvider<'_>,
    solutions: &[ForkSolution],
) -> Result<Vec<String>, ResolveError> {
    let chosen = solutions.iter().flat_map(|solution| &solution.chosen);
    let chosen: BTreeSet<(PackageId, Rank)> =
        chosen.map(|(package, rank, _)| (*package, *rank)).collect();
    let mut warnings = unknown_extras(catalog, provider, &chosen)?;
    warnings.extend(skipped_releases(catalog, provider, &chosen)?);
    warnings.extend(provider.failed_builds().outcome(catalog, &chosen)?);
    Ok(warnings)
}

/// Extras that the chosen versions do not have: installers leave them out, and so does a lock.
fn unknown_extras(
    catalog: &mut Catalog<'_>,
    provider: &mut DependencyProvider<'_>,
    chosen: &BTreeSet<(PackageId, Rank)>,
) -> Result<Vec<String>, ResolveError> {
    let mut missing: BTreeMap<(PackageId, Rank), BTreeSet<String>> = BTreeMap::new();
    for (package, rank) in chosen {
        if let Some(extra) = catalog.key(*package).extra
            && !known_extras(catalog, provider, *package, *rank).contains(&extra)
        {
            missing.insert((*package, *rank), BTreeSet::new());
        }
    }
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    for (package, rank) in chosen {
        let requirer = catalog.display(catalog.base(*package));
        let edges = provider.edges(catalog, *package, *rank)?;
        for edge in edges.expect("a chosen version has edges").iter() {
            let asked = missing.iter_mut().filter(|((target, rank), _)| {
                *target == edge.target && edge.allowed.contains(*rank)
            });
            for (_, requirers) in asked {
                requirers.insert(requirer.clone());
            }
        }
    }
    let mut warnings = Vec::new();
    for ((package, rank), requirers) in missing {
        let Some(extra) = catalog.key(package).extra else {
            continue;
        };
        let known = known_extras(catalog, provider, package, rank);
        let requirers: Vec<String> = requirers.into_iter().collect();
        warnings.push(format!(
            "{} has no extra {}, which {} asks for, so nothing is installed for it{}",
            title(catalog, package, rank)?,
            quoted(extra.as_str()),
            requirers.join(" and "),
            did_you_mean(extra.as_str(), known.iter().map(ExtraName::as_str)),
        ));
    }
    warnings.sort();
    Ok(warnings)
}

/// The extras of a version: those that it declares, and those that its requirements ask for.
fn known_extras(
    catalog: &Catalog<'_>,
    provider: &DependencyProvider<'_>,
    package: PackageId,
    rank: Rank,
) -> BTreeSet<ExtraName> {
    if let Origin::Member(position) = catalog.key(package).origin {
        return catalog.manifest().members[position]
            .extras
            .keys()
            .copied()
            .collect();
    }
    let Some(metadata) = provider.metadata(catalog.base(package), rank) else {
        return BTreeSet::new();
    };
    let mut known: BTreeSet<ExtraName> = metadata.provides_extras.iter().copied().collect();
    let asked = catalog.key(package).extra.filter(|extra| {
        let mut requirements = metadata.requires_dist.iter();
        requirements.any(|one| one.marker.with_extras(&[*extra]) != one.marker.with_extras(&[]))
    });
    known.extend(asked);
    known
}

/// Releases newer than the chosen ones that were looked at and have metadata or files that cannot be used.
fn skipped_releases(
    catalog: &mut Catalog<'_>,
    provider: &DependencyProvider<'_>,
    chosen: &BTreeSet<(PackageId, Rank)>,
) -> Result<Vec<String>, ResolveError> {
    let mut highest: BTreeMap<PackageId, Rank> = BTreeMap::new();
    for (package, rank) in chosen {
        let base = catalog.base(*package);
        let known = highest.entry(base).or_insert(*rank);
        *known = (*known).max(*rank);
    }
    let mut warnings = Vec::new();
    for (package, rank, reason) in provider.unusable() {
        if let Some(taken) = highest.get(&package).copied().filter(|taken| *taken < rank) {
            warnings.push(format!(
                "{} was left out for {}: {reason}",
                title(catalog, package, rank)?,
                version(catalog, package, taken)?,
            ));
        }
    }
    warnings.sort();
    Ok(warnings)
}

/// `celery 5.5.0`, or the name alone of what is no release.
fn title(
    catalog: &mut Catalog<'_>,
    package: PackageId,
    rank: Rank,
) -> Result<String, ResolveError> {
    let base = catalog.base(package);
    let name = catalog.display(base);
    if !catalog.key(base).origin.is_on_an_index() {
        return Ok(name);
    }
    Ok(format!("{name} {}", version(catalog, base, rank)?))
}

fn version(
    catalog: &mut Catalog<'_>,
    package: PackageId,
    rank: Rank,
) -> Result<String, ResolveError> {
    let versions = catalog.versions(package)?;
    Ok(versions.ascending[rank as usize].to_string())
}
