//! The entries of a lock, read: their versions, markers and requirements, and that those of a name lie apart.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::edges::Edge;
use super::{StaleReason, title};
use crate::lock::{LockedDocument, LockedPackage};
use crate::manifest::{Manifest, ManifestRecord, Member, MemberRecord, Parent};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::version::Version;

/// One entry of the lock, or a member that has none because it is not installed.
pub(super) struct Entry<'a> {
    pub name: PackageName,
    pub version: Option<Version>,
    /// The version that the inputs give to its directory, which is locked without one.
    pub described: Option<Version>,
    /// The marker as the lock states it, within the environments of the lock.
    pub stated: Marker,
    /// The marker as written, in and outside of these environments.
    pub written: Marker,
    pub requirements: Vec<Requirement>,
    pub member: Option<&'a Member>,
    pub package: Option<&'a LockedPackage>,
    /// The environments that were found to need the entry, and each of its extras.
    pub reach: Marker,
    pub extras: BTreeMap<ExtraName, Marker>,
    pub dependencies: BTreeSet<Edge>,
    /// A requirement gives the address that the entry is from.
    pub is_asked_by_address: bool,
}

/// All entries of a lock.
#[derive(Default)]
pub(super) struct Entries<'a> {
    pub list: Vec<Entry<'a>>,
    pub by_name: FxHashMap<PackageName, Vec<usize>>,
    /// Entries that apply beside another of their name, which are judged no further.
    pub overlapping: FxHashSet<usize>,
}

/// What was found, each message once.
#[derive(Default)]
pub(super) struct Findings {
    pub reasons: Vec<StaleReason>,
    reported: FxHashSet<String>,
}

/// More entries of a name than any project has forks: to tell so many apart takes longer than a check may.
const MOST_ENTRIES: usize = 1000;

impl Findings {
    pub fn touched(&mut self, code: &'static str, subject: &str, message: String) {
        if self.reported.insert(message.clone()) {
            self.reasons
                .push(StaleReason::touched(code, subject, message));
        }
    }
}

impl<'a> Entry<'a> {
    /// An entry of which nothing is derived yet.
    fn new(name: PackageName, version: Option<Version>, member: Option<&'a Member>) -> Self {
        Self {
            name,
            version,
            described: member.and_then(|member| member.version),
            stated: Marker::TRUE,
            written: Marker::TRUE,
            requirements: Vec::new(),
            member,
            package: None,
            reach: Marker::FALSE,
            extras: BTreeMap::new(),
            dependencies: BTreeSet::new(),
            is_asked_by_address: false,
        }
    }

    /// The version that lock or inputs give, if any does.
    pub fn known_version(&self) -> Option<Version> {
        self.version.or(self.described)
    }

    /// The entry as one that requires something.
    pub fn as_parent(&self) -> Parent {
        self.member.map_or(
            Parent {
                name: Some(self.name),
                version: self.known_version(),
            },
            Member::as_parent,
        )
    }
}

impl<'a> Entries<'a> {
    /// Reads the entries; what cannot be read is found, and left out.
    pub fn read(
        document: &'a LockedDocument,
        (manifest, recorded): (&'a Manifest, &ManifestRecord),
        findings: &mut Findings,
    ) -> Self {
        let mut entries = Self::default();
        let universe = manifest.universe();
        let trees = recorded.trees.iter();
        let trees: FxHashMap<&str, Option<Version>> = trees
            .map(|tree| (tree.path.as_str(), version_of(tree)))
            .collect();
        for package in &document.packages {
            let member = |name| {
                let member = manifest.member(name);
                member.filter(|_| package.directory.is_some())
            };
            match read_entry(package, member, findings) {
                Ok(entry) => {
                    let tree = package.directory.as_ref();
                    let tree = tree.and_then(|tree| trees.get(tree.path.as_str()).copied());
                    entries.push(Entry {
                        stated: entry.written.and(universe),
                        described: entry.described.or(tree.flatten()),
                        ..entry
                    });
                }
                Err((code, message)) => findings.touched(code, &title(package), message),
            }
        }
        entries.add_uninstalled_members(manifest, findings);
        entries.check_disjoint(findings);
        entries
    }

    /// Members without a build system have no entry, yet what they require is required.
    fn add_uninstalled_members(&mut self, manifest: &'a Manifest, findings: &mut Findings) {
        for member in &manifest.members {
            let Some(name) = member.name else { continue };
            if self.by_name.contains_key(&name) {
                continue;
            }
            if member.package {
                let message = format!("the project's own package {name} has no entry");
                findings.touched("entry-missing", name.as_str(), message);
            }
            self.push(Entry {
                stated: manifest.universe(),
                ..Entry::new(name, member.version, Some(member))
            });
        }
    }

    fn push(&mut self, entry: Entry<'a>) {
        self.by_name
            .entry(entry.name)
            .or_default()
            .push(self.list.len());
        self.list.push(entry);
    }

    /// Two entries of a name may not apply together.
    fn check_disjoint(&mut self, findings: &mut Findings) {
        let mut names = Vec::new();
        for (name, places) in &mut self.by_name {
            let mut covered = Marker::FALSE;
            let known = self.overlapping.len();
            let number = places.len();
            let is_possible = number <= MOST_ENTRIES;
            places.retain(|place| {
                let stated = self.list[*place].stated;
                let is_apart = covered.is_false() || is_possible && stated.is_disjoint(covered);
                if is_apart {
                    covered = covered.or(stated);
                } else {
                    self.overlapping.insert(*place);
                }
                is_apart
            });
            if self.overlapping.len() > known {
                names.push((*name, number));
            }
        }
        names.sort_unstable();
        for (name, number) in names {
            let message = if number > MOST_ENTRIES {
                format!(
                    "there are {number} entries of {name}, more than any project has environments"
                )
            } else {
                format!("two entries of {name} apply in the same environment")
            };
            findings.touched("entries-overlap", name.as_str(), message);
        }
    }
}

/// The version of a directory; `None` where only its build knows it.
fn version_of(tree: &MemberRecord) -> Option<Version> {
    tree.version.as_deref()?.parse().ok()
}

/// Reads an entry, or says with which code it cannot be read.
fn read_entry<'a>(
    package: &'a LockedPackage,
    member: impl Fn(PackageName) -> Option<&'a Member>,
    findings: &mut Findings,
) -> Result<Entry<'a>, (&'static str, String)> {
    let name = PackageName::parse(&package.name).map_err(|_| {
        let message = format!("`{}` is not a package name", package.name);
        ("name-invalid", message)
    })?;
    let version = package.version.as_deref().map(str::parse::<Version>);
    let version = version
        .transpose()
        .map_err(|error| ("version-invalid", error.to_string()))?;
    let written = package.marker.as_deref().map(Marker::parse).transpose();
    let written = written.map_err(|error| ("marker-invalid", error.to_string()))?;
    let mut entry = Entry {
        written: written.unwrap_or(Marker::TRUE),
        package: Some(package),
        ..Entry::new(name, version, member(name))
    };
    for text in package.requires() {
        match text.parse() {
            Ok(requirement) => entry.requirements.push(requirement),
            Err(error) => {
                let title = title(package);
                findings.touched("requirement-invalid", &title, format!("{title}: {error}"));
            }
        }
    }
    Ok(entry)
}
