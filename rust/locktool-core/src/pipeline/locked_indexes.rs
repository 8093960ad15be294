//! Where locked packages come from, when neither the project nor the command line names the index that the lock records.
//!
//! Such a package is pinned to its recorded index: no other index of the machine (the environment, pip's configuration) serves it,
//! and none serves a further name, unless the lock records that index already. What would need another index is an error.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::{ClientOptions, IndexLocation, PackagePin, RecordedIndexes};
use crate::lock::{LockedDocument, LockedPackage};
use crate::manifest::{IndexRecord, ManifestRecord, index_address};
use crate::name::PackageName;
use crate::resolver::Hint;
use crate::source::SourceError;

use super::Upgrade;

/// The packages of a lock that are pinned to their recorded indexes, and what that means for a run.
pub struct LockedIndexes {
    pinned: BTreeMap<PackageName, PinnedPackage>,
    /// The recorded addresses, where they decide which of the machine's indexes serve further names.
    recorded: BTreeSet<String>,
    /// The project's indexes that are what they were when the lock was written.
    unchanged: BTreeSet<String>,
    /// The first index of the machine that the lock does not record.
    machine: Option<String>,
    /// The index that is asked for what no other one has.
    default: String,
}

/// One pinned package.
struct PinnedPackage {
    /// Its index as recorded.
    index: String,
    versions: BTreeSet<String>,
    /// This run asks the index, since the machine names it.
    is_asked: bool,
    /// The run may choose another version of it.
    moves: bool,
}

impl LockedIndexes {
    /// `None` where every locked package comes from indexes that the project or the command line names, and where one of them
    /// names a default index that the lock was not made with: everything then follows from what they say.
    pub fn of(
        document: &LockedDocument,
        record: &ManifestRecord,
        (options, upgrade): (&ClientOptions, &Upgrade),
    ) -> Option<Self> {
        let then = document.inputs().map_or(&[][..], |inputs| &inputs.indexes);
        let default = options.indexes.iter().find(|index| index.default);
        if let Some(default) = default
            && !default.of_machine
            && !has_default(then, &default.address())
        {
            return None;
        }
        let pinned = pinned_packages(document, record, (options, upgrade));
        // Where the project named a default index, the command line named these: they say nothing of the machine's.
        let is_of_machine = !then.iter().any(|index| index.default);
        let recorded: BTreeSet<String> = pinned
            .values()
            .filter(|_| is_of_machine)
            .map(|package| index_address(&package.index))
            .collect();
        let machine = options.indexes.iter().filter(|index| index.of_machine);
        let mut machine = machine.map(IndexLocation::address);
        let machine = machine.find(|address| !recorded.is_empty() && !recorded.contains(address));
        (!pinned.is_empty()).then(|| Self {
            machine,
            unchanged: unchanged(then, &record.indexes),
            default: default.map_or_else(|| "no index".to_owned(), IndexLocation::address),
            pinned,
            recorded,
        })
    }

    /// Sends what is pinned to its recorded index, and further names away from the machine's others.
    pub fn apply(&self, options: &mut ClientOptions) {
        let unasked: BTreeSet<&String> = self
            .pinned
            .values()
            .filter(|package| !package.is_asked)
            .map(|package| &package.index)
            .collect();
        for url in unasked {
            // What a lock records may be an index, or a page or directory of links.
            for flat in [false, true] {
                options.indexes.push(IndexLocation {
                    url: url.clone(),
                    explicit: true,
                    flat,
                    ..IndexLocation::default()
                });
            }
        }
        let pins = self.pinned.iter().map(|(name, package)| {
            let pin = PackagePin {
                address: index_address(&package.index),
                moves: package.moves,
            };
            (*name, pin)
        });
        options.recorded_indexes = RecordedIndexes {
            pins: pins.collect(),
            addresses: self.recorded.clone(),
            unchanged: self.unchanged.clone(),
        };
    }

    /// Refuses to upgrade what is pinned to an index that is not asked: other versions would have to come from elsewhere.
    pub fn refuse(&self) -> Result<(), SourceError> {
        let mut pinned = self.pinned.iter();
        let moving = pinned.find(|(_, package)| package.moves && !package.is_asked);
        moving.map_or(Ok(()), |(name, package)| Err(self.error(*name, package)))
    }

    /// What to know where there is no solution: another index may have one.
    pub fn hint(&self) -> Option<Hint> {
        let elsewhere = self.pinned.values().find(|package| !package.is_asked);
        let recorded = self.recorded.first().cloned();
        let recorded = recorded.or_else(|| Some(index_address(&elsewhere?.index)))?;
        let text = if let Some(machine) = &self.machine {
            format!(
                "the packages of the lock come from {recorded}, and {machine}, the index of this machine, is not asked: to \
                 use it, name it in the project ([[tool.locktool.index]] with default = true), say that it is a mirror \
                 (mirror-of), or pass --index-url"
            )
        } else {
            elsewhere?;
            format!(
                "{recorded} is asked only for what the lock has from there, since neither the project nor the command \
                 line names it: to use it, add it under [[tool.locktool.index]], or pass --extra-index-url"
            )
        };
        Some(Hint::plain(text))
    }

