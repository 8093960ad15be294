//! Requests over HTTP: bounded in number, in size and in time, retried where a second try can help, and
//! counted. Redirects keep credentials on their host; addresses in errors carry none.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName};
use reqwest::{Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::field::Empty;
use tracing::{Span, debug, debug_span};
use url::Url;

use super::address::printable;
use super::client_config::{self, Network, Proxies};
use super::credentials::Credentials;
use super::error::{Failure, Problem, RequestError, check_status, classify};
use super::host_support::HostSupport;
use super::retry::Tries;
use crate::source::{Progress, SourceError};

/// Requests in flight at once: what one HTTP/2 connection to a large index carries without queueing.
pub const IN_FLIGHT: usize = 64;

/// So many of them ask ahead of need at most.
pub const AHEAD: usize = 48;

/// A whole answer may take this many times the time allowed for silence: a slow drip ends too.
const WHOLE_ANSWER_FACTOR: u32 = 10;

/// A file that comes slower than so many bytes a second, for as long as a whole answer may take, is given up.
const SLOWEST: u64 = 100;

/// Answers that are held in memory beyond this size wait for each other, so that many large ones do not add up.
const LARGE_ANSWER: usize = 4 << 20;

const LARGE_AT_ONCE: usize = 2;

/// The connections of a run.
pub struct Transport {
    client: reqwest::Client,
    permits: Semaphore,
    large: Semaphore,
    progress: Arc<Progress>,
    credentials: Credentials,
    network: Network,
    proxies: Proxies,
    pub hosts: HostSupport,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub url: Url,
    pub headers: Vec<(HeaderName, String)>,
    /// The largest body that is read, in bytes after decompression.
    pub limit: u64,
}

/// A whole answer: 200, 206, 304, 404, 410 or 416.
#[derive(Debug)]
pub struct HttpResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Where redirects led.
    pub url: Url,
    pub body: Bytes,
}

impl Transport {
    pub fn new(
        network: Network,
        credentials: Credentials,
        progress: Arc<Progress>,
    ) -> Result<Self, SourceError> {
        let client = client_config::client(&network, IN_FLIGHT)?;
        Ok(Self {
            client,
            permits: Semaphore::new(IN_FLIGHT),
            large: Semaphore::new(LARGE_AT_ONCE),
            progress,
            credentials,
            proxies: Proxies::new(network.proxy.as_deref()),
            network,
            hosts: HostSupport::default(),
        })
    }

    /// Fetches a whole answer, trying again where that may help.
    pub async fn get(&self, request: &Request) -> Result<HttpResponse, RequestError> {
        let mut tries = self.tries();
        loop {
            match self.get_once(request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    async fn get_once(&self, request: &Request) -> Result<HttpResponse, Failure> {
        let mut body = self.open(request).await?;
        let whole = self.network.timeout * WHOLE_ANSWER_FACTOR;
        // One limit says why the response was given up, not whichever of two is looked at first.
        body.patience = Duration::MAX;
        let reading = tokio::time::timeout(whole, body.into_response(request.limit));
        reading.await.unwrap_or_else(|_| {
            let problem = Problem::Incomplete(whole);
            Err(RequestError::new(&request.url, problem).into())
        })
    }

    /// The tries that remain for one question.
    pub fn tries(&self) -> Tries<'_> {
        Tries::new(self.network.retries, &self.progress)
    }

    /// Sends a request and reads the head of the answer.
    pub async fn open(&self, request: &Request) -> Result<Body<'_>, Failure> {
        let permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| RequestError::interrupted())?;
        if self.progress.is_cancelled() {
            return Err(RequestError::interrupted().into());
        }
        let mut builder = self.client.get(request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some((user, password)) = self.credentials.for_url(&request.url) {
            builder = builder.basic_auth(user, password);
        }
        let span =
            debug_span!("fetch", of = %printable(&request.url), status = Empty, bytes = Empty);
        self.progress.requests.fetch_add(1, Ordering::Relaxed);
        let in_flight = InFlight::enter(&self.progress);
        let response = builder.send().await.map_err(|error| {
            let proxy = self.proxies.of(&request.url);
            let proxy = proxy.filter(|_| error.is_connect());
            let failure = classify(&request.url, error);
            match proxy {
                Some(proxy) => failure.through(proxy),
                None => failure,
            }
        })?;
        let status = response.status().as_u16();
        span.record("status", status);
        debug!(name: "fetched", parent: &span, "HTTP {status} from {}", printable(&request.url));
        check_status(&request.url, &response)?;
        Ok(Body {
            span,
            url: request.url.clone(),
            response,
            progress: &self.progress,
            large: &self.large,
            started: Instant::now(),
            patience: self.network.timeout * WHOLE_ANSWER_FACTOR,
            received: 0,
            _permit: permit,
            _in_flight: in_flight,
        })
    }
}

/// An answer whose body is still to be read.
pub struct Body<'t> {
    /// Lasts as long as the body is read.
    span: Span,
    url: Url,
    response: Response,
    progress: &'t Progress,
    large: &'t Semaphore,
    started: Instant,
    patience: Duration,
    received: u64,
    _permit: SemaphorePermit<'t>,
    _in_flight: InFlight<'t>,
}

