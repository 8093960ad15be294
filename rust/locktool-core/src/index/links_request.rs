//! A page of links over HTTP: asked for, and kept in the cache as the pages of indexes are.

use std::borrow::Cow;
use std::sync::Arc;

use url::Url;

use super::conditional_request::{PageRequest, PageResponse};
use super::session::Session;
use crate::cache::encode;
use crate::cache::record::{FileRow, ReleaseRow, Rows, Validators};
use crate::index::page::file_rows::files;
use crate::index::page::html;
use crate::index::page::page_problem::PageProblem;
use crate::index::record::conversion::{Record, files_of};
use crate::index::transport::http_cache::{self, confirmed, is_fresh, validators};
use crate::index::transport::query::has_query;
use crate::source::{File, SourceError};

/// Stands for the package in the record of a page that is of none.
const NO_PACKAGE: &str = "-";

impl Session {
    /// The files of a page of links that the cache has, if nobody has to be asked whether it changed.
    pub fn known_links(&self, cache_key: &str) -> Option<Vec<File>> {
        let record = self.record_of_links(cache_key)?;
        let is_usable = self.offline
            || is_fresh(record.validators(), self.started) && !self.refreshes_everything();
        is_usable.then(|| files_of(&record)).flatten()
    }

    /// The files that a page of links names.
    pub async fn fetch_links(&self, cache_key: &str, url: &Url) -> Result<Vec<File>, SourceError> {
        let asked = PageRequest {
            stale: self.record_of_links(cache_key).map(Arc::new),
            refreshes: self.refreshes_everything(),
            ..PageRequest::default()
        };
        match self.ask_for_page(url, asked).await? {
            PageResponse::Unchanged(response, record) => {
                let (known, now) = (record.validators(), http_cache::now());
                let renewed = confirmed(known, &response.headers, now, None);
                if let Some(store) = &self.store {
                    store.confirm(cache_key, NO_PACKAGE, &renewed);
                }
                files_of(&record).ok_or_else(|| PageProblem::DamagedRecord.at(url))
            }
            PageResponse::Page(response, _) => {
                let page = html::parse_links(&response.body, &response.url);
                self.warn_of_page(&response.url, page.warnings);
                if let Some(kept) = validators(&response.headers, self.started, None) {
                    self.keep_links(cache_key, &kept, &page.files);
                }
                Ok(files(page.files))
            }
            PageResponse::Absent(response) => Err(PageProblem::Status(response.status).at(url)),
        }
    }

    fn record_of_links(&self, cache_key: &str) -> Option<Record> {
        self.store.as_ref()?.read(cache_key, NO_PACKAGE)
    }

    /// Keeps a page, unless an address on it has a query, which may be a token.
    fn keep_links(&self, cache_key: &str, kept: &Validators, files: &[FileRow<'_>]) {
        let has_query = files.iter().any(|file| has_query(&file.url));
        let Some(store) = self.store.as_ref().filter(|_| !has_query) else {
            return;
        };
        let rows = Rows {
            package: Cow::Borrowed(NO_PACKAGE),
            index: Cow::Borrowed(cache_key),
            releases: vec![ReleaseRow {
                files: files.to_vec(),
                ..ReleaseRow::default()
            }],
            ..Rows::default()
        };
        store.update(cache_key, NO_PACKAGE, |_| Some(encode(kept, &rows)));
    }
}
