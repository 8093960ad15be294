//! The queries of addresses, which may hold a token or a signature: they are sent, and neither recorded, cached nor shown.

use std::borrow::Cow;
use std::fmt;
use std::sync::Mutex;

use memchr::memchr;
use percent_encoding::percent_decode_str;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use url::Url;

use crate::cache::record::FileRow;
use crate::index::single_flight::guard;
use crate::manifest::short_digest;
use crate::source::File;

/// The query of one address.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query(Option<String>);

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Query").finish_non_exhaustive()
    }
}

impl Query {
    /// Takes the query off an address.
    pub fn take(url: &mut Url) -> Self {
        let query = url.query().map(str::to_owned);
        url.set_query(None);
        Self(query)
    }

    /// An address with the query.
    pub fn added_to(&self, mut url: Url) -> Url {
        url.set_query(self.0.as_deref());
        url
    }

    /// What tells the query from others without telling it: `?0123456789abcdef`. Empty without a query.
    pub fn fingerprint(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |query| {
            format!("?{}", short_digest(Sha256::new_with_prefix(query)))
        })
    }
}

/// The queries of the files that were listed in a run, by their addresses without them.
#[derive(Default)]
pub struct FileQueries(Mutex<FxHashMap<String, String>>);

impl FileQueries {
    /// Takes the queries off the addresses of files, and says what is wrong. A file that its query alone names is left out: nobody
    /// could fetch it by what a lock may record.
    pub fn take(&self, files: &mut Vec<File>) -> Vec<String> {
        take_each(files, |file| {
            if let Some(provenance) = &mut file.provenance {
                provenance.truncate(without_query(provenance).len());
            }
            let address = self.take_one(&file.filename, &file.url)?;
            file.url.truncate(address.len());
            Ok(())
        })
    }

    /// The same of rows, of which nearly all stay as they are.
    pub fn take_of_rows(&self, rows: &mut Vec<FileRow<'_>>) -> Vec<String> {
        take_each(rows, |row| {
            if let Some(provenance) = row.provenance.as_mut().filter(|text| has_query(text)) {
                *provenance = Cow::Owned(without_query(provenance).to_owned());
            }
            if has_query(&row.url) {
                let address = self.take_one(&row.filename, &row.url)?;
                row.url = Cow::Owned(address.to_owned());
            }
            Ok(())
        })
    }

    /// The address of a file without its query, which is remembered.
    fn take_one<'u>(&self, filename: &str, url: &'u str) -> Result<&'u str, String> {
        let Some((address, query)) = url.split_once('?') else {
            return Ok(url);
        };
        let last = address.rsplit('/').next().unwrap_or_default();
        if percent_decode_str(last).decode_utf8_lossy() != filename {
            return Err(format!(
                "leaves out {filename:?}: only the query of its address names it, and no lock records a query, which may hold a token"
            ));
        }
        let key = Url::parse(address).map_or_else(|_| address.to_owned(), String::from);
        guard(&self.0).insert(key, query.to_owned());
        Ok(address)
    }

    /// An address with the query under which the index lists it.
    pub fn added_to(&self, mut url: Url) -> Url {
        if let Some(query) = guard(&self.0).get(url.as_str()) {
            url.set_query(Some(query));
        }
        url
    }
}

/// Leaves out of a list what cannot do without its query, and says why.
fn take_each<T>(
    listed: &mut Vec<T>,
    mut take: impl FnMut(&mut T) -> Result<(), String>,
) -> Vec<String> {
    let mut warnings = Vec::new();
    listed.retain_mut(|one| match take(one) {
        Ok(()) => true,
        Err(warning) => {
            warnings.push(warning);
            false
        }
    });
    warnings
}

/// Whether an address has a query.
pub fn has_query(url: &str) -> bool {
    memchr(b'?', url.as_bytes()).is_some()
}

fn without_query(text: &str) -> &str {
    text.split_once('?').map_or(text, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn a_query_is_sent_and_not_shown() {
        let mut address = url("https://h.example.invalid/simple/?token=sesame");
        let query = Query::take(&mut address);
        assert_eq!(address.as_str(), "https://h.example.invalid/simple/");
        assert!(!format!("{query:?}{}", query.fingerprint()).contains("sesame"));
        let sent = query.added_to(address);
        assert_eq!(sent.query(), Some("token=sesame"));
        assert_eq!(Query::default().fingerprint(), "");
    }

    #[test]
    fn files_get_their_queries_back_and_those_without_a_name_are_left_out() {
        let mut files = vec![
            File::bare("a-1.zip", "https://h.example.invalid/a-1.zip?sig=sesame"),
            File::bare(
                "a-2+x.zip",
                "https://h.example.invalid/a-2%2Bx.zip?sig=open",
            ),
            File::bare("a-3.zip", "https://h.example.invalid/get?file=a-3.zip"),
            File::bare("a-4.zip", "https://h.example.invalid/a-4.zip"),
        ];
        let queries = FileQueries::default();
        let warnings = queries.take(&mut files);
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("a-3.zip"));
        let urls: Vec<&str> = files.iter().map(|file| file.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "https://h.example.invalid/a-1.zip",
                "https://h.example.invalid/a-2%2Bx.zip",
                "https://h.example.invalid/a-4.zip"
            ]
        );
        let sent = |text| queries.added_to(url(text)).query().map(str::to_owned);
        assert_eq!(sent(urls[0]).as_deref(), Some("sig=sesame"));
        assert_eq!(sent(urls[1]).as_deref(), Some("sig=open"));
        assert_eq!(sent(urls[2]), None);
    }
}
