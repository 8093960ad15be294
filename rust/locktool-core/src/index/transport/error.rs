//! Why a request has no response that counts: the facts, whether another try can help, and the one place that puts them into words.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::address::printable;
use super::file_problem::FileProblem;
use super::http_cache::{moment, now};
use crate::source::SourceError;

/// A request that has no response that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// The address, without credentials; empty for a run that was interrupted.
    url: String,
    problem: Problem,
    /// The proxy that did not pass the request on, without credentials.
    proxy: Option<String>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The server refuses, or fails: 403, 503; 407 of the proxy.
    Status(StatusCode),
    /// A file is not there: 404. It makes a release unusable, not an index.
    NoFile(StatusCode),
    /// Nothing came for as long as silence is borne.
    Silence,
    /// In the words of the system: `Connection refused (os error 111)`
    System(String),
    /// In the words of what decodes: `unexpected end of file`
    BrokenOff(String),
    /// It was not complete after so long.
    Incomplete(Duration),
    /// Fewer bytes a second than this.
    Slow(u64),
    /// More bytes than this.
    TooLarge(u64),
    /// Ranges came, and then no more.
    RangesEnded,
    /// The file came, and is of no use.
    File(FileProblem),
    /// The run was interrupted.
    Interrupted,
}

impl RequestError {
    pub fn new(url: &Url, problem: Problem) -> Self {
        Self {
            url: printable(url),
            problem,
            proxy: None,
        }
    }

    pub fn interrupted() -> Self {
        Self {
            url: String::new(),
            problem: Problem::Interrupted,
            proxy: None,
        }
    }

    /// 401 or 403, which some stores answer for what they do not have.
    pub fn is_access_refused(&self) -> bool {
        matches!(
            self.problem,
            Problem::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status @ StatusCode::PROXY_AUTHENTICATION_REQUIRED) => {
                write!(formatter, "the proxy refused access ({})", said(*status))
            }
            Self::Status(status) => write!(formatter, "the server answered {}", said(*status)),
            Self::NoFile(status) => {
                write!(formatter, "the server answered HTTP {}", status.as_u16())
            }
            Self::Silence => write!(formatter, "the server did not answer in time"),
            Self::System(words) => write!(formatter, "{words}"),
            Self::BrokenOff(words) => {
                write!(
                    formatter,
                    "the answer broke off or cannot be decoded ({words})"
                )
            }
            Self::Incomplete(after) => {
                let seconds = after.as_secs();
                write!(formatter, "the answer was not complete after {seconds} s")
            }
            Self::Slow(least) => write!(formatter, "it came at less than {least} bytes a second"),
            Self::TooLarge(limit) => {
                write!(formatter, "the answer is larger than {limit} bytes")
            }
            Self::RangesEnded => write!(formatter, "the server stopped answering ranges"),
            Self::File(problem) => write!(formatter, "{problem}"),
            Self::Interrupted => write!(formatter, "interrupted"),
        }
    }
}

impl From<RequestError> for SourceError {
    fn from(error: RequestError) -> Self {
        let RequestError {
            url,
            problem,
            proxy,
        } = error;
        let reason = problem.to_string();
        match problem {
            Problem::Interrupted => Self::Cancelled,
            Problem::Status(status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) => {
                Self::Unauthorized {
                    url,
                    reason: said(status),
                }
            }
            Problem::TooLarge(_) => Self::Invalid { url, reason },
            Problem::NoFile(_) | Problem::File(_) => cannot_be_read(&url, reason),
            _ => Self::Unreachable {
                url,
                reason: match proxy {
                    Some(proxy) => format!("through the proxy {proxy}: {reason}"),
                    None => reason,
                },
            },
        }
    }
}

/// Why a try failed.
#[derive(Debug)]
pub enum Failure {
    /// Another try may help, after the time the server asked for.
    Passing(RequestError, Option<Duration>),
    Final(RequestError),
}

