//! Why a request failed, in words for people, and whether another try can help.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use url::Url;

use super::address::printable;
use super::http_cache::{moment, now};
use crate::source::SourceError;

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
    pub fn through(self, proxy: &str) -> Self {
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

pub fn check_status(url: &Url, response: &Response) -> Result<(), Failure> {
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

pub fn classify(url: &Url, error: reqwest::Error) -> Failure {
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

/// A status with which no index responds to a request for a page.
pub fn unexpected_status(url: &Url, status: StatusCode) -> SourceError {
    invalid(url, format!("it answered HTTP {}", status.as_u16()))
}

/// A 304 about a record that cannot be read.
pub fn damaged_record(url: &Url) -> SourceError {
    invalid(url, "its answer 304 is about a damaged record")
}

pub fn invalid(url: &Url, reason: impl Into<String>) -> SourceError {
    SourceError::Invalid {
        url: printable(url),
        reason: reason.into(),
    }
}

/// Others of the package may be used.
pub fn unusable(reason: String) -> SourceError {
    SourceError::Unusable { reason }
}
