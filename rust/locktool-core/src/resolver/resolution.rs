//! From the solutions of the forks to locked packages: which entries there are, where each is needed and what it depends on.
//!
//! Equal versions of different forks become one entry whose marker is where any of them needs it. Markers are written as short
//! as the supported environments allow. Entries do not depend on each other, so they are written on two threads.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::coverage::Coverage;
use super::dependency::DependencyProvider;
use super::entry::{Entries, EntryDraft, EntryKey};
use super::error::ResolveError;
use super::package::{Catalog, ROOT};
use super::parallel::map_in_parallel;
use super::run::Run;
use super::solution::ForkSolution;
use super::unserved::Unserved;
use super::warnings;
use crate::lock::LockedPackage;
use crate::manifest::{ConflictMarkers, Manifest};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::PackageId;

/// What a run resolves to.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// Sorted by name, then version, then marker.
    pub packages: Vec<LockedPackage>,
    /// Sentences for people about the versions that were chosen.
    pub warnings: Vec<String>,
    /// How many sets of environments were solved apart.
    pub forks: usize,
    /// How many versions were tried for it: the work of the search, counted.
    pub attempts: usize,
}

/// Puts the solutions together.
pub(super) fn build(
    run: &mut Run<'_>,
    manifest: &Manifest,
    solutions: &[ForkSolution],
    universe: Marker,
) -> Result<Resolution, ResolveError> {
    let Run {
        catalog,
        provider,
        selector,
        ..
    } = run;
    let coverage = selector.judge.coverage();
    let drafts = draft_entries(catalog, solutions);
    let edges = collect_edges(catalog, provider, &drafts)?;
    let markers: Vec<Marker> = drafts.values().map(|draft| draft.marker).collect();
    let entries = Entries {
        texts: marker_texts(manifest, markers, universe),
        by_name: by_name(catalog, &drafts),
        installable: manifest.installable(),
        drafts: &drafts,
        edges: &edges,
        catalog,
        provider,
        coverage,
        universe,
    };
    let keys: Vec<EntryKey> = drafts.keys().copied().collect();
    let written = map_in_parallel(&keys, |key| entries.write(*key));
    let mut packages: Vec<LockedPackage> = written.into_iter().flatten().collect();
    packages.sort_by_cached_key(|entry| {
        let version: Option<crate::version::Version> =
            entry.version.as_deref().and_then(|text| text.parse().ok());
        (entry.name.clone(), version, entry.marker.clone())
    });
    let mut warnings = warnings::of_solutions(catalog, provider, solutions)?;
    warnings.extend(unserved(catalog, coverage, &drafts)?);
    Ok(Resolution {
        packages,
        warnings,
        forks: solutions.len(),
        attempts: 0,
    })
}

/// What is locked for environments that none of its files serves, in a sentence.
fn unserved(
    catalog: &mut Catalog<'_>,
    coverage: Coverage<'_>,
    drafts: &BTreeMap<EntryKey, EntryDraft>,
) -> Result<Option<String>, ResolveError> {
    let mut unserved = Unserved::new();
    for draft in drafts.values() {
        let key = catalog.key(draft.package).clone();
        let Some(name) = key.name.filter(|_| key.origin.is_on_an_index()) else {
            continue;
        };
        let versions = catalog.versions(draft.package)?;
        if let Some(listing) = &versions.listing {
            let covered = coverage.environments(name, listing, draft.rank);
            let title = format!("{name} {}", versions.ascending[draft.rank as usize]);
            unserved.note(&title, draft.marker, covered);
        }
    }
    Ok(unserved.warning())
}

/// The texts of the markers of entries; most entries are needed in one of a few sets of environments.
fn marker_texts(
    manifest: &Manifest,
    mut markers: Vec<Marker>,
    universe: Marker,
) -> FxHashMap<Marker, Option<String>> {
    let mut seen = FxHashSet::default();
    markers.retain(|marker| seen.insert(*marker));
    let conflicts = manifest.conflict_markers();
    let texts = map_in_parallel(&markers, |marker| {
        marker_text(&conflicts, *marker, universe)
    });
    markers.into_iter().zip(texts).collect()
}

/// The entries of each name.
fn by_name(
    catalog: &Catalog<'_>,
    drafts: &BTreeMap<EntryKey, EntryDraft>,
) -> FxHashMap<PackageName, Vec<EntryKey>> {
    let mut by_name: FxHashMap<PackageName, Vec<EntryKey>> = FxHashMap::default();
    for (key, draft) in drafts {
        if let Some(name) = catalog.key(draft.package).name {
            by_name.entry(name).or_default().push(*key);
        }
    }
    by_name
}

/// The shortest text for where an entry is needed; it selects the entry in conflicting combinations that need it as well.
fn marker_text(conflicts: &ConflictMarkers, needed: Marker, universe: Marker) -> Option<String> {
    let beyond = conflicts.selected(needed);
    needed.or(beyond).to_text(universe.or(beyond))
}

fn draft_entries(
    catalog: &Catalog<'_>,
    solutions: &[ForkSolution],
) -> BTreeMap<EntryKey, EntryDraft> {
    let mut drafts: BTreeMap<EntryKey, EntryDraft> = BTreeMap::new();
    for (package, rank, needed) in solutions.iter().flat_map(|solution| &solution.chosen) {
        if *package == ROOT {
            continue;
        }
        let base = catalog.base(*package);
        let draft = drafts.entry((base, *rank)).or_insert(EntryDraft {
            package: base,
            rank: *rank,
            marker: Marker::FALSE,
            extras: BTreeMap::new(),
        });
        // A package is needed wherever one of its extras is.
        draft.marker = draft.marker.or(*needed);
        if let Some(extra) = catalog.key(*package).extra {
            let known = draft.extras.entry(extra).or_insert(Marker::FALSE);
            *known = known.or(*needed);
        }
    }
    drafts
}

/// For each entry the packages it depends on, with where.
fn collect_edges(
    catalog: &mut Catalog<'_>,
    provider: &mut DependencyProvider<'_>,
    drafts: &BTreeMap<EntryKey, EntryDraft>,
) -> Result<BTreeMap<EntryKey, Vec<(PackageId, Marker)>>, ResolveError> {
    let mut all = BTreeMap::new();
    for (key, draft) in drafts {
        let mut edges: Vec<(PackageId, Marker)> = Vec::new();
        let plain = std::iter::once((draft.package, draft.marker));
        let name = catalog.key(draft.package).clone();
        let extras: Vec<(PackageId, Marker)> = draft
            .extras
            .iter()
            .map(|(extra, marker)| {
                let mut key = name.clone();
                key.extra = Some(*extra);
                (catalog.intern(key), *marker)
            })
            .collect();
        for (node, reach) in plain.chain(extras) {
            let found = provider.edges(catalog, node, draft.rank)?;
            for edge in found.expect("a chosen version has edges").iter() {
                let target = catalog.base(edge.target);
                let marker = reach.and(edge.marker);
                if target != draft.package && !marker.is_false() {
                    edges.push((target, marker));
                }
            }
        }
        all.insert(*key, edges);
    }
    Ok(all)
}
