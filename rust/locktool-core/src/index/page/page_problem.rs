//! Why a response is no page of an index, and the one place that puts it into words.

use std::fmt;

use reqwest::StatusCode;
use url::Url;

use crate::index::transport::address::printable;
use crate::name::PackageName;
use crate::source::SourceError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageProblem {
    /// One with which no index responds to a request for a page: 206
    Status(StatusCode),
    /// 304 for a page of which the cache has a record that cannot be read.
    DamagedRecord,
    /// `image/png`
    MediaType(String),
    /// In the words of what reads it: `missing field 'meta' at line 1 column 2`
    OtherJson(String),
    /// HTML of something else, such as a form to sign in.
    OtherHtml,
    /// An API of another major version (PEP 629): `2.0`
    OtherVersion(String),
    /// `soon` in the place of an API version.
    NoVersion(String),
    /// The page gives its project another name than the one that was asked for.
    OtherPackage { sent: String, asked: PackageName },
}

impl PageProblem {
    /// The error about the page at an address.
    pub fn at(self, url: &Url) -> SourceError {
        SourceError::Invalid {
            url: printable(url),
            reason: self.to_string(),
        }
    }
}

impl fmt::Display for PageProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "it answered HTTP {}", status.as_u16()),
            Self::DamagedRecord => write!(formatter, "its answer 304 is about a damaged record"),
            Self::MediaType(other) => {
                write!(
                    formatter,
                    "it answered with {other}, which is no page of packages"
                )
            }
            Self::OtherJson(words) => write!(formatter, "its JSON is not a project page ({words})"),
            Self::OtherHtml => write!(
                formatter,
                "its HTML has no links to files and does not say it is a project page"
            ),
            Self::OtherVersion(version) => write!(
                formatter,
                "it speaks version {version} of the simple API and this program understands version 1: upgrade locktool"
            ),
            Self::NoVersion(text) => write!(formatter, "its API version {text:?} is not a version"),
            Self::OtherPackage { sent, asked } => {
                write!(
                    formatter,
                    "it sent the page of {sent:?} when asked for {asked}"
                )
            }
        }
    }
}
