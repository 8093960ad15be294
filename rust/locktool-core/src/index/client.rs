//! The client: questions are answered from the cache on the asking thread, and fetched by two threads that start at the first question
//! that the cache cannot answer.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Runtime;
use tracing::info;

use super::computed_digests::{ComputedDigest, FileToHash};
use super::options::ClientOptions;
use super::session::Session;
use super::single_flight::{SingleFlight, Slot, Ticket, guard};
use crate::cache::Store;
use crate::index::transport::address::{parse_address, printable};
use crate::index::transport::download::FileToFetch;
use crate::index::transport::http::IN_FLIGHT;
use crate::lock::LockedPackage;
use crate::manifest::MemberRecord;
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::source::{Listing, Notice, PackageSource, Progress, ReleaseMetadata, SourceError};
use crate::trace::Recording;

/// How often a long run brings what it learned to the cache.
const WRITE_INTERVAL: Duration = Duration::from_secs(5);

/// Whose releases are asked for, and of which index: of those that serve the package where no name is given.
type Question = (PackageName, Option<Arc<str>>);

/// A `PackageSource` over indexes and a cache.
pub struct Client {
    session: Arc<Session>,
    /// What records the thread that made the client.
    recording: Recording,
    runtime: OnceLock<Option<Runtime>>,
    listings: SingleFlight<Question, Arc<Listing>>,
    metadata: SingleFlight<(u64, usize), Arc<ReleaseMetadata>>,
    direct: SingleFlight<(PackageName, String), Arc<Listing>>,
    digests: SingleFlight<FileToHash, ComputedDigest>,
}

impl Client {
    /// A client that has asked nothing yet; an error is about an address or an assignment in the options.
    pub fn new(options: ClientOptions, progress: Arc<Progress>) -> Result<Self, SourceError> {
        Ok(Self {
            session: Arc::new(Session::new(options, progress)?),
            recording: Recording::of_this_thread(),
            runtime: OnceLock::new(),
            listings: SingleFlight::default(),
            metadata: SingleFlight::default(),
            direct: SingleFlight::default(),
            digests: SingleFlight::default(),
        })
    }

    /// What people should hear, each sentence once; sorted, because answers arrive in any order.
    pub fn take_warnings(&self) -> Vec<String> {
        self.session.warnings_of_store();
        self.session.warnings.take()
    }

    /// A sentence for each locked release whose wheels state different requirements about what the lock records of it.
    pub fn disagreements(&self, packages: &[LockedPackage]) -> Vec<String> {
        let known = guard(&self.session.disagreements);
        if known.is_empty() {
            return Vec::new();
        }
        let of_package = |package: &LockedPackage| {
            let name = PackageName::parse(&package.name).ok()?;
            let version = package.version.as_deref()?.parse().ok()?;
            let disagreement = known.get(&(name, version))?;
            let requires = package.requires().iter();
            let mut requires = requires.filter_map(|text| text.parse::<Requirement>().ok());
            requires
                .any(|one| disagreement.names.contains(&one.name))
                .then(|| disagreement.sentence.clone())
        };
        let mut sentences: Vec<String> = packages.iter().filter_map(of_package).collect();
        sentences.dedup();
        sentences
    }

    /// A sentence for each two indexes that both list packages of a lock, as far as both were read anyway.
    pub fn on_second_index(&self, packages: &[LockedPackage]) -> Vec<String> {
        self.session.on_second_index(packages)
    }

    /// Whether an answer may rest on a cache record that turned out damaged: ask again with records read whole.
    pub fn has_lost_files(&self) -> bool {
        let store = self.session.store.as_ref();
        store.is_some_and(Store::has_lost_files)
    }

    /// From here on a source distribution of which nothing is known is a version that cannot be used: it takes a download, and
    /// perhaps a build, to learn what it requires.
    pub fn spare_source_distributions(&self) {
        self.session
            .programs
            .is_sparing
            .store(true, Ordering::Relaxed);
    }

    /// Says in the trace what was asked of each index, and what was resumed.
    pub fn trace_counts(&self) {
        let session = &self.session;
        let resumed = session.connections.opened();
        let resumed = resumed.map(|transport| transport.hosts.resumptions());
        for sentence in session
            .indexes
            .counts()
            .into_iter()
            .chain(resumed.unwrap_or_default())
        {
            info!(name: "index", "{sentence}");
        }
    }