impl Body<'_> {
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// How many bytes are still to come, where the server says.
    pub fn remaining(&self) -> Option<u64> {
        let length = self.headers().get(CONTENT_LENGTH)?.to_str().ok()?;
        Some(length.parse::<u64>().ok()?.saturating_sub(self.received))
    }

    /// The next piece; `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        if self.progress.is_cancelled() {
            return Err(RequestError::interrupted().into());
        }
        match self.response.chunk().await {
            Ok(chunk) => {
                let length = chunk.as_ref().map_or(0, Bytes::len) as u64;
                self.progress.bytes.fetch_add(length, Ordering::Relaxed);
                self.received += length;
                if chunk.is_none() {
                    self.span.record("bytes", self.received);
                }
                let elapsed = self.started.elapsed();
                if elapsed > self.patience && self.received < elapsed.as_secs() * SLOWEST {
                    return Err(RequestError::new(&self.url, Problem::Slow(SLOWEST)).into());
                }
                Ok(chunk)
            }
            Err(error) => Err(classify(&self.url, error)),
        }
    }

    pub async fn into_response(mut self, limit: u64) -> Result<HttpResponse, Failure> {
        // A server may say any length: no more is reserved than what many responses may take at once.
        let announced = self.remaining().unwrap_or_default().min(limit);
        let announced = usize::try_from(announced).unwrap_or(LARGE_ANSWER);
        let mut whole = BytesMut::with_capacity(announced.min(LARGE_ANSWER));
        let mut turn = None;
        while let Some(chunk) = self.chunk().await? {
            if turn.is_none() && whole.len() > LARGE_ANSWER {
                let acquired = self.large.acquire().await;
                turn = Some(acquired.map_err(|_| RequestError::interrupted())?);
            }
            if (whole.len() + chunk.len()) as u64 > limit {
                return Err(RequestError::new(&self.url, Problem::TooLarge(limit)).into());
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(HttpResponse {
            status: self.response.status(),
            headers: self.response.headers().clone(),
            url: self.response.url().clone(),
            body: whole.freeze(),
        })
    }
}

/// Counts a request while it lasts.
struct InFlight<'t>(&'t Progress);

impl<'t> InFlight<'t> {
    fn enter(progress: &'t Progress) -> Self {
        progress.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(progress)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The bytes an answer says it has.
pub struct ContentRange {
    pub start: u64,
    pub end: u64,
    /// The size of the whole file.
    pub total: u64,
}

/// Reads `bytes 10-20/30`.
pub fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (start, last) = range.split_once('-')?;
    let (start, last): (u64, u64) = (start.trim().parse().ok()?, last.trim().parse().ok()?);
    let total: u64 = total.trim().parse().ok()?;
    (start <= last && last < total).then_some(ContentRange {
        start,
        end: last + 1,
        total,
    })
}
