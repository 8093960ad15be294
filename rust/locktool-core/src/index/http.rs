//! Requests with manners: bounded in number, in size and in time, retried where a second try can help, and
//! counted. Redirects keep credentials on their host; addresses in errors carry none.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::field::Empty;
use tracing::{Span, debug, debug_span, info};
use url::Url;

use super::connections::{self, Network, Proxies};
use super::credentials::Credentials;
use super::host_support::HostSupport;
use super::revalidate::{moment, now};
use crate::source::{Progress, SourceError};

/// Requests in flight at once: what one HTTP/2 connection to a large index carries without queueing.
pub const IN_FLIGHT: usize = 64;
/// So many of them ask ahead of need at most.
pub const AHEAD: usize = 48;
/// A server that asks for more patience than this is treated as down.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const FIRST_BACKOFF: Duration = Duration::from_millis(150);
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
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Where redirects led.
    pub url: Url,
    pub body: Bytes,
}

/// Why a try failed.
#[derive(Debug)]
pub enum Failure {
    /// Another try may help, after the time the server asked for.
    Passing(SourceError, Option<Duration>),
    Final(SourceError),
}

impl Failure {
    /// Whether the server refuses this request, such as a range, and may take another one for the same file.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Final(SourceError::Unreachable { .. } | SourceError::Unauthorized { .. })
        )
    }

    /// The same, with the proxy that the request was sent through.
    fn through(self, proxy: &str) -> Self {
        let through = |error| match error {
            SourceError::Unreachable { url, reason } => SourceError::Unreachable {
                url,
                reason: format!("through the proxy {proxy}: {reason}"),
            },
            error => error,
        };
        match self {
            Self::Passing(error, wait) => Self::Passing(through(error), wait),
            Self::Final(error) => Self::Final(through(error)),
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Self::Final(error)
    }
}

impl Transport {
    pub fn new(
        network: Network,
        credentials: Credentials,
        progress: Arc<Progress>,
    ) -> Result<Self, SourceError> {
        let client = connections::client(&network, IN_FLIGHT)?;
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
    pub async fn get(&self, request: &Request) -> Result<Answer, SourceError> {
        let mut tries = self.tries();
        loop {
            match self.get_once(request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    async fn get_once(&self, request: &Request) -> Result<Answer, Failure> {
        let body = self.open(request).await?;
        let whole = self.network.timeout * WHOLE_ANSWER_FACTOR;
        let reading = tokio::time::timeout(whole, body.into_answer(request.limit));
        reading.await.unwrap_or_else(|_| {
            let reason = format!("the answer was not complete after {} s", whole.as_secs());
            Err(Failure::Final(unreachable(&request.url, reason)))
        })
    }

    /// The tries that remain for one question.
    pub fn tries(&self) -> Tries<'_> {
        Tries {
            left: self.network.retries,
            backoff: FIRST_BACKOFF,
            progress: &self.progress,
        }
    }

    /// Sends a request and reads the head of the answer.
    pub async fn open(&self, request: &Request) -> Result<Body<'_>, Failure> {
        let permit = self
            .permits
            .acquire()
            .await
            .map_err(|_| SourceError::Cancelled)?;
        if self.progress.is_cancelled() {
            return Err(Failure::Final(SourceError::Cancelled));
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
                Some(proxy) => failure.through(&proxy),
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
            return Err(Failure::Final(SourceError::Cancelled));
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
                    let reason = format!("it came at less than {SLOWEST} bytes a second");
                    return Err(Failure::Final(unreachable(&self.url, reason)));
                }
                Ok(chunk)
            }
            Err(error) => Err(classify(&self.url, error)),
        }
    }

    pub async fn into_answer(mut self, limit: u64) -> Result<Answer, Failure> {
        let mut whole = BytesMut::new();
        let mut turn = None;
        while let Some(chunk) = self.chunk().await? {
            if turn.is_none() && whole.len() > LARGE_ANSWER {
                let acquired = self.large.acquire().await;
                turn = Some(acquired.map_err(|_| SourceError::Cancelled)?);
            }
            if (whole.len() + chunk.len()) as u64 > limit {
                let reason = format!("the answer is larger than {limit} bytes");
                return Err(Failure::Final(SourceError::Invalid {
                    url: printable(&self.url),
                    reason,
                }));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status: self.response.status(),
            headers: self.response.headers().clone(),
            url: self.response.url().clone(),
            body: whole.freeze(),
        })
    }
}

