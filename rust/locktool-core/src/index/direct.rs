//! A URL or path requirement as a listing of one release: an archive is read whole and its hash recorded, a
//! directory speaks through its pyproject.toml or is built.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::direct_tree::metadata_of;
use super::options::Checkout;
use super::session::Session;
use crate::cache::RecordView;
use crate::cache::record::Validators;
use crate::distribution::filename::DistributionFilename;
use crate::index::archive::local::{
    local_path, local_sdist_texts, local_wheel_metadata, named_copy, unreadable,
};
use crate::index::archive::metadata_text::{Expected, read_metadata};
use crate::index::archive::project_table::{SourceMetadata, read_sdist};
use crate::index::archive::sdist::SdistTexts;
use crate::index::page::project_page::resolve;
use crate::index::record::conversion::{self, Learned, LearnedMetadata};
use crate::index::record::listing_state::ListingState;
use crate::index::transport::address::{parse_address, printable, without_credentials};
use crate::index::transport::digests::{self, Digests, hash_file};
use crate::index::transport::download::{FileToFetch, download};
use crate::index::transport::error::{cannot_be_used, unusable};
use crate::index::transport::http_cache::{DEFAULT_MAX_AGE, is_fresh};
use crate::index::transport::query::Query;
use crate::name::PackageName;
use crate::project::{BuiltMetadata, send_archive};
use crate::requirement::RepositoryAddress;
use crate::source::{File, Listing, Release, ReleaseMetadata, SourceError};
use crate::version::Version;

const VERSION_CONTROL: [&str; 4] = ["git", "hg", "svn", "bzr"];

/// Where a requirement points.
struct Target {
    url: Url,
    /// The digests of its fragment.
    announced: Digests,
}

impl Target {
    fn parse(package: PackageName, text: &str, project_dir: &Path) -> Result<Self, SourceError> {
        let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
        let control = scheme
            .split_once('+')
            .map_or(scheme, |(control, _)| control);
        if VERSION_CONTROL.contains(&control) || text.starts_with("git@") {
            return Err(unusable(format!(
                "{package} comes from a {control} repository, which locktool does not fetch: name an archive \
                 of that commit or a directory instead"
            )));
        }
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        if fragment
            .split('&')
            .any(|part| part.starts_with("subdirectory="))
        {
            return Err(unusable(format!(
                "{package} is in a subdirectory of an archive, which locktool does not read: unpack it and name \
                 the directory"
            )));
        }
        let url = parse_address(address, project_dir)?;
        let announced = digests::announced(fragment).map_err(|malformed| {
            let reason = format!("its address announces {malformed}: correct or remove it");
            cannot_be_used(&url, reason)
        })?;
        Ok(Self { url, announced })
    }

    fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }
}

impl Session {
    /// What a requirement points to, if it need not be read; `None` if it has to be.
    pub fn known_direct(
        &self,
        package: PackageName,
        text: &str,
    ) -> Option<Result<Arc<Listing>, SourceError>> {
        if RepositoryAddress::is_one(text) && self.programs.builder.is_some() {
            return None;
        }
        let target = match Target::parse(package, text, &self.project_dir) {
            Ok(target) if target.is_local() => return None,
            Ok(target) => target,
            Err(error) => return Some(Err(error)),
        };
        if let Some(listing) = self.direct_in_cache(package, &target) {
            return Some(Ok(listing));
        }
        self.offline.then(|| {
            Err(SourceError::Offline {
                what: printable(&target.url),
            })
        })
    }

    /// An archive with the announced digests never changes; another one holds as long as a page.
    fn direct_in_cache(&self, package: PackageName, target: &Target) -> Option<Arc<Listing>> {
        let key = cache_key(&target.url);
        let (record, listing) = self.recorded_archive(package, &key, &target.url)?;
        let file = listing.files(0).first()?;
        let usable = if target.announced.is_empty() {
            self.offline || is_fresh(record.validators(), self.started) && !self.refreshes(package)
        } else {
            let mut announced = target.announced.iter();
            announced.all(|(algorithm, digest)| file.hash(algorithm) == Some(digest))
        };
        if !usable {
            return None;
        }
        Some(self.remember_archive(listing, key, record))
    }