impl Failure {
    /// Whether the server refuses this request, such as a range, and may take another one for the same file.
    pub fn is_refusal(&self) -> bool {
        let Self::Final(error) = self else {
            return false;
        };
        matches!(error.problem, Problem::Status(status) if status != StatusCode::PROXY_AUTHENTICATION_REQUIRED)
    }

    /// The same, with the proxy that the request was sent through.
    pub fn through(mut self, proxy: String) -> Self {
        let (Self::Passing(error, _) | Self::Final(error)) = &mut self;
        error.proxy = Some(proxy);
        self
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        Self::Final(error)
    }
}

pub fn check_status(url: &Url, response: &Response) -> Result<(), Failure> {
    let status = response.status();
    let failed = || RequestError::new(url, Problem::Status(status));
    match status.as_u16() {
        200 | 206 | 304 | 404 | 410 | 416 => Ok(()),
        408 | 425 | 429 | 500 | 502..=504 | 506..=599 => {
            Err(Failure::Passing(failed(), retry_after(response.headers())))
        }
        _ => Err(Failure::Final(failed())),
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

pub fn expect_found(url: &Url, status: StatusCode) -> Result<(), RequestError> {
    match status {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(()),
        _ => Err(RequestError::new(url, Problem::NoFile(status))),
    }
}

/// A file that came and is of no use.
pub fn refused(url: &Url, problem: FileProblem) -> RequestError {
    RequestError::new(url, Problem::File(problem))
}

pub fn classify(url: &Url, error: reqwest::Error) -> Failure {
    let passing = !error.is_builder() && !error.is_redirect();
    let silent = error.is_timeout();
    let decoding = error.is_decode();
    let words = deepest(&error.without_url());
    let problem = if silent {
        Problem::Silence
    } else if decoding {
        Problem::BrokenOff(words)
    } else {
        Problem::System(words)
    };
    let error = RequestError::new(url, problem);
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

/// Others of the package may be used.
pub fn unusable(reason: String) -> SourceError {
    SourceError::Unusable { reason }
}

/// A file whose bytes tell nothing. The address is one that people may see.
pub fn cannot_be_read(address: &str, reason: impl fmt::Display) -> SourceError {
    unusable(format!("{address} cannot be read: {reason}"))
}

/// A file that can be read and is not what is needed.
pub fn cannot_be_used(url: &Url, reason: impl fmt::Display) -> SourceError {
    unusable(format!("{} cannot be used: {reason}", printable(url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(problem: Problem) -> Failure {
        let url = Url::parse("https://ann:sesame@h.example.invalid/a?token=x").expect("an address");
        RequestError::new(&url, problem).into()
    }

    #[test]
    fn only_a_status_of_the_server_is_a_refusal_of_the_request() {
        for (problem, is_refusal) in [
            (Problem::Status(StatusCode::FORBIDDEN), true),
            (Problem::Status(StatusCode::NOT_IMPLEMENTED), true),
            (
                Problem::Status(StatusCode::PROXY_AUTHENTICATION_REQUIRED),
                false,
            ),
            (Problem::System("Connection refused".to_owned()), false),
            (Problem::NoFile(StatusCode::NOT_FOUND), false),
            (Problem::Interrupted, false),
        ] {
            assert_eq!(
                failed(problem.clone()).is_refusal(),
                is_refusal,
                "{problem}"
            );
        }
    }

    #[test]
    fn the_proxy_is_named_where_nothing_was_reached() {
        let words = |problem| {
            let Failure::Final(error) = failed(problem).through("http://p:1".to_owned()) else {
                unreachable!("it is final");
            };
            SourceError::from(error).to_string()
        };
        assert_eq!(
            words(Problem::Silence),
            "https://h.example.invalid/a could not be fetched: through the proxy http://p:1: the server did not answer in time"
        );
        assert_eq!(
            words(Problem::File(FileProblem::NoMetadata)),
            "https://h.example.invalid/a cannot be read: it has no METADATA of its package"
        );
    }
}