    /// Refuses a resolution in which something has moved that is pinned to an index that is not asked.
    pub fn check(&self, packages: &[LockedPackage]) -> Result<(), SourceError> {
        for package in packages {
            let Ok(name) = PackageName::parse(&package.name) else {
                continue;
            };
            if let (Some(known), Some(version), Some(index)) =
                (self.pinned.get(&name), &package.version, &package.index)
                && !known.is_asked
                && index_address(index) == index_address(&known.index)
                && !known.versions.contains(version)
            {
                return Err(self.error(name, known));
            }
        }
        Ok(())
    }

    fn error(&self, name: PackageName, package: &PinnedPackage) -> SourceError {
        let recorded = index_address(&package.index);
        let package = format!("another version of {name}");
        match self.machine.clone() {
            Some(machine) => SourceError::OtherIndex {
                package,
                machine,
                recorded,
            },
            None => SourceError::UnnamedIndex {
                package,
                asked: self.default.clone(),
                recorded,
            },
        }
    }
}

/// The packages from indexes that nobody names, where no source assigns them to another.
fn pinned_packages(
    document: &LockedDocument,
    record: &ManifestRecord,
    (options, upgrade): (&ClientOptions, &Upgrade),
) -> BTreeMap<PackageName, PinnedPackage> {
    let asked: BTreeSet<String> = options.indexes.iter().map(IndexLocation::address).collect();
    let named = named_addresses(document, record, options);
    let mut pinned: BTreeMap<PackageName, PinnedPackage> = BTreeMap::new();
    for package in &document.packages {
        let (Some(index), Ok(name)) = (&package.index, PackageName::parse(&package.name)) else {
            continue;
        };
        let address = index_address(index);
        let is_named = named.contains(&address) && !is_of_machine_alone(document, name, &address);
        if is_named || options.assignments.contains_key(&name) {
            continue;
        }
        let entry = pinned.entry(name).or_insert_with(|| PinnedPackage {
            index: index.clone(),
            versions: BTreeSet::new(),
            is_asked: asked.contains(&address),
            moves: upgrade.moves(name),
        });
        entry.versions.extend(package.version.clone());
    }
    pinned
}

/// Whether a package is from an explicit index that no source gives it: the machine's index has the same address.
fn is_of_machine_alone(document: &LockedDocument, name: PackageName, address: &str) -> bool {
    let Some(inputs) = document.inputs() else {
        return false;
    };
    let is_here = |url: &String| index_address(url) == address;
    let mut sources = inputs.sources.iter();
    let is_explicit = |index: &IndexRecord| index.explicit && is_here(&index.url);
    inputs.other_indexes.iter().any(is_here)
        && inputs.indexes.iter().any(is_explicit)
        && !sources.any(|source| {
            source.name == name.as_str() && source.index.as_ref().is_some_and(is_here)
        })
}

fn has_default(indexes: &[IndexRecord], address: &str) -> bool {
    let mut indexes = indexes.iter();
    indexes.any(|index| index.default && index_address(&index.url) == address)
}

/// The addresses of the indexes that are asked as they were.
fn unchanged(then: &[IndexRecord], now: &[IndexRecord]) -> BTreeSet<String> {
    let without_cutoff = |index: &IndexRecord| IndexRecord {
        exclude_newer: None,
        ..index.clone()
    };
    let is_known = |index: &&IndexRecord| {
        let mut then = then.iter();
        then.any(|known| without_cutoff(known) == without_cutoff(index))
    };
    let same = now.iter().filter(is_known);
    same.map(|index| index_address(&index.url)).collect()
}

/// The addresses that the command line names, and those that the project names today or named when the lock was written: what
/// they serve follows from the inputs.
fn named_addresses(
    document: &LockedDocument,
    record: &ManifestRecord,
    options: &ClientOptions,
) -> BTreeSet<String> {
    let asked = options.indexes.iter().filter(|index| !index.of_machine);
    let mut named: BTreeSet<String> = asked.map(IndexLocation::address).collect();
    let recorded = document.inputs().into_iter();
    for inputs in recorded.chain([record]) {
        named.extend(inputs.indexes.iter().map(|index| index_address(&index.url)));
        let links = inputs.effective().find_links.unwrap_or_default().0;
        named.extend(links.iter().map(|link| options.address_of_links(link)));
    }
    let links = options.find_links.iter();
    named.extend(links.map(|link| options.address_of_links(link)));
    named
}
