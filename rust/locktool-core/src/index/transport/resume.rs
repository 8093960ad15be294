//! A long body in pieces, gone on with where it broke off, if the server can say that the file is still the same
//! (RFC 9110, 13.1.5); otherwise from its start.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, IF_RANGE, LAST_MODIFIED, RANGE,
};
use url::Url;

use super::error::{Failure, RequestError, expect_found, refused};
use super::file_problem::FileProblem;
use super::http::{Body, Request, Transport, content_range};
use super::retry::Tries;

/// Larger files are not fetched.
pub const LARGEST_FILE: u64 = 4 << 30;

/// A file while it arrives.
pub struct Resumable<'t> {
    transport: &'t Transport,
    url: Url,
    tries: Tries<'t>,
    body: Option<Body<'t>>,
    length: u64,
    /// What identifies the file that has begun to arrive.
    validator: Option<String>,
}

/// What came next.
pub enum Piece {
    Bytes(Bytes),
    /// What came so far does not count: the file begins again.
    Restart,
    End,
}

impl<'t> Resumable<'t> {
    pub fn new(transport: &'t Transport, url: &Url) -> Self {
        Self {
            transport,
            url: url.clone(),
            tries: transport.tries(),
            body: None,
            length: 0,
            validator: None,
        }
    }

    /// The next piece, after as many tries as a question has.
    pub async fn next(&mut self) -> Result<Piece, RequestError> {
        loop {
            match self.step().await {
                Ok(Some(piece)) => return Ok(piece),
                Ok(None) => {}
                Err(failure) => {
                    self.body = None;
                    self.tries.after(failure).await?;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<Option<Piece>, Failure> {
        let Some(body) = &mut self.body else {
            return self.connect().await;
        };
        let Some(bytes) = body.chunk().await? else {
            return Ok(Some(Piece::End));
        };
        self.length += bytes.len() as u64;
        if self.length > LARGEST_FILE {
            return Err(refused(&self.url, FileProblem::TooLarge).into());
        }
        Ok(Some(Piece::Bytes(bytes)))
    }

    /// Asks for what is missing.
    async fn connect(&mut self) -> Result<Option<Piece>, Failure> {
        let begun = self.length > 0;
        if let Some(validator) = self.validator.clone().filter(|_| begun) {
            let mut headers = as_stored();
            headers.push((RANGE, format!("bytes={}-", self.length)));
            headers.push((IF_RANGE, validator));
            let rest = match self.transport.open(&self.request(headers)).await {
                Ok(body) => Some(body),
                Err(failure) if failure.is_refusal() => None,
                Err(failure) => return Err(failure),
            };
            let continues = |body: &Body<'_>| {
                body.status() == StatusCode::PARTIAL_CONTENT
                    && content_range(body.headers()).is_some_and(|range| range.start == self.length)
            };
            if let Some(body) = rest {
                if continues(&body) {
                    self.transport.hosts.of(&self.url).count_resumed();
                    self.body = Some(body);
                    return Ok(None);
                }
                if body.status() == StatusCode::OK {
                    return Ok(self.start(body));
                }
            }
        }
        let body = open_whole(self.transport, &self.url).await?;
        Ok(self.start(body))
    }

    fn start(&mut self, body: Body<'t>) -> Option<Piece> {
        let begun = self.length > 0;
        self.length = 0;
        self.validator = validator(body.headers());
        self.body = Some(body);
        begun.then_some(Piece::Restart)
    }

    fn request(&self, headers: Vec<(HeaderName, String)>) -> Request {
        Request {
            url: self.url.clone(),
            headers,
            limit: LARGEST_FILE,
        }
    }
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
pub fn as_stored() -> Vec<(HeaderName, String)> {
    vec![(ACCEPT_ENCODING, "identity".to_owned())]
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
