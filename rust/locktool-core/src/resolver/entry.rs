//! The entries of a lock: what an index has of each chosen version, what it depends on, and its evidence.
//!
//! Everything that an entry says was read before by the search, so that entries are written from shared data, on any thread.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::coverage::Coverage;
use super::dependency::DependencyProvider;
use super::package::{Catalog, Origin};
use crate::lock::{
    LockedDependency, LockedDirectory, LockedFile, LockedPackage, LockedRepository,
    PackageEvidence, PackageTool, directory_path,
};
use crate::manifest::Parent;
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::solver::{PackageId, Rank};
use crate::source::{File, Listing};

/// One entry of the lock while it is put together.
pub(super) struct EntryDraft {
    pub package: PackageId,
    pub rank: Rank,
    /// Where it is needed.
    pub marker: Marker,
    /// Where each of its extras is needed.
    pub extras: BTreeMap<ExtraName, Marker>,
}

pub(super) type EntryKey = (PackageId, Rank);

/// What entries are written from.
pub(super) struct Entries<'a, 'run> {
    pub drafts: &'a BTreeMap<EntryKey, EntryDraft>,
    pub by_name: FxHashMap<PackageName, Vec<EntryKey>>,
    /// The packages that each entry depends on, with where.
    pub edges: &'a BTreeMap<EntryKey, Vec<(PackageId, Marker)>>,
    /// The text of each marker of a draft.
    pub texts: FxHashMap<Marker, Option<String>>,
    pub catalog: &'a Catalog<'run>,
    pub provider: &'a DependencyProvider<'run>,
    pub coverage: Coverage<'run>,
    /// The environments that may install something of the lock.
    pub installable: Marker,
    pub universe: Marker,
}

impl Entries<'_, '_> {
    /// The entry of a draft; `None` for the project itself and for members that are no packages.
    pub fn write(&self, key: EntryKey) -> Option<LockedPackage> {
        let draft = &self.drafts[&key];
        let origin = &self.catalog.key(draft.package).origin;
        let name = self.catalog.key(draft.package).name?;
        let members = &self.coverage.manifest.members;
        if matches!(origin, Origin::Member(position) if !members[*position].package) {
            return None;
        }
        let mut entry = LockedPackage {
            name: name.to_string(),
            marker: self.texts[&draft.marker].clone(),
            dependencies: self.dependencies(key),
            ..LockedPackage::default()
        };
        match origin {
            Origin::Member(position) => {
                entry.directory = Some(LockedDirectory {
                    path: members[*position].path.clone(),
                    editable: Some(true),
                });
            }
            _ => self.fill_from_index(&mut entry, draft),
        }
        Some(entry)
    }

    /// The `dependencies` of an entry: by name alone where that is enough.
    fn dependencies(&self, key: EntryKey) -> Vec<LockedDependency> {
        let mut found = BTreeSet::new();
        for (target, marker) in self.edges.get(&key).into_iter().flatten() {
            let key = self.catalog.key(*target);
            let members = &self.coverage.manifest.members;
            let is_left_out =
                matches!(key.origin, Origin::Member(position) if !members[position].package);
            let Some(name) = key.name.filter(|_| !is_left_out) else {
                continue;
            };
            let namesakes = &self.by_name[&name];
            for entry in namesakes {
                let draft = &self.drafts[entry];
                if draft.package != *target || draft.marker.is_disjoint(*marker) {
                    continue;
                }
                let is_told_apart = namesakes.len() > 1 && !self.is_tree(draft);
                let versions = self.catalog.known_versions(draft.package);
                let versions = versions.filter(|_| is_told_apart);
                found.insert(LockedDependency {
                    name: name.to_string(),
                    version: versions
                        .map(|versions| versions.ascending[draft.rank as usize].to_string()),
                });
            }
        }
        found.into_iter().collect()
    }

    fn fill_from_index(&self, entry: &mut LockedPackage, draft: &EntryDraft) {
        let versions = self.catalog.known_versions(draft.package);
        let versions = versions.expect("the versions of a chosen package were read");
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
        self.fill_files(entry, draft, listing);
        let parent = Parent {
            name: self.catalog.key(draft.package).name,
            version: Some(release.version),
        };
        let needed = draft.marker.and(self.universe);
        let applies = |requirement: &Requirement, extras: &[ExtraName]| {
            let manifest = self.coverage.manifest;
            manifest.applies(requirement, extras, parent)
        };
        let metadata = self.provider.metadata(draft.package, draft.rank);
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
    }

    fn fill_files(&self, entry: &mut LockedPackage, draft: &EntryDraft, listing: &Listing) {
        let key = self.catalog.key(draft.package);
        let files = listing.files(draft.rank as usize);
        if let Origin::Direct(address) = &key.origin {
            let Some(file) = files.first().filter(|_| !self.is_tree(draft)) else {
                // What is in it may change at any time, and its version with it.
                entry.version = None;
                let commit = files.first().and_then(|file| file.hash("git"));
                entry.vcs = commit.and_then(|commit| LockedRepository::parse(address, commit));
                if entry.vcs.is_some() {
                    return;
                }
                entry.directory = Some(LockedDirectory {
                    path: directory_path(address),
                    editable: self.coverage.manifest.is_editable(address),
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
        self.list_files(entry, key.name, listing, files);
    }

    /// Lists what an index has of a release: the source distribution, and the wheels that some environment of the project can install.
    fn list_files(
        &self,
        entry: &mut LockedPackage,
        name: Option<PackageName>,
        listing: &Listing,
        files: &[File],
    ) {
        let links = files.first().and_then(|file| file.links.as_ref());
        let links = links.filter(|_| files.iter().all(|file| file.links.is_some()));
        entry.index = Some(links.unwrap_or(&listing.index).to_string());
        let manifest = self.coverage.manifest;
        let keeps_sdist = name.is_none_or(|name| manifest.may_build(name));
        let keeps_wheels = name.is_none_or(|name| manifest.may_use_wheels(name));
        let visible = files
            .iter()
            .filter(|file| name.is_none_or(|name| self.coverage.is_visible(name, listing, file)));
        let mut names = FxHashSet::default();
        // Of two files of a name, the index means the first.
        let visible = visible.filter(|file| names.insert(file.filename.as_str()));
        let (wheels, sdists): (Vec<&File>, Vec<&File>) = visible.partition(|file| file.is_wheel());
        if keeps_sdist {
            entry.sdist = sdists.first().copied().map(locked_file);
        }
        if keeps_wheels {
            let is_usable =
                |file: &&&File| name.is_none_or(|name| !file.is_unusable(name, self.installable));
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
    fn is_tree(&self, draft: &EntryDraft) -> bool {
        let is_direct = matches!(self.catalog.key(draft.package).origin, Origin::Direct(_));
        let listing = self.catalog.known_listing(draft.package);
        let mut files = listing.iter().flat_map(|l| l.files(draft.rank as usize));
        is_direct && files.all(|file| file.hashes.is_empty() || file.hash("git").is_some())
    }
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
        hashes: file.hashes.iter().collect(),
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
