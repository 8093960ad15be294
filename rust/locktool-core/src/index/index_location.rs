//! Indexes as settings and locks name them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::manifest::index_address;
use crate::name::PackageName;

/// An index as the settings give it.
#[derive(Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a project states or not"
)]
pub struct IndexLocation {
    /// The address of the simple API, or of a directory laid out like it (`file://`).
    pub url: String,
    /// Serves only the packages assigned to it.
    pub explicit: bool,
    /// Asked after all others.
    pub default: bool,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Takes the place of the server's Cache-Control, such as `max-age=3600`.
    pub cache_control: Option<String>,
    /// The address that is recorded where this machine asks a mirror.
    pub mirror_of: Option<String>,
    /// The address is one page or directory of links to files.
    pub flat: bool,
    /// The machine names it (the environment, pip's configuration), not the project.
    pub of_machine: bool,
}

impl IndexLocation {
    /// The address by which a lock knows the index.
    pub fn address(&self) -> String {
        index_address(self.mirror_of.as_deref().unwrap_or(&self.url))
    }
}

/// The indexes that a lock records and that neither the project nor the command line names.
#[derive(Clone, Debug, Default)]
pub struct RecordedIndexes {
    /// The packages that come from them.
    pub pins: FxHashMap<PackageName, PackagePin>,
    /// Of the machine's indexes only these serve other names; all do where none is given.
    pub addresses: BTreeSet<String>,
    /// The project's indexes that were asked when the lock was written and did not have what is pinned.
    pub unchanged: BTreeSet<String>,
}

/// The one index that a locked package comes from.
#[derive(Clone, Debug)]
pub struct PackagePin {
    pub address: String,
    /// The run may choose another version, so the project's indexes are asked for it as well.
    pub moves: bool,
}

impl RecordedIndexes {
    /// The address that keeps the machine's other indexes from serving a package.
    pub fn address_for(&self, package: PackageName) -> Option<&String> {
        let pin = self.pins.get(&package).map(|pin| &pin.address);
        pin.or_else(|| self.addresses.first())
    }
}
