//! From a package to its listing: the indexes in their order, the first that has it; each from the cache while the
//! page is fresh, else asked; find-links files beside it.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use rustc_hash::FxHashSet;
use url::Url;

use super::flat::{self, FlatFiles};
use super::http::printable;
use super::http::{Answer, Request, invalid};
use super::known::{FetchedPage, Known};
use super::listing::{self};
use super::location::{Place, absolute, relative_to};
use super::page::{Page, Status};
use super::revalidate::{self, conditions, confirmed, is_fresh, validators};
use super::rows::{self, Record};
use super::session::{Links, Session};
use super::simple_html::{self};
use super::simple_json::{self};
use crate::cache::encode;
use crate::cache::record::{Rows, Validators};
use crate::distribution::filename::DistributionFilename;
use crate::name::PackageName;
use crate::source::{File, Listing, SourceError};
use crate::version::Version;

const ACCEPTED: &str = "application/vnd.pypi.simple.v1+json, \
                        application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";
/// An index that lacks a package today may have it soon: its absence is believed so many seconds at most.
const LONGEST_ABSENCE: i64 = 60;
/// The largest page there is has a few ten megabytes.
const LARGEST_PAGE: u64 = 128 << 20;

/// What is at hand about a package on one index.
pub enum Held {
    Listing(Arc<Listing>),
    /// The index does not have it.
    Absent,
    /// The index has to be asked; an outdated record may save the transfer.
    Unknown(Option<Arc<Record>>),
}

impl Session {
    /// The listing, if no server has to be asked; `None` if one has to be.
    pub fn listing_at_hand(
        &self,
        package: PackageName,
        index: Option<&str>,
    ) -> Option<Result<Arc<Listing>, SourceError>> {
        if !self.flat_is_at_hand() {
            return None;
        }
        let search = || -> Result<Option<Arc<Listing>>, SourceError> {
            for position in self.places.for_package(package, index)? {
                match self.look(position, package)? {
                    Held::Listing(found) => {
                        return self
                            .with_flat_files((package, index), Some(found))
                            .map(Some);
                    }
                    Held::Absent => {}
                    Held::Unknown(_) if self.offline => {
                        let what = format!("the page of {package}");
                        return Err(SourceError::Offline { what });
                    }
                    Held::Unknown(_) => return Ok(None),
                }
            }
            self.with_flat_files((package, index), None).map(Some)
        };
        search().transpose()
    }

    /// The listing, asking whoever has to be asked.
    pub async fn fetch_listing(
        &self,
        package: PackageName,
        index: Option<&str>,
    ) -> Result<Arc<Listing>, SourceError> {
        self.load_flat().await;
        for position in self.places.for_package(package, index)? {
            let found = match self.look(position, package)? {
                Held::Listing(found) => Some(found),
                Held::Absent => None,
                Held::Unknown(stale) => match &self.places.get(position).flat {
                    Some(flat) => self.ask_flat(position, flat, package).await?,
                    None => self.ask(position, package, stale).await?,
                },
            };
            if let Some(found) = found {
                return self.with_flat_files((package, index), Some(found));
            }
        }
        self.with_flat_files((package, index), None)
    }

    /// What the cache or a directory says.
    fn look(&self, position: usize, package: PackageName) -> Result<Held, SourceError> {
        let place = self.places.get(position);
        if let Some(flat) = &place.flat {
            return self.look_flat(position, flat, package);
        }
        if place.is_local() {
            let Some(page) = flat::read_local_page(&place.page(package))? else {
                return Ok(Held::Absent);
            };
            return Ok(Held::Listing(
                self.listing_of(position, package, page, None),
            ));
        }
        let Some(store) = &self.store else {
            return Ok(Held::Unknown(None));
        };
        let Some(record) = store.read(&place.cache_key, package.as_str()) else {
            return Ok(Held::Unknown(None));
        };
        let record = Arc::new(record);
        let usable =
            self.offline || is_fresh(record.validators(), self.started) && !self.refreshes(package);
        if !usable {
            return Ok(Held::Unknown(Some(record)));
        }
        if record.is_absent() {
            return Ok(Held::Absent);
        }
        let listing = self.listing_of_record(position, package, &record);
        Ok(listing.map_or(Held::Unknown(None), Held::Listing))
    }

