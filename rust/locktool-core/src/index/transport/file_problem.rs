//! Why a file is of no use, whether it came from a server or is on this machine.

use std::fmt;
use std::io;

use super::digests::DigestMismatch;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// It has more bytes than are fetched.
    TooLarge,
    /// In the words of the system: `No space left on device (os error 28)`
    NoSpace(String),
    /// In the words of the system: `Permission denied (os error 13)`
    Unreadable(String),
    OtherDigest(Box<DigestMismatch>),
    /// The header that says which part of it this is says nothing.
    UnknownRange,
    /// The server sent another part of it.
    OtherRange,
    /// Its directory asks for one part after the other and never ends.
    EndlessDirectory,
    /// It has no METADATA of the package that it is to be of.
    NoMetadata,
    /// In the words of what reads it: `it is not a whole .tar.gz archive (...)`
    Content(String),
}

impl fmt::Display for FileProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(formatter, "it is larger than 4 GiB"),
            Self::NoSpace(words) => write!(formatter, "no room for a copy ({words})"),
            Self::Unreadable(words) | Self::Content(words) => write!(formatter, "{words}"),
            Self::OtherDigest(mismatch) => write!(formatter, "{mismatch}"),
            Self::UnknownRange => write!(formatter, "its Content-Range cannot be read"),
            Self::OtherRange => {
                write!(
                    formatter,
                    "the server answered another range than was asked"
                )
            }
            Self::EndlessDirectory => write!(formatter, "its directory leads nowhere"),
            Self::NoMetadata => write!(formatter, "it has no METADATA of its package"),
        }
    }
}

impl From<io::Error> for FileProblem {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<DigestMismatch> for FileProblem {
    fn from(mismatch: DigestMismatch) -> Self {
        Self::OtherDigest(Box::new(mismatch))
    }
}