/// Counts down the tries of one question and waits between them.
pub struct Tries<'t> {
    left: u32,
    backoff: Duration,
    progress: &'t Progress,
}

impl Tries<'_> {
    /// Waits before another try, or returns the error that stands.
    pub async fn after(&mut self, failure: Failure) -> Result<(), SourceError> {
        let (error, asked) = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Passing(error, asked) => (error, asked),
        };
        if self.left == 0 || asked.is_some_and(|wait| wait > LONGEST_WAIT) {
            return Err(error);
        }
        self.left -= 1;
        info!(name: "retry", "{error}; it is asked again");
        let jitter = 0.5 + fastrand::f64();
        tokio::time::sleep(asked.unwrap_or(self.backoff.mul_f64(jitter))).await;
        self.backoff *= 3;
        if self.progress.is_cancelled() {
            Err(SourceError::Cancelled)
        } else {
            Ok(())
        }
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

fn check_status(url: &Url, response: &Response) -> Result<(), Failure> {
    let status = response.status();
    match status.as_u16() {
        200 | 206 | 304 | 404 | 410 | 416 => Ok(()),
        407 => {
            let reason = format!("the proxy refused access ({})", said(status));
            Err(Failure::Final(unreachable(url, reason)))
        }
        401 | 403 => Err(Failure::Final(SourceError::Unauthorized {
            url: printable(url),
            reason: said(status),
        })),
        408 | 425 | 429 | 500 | 502..=504 | 506..=599 => {
            let reason = format!("the server answered {}", said(status));
            Err(Failure::Passing(
                unreachable(url, reason),
                retry_after(response.headers()),
            ))
        }
        _ => {
            let reason = format!("the server answered {}", said(status));
            Err(Failure::Final(unreachable(url, reason)))
        }
    }
}

fn said(status: StatusCode) -> String {
    let words = status.canonical_reason().unwrap_or("unknown status");
    format!("HTTP {} {words}", status.as_u16())
}

/// Retry-After in both of its forms: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = moment(text)?.saturating_sub(now());
    Some(Duration::from_secs(until.max(0).cast_unsigned()))
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

/// A missing file makes a release unusable, not an index.
pub fn expect_found(url: &Url, status: StatusCode) -> Result<(), Failure> {
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(()),
        _ => Err(refused(
            url,
            &format!("the server answered HTTP {}", status.as_u16()),
        )),
    }
}

pub fn refused(url: &Url, reason: &str) -> Failure {
    Failure::Final(SourceError::Unusable {
        reason: format!("{} cannot be read: {reason}", printable(url)),
    })
}

fn classify(url: &Url, error: reqwest::Error) -> Failure {
    let passing = !error.is_builder() && !error.is_redirect();
    let silent = error.is_timeout();
    let decoding = error.is_decode();
    let reason = deepest(&error.without_url());
    let reason = if silent {
        "the server did not answer in time".to_owned()
    } else if decoding {
        format!("the answer broke off or cannot be decoded ({reason})")
    } else {
        reason
    };
    let error = unreachable(url, reason);
    if passing {
        Failure::Passing(error, None)
    } else {
        Failure::Final(error)
    }
}

/// The innermost cause: the one that names what happened.
pub fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

pub fn unreachable(url: &Url, reason: impl Into<String>) -> SourceError {
    SourceError::Unreachable {
        url: printable(url),
        reason: reason.into(),
    }
}

pub fn invalid(url: &Url, reason: impl Into<String>) -> SourceError {
    SourceError::Invalid {
        url: printable(url),
        reason: reason.into(),
    }
}

/// An address as people may see it: no credentials, and no query or fragment that could hold a token.
pub fn printable(url: &Url) -> String {
    let mut shown = without_credentials(url);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

/// The address without user name and password.
pub fn without_credentials(url: &Url) -> Url {
    let mut plain = url.clone();
    // Addresses that cannot have credentials refuse to lose them.
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    plain
}