    /// Asks an index for a page.
    async fn ask(
        &self,
        position: usize,
        package: PackageName,
        stale: Option<Arc<Record>>,
    ) -> Result<Option<Arc<Listing>>, SourceError> {
        let place = self.places.get(position);
        let url = place.page(package);
        let mut headers = vec![(ACCEPT, ACCEPTED.to_owned())];
        if let Some(stale) = &stale {
            headers.extend(conditions(stale.validators()));
        }
        if self.refreshes(package) {
            headers.push((CACHE_CONTROL, "no-cache".to_owned()));
        }
        let request = Request {
            url: url.clone(),
            headers,
            limit: LARGEST_PAGE,
        };
        let answer = self.transport()?.get(&request).await?;
        self.count_page();
        match (answer.status, stale) {
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => {
                self.keep_absence(place, package, &answer);
                Ok(None)
            }
            (StatusCode::NOT_MODIFIED, Some(record)) => {
                self.renew(place, package, &record, &answer);
                if record.is_absent() {
                    return Ok(None);
                }
                let listing = self.listing_of_record(position, package, &record);
                listing
                    .map(Some)
                    .ok_or_else(|| invalid(&url, "its answer 304 is about a damaged record"))
            }
            (StatusCode::OK, record) => {
                let mut kept = validators(
                    &answer.headers,
                    self.started,
                    place.cache_control.as_deref(),
                );
                let page = self.read_page(package, &answer)?;
                if page.files.iter().any(|file| file.url.contains('?')) {
                    // The cache keeps no queries, so that the next run has to ask for the page again.
                    kept = kept.map(|kept| Validators {
                        fetched: kept.fetched,
                        fresh_until: kept.fetched,
                        ..Validators::default()
                    });
                }
                let listing = self.fetched(position, package, page, kept, record);
                Ok(Some(listing))
            }
            (status, _) => Err(invalid(
                &url,
                format!("it answered HTTP {}", status.as_u16()),
            )),
        }
    }

    fn keep_absence(&self, place: &Place, package: PackageName, answer: &Answer) {
        let kept = validators(
            &answer.headers,
            self.started,
            place.cache_control.as_deref(),
        );
        if let (Some(store), Some(mut kept)) = (&self.store, kept) {
            kept.fresh_until = kept.fresh_until.min(kept.fetched + LONGEST_ABSENCE);
            let rows = Rows {
                package: package.as_str().into(),
                index: place.cache_key.as_str().into(),
                absent: true,
                ..Rows::default()
            };
            store.update(&place.cache_key, package.as_str(), |_| {
                Some(encode(&kept, &rows))
            });
        }
    }

    fn renew(&self, place: &Place, package: PackageName, record: &Record, answer: &Answer) {
        let setting = place.cache_control.as_deref();
        let renewed = confirmed(
            record.validators(),
            &answer.headers,
            revalidate::now(),
            setting,
        );
        if let Some(store) = &self.store {
            store.confirm(&place.cache_key, package.as_str(), &renewed);
        }
    }

    fn read_page(&self, package: PackageName, answer: &Answer) -> Result<Page, SourceError> {
        let mut page = parse_page(answer).map_err(|reason| invalid(&answer.url, reason))?;
        if let Some(name) = &page.name
            && PackageName::parse(name) != Ok(package)
        {
            let reason = format!("it sent the page of {name:?} when asked for {package}");
            return Err(invalid(&answer.url, reason));
        }
        if matches!(page.status, Status::Quarantined(_)) {
            page.files.clear();
        }
        self.warn_of_page(&answer.url, std::mem::take(&mut page.warnings));
        Ok(page)
    }

    fn warn_of_page(&self, url: &Url, warnings: Vec<String>) {
        for warning in warnings {
            let shown = printable(url);
            self.warnings.add(format!("{shown} {warning}"));
        }
    }

    /// A listing of a page that was just fetched; metadata of an older record serves where the file is the same.
    fn fetched(
        &self,
        position: usize,
        package: PackageName,
        page: Page,
        kept: Option<Validators>,
        record: Option<Arc<Record>>,
    ) -> Arc<Listing> {
        let notice = page.status.notice();
        let listing = self.listing_of(position, package, page, record);
        if let (Some(validators), Some(known)) = (kept, self.known(&listing)) {
            known.keep_page(FetchedPage {
                validators,
                listing: listing.clone(),
                notice,
            });
        }
        listing
    }

    /// A listing of a page that was read, remembered with where it came from.
    pub fn listing_of(
        &self,
        position: usize,
        package: PackageName,
        page: Page,
        record: Option<Arc<Record>>,
    ) -> Arc<Listing> {
        let place = self.places.get(position);
        self.notice(package, &page.status.notice());
        let mut files = page.files;
        for warning in self.queries.take(&mut files) {
            self.warnings.add(format!("{} {warning}", place.recorded));
        }
        for file in &mut files {
            file.url = place.recorded_url(std::mem::take(&mut file.url));
        }
        let (listing, warnings) = listing::build(package, place.recorded.clone(), files);
        for warning in warnings {
            self.warnings.add(warning);
        }
        let key = (!place.is_local()).then(|| place.cache_key.clone());
        let known = Known::new(package, Some(position)).in_cache(key, record, false);
        self.remember(&listing, Arc::new(known));
        Arc::new(listing)
    }

    fn listing_of_record(
        &self,
        position: usize,
        package: PackageName,
        record: &Arc<Record>,
    ) -> Option<Arc<Listing>> {
        let place = self.places.get(position);
        let listing = rows::listing(package, place.recorded.clone(), record)?;
        self.notice(package, record.notice());
        let key = Some(place.cache_key.clone());
        let known = Known::new(package, Some(position)).in_cache(key, Some(record.clone()), true);
        self.remember(&listing, Arc::new(known));
        Some(Arc::new(listing))
    }

