//! Whole files into temporary ones, hashed on the way; a download that breaks off goes on where it stopped, if the
//! server can say that the file is still the same (RFC 9110, 13.1.5).

use std::fs::File;
use std::io::{Seek, Write};

use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, IF_RANGE, LAST_MODIFIED, RANGE,
};
use sha2::{Digest, Sha256};
use url::Url;

use super::http::{Body, Failure, Request, Transport, content_range, expect_found, refused};
use crate::cache::to_hex;
use crate::source::SourceError;

/// Larger files are not fetched.
pub const LARGEST_FILE: u64 = 4 << 30;

/// A file while it arrives.
struct Download<'a> {
    url: &'a Url,
    file: File,
    digest: Sha256,
    length: u64,
    /// What identifies the file that has begun to arrive.
    validator: Option<String>,
}

/// Fetches a whole file and checks its hash.
pub async fn download(
    transport: &Transport,
    url: &Url,
    sha256: Option<&str>,
) -> Result<File, SourceError> {
    let mut tries = transport.tries();
    let mut download = Download::start(url).map_err(final_error)?;
    loop {
        let failure = match download.go_on(transport).await {
            Ok(()) => return download.finish(sha256).map_err(final_error),
            Err(failure) => failure,
        };
        tries.after(failure).await?;
    }
}

/// Takes the rest of an answer that was begun as a whole file, without a second try.
pub async fn spool(body: Body<'_>, url: &Url, sha256: Option<&str>) -> Result<File, Failure> {
    let mut download = Download::start(url)?;
    download.take(body).await?;
    download.finish(sha256)
}

/// Asks for a whole file as it is stored.
pub async fn open_whole<'t>(transport: &'t Transport, url: &Url) -> Result<Body<'t>, Failure> {
    let request = Request {
        url: url.clone(),
        headers: as_stored(),
        limit: LARGEST_FILE,
    };
    let body = transport.open(&request).await?;
    expect_found(url, body.status())?;
    Ok(body)
}

/// Archives are compressed already, and ranges count the bytes that are stored.
pub fn as_stored() -> Vec<(reqwest::header::HeaderName, String)> {
    vec![(ACCEPT_ENCODING, "identity".to_owned())]
}

fn final_error(failure: Failure) -> SourceError {
    match failure {
        Failure::Final(error) | Failure::Passing(error, _) => error,
    }
}

impl<'a> Download<'a> {
    fn start(url: &'a Url) -> Result<Self, Failure> {
        let file = tempfile::tempfile().map_err(|error| no_room(url, &error))?;
        Ok(Self {
            url,
            file,
            digest: Sha256::new(),
            length: 0,
            validator: None,
        })
    }

    /// Fetches what is missing.
    async fn go_on(&mut self, transport: &Transport) -> Result<(), Failure> {
        let Some(validator) = self.validator.clone().filter(|_| self.length > 0) else {
            self.restart()?;
            return self.take(open_whole(transport, self.url).await?).await;
        };
        let mut headers = as_stored();
        headers.push((RANGE, format!("bytes={}-", self.length)));
        headers.push((IF_RANGE, validator));
        let request = Request {
            url: self.url.clone(),
            headers,
            limit: LARGEST_FILE,
        };
        let body = transport.open(&request).await?;
        let continues = body.status() == StatusCode::PARTIAL_CONTENT
            && content_range(body.headers()).is_some_and(|range| range.start == self.length);
        if !continues {
            self.restart()?;
            if body.status() != StatusCode::OK {
                return self.take(open_whole(transport, self.url).await?).await;
            }
        }
        self.take(body).await
    }

    fn restart(&mut self) -> Result<(), Failure> {
        self.digest = Sha256::new();
        self.length = 0;
        self.validator = None;
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .map_err(|error| no_room(self.url, &error))
    }

    async fn take(&mut self, mut body: Body<'_>) -> Result<(), Failure> {
        if self.length == 0 {
            self.validator = validator(body.headers());
        }
        while let Some(chunk) = body.chunk().await? {
            self.length += chunk.len() as u64;
            if self.length > LARGEST_FILE {
                return Err(refused(self.url, "it is larger than 4 GiB"));
            }
            self.digest.update(&chunk);
            self.file
                .write_all(&chunk)
                .map_err(|error| no_room(self.url, &error))?;
        }
        Ok(())
    }

    fn finish(mut self, sha256: Option<&str>) -> Result<File, Failure> {
        let found = to_hex(&self.digest.finalize());
        check_hash(sha256, &found).map_err(|reason| refused(self.url, &reason))?;
        self.file
            .rewind()
            .map_err(|error| no_room(self.url, &error))?;
        Ok(self.file)
    }
}

/// A strong entity tag, or the time of the last change; bytes that were decoded on the way cannot be counted.
fn validator(headers: &HeaderMap) -> Option<String> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let strong = text(ETAG).filter(|tag| !tag.starts_with("W/"));
    strong.or_else(|| text(LAST_MODIFIED)).map(str::to_owned)
}

pub fn check_hash(expected: Option<&str>, found: &str) -> Result<(), String> {
    match expected {
        Some(expected) if expected != found => {
            Err(format!("its SHA-256 is {found}, the index says {expected}"))
        }
        _ => Ok(()),
    }
}

fn no_room(url: &Url, error: &std::io::Error) -> Failure {
    refused(url, &format!("no room for a copy ({error})"))
}
