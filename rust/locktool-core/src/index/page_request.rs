//! A page of an index over HTTP: asked for, read in the form that it has, and kept with its validators.

use std::sync::Arc;

use reqwest::header::CONTENT_TYPE;
use url::Url;

use super::conditional_request::{PageRequest, PageResponse};
use super::indexes::Index;
use super::session::Session;
use crate::cache::record::{FileRow, Rows, Title, Validators};
use crate::cache::{PageWriter, encode};
use crate::index::page::file_rows::file_row;
use crate::index::page::page_problem::PageProblem;
use crate::index::page::project_page::{Page, Status};
use crate::index::page::releases::PageReleases;
use crate::index::page::{html, json, releases};
use crate::index::record::conversion::{self, Record, listing_over, release_row};
use crate::index::record::listing_state::ListingState;
use crate::index::transport::address::printable;
use crate::index::transport::http::HttpResponse;
use crate::index::transport::http_cache::{self, confirmed, validators};
use crate::index::transport::query::has_query;
use crate::name::PackageName;
use crate::source::{File, Listing, SourceError};

const ACCEPTED: &str = "application/vnd.pypi.simple.v1+json, \
                        application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

/// An index that lacks a package today may have it soon: its absence is believed so many seconds at most.
const LONGEST_ABSENCE: i64 = 60;

impl Session {
    /// Asks an index for a page.
    pub async fn ask(
        &self,
        position: usize,
        package: PackageName,
        stale: Option<Arc<Record>>,
    ) -> Result<Option<Arc<Listing>>, SourceError> {
        let index = self.indexes.get(position);
        let url = index.page(package);
        let asked = PageRequest {
            accepted: Some(ACCEPTED),
            stale,
            refreshes: self.refreshes(package),
        };
        let response = self.ask_for_page(&url, asked).await?;
        self.count_page();
        match response {
            PageResponse::Absent(response) => {
                index.counts.count_fetched();
                self.keep_absence(index, package, &response);
                Ok(None)
            }
            PageResponse::Unchanged(response, record) => {
                index.counts.count_revalidated();
                self.renew(index, package, &record, &response);
                if record.is_absent() {
                    return Ok(None);
                }
                let listing = self.listing_of_record(position, package, &record);
                listing
                    .map(Some)
                    .ok_or_else(|| PageProblem::DamagedRecord.at(&url))
            }
            PageResponse::Page(response, record) => {
                index.counts.count_fetched();
                let mut kept = validators(
                    &response.headers,
                    self.started,
                    index.cache_control.as_deref(),
                );
                let page = self.read_page(package, &response)?;
                if page.files.iter().any(|file| has_query(&file.url)) {
                    // The cache keeps no queries, so that the next run has to ask for the page again.
                    kept = kept.map(|kept| Validators {
                        fetched: kept.fetched,
                        fresh_until: kept.fetched,
                        ..Validators::default()
                    });
                }
                Ok(Some(self.listing_of(
                    position,
                    package,
                    page,
                    (kept, record),
                )))
            }
        }
    }

    fn keep_absence(&self, index: &Index, package: PackageName, response: &HttpResponse) {
        let kept = validators(
            &response.headers,
            self.started,
            index.cache_control.as_deref(),
        );
        if let (Some(store), Some(mut kept)) = (&self.store, kept) {
            kept.fresh_until = kept.fresh_until.min(kept.fetched + LONGEST_ABSENCE);
            let rows = Rows {
                package: package.as_str().into(),
                index: index.cache_key.as_str().into(),
                absent: true,
                ..Rows::default()
            };
            store.update(&index.cache_key, package.as_str(), |_| {
                Some(encode(&kept, &rows))
            });
        }
    }

    fn renew(&self, index: &Index, package: PackageName, record: &Record, response: &HttpResponse) {
        let setting = index.cache_control.as_deref();
        let renewed = confirmed(
            record.validators(),
            &response.headers,
            http_cache::now(),
            setting,
        );
        if let Some(store) = &self.store {
            store.confirm(&index.cache_key, package.as_str(), &renewed);
        }
    }