    /// The directories that were read, as a lock records them, by the paths that requirements give.
    pub fn trees(&self) -> Vec<MemberRecord> {
        guard(&self.session.programs.trees)
            .values()
            .cloned()
            .collect()
    }

    /// Brings what was learned to the cache; also done when the client is dropped.
    pub fn write_back(&self) {
        self.session.write_back();
    }

    /// Starts the threads that talk to servers, when the first question needs them.
    fn runtime(&self) -> Result<&Runtime, SourceError> {
        let made = self.runtime.get_or_init(|| {
            let recording = self.recording.clone();
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("locktool-index")
                .on_thread_start(move || recording.begin_thread())
                .enable_all()
                .build()
                .ok()?;
            let session = Arc::downgrade(&self.session);
            runtime.spawn(async move {
                loop {
                    tokio::time::sleep(WRITE_INTERVAL).await;
                    let Some(session) = session.upgrade() else {
                        return;
                    };
                    let _ = tokio::task::spawn_blocking(move || session.write_back()).await;
                }
            });
            Some(runtime)
        });
        made.as_ref().ok_or_else(|| SourceError::Unreachable {
            url: "the network".to_owned(),
            reason: "the threads that fetch could not be started".to_owned(),
        })
    }

    /// Answers from what the cache has, or hands the question to the threads that fetch.
    fn respond_or_fetch<T, F>(
        &self,
        ticket: Ticket<T>,
        known: Option<Result<T, SourceError>>,
        fetch: impl FnOnce(Arc<Session>) -> F,
    ) where
        T: Send + 'static,
        F: Future<Output = Result<T, SourceError>> + Send + 'static,
    {
        if let Some(answer) = known {
            return ticket.respond(answer);
        }
        match self.runtime() {
            Ok(runtime) => {
                let question = fetch(self.session.clone());
                runtime.spawn(async move { ticket.respond(question.await) });
            }
            Err(error) => ticket.respond(Err(error)),
        }
    }

    /// The SHA-256 of a file of which its index gives no hash that tells it apart: it is fetched for that.
    ///
    /// # Errors
    /// When the file cannot be fetched, or has not the digests that its index does give.
    pub fn sha256(&self, file: &FileToHash) -> Result<ComputedDigest, SourceError> {
        self.ask_sha256(file).wait(&self.session.progress)
    }

    /// Asks for the SHA-256 of a file without waiting for it.
    pub fn prefetch_sha256(&self, file: &FileToHash) {
        self.ask_sha256(file);
    }

    /// Fetches files, several at once, and returns their paths in the same order.
    ///
    /// # Errors
    /// When one cannot be fetched or is not the file that its SHA-256 is of, or its directory cannot be written.
    pub fn fetch_files(&self, files: Vec<FileToFetch>) -> Result<Vec<PathBuf>, SourceError> {
        let questions: SingleFlight<usize, PathBuf> = SingleFlight::default();
        let mut slots = Vec::with_capacity(files.len());
        for (position, file) in files.into_iter().enumerate() {
            let url = parse_address(&file.address, &self.session.project_dir)?;
            if self.session.offline {
                let what = printable(&url);
                return Err(SourceError::Offline { what });
            }
            let (slot, ticket) = questions.join(position);
            slots.push(slot);
            if let Some(ticket) = ticket {
                self.respond_or_fetch(ticket, None, |session| async move {
                    session.fetch_file(&url, &file).await
                });
            }
        }
        let wait = |slot: Arc<Slot<PathBuf>>| slot.wait(&self.session.progress);
        slots.into_iter().map(wait).collect()
    }

    fn ask_sha256(&self, file: &FileToHash) -> Arc<Slot<ComputedDigest>> {
        let (slot, ticket) = self.digests.join(file.clone());
        if let Some(ticket) = ticket {
            let known = self.session.computed_digest(file);
            let file = file.clone();
            self.respond_or_fetch(ticket, known, |session| async move {
                session.compute_digest(&file).await
            });
        }
        slot
    }

    fn start_listing(&self, (package, index): Question, ticket: Ticket<Arc<Listing>>) {
        let known = self.session.known_listing(package, index.as_deref());
        self.respond_or_fetch(ticket, known, |session| async move {
            session.fetch_listing(package, index.as_deref()).await
        });
    }

