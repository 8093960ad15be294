//! Files of find-links beside those of an index, and indexes that are pages of links: read once a run.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::registry::Lookup;
use super::session::Session;
use crate::cache::record::Validators;
use crate::distribution::filename::DistributionFilename;
use crate::index::page::file_rows::file_row;
use crate::index::page::find_links::{LinkedFiles, Links, read_local_links};
use crate::index::page::flat_index::{FlatIndex, gathered};
use crate::index::page::releases;
use crate::index::record::listing_state::ListingState;
use crate::index::transport::address::{absolute, printable, relative_to};
use crate::name::PackageName;
use crate::source::{File, Listing, SourceError};
use crate::version::Version;

impl Session {
    /// Adds the find-links files of a package to what an index has.
    pub fn with_links(
        &self,
        (package, index): (PackageName, Option<&str>),
        found: Option<Arc<Listing>>,
    ) -> Result<Arc<Listing>, SourceError> {
        let flat = match self.links.files.get() {
            Some(loaded) => loaded.as_ref().map_err(Clone::clone)?.of(package)?,
            None => Vec::new(),
        };
        let Some(first) = flat.first() else {
            return found.ok_or_else(|| self.not_found(package, index));
        };
        let links = first.links.clone().unwrap_or_default();
        let mut files: Vec<_> = match &found {
            Some(listing) => (0..listing.releases.len())
                .flat_map(|at| listing.files(at))
                .cloned()
                .collect(),
            None => Vec::new(),
        };
        // A version is from one index: from the links inside the project where they have it.
        let own: FxHashSet<Version> = flat
            .iter()
            .filter(|file| self.is_in_project(file))
            .filter_map(|file| version_of(file, package))
            .collect();
        files
            .retain(|file| version_of(file, package).is_none_or(|version| !own.contains(&version)));
        // The index's own address of a file is the one that other machines can use.
        let listed: FxHashSet<String> = files.iter().map(|file| file.filename.clone()).collect();
        files.extend(
            flat.into_iter()
                .filter(|file| !listed.contains(&file.filename)),
        );
        for file in files.iter_mut().filter(|file| self.is_in_project(file)) {
            let path = relative_to(&absolute(&self.project_dir), std::mem::take(&mut file.url));
            file.url = path;
        }
        let origin = found
            .as_ref()
            .map_or(links, |listing| listing.index.clone());
        let rows: Vec<_> = files.iter().map(file_row).collect();
        let page_of = |at: usize| files[at].links.as_deref().unwrap_or(&origin);
        let built = releases::build(package, page_of, &rows);
        for warning in built.malformed {
            self.warnings.add(warning);
        }
        let files = built.files.iter().map(|at| files[*at].clone()).collect();
        let merged = Listing::new(package, origin.clone(), built.releases, files);
        let merged = Arc::new(merged);
        let known = match found.as_ref().and_then(|listing| self.known(listing)) {
            Some(known) => known.beside_other_files(),
            None if merged.releases.is_empty() => return Err(self.not_found(package, index)),
            None => Arc::new(self.state_of_links(&merged)),
        };
        self.remember(&merged, known);
        Ok(merged)
    }

    /// What is known of files that links alone list: what their metadata says is kept where the links are on the network.
    fn state_of_links(&self, listing: &Arc<Listing>) -> ListingState {
        let state = ListingState::new(listing.package, None);
        let is_listed = |links: &&Links| links.recorded == listing.index && !links.is_local();
        let mut links = self.links.each.iter();
        let (Some(links), Some(store)) = (links.find(is_listed), &self.store) else {
            return state;
        };
        let key = links.cache_key();
        let record = store.read(&key, listing.package.as_str()).map(Arc::new);
        let state = state.in_cache(Some(key), record, false);
        state.keep_listing(listing, self.validators_of_links());
        state
    }

    /// What links list of a package is kept for what its metadata says; how long it holds is a matter of the links.
    fn validators_of_links(&self) -> Validators {
        Validators {
            fetched: self.started,
            fresh_until: self.started,
            ..Validators::default()
        }
    }

    /// Whether a file is in links that the project gives by a path of its own.
    fn is_in_project(&self, file: &File) -> bool {
        let is_of = |links: &Links| file.links.as_ref() == Some(&links.recorded);
        let mut links = self.links.each.iter();
        links.any(|links| links.is_relative && is_of(links))
    }