    fn read_page<'p>(
        &self,
        package: PackageName,
        response: &'p HttpResponse,
    ) -> Result<Page<'p>, SourceError> {
        let mut page = parse_page(response).map_err(|problem| problem.at(&response.url))?;
        if let Some(name) = &page.name
            && PackageName::parse(name) != Ok(package)
        {
            let problem = PageProblem::OtherPackage {
                sent: name.clone(),
                asked: package,
            };
            return Err(problem.at(&response.url));
        }
        if matches!(page.status, Status::Quarantined(_)) {
            page.files.clear();
        }
        self.warn_of_page(&response.url, std::mem::take(&mut page.warnings));
        Ok(page)
    }

    pub fn warn_of_page(&self, url: &Url, warnings: Vec<String>) {
        for warning in warnings {
            let shown = printable(url);
            self.warnings.add(format!("{shown} {warning}"));
        }
    }

    /// A listing of a page, read from the record that the cache is to keep: of the files of a page a run needs few. It is kept if
    /// there are validators to keep it with. Metadata of an older record serves where the file is the same.
    fn listing_of(
        &self,
        position: usize,
        package: PackageName,
        page: Page<'_>,
        (kept, older): (Option<Validators>, Option<Arc<Record>>),
    ) -> Arc<Listing> {
        let index = self.indexes.get(position);
        let notice = page.status.notice();
        self.notice(package, &notice);
        let (files, built) = self.releases_of(index, package, page.files);
        let mut writer = PageWriter::new(&Title {
            package: package.as_str(),
            index: &index.cache_key,
            absent: false,
            notice: &notice,
        });
        for release in &built.releases {
            let of_release = release.files.start as usize..release.files.end as usize;
            let of_release = built.files[of_release].iter().map(|at| &files[*at]);
            writer.push(&release_row(release), of_release);
        }
        drop(files);
        let is_kept = kept.is_some();
        let record = Arc::new(writer.finish(kept.unwrap_or_default()));
        let recorded = index.recorded.clone();
        let listing = listing_over(package, recorded, built.releases, &record);
        let key = (!index.is_local()).then(|| index.cache_key.clone());
        let known = ListingState::new(package, Some(position)).in_cache(key, older, false);
        if is_kept {
            known.keep_page(record);
        }
        self.remember(&listing, Arc::new(known));
        Arc::new(listing)
    }

    /// A listing of files that an index has elsewhere than on a page of the package.
    pub fn listing_of_files(
        &self,
        position: usize,
        package: PackageName,
        files: &[File],
        state: (Option<Validators>, Option<Arc<Record>>),
    ) -> Arc<Listing> {
        let page = Page {
            files: files.iter().map(file_row).collect(),
            ..Page::default()
        };
        self.listing_of(position, package, page, state)
    }

    /// The files that can be recorded, their addresses as they are recorded, and which releases they make.
    fn releases_of<'p>(
        &self,
        index: &Index,
        package: PackageName,
        mut files: Vec<FileRow<'p>>,
    ) -> (Vec<FileRow<'p>>, PageReleases) {
        for warning in self.queries.take_of_rows(&mut files) {
            self.warnings.add(format!("{} {warning}", index.recorded));
        }
        for file in &mut files {
            file.url = index.recorded_url(std::mem::take(&mut file.url));
        }
        let page = index.shown_page(package);
        let mut built = releases::build(package, |_| &page, &files);
        for warning in built.odd.drain(..).chain(built.malformed.drain(..)) {
            self.warnings.add(warning);
        }
        (files, built)
    }

    pub fn listing_of_record(
        &self,
        position: usize,
        package: PackageName,
        record: &Arc<Record>,
    ) -> Option<Arc<Listing>> {
        let index = self.indexes.get(position);
        let listing = conversion::listing(package, index.recorded.clone(), record)?;
        self.notice(package, record.notice());
        let key = Some(index.cache_key.clone());
        let known =
            ListingState::new(package, Some(position)).in_cache(key, Some(record.clone()), true);
        self.remember(&listing, Arc::new(known));
        Some(Arc::new(listing))
    }
}

/// Reads a page in the form that its content type names; without one, in the form it looks like.
fn parse_page(response: &HttpResponse) -> Result<Page<'_>, PageProblem> {
    let kind = response
        .headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    let is_json = match media_type {
        "application/vnd.pypi.simple.v1+json" | "application/json" => true,
        "application/vnd.pypi.simple.v1+html" | "text/html" | "application/xhtml+xml" => false,
        "" | "text/plain" | "application/octet-stream" => {
            response
                .body
                .iter()
                .find(|byte| !byte.is_ascii_whitespace())
                == Some(&b'{')
        }
        other => return Err(PageProblem::MediaType(other.to_owned())),
    };
    if is_json {
        json::parse(&response.body, &response.url)
    } else {
        html::parse(&response.body, &response.url)
    }
}
