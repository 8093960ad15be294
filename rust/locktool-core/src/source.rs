//! The resolver's only door to the world: what a package's releases are, and what a release requires.
//!
//! `PackageSource` is implemented by `index::Client` over the cache and by [`registry::Registry`] in memory.
//! Files are decoded only for the releases that are asked for: a listing of thousands of releases costs its
//! versions, not its file names.

mod arrivals;
pub mod registry;

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

pub use self::arrivals::{Arrivals, Notice};
use crate::distribution::compatible::{CompatibleTags, is_compatible};
use crate::distribution::filename::DistributionFilename;
use crate::distribution::hash::{MalformedDigest, is_strong_hash};
use crate::distribution::tag::{WheelTags, implied_marker, is_unusable, platform_marker};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::version::{SpecifierSet, Version};

/// One file of a release, as an index lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub filename: String,
    /// Absolute, without credentials and without a fragment; the index's own even when a mirror served the page. A path from the
    /// project where the project names the index or the links by a path.
    pub url: String,
    /// `(algorithm, lower-case hex)`, sorted by algorithm.
    pub hashes: Vec<(String, String)>,
    /// What the index announces as a digest of it and is none: the file is not taken.
    pub malformed_digest: Option<Box<MalformedDigest>>,
    pub size: Option<u64>,
    /// Milliseconds since 1970 in UTC.
    pub upload_time: Option<i64>,
    /// The text as the index gives it.
    pub requires_python: Option<Arc<str>>,
    /// The reason, possibly empty, if the file is yanked (PEP 592).
    pub yanked: Option<Arc<str>>,
    pub sidecar: Sidecar,
    /// Address of the file's attestations (PEP 740).
    pub provenance: Option<String>,
    /// The recorded address of the links that list it, where no index does.
    pub links: Option<Arc<str>>,
}

impl File {
    /// A file of which only its name and address are known.
    pub fn bare(filename: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            filename: filename.into(),
            url: url.into(),
            hashes: Vec::new(),
            malformed_digest: None,
            size: None,
            upload_time: None,
            requires_python: None,
            yanked: None,
            sidecar: Sidecar::Unknown,
            provenance: None,
            links: None,
        }
    }

    pub fn is_wheel(&self) -> bool {
        has_extension(&self.filename, "whl")
    }

    /// Whether it is on this machine, at a path from the project or at an absolute one.
    pub fn is_local(&self) -> bool {
        self.url.starts_with("file:") || self.has_relative_path()
    }

    /// Whether it is the user's own: in a directory of links on this machine.
    pub fn is_in_local_links(&self) -> bool {
        self.links.is_some() && self.is_local()
    }

    /// Whether its address is a path from the project.
    pub fn has_relative_path(&self) -> bool {
        !self.url.contains("://")
    }

    /// Where a wheel of a package can be installed; nowhere if the file is none.
    pub fn environments(&self, package: PackageName) -> Marker {
        self.on_tags(package, implied_marker)
    }

    /// The platforms that a wheel of a package is for, whatever the interpreter; none if the file is no wheel.
    pub fn platforms(&self, package: PackageName) -> Marker {
        self.on_tags(package, platform_marker)
    }

    /// Whether it is a wheel that an interpreter with these tags installs.
    pub fn is_compatible(&self, package: PackageName, compatible: &CompatibleTags) -> bool {
        match DistributionFilename::parse(&self.filename, package) {
            Ok(DistributionFilename::Wheel { tags, .. }) => is_compatible(&tags, compatible),
            _ => false,
        }
    }

    /// Whether it is a wheel that no environment of `installable` can install.
    pub fn is_unusable(&self, package: PackageName, installable: Marker) -> bool {
        match DistributionFilename::parse(&self.filename, package) {
            Ok(DistributionFilename::Wheel { tags, .. }) => is_unusable(&tags, installable),
            _ => false,
        }
    }

    fn on_tags(&self, package: PackageName, read: impl Fn(&WheelTags) -> Marker) -> Marker {
        match DistributionFilename::parse(&self.filename, package) {
            Ok(DistributionFilename::Wheel { tags, .. }) => read(&tags),
            _ => Marker::FALSE,
        }
    }

    /// Whether one of its hashes tells it apart from every other file.
    pub fn has_strong_hash(&self) -> bool {
        let mut algorithms = self.hashes.iter().map(|(algorithm, _)| algorithm);
        algorithms.any(|algorithm| is_strong_hash(algorithm))
    }

    /// The hex digest for an algorithm, such as `sha256`.
    pub fn hash(&self, algorithm: &str) -> Option<&str> {
        let found = self.hashes.iter().find(|(name, _)| name == algorithm);
        found.map(|(_, digest)| digest.as_str())
    }
}

