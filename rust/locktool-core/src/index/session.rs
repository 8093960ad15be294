//! Everything the questions of one run share: the indexes, the cache, the connections, and what is known so far.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rustc_hash::{FxHashMap, FxHashSet};

use super::builds::Builds;
use super::connections::Connections;
use super::index_location::IndexLocation;
use super::indexes::Indexes;
use super::joined::Disagreement;
use super::options::{ClientOptions, RefreshPolicy};
use super::programs::Programs;
use super::single_flight::guard;
use super::warnings::Warnings;
use crate::cache::Store;
use crate::distribution::compatible::CompatibleTags;
use crate::index::page::find_links::{AllLinks, Links};
use crate::index::record::listing_state::ListingState;
use crate::index::transport::address::parse_address;
use crate::index::transport::client_config::Network;
use crate::index::transport::credentials::Credentials;
use crate::index::transport::http::Transport;
use crate::index::transport::http_cache::now;
use crate::index::transport::query::FileQueries;
use crate::marker::Marker;
use crate::name::PackageName;
use crate::source::{Listing, Progress, SourceError};
use crate::version::Version;

/// The shared state of a run.
pub struct Session {
    pub indexes: Indexes,
    pub links: AllLinks,
    pub queries: FileQueries,
    pub store: Option<Store>,
    cache_dir: Option<PathBuf>,
    pub warnings: Warnings,
    /// The environments of the run: wheels that none of them can install say nothing.
    pub installable: Marker,
    /// The packages to which the project itself gives an address.
    pub addressed: BTreeSet<PackageName>,
    /// What the one environment of the run installs, where it is known.
    pub tags: Option<Arc<CompatibleTags>>,
    /// The releases that were looked at and whose wheels state different requirements.
    pub disagreements: Mutex<FxHashMap<(PackageName, Version), Disagreement>>,
    pub progress: Arc<Progress>,
    pub offline: bool,
    pub project_dir: PathBuf,
    pub programs: Programs,
    pub connections: Connections,
    /// One clock reading for the run: what is fresh at its start is fresh to its end.
    pub started: i64,
    refresh: RefreshPolicy,
    known: Mutex<FxHashMap<u64, Arc<ListingState>>>,
    noticed: Mutex<FxHashSet<PackageName>>,
}

impl Session {
    pub fn new(options: ClientOptions, progress: Arc<Progress>) -> Result<Self, SourceError> {
        let mut credentials = Credentials::default();
        let indexes: &[IndexLocation] = &options.indexes;
        let indexes = Indexes::new(
            indexes,
            (options.assignments, options.recorded_indexes),
            &options.project_dir,
            &mut credentials,
        )?;
        let mut find_links = Vec::new();
        for text in &options.find_links {
            let url = parse_address(text, &options.project_dir)?;
            credentials.add(&url, None, None);
            find_links.push(Links::new(text, &url, &options.project_dir));
        }
        let network = Network {
            timeout: options.timeout,
            retries: options.retries,
            proxy: options.proxy,
            certificate_bundle: options.certificate_bundle,
        };
        let store = options.cache_dir.as_deref();
        let store = store.map(|directory| Store::open(directory, options.reading));
        Ok(Self {
            indexes,
            links: AllLinks {
                each: find_links,
                ..AllLinks::default()
            },
            queries: FileQueries::default(),
            store,
            cache_dir: options.cache_dir,
            warnings: Warnings::default(),
            installable: options.installable,
            addressed: options.addressed,
            tags: options.tags,
            disagreements: Mutex::default(),
            progress,
            offline: options.offline,
            project_dir: options.project_dir,
            programs: Programs {
                builder: options.builder,
                builds: Builds::new(),
                is_sparing: AtomicBool::new(false),
                stated: options.stated,
                checkouts: options.checkouts,
                recorded_trees: options.recorded_trees,
                trees: Mutex::default(),
            },
            connections: Connections::new(network, credentials, options.keyring),
            started: now(),
            refresh: options.refresh,
            known: Mutex::default(),
            noticed: Mutex::default(),
        })
    }

    /// The connections, made when the first question needs them.
    pub fn transport(&self) -> Result<&Transport, SourceError> {
        self.connections.transport(&self.progress, &self.warnings)
    }

    /// The user asked that every page be checked whatever its age.
    pub fn refreshes_everything(&self) -> bool {
        matches!(self.refresh, RefreshPolicy::All)
    }

    /// The user asked that a package's page be checked whatever its age.
    pub fn refreshes(&self, package: PackageName) -> bool {
        match &self.refresh {
            RefreshPolicy::None => false,
            RefreshPolicy::All => true,
            RefreshPolicy::Packages(packages) => packages.contains(&package),
        }
    }

    pub fn remember(&self, listing: &Listing, known: Arc<ListingState>) {
        guard(&self.known).insert(listing.identity(), known);
    }

    /// Whether a release's metadata is known already, so that nothing has to be fetched ahead of the question.
    pub fn remembers(&self, listing: &Listing, release: usize) -> bool {
        self.known(listing)
            .is_some_and(|known| known.remembers(listing, release))
    }

    /// Says what people should hear of a release, now that it is needed.
    pub fn warn_of_release(&self, listing: &Listing, release: usize) {
        if let Some(known) = self.known(listing) {
            let warnings = known.take_warnings(listing.releases[release].version);
            for warning in warnings {
                self.warnings.add(warning);
            }
        }
    }

    pub fn known(&self, listing: &Listing) -> Option<Arc<ListingState>> {
        guard(&self.known).get(&listing.identity()).cloned()
    }

    /// Says once what an index says of a project as a whole.
    pub fn notice(&self, package: PackageName, notice: &str) {
        if !notice.is_empty() && guard(&self.noticed).insert(package) {
            self.warnings.add(format!("{package} is {notice}"));
        }
    }

    /// Writes everything that the cache does not have yet.
    pub fn write_back(&self) {
        let Some(store) = &self.store else { return };
        let known: Vec<Arc<ListingState>> = guard(&self.known).values().cloned().collect();
        for state in known {
            state.write_back(store);
        }
        self.warnings_of_store();
    }

    /// Keeps the cache within its bounds; costs a look at one file on most runs.
    pub fn tidy_cache(&self) {
        if let (Some(store), Some(directory)) = (&self.store, &self.cache_dir)
            && store.is_writable()
        {
            // Whatever cannot be removed today can be removed tomorrow.
            let _ = crate::cache::tidy(directory);
        }
    }

    pub fn warnings_of_store(&self) {
        if let Some(warning) = self.store.as_ref().and_then(Store::take_warning) {
            self.warnings.add(warning);
        }
    }

    /// Counts a page that came from anywhere.
    pub fn count_page(&self) {
        self.progress.pages.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_metadata(&self) {
        self.progress.metadata.fetch_add(1, Ordering::Relaxed);
    }
}
