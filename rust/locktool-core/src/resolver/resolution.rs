//! From the solutions of the forks to locked packages: entries, markers, edges and evidence.
//!
//! Equal versions of different forks become one entry whose marker is where any of them needs it. Markers are written as short
//! as the supported environments allow.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::coverage::Coverage;
use super::dependency::DependencyProvider;
use super::error::ResolveError;
use super::package::{Catalog, Origin, ROOT};
use super::run::Run;
use super::solution::ForkSolution;
use super::unserved::Unserved;
use super::warnings;
use crate::lock::{
    LockedDependency, LockedDirectory, LockedFile, LockedPackage, LockedRepository,
    PackageEvidence, PackageTool, directory_path,
};
use crate::manifest::{Manifest, Parent};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::solver::{PackageId, Rank};
use crate::source::{File, Listing};

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

/// One entry of the lock while it is put together.
struct EntryDraft {
    package: PackageId,
    rank: Rank,
    marker: Marker,
    extras: BTreeMap<ExtraName, Marker>,
}

type EntryKey = (PackageId, Rank);

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
    let mut by_name: FxHashMap<PackageName, Vec<EntryKey>> = FxHashMap::default();
    for (key, draft) in &drafts {
        if let Some(name) = catalog.key(draft.package).name {
            by_name.entry(name).or_default().push(*key);
        }
    }
    let edges = collect_edges(catalog, provider, &drafts)?;
    let mut packages = Vec::with_capacity(drafts.len());
    // Most entries are needed in one of a few sets of environments.
    let mut texts: FxHashMap<Marker, Option<String>> = FxHashMap::default();
    for (key, draft) in &drafts {
        let origin = catalog.key(draft.package).origin.clone();
        let Some(name) = catalog.key(draft.package).name else {
            continue;
        };
        if let Origin::Member(position) = origin
            && !manifest.members[position].package
        {
            continue;
        }
        let mut entry = LockedPackage {
            name: name.to_string(),
            marker: texts
                .entry(draft.marker)
                .or_insert_with(|| marker_text(manifest, draft.marker, universe))
                .clone(),
            dependencies: dependencies(catalog, manifest, &drafts, &by_name, edges.get(key)),
            ..LockedPackage::default()
        };
        match &origin {
            Origin::Member(position) => {
                entry.directory = Some(LockedDirectory {
                    path: manifest.members[*position].path.clone(),
                    editable: Some(true),
                });
            }
            _ => fill_from_index(&mut entry, catalog, provider, coverage, draft, universe)?,
        }
        packages.push(entry);
    }
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

