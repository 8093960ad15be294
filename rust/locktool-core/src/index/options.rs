//! What a client is given for a run: indexes, cache and connections, and the doors to other programs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::{FxHashMap, FxHashSet};

use super::index_location::{IndexLocation, RecordedIndexes};
use super::stated::StatedBuilds;
use crate::cache::Reading;
use crate::distribution::compatible::CompatibleTags;
use crate::index::transport::address::{parse_address, recorded_links};
use crate::index::transport::credentials::Keyring;
use crate::manifest::{MemberRecord, index_address};
use crate::marker::Marker;
use crate::name::PackageName;

/// The options of a client.
#[derive(Clone)]
pub struct ClientOptions {
    pub indexes: Vec<IndexLocation>,
    /// Directories, pages of links, or addresses of such.
    pub find_links: Vec<String>,
    /// Packages that come from one index only, by the index's address.
    pub assignments: FxHashMap<PackageName, String>,
    /// The indexes that a lock records and no project names, which decide what the machine's indexes may serve.
    pub recorded_indexes: RecordedIndexes,
    /// Directories whose metadata a lock records, with the digests of what their builds read.
    pub recorded_trees: Vec<MemberRecord>,
    /// `None` keeps nothing between runs.
    pub cache_dir: Option<PathBuf>,
    pub reading: Reading,
    /// Take what the cache has, whatever its age, and ask nobody.
    pub offline: bool,
    pub refresh: RefreshPolicy,
    /// The longest silence of a server.
    pub timeout: Duration,
    /// Tries after the first one.
    pub retries: u32,
    /// Takes the place of what the usual variables say, such as `http://user:password@proxy:3128`.
    pub proxy: Option<String>,
    /// Knows the passwords of users that are named without one.
    pub keyring: Option<Arc<dyn Keyring>>,
    /// A file of authorities in PEM that takes the place of the system's.
    pub certificate_bundle: Option<PathBuf>,
    /// Relative paths are below it.
    pub project_dir: PathBuf,
    /// Repositories that were checked out for this run, by the address that requirements give.
    pub checkouts: FxHashMap<String, Checkout>,
    /// What the project says in place of metadata, and of builds.
    pub stated: StatedBuilds,
    /// `None` never builds.
    pub builder: Option<Arc<dyn MetadataBuilder>>,
    /// The environments that may install the answer: metadata is read from wheels that one of them can install.
    pub installable: Marker,
    /// The packages to which the project itself gives an address.
    pub addressed: BTreeSet<PackageName>,
    /// What the one environment of the run installs, where it is known: then the wheel that it would take is read.
    pub tags: Option<Arc<CompatibleTags>>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            indexes: Vec::new(),
            find_links: Vec::new(),
            assignments: FxHashMap::default(),
            recorded_indexes: RecordedIndexes::default(),
            recorded_trees: Vec::new(),
            cache_dir: None,
            reading: Reading::OnDemand,
            offline: false,
            refresh: RefreshPolicy::None,
            timeout: Duration::from_secs(30),
            retries: 3,
            proxy: None,
            keyring: None,
            certificate_bundle: None,
            project_dir: PathBuf::from("."),
            checkouts: FxHashMap::default(),
            stated: StatedBuilds::default(),
            builder: None,
            installable: Marker::TRUE,
            addressed: BTreeSet::new(),
            tags: None,
        }
    }
}

impl ClientOptions {
    /// The address by which a lock knows a directory or page of links.
    pub fn address_of_links(&self, link: &str) -> String {
        let url = parse_address(link, &self.project_dir);
        index_address(&url.map_or_else(
            |_| link.to_owned(),
            |url| recorded_links(link, &url, &self.project_dir),
        ))
    }
}

/// A commit of a repository on this machine.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// The source tree, in the subdirectory that the address names.
    pub path: PathBuf,
    pub commit: String,
}

/// Which pages are checked although they are fresh.
#[derive(Clone, Debug, Default)]
pub enum RefreshPolicy {
    #[default]
    None,
    All,
    Packages(FxHashSet<PackageName>),
}

/// What other programs know: a source tree or sdist is built far enough to know its metadata, a repository is checked out.
pub trait MetadataBuilder: Send + Sync {
    /// The metadata, or why there is none.
    fn build(&self, path: &Path) -> Result<Built, BuildFailure>;

    /// Checks out what an address of a repository means for a package, or says why it cannot.
    fn check_out(&self, package: PackageName, address: &str) -> Result<Checkout, String>;
}

/// What a build gave.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// The text of METADATA.
    pub metadata: String,
    /// What the build requires, as locks record it; `None` where nothing had to be built.
    pub build_requires: Option<Vec<String>>,
}

/// Why a build gave no metadata, and what can be done about it.
#[derive(Clone, Debug, Default)]
pub struct BuildFailure {
    pub reason: String,
    pub suggestion: Option<String>,
}

impl From<String> for BuildFailure {
    fn from(reason: String) -> Self {
        Self {
            reason,
            suggestion: None,
        }
    }
}