    fn wait_for_listing(&self, question: Question) -> Result<Arc<Listing>, SourceError> {
        let (slot, ticket) = self.listings.join(question.clone());
        if let Some(ticket) = ticket {
            self.start_listing(question, ticket);
        }
        slot.wait(&self.session.progress)
    }

    fn start_metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
        ticket: Ticket<Arc<ReleaseMetadata>>,
    ) {
        let known = self.session.known_metadata(listing, release);
        let listing = listing.clone();
        self.respond_or_fetch(ticket, known, |session| async move {
            session.fetch_metadata(&listing, release).await
        });
    }

    /// Fetches the metadata of a release when it is needed, or when there is a permit for work ahead of need.
    fn expect_metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
        ticket: Ticket<Arc<ReleaseMetadata>>,
    ) {
        if let Some(response) = self.session.known_metadata(listing, release) {
            return ticket.respond(response);
        }
        let Ok(runtime) = self.runtime() else { return };
        let (session, listing) = (Arc::clone(&self.session), Arc::clone(listing));
        runtime.spawn(async move {
            let permits = Arc::clone(&session);
            let (begins, _permit) = ticket.begin(&permits.connections.ahead).await;
            if begins {
                ticket.respond(session.fetch_metadata(&listing, release).await);
            }
        });
    }
}

impl PackageSource for Client {
    fn listing(&self, package: PackageName) -> Result<Arc<Listing>, SourceError> {
        self.wait_for_listing((package, None))
    }

    fn listing_on(&self, package: PackageName, index: &str) -> Result<Arc<Listing>, SourceError> {
        self.wait_for_listing((package, Some(index.into())))
    }

    fn metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        let (slot, ticket) = self.metadata.join((listing.identity(), release));
        if let Some(ticket) = ticket {
            self.start_metadata(listing, release, ticket);
        }
        let metadata = slot.wait(&self.session.progress);
        self.session.warn_of_release(listing, release);
        metadata
    }

    fn direct(&self, package: PackageName, url: &str) -> Result<Arc<Listing>, SourceError> {
        let (slot, ticket) = self.direct.join((package, url.to_owned()));
        if let Some(ticket) = ticket {
            let url = url.to_owned();
            let known = self.session.known_direct(package, &url);
            self.respond_or_fetch(ticket, known, |session| async move {
                session.fetch_direct(package, &url).await
            });
        }
        slot.wait(&self.session.progress)
    }

    fn prefetch_listing(&self, package: PackageName) {
        if let (_, Some(ticket)) = self.listings.join((package, None)) {
            self.start_listing((package, None), ticket);
        }
    }

    fn prefetch_metadata(&self, listing: &Arc<Listing>, release: usize) {
        if self.session.remembers(listing, release) {
            return;
        }
        if let Some(ticket) = self.metadata.expect((listing.identity(), release)) {
            self.expect_metadata(listing, release, ticket);
        }
    }

    fn withdraw_metadata(&self, listing: &Arc<Listing>, release: usize) {
        self.metadata.withdraw(&(listing.identity(), release));
    }

    fn is_known(&self, listing: &Arc<Listing>, release: usize) -> bool {
        self.session.remembers(listing, release)
            || self.metadata.is_known(&(listing.identity(), release))
    }

    fn notify_of_listing(&self, package: PackageName, notice: Notice) {
        let question = (package, None);
        let (slot, ticket) = self.listings.join(question.clone());
        if let Some(ticket) = ticket {
            self.start_listing(question, ticket);
        }
        slot.notify(notice);
    }

    fn notify_of_metadata(&self, listing: &Arc<Listing>, release: usize, notice: Notice) {
        let (slot, ticket) = self.metadata.join((listing.identity(), release));
        if let Some(ticket) = ticket {
            self.start_metadata(listing, release, ticket);
        }
        slot.notify(notice);
    }

    fn concurrency(&self) -> usize {
        IN_FLIGHT
    }
}

impl Drop for Client {
    /// Stops what is still being fetched and brings what was learned to the cache.
    fn drop(&mut self) {
        self.session.programs.builds.end();
        if let Some(runtime) = self.runtime.take().flatten() {
            runtime.shutdown_background();
        }
        self.session.write_back();
        self.session.tidy_cache();
    }
}