    /// An archive on this machine whose metadata a build made before, with these contents at this place.
    fn built_archive_in_cache(
        &self,
        package: PackageName,
        key: &str,
        url: &Url,
    ) -> Option<Arc<Listing>> {
        let (record, listing) = self.recorded_archive(package, key, url)?;
        let version = listing.releases.first().map(|release| release.version);
        let stated = &self.programs.stated;
        let may_build = self.programs.builder.is_some() && stated.refuse(package).is_ok();
        let holds = may_build && stated.of_source(package, version).is_none();
        (holds && !self.refreshes(package))
            .then(|| self.remember_archive(listing, key.to_owned(), record))
    }

    fn recorded_archive(
        &self,
        package: PackageName,
        key: &str,
        url: &Url,
    ) -> Option<(Arc<RecordView>, Listing)> {
        let record = Arc::new(self.store.as_ref()?.read(key, package.as_str())?);
        if !record.has_metadata(0) {
            return None;
        }
        let index = without_credentials(url).to_string();
        let listing = conversion::listing(package, index.into(), &record)?.given_by_address();
        Some((record, listing))
    }

    fn remember_archive(
        &self,
        listing: Listing,
        key: String,
        record: Arc<RecordView>,
    ) -> Arc<Listing> {
        let known = ListingState::new(listing.package, None);
        let known = known.in_cache(Some(key), Some(record), true);
        self.remember(&listing, Arc::new(known));
        Arc::new(listing)
    }

    /// Reads what a requirement points to.
    pub async fn fetch_direct(
        &self,
        package: PackageName,
        text: &str,
    ) -> Result<Arc<Listing>, SourceError> {
        if let Some(checkout) = self.checkout(package, text).await? {
            let url = parse_address(&checkout.path.to_string_lossy(), &self.project_dir)?;
            // A commit is the hash of everything in its tree.
            let hashes = vec![("git".to_owned(), checkout.commit.clone())];
            return self.read_directory(package, (text, &url), hashes).await;
        }
        let target = Target::parse(package, text, &self.project_dir)?;
        if target.is_local() {
            let path = local_path(&target.url).map_err(|error| unreadable(&target.url, &error))?;
            if path.is_dir() {
                let place = (text, &target.url);
                return self.read_directory(package, place, Vec::new()).await;
            }
            if !path.exists() {
                let path = text.to_owned();
                return Err(SourceError::Missing { path, package });
            }
            return self.read_archive(package, &target, &target.url).await;
        }
        let (directory, local) = self.fetch_archive(&target.url).await?;
        let listing = self.read_archive(package, &target, &local).await?;
        drop(directory);
        Ok(listing)
    }

    /// The commit that an address of a repository means: one of those that the project names, or of a tree, which are fetched when
    /// something requires them. `None` for any other address.
    async fn checkout(
        &self,
        package: PackageName,
        text: &str,
    ) -> Result<Option<Checkout>, SourceError> {
        if let Some(checkout) = self.programs.checkouts.get(text) {
            return Ok(Some(checkout.clone()));
        }
        let Some(builder) = self.programs.builder.clone() else {
            return Ok(None);
        };
        if !RepositoryAddress::is_one(text) {
            return Ok(None);
        }
        let address = text.to_owned();
        let work = move || builder.check_out(package, &address);
        let step = format!("checking out the repository of {package}");
        match self
            .programs
            .builds
            .run((package.as_str(), &step), work)
            .await
        {
            Some(found) => found.map(Some).map_err(unusable),
            None => Err(SourceError::Cancelled),
        }
    }

