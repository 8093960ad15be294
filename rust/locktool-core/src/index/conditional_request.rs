//! A page over HTTP: asked with the conditions of an outdated record where one is there, so that a page that did not change is not
//! sent again.

use std::sync::Arc;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CACHE_CONTROL};
use url::Url;

use super::session::Session;
use crate::index::page::page_problem::PageProblem;
use crate::index::record::conversion::Record;
use crate::index::transport::http::{HttpResponse, Request};
use crate::index::transport::http_cache::conditions;
use crate::source::SourceError;

/// The largest page there is has a few ten megabytes.
const LARGEST_PAGE: u64 = 128 << 20;

/// How a page is asked for.
#[derive(Default)]
pub struct PageRequest {
    /// The media types that can be read; any where there are none.
    pub accepted: Option<&'static str>,
    /// What the cache has, and is too old to go by.
    pub stale: Option<Arc<Record>>,
    /// No cache on the way may respond.
    pub refreshes: bool,
}

/// What came of it.
pub enum PageResponse {
    Page(HttpResponse, Option<Arc<Record>>),
    /// The record still holds.
    Unchanged(HttpResponse, Arc<Record>),
    /// 404 or 410.
    Absent(HttpResponse),
}

impl Session {
    /// Asks for a page.
    pub async fn ask_for_page(
        &self,
        url: &Url,
        asked: PageRequest,
    ) -> Result<PageResponse, SourceError> {
        let mut headers = Vec::new();
        if let Some(accepted) = asked.accepted {
            headers.push((ACCEPT, accepted.to_owned()));
        }
        if let Some(stale) = &asked.stale {
            headers.extend(conditions(stale.validators()));
        }
        if asked.refreshes {
            headers.push((CACHE_CONTROL, "no-cache".to_owned()));
        }
        let request = Request {
            url: url.clone(),
            headers,
            limit: LARGEST_PAGE,
        };
        let response = self.transport()?.get(&request).await?;
        match (response.status, asked.stale) {
            (StatusCode::OK, stale) => Ok(PageResponse::Page(response, stale)),
            (StatusCode::NOT_MODIFIED, Some(stale)) => Ok(PageResponse::Unchanged(response, stale)),
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Ok(PageResponse::Absent(response)),
            (status, _) => Err(PageProblem::Status(status).at(url)),
        }
    }
}