    /// Reads the find-links of this machine and those that the cache has; whether that is all of them. Of an offline run it is.
    pub fn links_are_known(&self) -> bool {
        if self.links.files.get().is_some() {
            return true;
        }
        let mut known = Vec::new();
        for links in self.links.each.iter().filter(|links| !links.is_local()) {
            match self.known_links(&links.cache_key()) {
                None if !self.offline => return false,
                files => known.push(files),
            }
        }
        self.links.files.get_or_init(|| {
            let mut known = known.into_iter();
            let mut all = LinkedFiles::default();
            for links in &self.links.each {
                let files = if links.is_local() {
                    read_local_links(&links.url)?
                } else {
                    known.next().flatten().unwrap_or_else(|| {
                        self.warn_of_missing_links(links);
                        Vec::new()
                    })
                };
                all.add_listed(self.without_queries(files, links), &links.recorded);
            }
            Ok(all)
        });
        true
    }

    fn warn_of_missing_links(&self, links: &Links) {
        let shown = printable(&links.url);
        self.warnings.add(format!(
            "{shown} is left out: it is not in the cache, and --offline asks nobody"
        ));
    }

    pub async fn load_links(&self) {
        let _turn = self.links.turn.lock().await;
        if self.links_are_known() {
            return;
        }
        let loaded = self.fetch_all_links().await;
        let _ = self.links.files.set(loaded);
    }

    async fn fetch_all_links(&self) -> Result<LinkedFiles, SourceError> {
        let mut flat = LinkedFiles::default();
        for links in &self.links.each {
            let files = if links.is_local() {
                read_local_links(&links.url)?
            } else {
                self.fetch_links(&links.cache_key(), &links.page()).await?
            };
            flat.add_listed(self.without_queries(files, links), &links.recorded);
        }
        Ok(flat)
    }

    /// The files of find-links, their addresses without queries.
    fn without_queries(&self, mut files: Vec<File>, links: &Links) -> Vec<File> {
        for warning in self.queries.take(&mut files) {
            self.warnings.add(format!("{} {warning}", links.recorded));
        }
        files
    }

    /// What a flat index has of a package, if it was read or is on this machine.
    pub fn look_up_flat(
        &self,
        position: usize,
        flat: &FlatIndex,
        package: PackageName,
    ) -> Result<Lookup, SourceError> {
        let index = self.indexes.get(position);
        if index.is_local() {
            flat.files
                .get_or_init(|| read_local_links(&index.url).map(|files| gathered(&files)));
        } else if flat.files.get().is_none()
            && let Some(files) = self.known_links(&index.links_key())
        {
            let _ = flat.files.set(Ok(gathered(&files)));
        }
        let Some(read) = flat.files.get() else {
            return Ok(Lookup::Unknown(None));
        };
        let files = read.as_ref().map_err(Clone::clone)?.of(package)?;
        if files.is_empty() {
            return Ok(Lookup::Absent);
        }
        let store = self.store.as_ref().filter(|_| !index.is_local());
        let record = store.and_then(|store| store.read(&index.cache_key, package.as_str()));
        let kept = store.map(|_| self.validators_of_links());
        let state = (kept, record.map(Arc::new));
        let listing = self.listing_of_files(position, package, &files, state);
        Ok(Lookup::Listing(listing))
    }

    /// What a flat index has of a package, reading it where nobody did.
    pub async fn ask_flat(
        &self,
        position: usize,
        flat: &FlatIndex,
        package: PackageName,
    ) -> Result<Option<Arc<Listing>>, SourceError> {
        let turn = flat.turn.lock().await;
        if flat.files.get().is_none() {
            let index = self.indexes.get(position);
            let fetched = self
                .fetch_links(&index.links_key(), &index.flat_page())
                .await;
            let _ = flat.files.set(fetched.map(|files| gathered(&files)));
        }
        drop(turn);
        match self.look_up_flat(position, flat, package)? {
            Lookup::Listing(listing) => Ok(Some(listing)),
            Lookup::Absent | Lookup::Unknown(_) => Ok(None),
        }
    }
}

/// The version that a file name gives; `None` for what is no distribution of the package.
fn version_of(file: &File, package: PackageName) -> Option<Version> {
    match DistributionFilename::parse(&file.filename, package).ok()? {
        DistributionFilename::Wheel { version, .. }
        | DistributionFilename::Sdist { version, .. } => Some(version),
    }
}