    /// Fetches a file under the name that its address gives it; it is there as a whole or not at all.
    pub async fn fetch_file(&self, url: &Url, file: &FileToFetch) -> Result<PathBuf, SourceError> {
        let target = file.directory.join(filename_of(url)?);
        let sha256 = file.sha256.as_deref();
        let mut spooled = download(self.transport()?, url, sha256).await?;
        let placed = tempfile::NamedTempFile::new_in(&file.directory).and_then(|mut partial| {
            std::io::copy(&mut spooled, &mut partial)?;
            partial.persist(&target).map_err(|error| error.error)
        });
        placed.map_err(|error| unreadable(url, &error))?;
        Ok(target)
    }

    /// Fetches an archive into a temporary directory, under its own name.
    async fn fetch_archive(&self, url: &Url) -> Result<(tempfile::TempDir, Url), SourceError> {
        let mut spooled = download(self.transport()?, url, None).await?;
        let filename = filename_of(url)?;
        let copied = named_copy(&mut spooled, &filename);
        let (directory, path) = copied.map_err(|error| unreadable(url, &error))?;
        let local = Url::from_file_path(path)
            .map_err(|()| unusable(format!("{filename:?} is not a file name")))?;
        Ok((directory, local))
    }

    /// Reads an archive at `local`, recording it as being where the requirement says.
    async fn read_archive(
        &self,
        package: PackageName,
        target: &Target,
        local: &Url,
    ) -> Result<Arc<Listing>, SourceError> {
        let url = &target.url;
        let filename = filename_of(url)?;
        let path = local_path(local).map_err(|error| unreadable(url, &error))?;
        let hashed = hash_file(&path, &target.announced);
        let hashed = hashed.map_err(|error| unreadable(url, &error))?;
        if let Some(mismatch) = hashed.mismatch {
            return Err(cannot_be_used(url, mismatch));
        }
        let mut file = File::bare(filename.clone(), without_credentials(url));
        file.size = Some(hashed.size);
        let parsed = DistributionFilename::parse(&filename, package);
        let named = match &parsed {
            Ok(
                DistributionFilename::Wheel { version, .. }
                | DistributionFilename::Sdist { version, .. },
            ) => Some(*version),
            // Archives of a commit are named for it; what they hold says which version it is.
            Err(_) if file.is_wheel() => {
                let reason = format!("{filename:?} is not a wheel of {package}");
                return Err(cannot_be_used(url, reason));
            }
            Err(_) => None,
        };
        let expected = Expected {
            package,
            version: named,
        };
        let mut key = cache_key(url);
        if target.is_local() {
            // What is at a path may change at any time; what a build made of it holds for these contents.
            key = format!("{key} {}", hashed.sha256);
            if let Some(listing) = self.built_archive_in_cache(package, &key, url) {
                return Ok(listing);
            }
        }
        let (version, metadata, is_portable) =
            self.archive_metadata((url, local), &file, expected).await?;
        let is_kept = is_portable && (!target.is_local() || metadata.build_requires.is_some());
        // The cache answers for the announced ones later.
        file.hashes.clone_from(&target.announced);
        file.hashes.retain(|(algorithm, _)| algorithm != "sha256");
        file.hashes.push(("sha256".to_owned(), hashed.sha256));
        file.hashes.sort();
        let version = named.unwrap_or(version);
        let key = is_kept.then_some(key);
        let listing = self.one_release(package, (url, key), version, file, metadata);
        if let Some(known) = self.known(&listing).filter(|_| is_kept) {
            let validators = Validators {
                fetched: self.started,
                fresh_until: self.started + DEFAULT_MAX_AGE,
                ..Validators::default()
            };
            known.keep_listing(&listing, validators);
        }
        Ok(listing)
    }

