//! The SHA-256 of files of which an index gives no strong hash: each file is fetched once, compared with what the index does say, and
//! remembered in the cache as long as the index says the same of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::session::Session;
use crate::cache::record::{FileRow, ReleaseRow, Rows, Validators};
use crate::cache::{RecordView, encode, from_hex, to_hex};
use crate::index::transport::address::printable;
use crate::index::transport::download::fetch_digests;
use crate::index::transport::error::cannot_be_used;
use crate::name::PackageName;
use crate::source::SourceError;

/// A file, as its index lists it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileToHash {
    pub package: PackageName,
    /// The recorded address of the index or the links.
    pub index: String,
    /// The recorded address of the file.
    pub address: String,
    /// Sorted by algorithm.
    pub hashes: Vec<(String, String)>,
    pub size: Option<u64>,
    /// Milliseconds since 1970 in UTC.
    pub upload_time: Option<i64>,
}

/// A SHA-256 that locktool computed.
#[derive(Clone, Debug)]
pub struct ComputedDigest {
    pub sha256: Arc<str>,
    /// The file had to be fetched for it in this run.
    pub was_fetched: bool,
}

impl FileToHash {
    /// Under which index the cache keeps digests of its files.
    fn cache_key(&self) -> String {
        format!("digests {}", self.index)
    }

    fn other_hashes(&self) -> String {
        let pairs = self.hashes.iter();
        let pairs: Vec<String> = pairs.map(|(name, hex)| format!("{name}={hex}")).collect();
        pairs.join("&")
    }

    /// Whether a row is about this file, of which its index says the same today.
    fn is(&self, row: &FileRow<'_>) -> bool {
        row.url == self.address
            && row.other_hashes == self.other_hashes()
            && row.size == self.size
            && row.upload_time == self.upload_time
    }

    fn row(&self, sha256: &str) -> FileRow<'_> {
        FileRow {
            filename: Cow::Borrowed(self.address.rsplit('/').next().unwrap_or_default()),
            url: Cow::Borrowed(&self.address),
            sha256: from_hex(sha256),
            other_hashes: Cow::Owned(self.other_hashes()),
            size: self.size,
            upload_time: self.upload_time,
            ..FileRow::default()
        }
    }
}

impl Session {
    /// The SHA-256 of a file, if the cache has it, or if it cannot be fetched.
    pub fn computed_digest(
        &self,
        file: &FileToHash,
    ) -> Option<Result<ComputedDigest, SourceError>> {
        if !self.refreshes(file.package)
            && let Some(sha256) = self.remembered_digest(file)
        {
            return Some(Ok(ComputedDigest {
                sha256: sha256.into(),
                was_fetched: false,
            }));
        }
        self.offline.then(|| {
            let url = self.url_of(file)?;
            let what = printable(&url);
            Err(SourceError::Offline { what })
        })
    }

    /// Fetches a file for its SHA-256, and refuses it where the index announces another digest than it has.
    pub async fn compute_digest(&self, file: &FileToHash) -> Result<ComputedDigest, SourceError> {
        let url = self.url_of(file)?;
        let hashed = fetch_digests(self.transport()?, &url, &file.hashes).await?;
        if let Some(mismatch) = hashed.mismatch {
            return Err(cannot_be_used(&url, mismatch));
        }
        self.remember_digest(file, &hashed.sha256);
        Ok(ComputedDigest {
            sha256: hashed.sha256.into(),
            was_fetched: true,
        })
    }

    fn url_of(&self, file: &FileToHash) -> Result<url::Url, SourceError> {
        self.indexes
            .fetched_url(&file.index, &file.address, &self.queries)
    }

    fn remembered_digest(&self, file: &FileToHash) -> Option<String> {
        let store = self.store.as_ref()?;
        let record = store.read(&file.cache_key(), file.package.as_str())?;
        let rows = record.rows()?;
        let mut files = rows.releases.iter().flat_map(|release| &release.files);
        let known = files.find(|row| file.is(row))?;
        known.sha256.as_ref().map(|digest| to_hex(digest))
    }

    fn remember_digest(&self, file: &FileToHash, sha256: &str) {
        let Some(store) = &self.store else { return };
        let key = file.cache_key();
        store.update(&key, file.package.as_str(), |disk| {
            let mut rows = disk
                .as_ref()
                .and_then(RecordView::rows)
                .unwrap_or_else(|| Rows {
                    package: Cow::Borrowed(file.package.as_str()),
                    index: Cow::Borrowed(&key),
                    releases: vec![ReleaseRow::default()],
                    ..Rows::default()
                });
            let files = &mut rows.releases.first_mut()?.files;
            files.retain(|row| row.url != file.address);
            files.push(file.row(sha256));
            let validators = Validators {
                fetched: self.started,
                fresh_until: self.started,
                ..Validators::default()
            };
            Some(encode(&validators, &rows))
        });
    }
}