/// Whether a file name or path ends in `.extension`, as the packaging formats write it: in lower case.
pub fn has_extension(filename: &str, extension: &str) -> bool {
    let stem = filename.strip_suffix(extension);
    let stem = stem.and_then(|stem| stem.strip_suffix('.'));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with(['/', '\\']))
}

/// Whether `URL.metadata` serves the wheel's METADATA (PEP 658, PEP 714).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sidecar {
    /// The index does not say; it may be there all the same.
    #[default]
    Unknown,
    /// `"core-metadata": false`.
    Absent,
    /// `"core-metadata": {"sha256": "…"}`, or `true` without a hash.
    Present(Option<(String, String)>),
    /// `"core-metadata": {"sha256": "zz"}`: it is not read.
    Malformed(Box<MalformedDigest>),
}

/// One version of a package on an index.
#[derive(Clone, Debug)]
pub struct Release {
    pub version: Version,
    /// Of its files, where they agree; otherwise of the wheel that speaks first (`distribution::precedence`), and of wheels before
    /// the sdist. `None` also where no text can be read.
    pub requires_python: Option<Arc<SpecifierSet>>,
    /// Every file is yanked.
    pub yanked: bool,
    /// Of the earliest file, milliseconds since 1970 in UTC.
    pub upload_time: Option<i64>,
    pub has_sdist: bool,
    pub has_wheel: bool,
    /// Which rows of the listing's file table are this release's.
    pub files: Range<u32>,
}

/// Decodes the files of one release on demand.
pub trait FileReader: Send + Sync {
    /// The files of the `release`-th release; empty where the data turn out to be unreadable.
    fn read_files(&self, release: usize) -> Vec<File>;
}

/// Everything an index has of one package.
pub struct Listing {
    pub package: PackageName,
    /// The recorded address of the index, without credentials.
    pub index: Arc<str>,
    /// Ascending by version, one entry per version.
    pub releases: Vec<Release>,
    /// It is what an address or a path of the project gives, not what an index offers.
    is_direct: bool,
    identity: u64,
    files: FileTable,
    environments: Box<[OnceLock<Marker>]>,
}

enum FileTable {
    Whole(Vec<File>),
    OnDemand(Box<dyn FileReader>, Box<[OnceLock<Box<[File]>>]>),
}

impl Listing {
    /// A listing whose files are all at hand; `Release::files` are ranges of `files`.
    pub fn new(
        package: PackageName,
        index: Arc<str>,
        releases: Vec<Release>,
        files: Vec<File>,
    ) -> Self {
        Self::with_table(package, index, releases, FileTable::Whole(files))
    }

    /// A listing whose files are decoded release by release.
    pub fn on_demand(
        package: PackageName,
        index: Arc<str>,
        releases: Vec<Release>,
        reader: Box<dyn FileReader>,
    ) -> Self {
        let cells = releases.iter().map(|_| OnceLock::new()).collect();
        Self::with_table(package, index, releases, FileTable::OnDemand(reader, cells))
    }

    fn with_table(
        package: PackageName,
        index: Arc<str>,
        releases: Vec<Release>,
        files: FileTable,
    ) -> Self {
        static IDENTITIES: AtomicU64 = AtomicU64::new(0);
        let environments = releases.iter().map(|_| OnceLock::new()).collect();
        let identity = IDENTITIES.fetch_add(1, Ordering::Relaxed);
        Self {
            package,
            index,
            releases,
            is_direct: false,
            identity,
            files,
            environments,
        }
    }