    /// What the archive at `local` requires, and whether that is the same for every project.
    async fn archive_metadata(
        &self,
        (url, local): (&Url, &Url),
        file: &File,
        expected: Expected,
    ) -> Result<(Version, ReleaseMetadata, bool), SourceError> {
        let broken = |reason: String| cannot_be_used(url, reason);
        if file.is_wheel() {
            let text = local_wheel_metadata(local, file, expected.package)?;
            let (version, metadata) = read_metadata(&text, expected).map_err(broken)?;
            return Ok((version, metadata, true));
        }
        let path = local_path(local).map_err(|error| unreadable(url, &error))?;
        let has_both = |texts: &SdistTexts| texts.pkg_info.is_some() && texts.pyproject.is_some();
        let texts =
            local_sdist_texts(&path, has_both).map_err(|problem| cannot_be_used(url, problem))?;
        let (version, metadata) = match read_sdist(&texts, expected).map_err(broken)? {
            SourceMetadata::Static { version, metadata } => (version, metadata),
            SourceMetadata::NeedsBuilding(reason) if self.programs.builder.is_none() => {
                return Err(broken(format!("it needs building ({reason})")));
            }
            SourceMetadata::NeedsBuilding(_) => self.build(path, expected).await?,
        };
        let build_requires = metadata.build_requires.clone();
        let pyproject = texts.pyproject.as_deref().unwrap_or_default();
        let of_archive = (file.filename.as_str(), pyproject);
        let (metadata, is_portable) =
            self.sent_by_archive(expected.package, of_archive, metadata)?;
        let stated = self
            .programs
            .stated
            .of_source(expected.package, expected.version);
        let metadata = ReleaseMetadata {
            build_requires,
            ..metadata
        };
        Ok((version, metadata, is_portable && stated.is_none()))
    }

    /// What an archive requires, sent to its own sources, and whether that is the same for every project.
    fn sent_by_archive(
        &self,
        package: PackageName,
        (filename, pyproject): (&str, &[u8]),
        metadata: ReleaseMetadata,
    ) -> Result<(ReleaseMetadata, bool), SourceError> {
        let built = BuiltMetadata {
            name: Some(package),
            requires_python: metadata.requires_python.as_deref(),
            requires_dist: &metadata.requires_dist,
            provides_extras: &metadata.provides_extras,
        };
        let sent = send_archive(filename, pyproject, &built, &self.addressed);
        match sent.map_err(|error| unusable(error.message))? {
            Some(sent) => {
                self.refuse_unassigned(package, &sent.record)?;
                let metadata = metadata_of(&sent.record).map_err(unusable)?;
                Ok((metadata, sent.is_portable))
            }
            None => Ok((metadata, true)),
        }
    }

    pub fn one_release(
        &self,
        package: PackageName,
        (url, key): (&Url, Option<String>),
        version: Version,
        file: File,
        metadata: ReleaseMetadata,
    ) -> Arc<Listing> {
        let release = Release {
            version,
            requires_python: metadata.requires_python.clone(),
            yanked: false,
            upload_time: None,
            has_sdist: !file.is_wheel(),
            has_wheel: file.is_wheel(),
            files: 0..1,
        };
        let known = ListingState::new(package, None).in_cache(key, None, false);
        let outcome = LearnedMetadata::Known(Arc::new(metadata));
        known.learn(
            version,
            Learned {
                filename: file.filename.clone(),
                outcome,
            },
        );
        let index = without_credentials(url).to_string();
        let listing = Listing::new(package, index.into(), vec![release], vec![file]);
        let listing = listing.given_by_address();
        self.remember(&listing, Arc::new(known));
        self.count_metadata();
        Arc::new(listing)
    }
}

/// Under which index the cache keeps an archive.
fn cache_key(url: &Url) -> String {
    let mut plain = without_credentials(url);
    let query = Query::take(&mut plain);
    format!("archive {plain}{}", query.fingerprint())
}

fn filename_of(url: &Url) -> Result<String, SourceError> {
    let link = resolve(url, url.as_str());
    let filename = link.map(|link| link.filename()).filter(|name| {
        !name.is_empty()
            && !name.contains(['/', '\\', '\0'])
            && !matches!(name.as_str(), "." | "..")
    });
    filename.ok_or_else(|| unusable(format!("{} does not end in a file name", printable(url))))
}