/// The shortest text for where an entry is needed; it selects the entry in conflicting combinations that need it as well.
fn marker_text(manifest: &Manifest, needed: Marker, universe: Marker) -> Option<String> {
    let beyond = manifest.selected_in_conflict(needed);
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

/// The `dependencies` of an entry: by name alone where that is enough.
fn dependencies(
    catalog: &mut Catalog<'_>,
    manifest: &Manifest,
    drafts: &BTreeMap<EntryKey, EntryDraft>,
    by_name: &FxHashMap<PackageName, Vec<EntryKey>>,
    edges: Option<&Vec<(PackageId, Marker)>>,
) -> Vec<LockedDependency> {
    let mut found = BTreeSet::new();
    for (target, marker) in edges.into_iter().flatten() {
        let key = catalog.key(*target).clone();
        let is_left_out =
            matches!(key.origin, Origin::Member(position) if !manifest.members[position].package);
        let Some(name) = key.name.filter(|_| !is_left_out) else {
            continue;
        };
        let namesakes = &by_name[&name];
        for entry in namesakes {
            let draft = &drafts[entry];
            if draft.package != *target || draft.marker.is_disjoint(*marker) {
                continue;
            }
            let is_told_apart = namesakes.len() > 1 && !is_tree(catalog, draft);
            let version = is_told_apart.then(|| {
                let versions = catalog.versions(draft.package);
                versions
                    .ok()
                    .map(|v| v.ascending[draft.rank as usize].to_string())
            });
            found.insert(LockedDependency {
                name: name.to_string(),
                version: version.flatten(),
            });
        }
    }
    found.into_iter().collect()
}

fn fill_from_index(
    entry: &mut LockedPackage,
    catalog: &mut Catalog<'_>,
    provider: &mut DependencyProvider<'_>,
    coverage: Coverage<'_>,
    draft: &EntryDraft,
    universe: Marker,
) -> Result<(), ResolveError> {
    let versions = catalog.versions(draft.package)?;
    let listing = versions
        .listing
        .as_ref()
        .expect("a chosen version of an index or an address has a listing");
    let release = &listing.releases[draft.rank as usize];
    entry.version = Some(release.version.to_string());
    entry.requires_python = versions
        .requires_python(draft.rank)
        .map(ToString::to_string)
        .filter(|text| !text.is_empty());
    fill_files(entry, catalog, coverage, draft, listing);
    let parent = Parent {
        name: catalog.key(draft.package).name,
        version: Some(release.version),
    };
    let needed = draft.marker.and(universe);
    let applies = |requirement: &Requirement, extras: &[ExtraName]| {
        coverage.manifest.applies(requirement, extras, parent)
    };
    let metadata = provider.metadata(draft.package, draft.rank);
    let (requires, build_requires) = metadata
        .map(|metadata| {
            let requires = relevant(&metadata.requires_dist, (draft, needed), applies);
            (requires, metadata.build_requires.clone())
        })
        .unwrap_or_default();
    entry.tool = Some(PackageTool {
        locktool: Some(PackageEvidence {
            digest: String::new(),
            requires,
            build_requires,
        }),
    });
    let digest = entry.digest();
    if let Some(evidence) = entry.tool.as_mut().and_then(|tool| tool.locktool.as_mut()) {
        evidence.digest = digest;
    }
    Ok(())
}

fn fill_files(
    entry: &mut LockedPackage,
    catalog: &Catalog<'_>,
    coverage: Coverage<'_>,
    draft: &EntryDraft,
    listing: &Arc<Listing>,
) {
    let key = catalog.key(draft.package);
    let files = listing.files(draft.rank as usize);
    if let Origin::Direct(address) = &key.origin {
        let Some(file) = files.first().filter(|_| !is_tree(catalog, draft)) else {
            // What is in it may change at any time, and its version with it.
            entry.version = None;
            let commit = files.first().and_then(|file| file.hash("git"));
            entry.vcs = commit.and_then(|commit| LockedRepository::parse(address, commit));
            if entry.vcs.is_some() {
                return;
            }
            entry.directory = Some(LockedDirectory {
                path: directory_path(address),
                editable: coverage.manifest.is_editable(address),
            });
            return;
        };
        let is_remote = address.contains("://");
        let mut locked = locked_file(file);
        locked.name = None;
        // The whole file was read: its SHA-256 says more than whatever else its address announces.
        locked.hashes.keep_sha256();
        if !is_remote {
            locked.url = None;
            locked.path = Some(address.to_string());
        }
        entry.archive = Some(locked);
        return;
    }
    list_files(entry, key.name, coverage, listing, files);
}

/// Lists what an index has of a release: the source distribution, and the wheels that some environment of the project can install.
fn list_files(
    entry: &mut LockedPackage,
    name: Option<PackageName>,
    coverage: Coverage<'_>,
    listing: &Listing,
    files: &[File],
) {
    let links = files.first().and_then(|file| file.links.as_ref());
    let links = links.filter(|_| files.iter().all(|file| file.links.is_some()));
    entry.index = Some(links.unwrap_or(&listing.index).to_string());
    let manifest = coverage.manifest;
    let keeps_sdist = name.is_none_or(|name| manifest.may_build(name));
    let keeps_wheels = name.is_none_or(|name| manifest.may_use_wheels(name));
    let visible = files
        .iter()
        .filter(|file| name.is_none_or(|name| coverage.is_visible(name, listing, file)));
    let mut names = FxHashSet::default();
    // Of two files of a name, the index means the first.
    let visible = visible.filter(|file| names.insert(file.filename.as_str()));
    let (wheels, sdists): (Vec<&File>, Vec<&File>) = visible.partition(|file| file.is_wheel());
    if keeps_sdist {
        entry.sdist = sdists.first().copied().map(locked_file);
    }
    if keeps_wheels {
        let installable = manifest.installable();
        let is_usable =
            |file: &&&File| name.is_none_or(|name| !file.is_unusable(name, installable));
        let usable = wheels.iter().filter(is_usable).copied();
        entry.wheels = usable.map(locked_file).collect();
        if entry.wheels.is_empty() && entry.sdist.is_none() {
            // Nothing can be installed anywhere: what there is stands as the evidence.
            entry.wheels = wheels.into_iter().map(locked_file).collect();
        }
    }
    entry.wheels.sort_by(|a, b| a.filename().cmp(b.filename()));
}

/// Whether an entry is a tree of sources, whose version nobody vouches for: an archive was read whole and has a hash of its
/// bytes, a tree has none or that of its commit.
fn is_tree(catalog: &Catalog<'_>, draft: &EntryDraft) -> bool {
    let is_direct = matches!(catalog.key(draft.package).origin, Origin::Direct(_));
    let listing = catalog.known_listing(draft.package);
    let mut files = listing.iter().flat_map(|l| l.files(draft.rank as usize));
    is_direct && files.all(|file| file.hashes.is_empty() || file.hash("git").is_some())
}

fn locked_file(file: &File) -> LockedFile {
    let from_url = file.url.split(['#', '?']).next().unwrap_or("");
    let last = from_url.rsplit('/').next().unwrap_or("");
    let upload_time = file
        .upload_time
        .and_then(|milliseconds| jiff::Timestamp::from_millisecond(milliseconds).ok());
    let (path, url) = if file.has_relative_path() {
        (Some(file.url.clone()), None)
    } else {
        (None, Some(file.url.clone()))
    };
    LockedFile {
        // The name follows from the URL in all but odd cases.
        name: (last != file.filename).then(|| file.filename.clone()),
        upload_time: upload_time.map(|time| time.to_string()),
        url,
        path,
        size: file.size,
        hashes: file.hashes.iter().cloned().collect(),
    }
}

/// The published requirements that apply somewhere the entry is needed, for the extras that are asked for.
fn relevant(
    requirements: &[Requirement],
    (draft, needed): (&EntryDraft, Marker),
    applies: impl Fn(&Requirement, &[ExtraName]) -> Marker,
) -> Vec<String> {
    requirements
        .iter()
        .filter(|requirement| {
            let plain = requirement.marker.with_extras(&[]);
            !applies(requirement, &[]).is_disjoint(needed)
                || draft.extras.iter().any(|(extra, reach)| {
                    requirement.marker.with_extras(&[*extra]) != plain
                        && !applies(requirement, &[*extra]).is_disjoint(*reach)
                })
        })
        .map(ToString::to_string)
        .collect()
}