    /// The same listing as what an address or a path gives: no cutoff hides it.
    #[must_use]
    pub fn given_by_address(self) -> Self {
        Self {
            is_direct: true,
            ..self
        }
    }

    /// Whether an address or a path of the project gives it.
    pub fn is_direct(&self) -> bool {
        self.is_direct
    }

    /// A number no other listing of this process has.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// The files of a release, by name.
    pub fn files(&self, release: usize) -> &[File] {
        match &self.files {
            FileTable::Whole(files) => {
                let range = &self.releases[release].files;
                &files[range.start as usize..range.end as usize]
            }
            FileTable::OnDemand(reader, cells) => {
                cells[release].get_or_init(|| reader.read_files(release).into_boxed_slice())
            }
        }
    }

    /// The position of a version.
    pub fn find(&self, version: Version) -> Option<usize> {
        self.releases
            .binary_search_by(|release| release.version.cmp(&version))
            .ok()
    }

    /// Where some wheel of a release can be installed: `TRUE` if one is pure, `FALSE` if there is no wheel.
    pub fn wheel_environments(&self, release: usize) -> Marker {
        *self.environments[release].get_or_init(|| {
            let mut known = Marker::FALSE;
            for file in self.files(release).iter().filter(|file| file.is_wheel()) {
                known = known.or(file.environments(self.package));
                if known.is_true() {
                    break;
                }
            }
            known
        })
    }
}

impl fmt::Debug for Listing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Listing")
            .field("package", &self.package)
            .field("index", &self.index)
            .field("releases", &self.releases)
            .finish_non_exhaustive()
    }
}

/// What a release requires.
#[derive(Clone, Debug, Default)]
pub struct ReleaseMetadata {
    pub requires_dist: Vec<Requirement>,
    pub requires_python: Option<Arc<SpecifierSet>>,
    pub provides_extras: Vec<ExtraName>,
    /// What its build requires, as locks record it; `None` where nothing was built to know this.
    pub build_requires: Option<Vec<String>>,
}

impl ReleaseMetadata {
    /// The same without credentials in the URLs of requirements, for what others publish.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        let requirements = self.requires_dist.into_iter();
        self.requires_dist = requirements.map(Requirement::without_credentials).collect();
        self
    }
}

/// Why the world has no answer. Addresses in it carry no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// No index has the package.
    #[error("no package named {package} was found on {places}")]
    NotFound {
        package: PackageName,
        places: String,
    },
    /// `--offline`, and the cache does not have it.
    #[error(
        "{what} is not in the cache and --offline forbids asking the index; run once without --offline"
    )]
    Offline { what: String },
    /// No answer came, also after retries.
    #[error("{url} could not be fetched: {reason}")]
    Unreachable { url: String, reason: String },
    /// Only an index that the lock does not come from has it, and the machine names that one, not the project.
    #[error(
        "{package} would have to come from {machine}, the index of this machine, but the packages of the lock come from \
         {recorded}: to take it from there, name the index in the project ([[tool.locktool.index]] with default = true), say \
         that it is a mirror (mirror-of), or pass --index-url"
    )]
    OtherIndex {
        package: String,
        machine: String,
        recorded: String,
    },
    /// The lock has it from an index that neither the project nor the command line names, so this run does not ask that index.
    #[error(
        "{package} would have to come from {asked}, but the lock has it from {recorded}, which neither the project nor the \
         command line names: add {recorded} under [[tool.locktool.index]] or pass it with --extra-index-url or --find-links; \
         to take the package from {asked}, remove its entry from the lock"
    )]
    UnnamedIndex {
        package: String,
        asked: String,
        recorded: String,
    },
    /// An answer came that is not what the protocol says.
    #[error("{url} did not answer as a package index: {reason}")]
    Invalid { url: String, reason: String },
    /// This release cannot be used; others of the package may.
    #[error("{reason}")]
    Unusable { reason: String },
    /// This release has to be built to know what it requires, and its build failed.
    #[error("{reason}")]
    BuildFailed {
        package: PackageName,
        version: Option<Version>,
        reason: String,
        /// What can be done about it.
        suggestion: Option<String>,
    },
    /// A path that a source or a requirement of the project gives leads nowhere.
    #[error(
        "{path} does not exist, and {package} is to come from there; correct the path in [tool.locktool.sources] or in the \
         requirement"
    )]
    Missing { path: String, package: PackageName },
    /// 401 or 403.
    #[error(
        "{url} refused access ({reason}); give a user name and password in the index settings, in the environment or in netrc"
    )]
    Unauthorized { url: String, reason: String },
    /// The run was interrupted.
    #[error("interrupted")]
    Cancelled,
}

