//! From where an entry may be: the address that a requirement gives, or the indexes that the sources of the project leave.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use super::{StaleReason, files, title};
use crate::distribution::hash::is_digest;
use crate::lock::{LockedFile, LockedPackage, directory_path};
use crate::manifest::{ManifestRecord, index_address};

/// Whether an entry is from an address: the URL, or the path relative to the project, that a requirement gives.
pub(super) fn comes_from(package: &LockedPackage, address: &str) -> bool {
    if let Some(repository) = &package.vcs {
        return repository.is_at(address);
    }
    if let Some(directory) = &package.directory {
        return is_same_place(&directory.path, &directory_path(address));
    }
    package.archive.as_ref().is_some_and(|archive| {
        let mut places = archive.url.iter().chain(&archive.path);
        places.any(|place| is_same_place(place, address)) && has_hashes_of(archive, address)
    })
}

/// Whether an archive has the hashes that the fragment of its address asks for: `#sha256=...`
fn has_hashes_of(archive: &LockedFile, address: &str) -> bool {
    let (_, fragment) = address.split_once('#').unwrap_or((address, ""));
    let mut asked = fragment.split('&').filter_map(|part| part.split_once('='));
    asked.all(|(algorithm, digest)| {
        let algorithm = algorithm.to_ascii_lowercase();
        // What is no digest is not read by a lock either.
        if is_digest(&algorithm, digest) != Some(true) {
            return true;
        }
        match archive.hashes.get(&algorithm) {
            Some(locked) => locked.eq_ignore_ascii_case(digest),
            // The one that is always recorded.
            None => algorithm != "sha256",
        }
    })
}

/// Compares addresses without credentials, which are never recorded, and without fragments, which name no other place.
fn is_same_place(recorded: &str, address: &str) -> bool {
    let place = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        // A URL that cannot have them has none to take away.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        Some(url)
    };
    match (place(recorded), place(address)) {
        (None, None) => recorded.trim_end_matches('/') == address.trim_end_matches('/'),
        (recorded, address) => recorded == address,
    }
}

/// The indexes that the inputs give to packages or keep from them.
///
/// Where the project names a default index, a package without a source is from an index that the inputs name. Where it names none,
/// the machine's indexes serve what the project's do not have, and they are not recorded.
pub(super) struct Indexes<'a> {
    assigned: BTreeMap<&'a str, &'a str>,
    explicit: FxHashSet<&'a str>,
    /// Those that served without a source when the lock was made: the machine or the command line named them as well.
    others: FxHashSet<&'a str>,
    sourced: FxHashMap<&'a str, Vec<&'a str>>,
    /// Those that serve any package, where no other does.
    common: Option<FxHashSet<&'a str>>,
}

impl<'a> Indexes<'a> {
    pub fn of(recorded: &'a ManifestRecord) -> Self {
        let explicit = recorded.indexes.iter().filter(|index| index.explicit);
        let mut sourced: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
        for source in &recorded.sources {
            if let Some(index) = source.index.as_deref() {
                sourced.entry(&source.name).or_default().push(index);
            }
        }
        let has_default = recorded.indexes.iter().any(|index| index.default);
        Self {
            assigned: recorded.assigned_indexes(),
            explicit: explicit.map(|index| place(&index.url)).collect(),
            others: recorded
                .other_indexes
                .iter()
                .map(|url| place(url))
                .collect(),
            sourced,
            common: has_default.then(|| common(recorded)),
        }
    }

    /// Why an entry may not be from its index.
    pub fn check(&self, package: &LockedPackage) -> Option<StaleReason> {
        let index = package.index.as_deref()?;
        if !files::is_of_index(package) {
            return None;
        }
        let name = package.name.as_str();
        let title = title(package);
        let message = match self.assigned.get(name) {
            Some(assigned) if !is_same_index(index, assigned) => {
                format!("{title} is from {index}, and its source is {assigned}")
            }
            None if self.is_given(name, index) => return None,
            None if self.is_reserved(index) => {
                format!("{title} is from {index}, an explicit index that no source gives it")
            }
            None if !self.is_common(index) => {
                format!("{title} is from {index}, which is none of the project's indexes")
            }
            _ => return None,
        };
        Some(StaleReason::touched("index-changed", title, message))
    }

    /// Whether a source of a package names an index, wherever it holds.
    fn is_given(&self, name: &str, index: &str) -> bool {
        let given = self.sourced.get(name).into_iter().flatten();
        given.into_iter().any(|given| is_same_index(index, given))
    }

    /// Whether an index serves only what a source gives it.
    fn is_reserved(&self, index: &str) -> bool {
        let index = place(index);
        self.explicit.contains(index) && !self.others.contains(index)
    }

    fn is_common(&self, index: &str) -> bool {
        let common = self.common.as_ref();
        common.is_none_or(|common| common.contains(place(index)))
    }
}

/// The indexes and pages of links that serve any package.
fn common(recorded: &ManifestRecord) -> FxHashSet<&str> {
    let indexes = recorded.indexes.iter().filter(|index| !index.explicit);
    let indexes = indexes.map(|index| index.url.as_str());
    let said = [&recorded.settings, &recorded.command_line];
    let links = said.into_iter().filter_map(|one| one.find_links.as_ref());
    let links = links.flat_map(|links| links.0.iter());
    let named = links.chain(&recorded.other_indexes).map(String::as_str);
    indexes.chain(named).map(place).collect()
}

/// The indexes that packages are from although nothing in the project sends them there, which a lock records: explicit ones that the
/// machine or the command line names as well, and, where the project names a default, those that only the command line names.
pub fn indexes_of_run<'a>(
    packages: impl Iterator<Item = &'a LockedPackage>,
    record: &ManifestRecord,
) -> Vec<String> {
    let of_project = ManifestRecord {
        other_indexes: Vec::new(),
        ..record.clone()
    };
    let indexes = Indexes::of(&of_project);
    let found: BTreeSet<String> = packages
        .filter(|package| files::is_of_index(package))
        .filter_map(|package| Some((package.name.as_str(), package.index.as_deref()?)))
        .filter(|(name, index)| {
            !indexes.assigned.contains_key(name) && !indexes.is_given(name, index)
        })
        .filter(|(_, index)| indexes.is_reserved(index) || !indexes.is_common(index))
        .map(|(_, index)| index_address(index))
        .collect();
    found.into_iter().collect()
}

/// Whether two addresses are of one index.
pub(super) fn is_same_index(one: &str, other: &str) -> bool {
    place(one) == place(other)
}

/// An address as it is compared; that of a directory is written with a dot before it or without.
fn place(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    address.strip_prefix("./").unwrap_or(address)
}
