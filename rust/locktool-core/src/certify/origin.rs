//! From where an entry may be: the address that a requirement gives, or the indexes that the sources of the project leave.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use url::Url;

use super::{StaleReason, files, title};
use crate::locked::{LockedFile, LockedPackage, directory_path};
use crate::manifest::ManifestRecord;

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
        if files::is_digest(&algorithm, digest) != Some(true) {
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

/// The indexes that the project itself gives to packages or keeps from them.
///
/// A package without a source may be from any other index: those of the command line and of the machine are not recorded.
pub(super) struct Indexes<'a> {
    assigned: BTreeMap<&'a str, &'a str>,
    explicit: FxHashSet<&'a str>,
    sourced: FxHashMap<&'a str, Vec<&'a str>>,
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
        Self {
            assigned: recorded.assigned_indexes(),
            explicit: explicit.map(|index| without_slash(&index.url)).collect(),
            sourced,
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
        let given = self.sourced.get(name).map_or(&[][..], Vec::as_slice);
        let message = match self.assigned.get(name) {
            Some(assigned) if !is_same_index(index, assigned) => {
                format!("{title} is from {index}, and its source is {assigned}")
            }
            None if self.explicit.contains(without_slash(index))
                && !given.iter().any(|given| is_same_index(index, given)) =>
            {
                format!("{title} is from {index}, an explicit index that no source gives it")
            }
            _ => return None,
        };
        Some(StaleReason::touched("index-changed", title, message))
    }
}

/// Whether two addresses are of one index; that of a directory is written with a dot before it or without.
pub(super) fn is_same_index(one: &str, other: &str) -> bool {
    let place = |text| {
        let text = without_slash(text);
        text.strip_prefix("./").unwrap_or(text).to_owned()
    };
    place(one) == place(other)
}

fn without_slash(address: &str) -> &str {
    address.trim_end_matches('/')
}