    /// Adds the find-links files of a package to what an index has.
    fn with_flat_files(
        &self,
        (package, index): (PackageName, Option<&str>),
        found: Option<Arc<Listing>>,
    ) -> Result<Arc<Listing>, SourceError> {
        let flat = match self.flat.get() {
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
        // A version is from one place: from the links inside the project where they have it.
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
        let (merged, _) = listing::build(package, origin, files);
        let known = match found.as_ref().and_then(|listing| self.known(listing)) {
            Some(known) => known.beside_other_files(),
            None if merged.releases.is_empty() => return Err(self.not_found(package, index)),
            None => Arc::new(Known::new(package, None)),
        };
        self.remember(&merged, known);
        Ok(Arc::new(merged))
    }

    /// Whether a file is in links that the project gives by a path of its own.
    fn is_in_project(&self, file: &File) -> bool {
        let is_of = |links: &Links| file.links.as_ref() == Some(&links.recorded);
        let mut links = self.find_links.iter();
        links.any(|links| links.is_relative && is_of(links))
    }

    fn not_found(&self, package: PackageName, index: Option<&str>) -> SourceError {
        if index.is_none()
            && let Some(other) = self.places.other_index(package)
        {
            return other;
        }
        let asked = self.places.for_package(package, index).unwrap_or_default();
        let mut places: Vec<String> = asked
            .iter()
            .map(|at| self.places.get(*at).recorded.to_string())
            .collect();
        places.extend(self.find_links.iter().map(|links| links.url.to_string()));
        let places = if places.is_empty() {
            "any index: none is configured".to_owned()
        } else {
            places.join(", ")
        };
        SourceError::NotFound { package, places }
    }

    /// Loads find-links places of this machine; whether that is all of them.
    fn flat_is_at_hand(&self) -> bool {
        if self.flat.get().is_some() {
            return true;
        }
        if !self.find_links.iter().all(Links::is_local) && !self.offline {
            return false;
        }
        self.flat.get_or_init(|| {
            let mut flat = FlatFiles::default();
            for links in self.find_links.iter().filter(|links| !links.is_local()) {
                let shown = printable(&links.url);
                self.warnings.add(format!(
                    "{shown} is left out: it is not kept in the cache, and --offline asks nobody"
                ));
            }
            for links in self.find_links.iter().filter(|links| links.is_local()) {
                let files = flat::read_local_links(&links.url)?;
                flat.add_listed(self.without_queries(files, links), &links.recorded);
            }
            Ok(flat)
        });
        true
    }

    async fn load_flat(&self) {
        let _turn = self.flat_turn.lock().await;
        if self.flat_is_at_hand() {
            return;
        }
        let loaded = self.fetch_flat().await;
        let _ = self.flat.set(loaded);
    }

    async fn fetch_flat(&self) -> Result<FlatFiles, SourceError> {
        let mut flat = FlatFiles::default();
        for links in &self.find_links {
            let files = if links.is_local() {
                flat::read_local_links(&links.url)?
            } else {
                self.fetch_links(&links.page()).await?
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

    /// The files that a page of links names.
    pub async fn fetch_links(&self, url: &Url) -> Result<Vec<File>, SourceError> {
        let request = Request {
            url: url.clone(),
            headers: Vec::new(),
            limit: LARGEST_PAGE,
        };
        let answer = self.transport()?.get(&request).await?;
        if answer.status != StatusCode::OK {
            let reason = format!("it answered HTTP {}", answer.status.as_u16());
            return Err(invalid(url, reason));
        }
        let page = simple_html::parse_links(&answer.body, &answer.url);
        self.warn_of_page(&answer.url, page.warnings);
        Ok(page.files)
    }
}

/// The version that a file name gives; `None` for what is no distribution of the package.
fn version_of(file: &File, package: PackageName) -> Option<Version> {
    match DistributionFilename::parse(&file.filename, package).ok()? {
        DistributionFilename::Wheel { version, .. }
        | DistributionFilename::Sdist { version, .. } => Some(version),
    }
}

/// Reads a page in the form that its content type names; without one, in the form it looks like.
fn parse_page(answer: &Answer) -> Result<Page, String> {
    let kind = answer
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    let is_json = match media_type {
        "application/vnd.pypi.simple.v1+json" | "application/json" => true,
        "application/vnd.pypi.simple.v1+html" | "text/html" | "application/xhtml+xml" => false,
        "" | "text/plain" | "application/octet-stream" => {
            answer.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
        }
        other => {
            return Err(format!(
                "it answered with {other}, which is no page of packages"
            ));
        }
    };
    if is_json {
        simple_json::parse(&answer.body, &answer.url)
    } else {
        simple_html::parse(&answer.body, &answer.url)
    }
}