/// The world as the resolver sees it. Answers do not change during a run.
pub trait PackageSource: Send + Sync {
    /// The releases of a package; blocks until known.
    fn listing(&self, package: PackageName) -> Result<Arc<Listing>, SourceError>;

    /// The releases that the index of this name has of a package; blocks until known.
    fn listing_on(&self, package: PackageName, index: &str) -> Result<Arc<Listing>, SourceError>;

    /// The metadata of a release of a listing of this source; blocks until known.
    fn metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError>;

    /// A listing of one release for a URL or path requirement; blocks until known.
    fn direct(&self, package: PackageName, url: &str) -> Result<Arc<Listing>, SourceError>;

    /// Says that `listing` will probably be asked; returns at once.
    fn prefetch_listing(&self, package: PackageName);

    /// Says that `metadata` will probably be asked; returns at once.
    fn prefetch_metadata(&self, listing: &Arc<Listing>, release: usize);

    /// Takes `prefetch_metadata` back, where the work has not begun.
    fn withdraw_metadata(&self, _listing: &Arc<Listing>, _release: usize) {}

    /// Whether `metadata` responds without asking anybody.
    fn is_known(&self, _listing: &Arc<Listing>, _release: usize) -> bool {
        true
    }

    /// Asks for a listing, and sends a notice when `listing` responds without waiting; returns at once.
    fn notify_of_listing(&self, _package: PackageName, notice: Notice) {
        notice.send();
    }

    /// Asks for the metadata of a release, and sends a notice when `metadata` responds without waiting; returns at once.
    fn notify_of_metadata(&self, _listing: &Arc<Listing>, _release: usize, notice: Notice) {
        notice.send();
    }

    /// How many questions are worth asking at once, ahead of need; none where answers take no time.
    fn concurrency(&self) -> usize {
        32
    }
}

/// Counters of a run, read by the thread that waits for it.
#[derive(Debug, Default)]
pub struct Progress {
    pub pages: AtomicU64,
    pub metadata: AtomicU64,
    pub bytes: AtomicU64,
    pub requests: AtomicU64,
    pub in_flight: AtomicU64,
    /// Steps of searches, over the whole run.
    pub steps: AtomicU64,
    /// The number of steps at which a search ends without an answer; none for zero.
    pub step_limit: AtomicU64,
    /// The moment at which a search ends without an answer.
    pub deadline: Mutex<Option<Instant>>,
    /// What is being done, for people.
    pub step: Mutex<String>,
    /// Set to end the run as soon as possible.
    pub cancelled: AtomicBool,
}

impl Progress {
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Counts a step of a search; false where the run, or this search, is to end.
    pub fn may_step(&self) -> bool {
        let taken = self.steps.fetch_add(1, Ordering::Relaxed);
        let limit = self.step_limit.load(Ordering::Relaxed);
        !self.is_cancelled() && (limit == 0 || taken < limit) && !self.is_late()
    }

    /// Whether the deadline of the search has passed.
    pub fn is_late(&self) -> bool {
        let deadline = self.deadline.lock().ok().and_then(|deadline| *deadline);
        deadline.is_some_and(|deadline| Instant::now() > deadline)
    }

    /// Sets the moment at which a search ends without an answer, or takes it back.
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        if let Ok(mut current) = self.deadline.lock() {
            *current = deadline;
        }
    }

    pub fn set_step(&self, step: impl Into<String>) {
        if let Ok(mut current) = self.step.lock() {
            *current = step.into();
        }
    }
}
