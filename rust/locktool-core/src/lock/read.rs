//! Reads pylock.toml: bytes to a document, with every way in which a lock can be unreadable as one error.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::LockedDocument;
use super::misfit::{Misfit, find_misfit, find_quoted_time};
use super::plain::decode_plain;
use super::unwritten::decode_with_unknown_keys;
use crate::document::toml::{
    ReadToml, TomlError, first_conflict, ours, read_toml, toml_to_messagepack,
};
use crate::document::{Step, TomlFile, location, read_document_file, reason_of};
use crate::manifest::SCHEMA;

/// The name of a project's lock.
pub const LOCK_NAME: &str = "pylock.toml";

/// The major version of the standard that is read and written.
const MAJOR_VERSION: &str = "1";

const RESTORE: &str = "restore the file from version control, or delete it and run `locktool lock`";

/// Why a lock cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct LockError {
    /// `lock-missing`, `lock-unreadable`, `lock-conflicted`, `lock-invalid` or `lock-version-unsupported`
    pub code: &'static str,
    pub message: String,
    pub path: PathBuf,
    /// Counted from 1.
    pub line: Option<usize>,
    /// Counted from 1.
    pub column: Option<usize>,
    pub suggestion: Option<&'static str>,
}

impl LockError {
    fn new(code: &'static str, path: &Path, message: String) -> Self {
        Self {
            code,
            message,
            path: path.to_owned(),
            line: None,
            column: None,
            suggestion: None,
        }
    }
}

/// Reads the bytes of a lock.
///
/// # Errors
/// When the file is missing or cannot be read.
fn read_content(path: &Path) -> Result<Vec<u8>, LockError> {
    read_document_file(path).map_err(|error| {
        let shown = location(path, None, None);
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => LockError {
                suggestion: Some("run `locktool lock` to make it"),
                ..LockError::new("lock-missing", path, format!("{shown} does not exist"))
            },
            _ => LockError::new(
                "lock-unreadable",
                path,
                format!("{shown} cannot be read: {}", reason_of(&error)),
            ),
        }
    })
}

/// A lock as it stands in its file.
#[derive(Clone, Debug)]
pub struct LockFile {
    pub document: LockedDocument,
    /// The text of the file; `None` for a lock that was given as values.
    pub text: Option<String>,
    /// Git left its marks in the file: the lock is that of the branch which is checked out.
    pub is_conflicted: bool,
    /// The values of the lock, where neither its text nor the document gives them again.
    messagepack: Option<Vec<u8>>,
}

impl From<LockedDocument> for LockFile {
    fn from(document: LockedDocument) -> Self {
        Self {
            document,
            messagepack: None,
            text: None,
            is_conflicted: false,
        }
    }
}

impl LockFile {
    /// Reads a lock from its file.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, has the marks of a merge, or is no lock of a version that is known.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        Self::parse(read_content(path)?, path)
    }

    /// Reads the lock that is about to be replaced; `None` where there is none. Where git left conflict markers, the side of the
    /// branch that is checked out is read.
    ///
    /// # Errors
    /// When there is a lock that cannot be read otherwise: locking without it would move every version.
    pub fn read_replaced(path: &Path) -> Result<Option<Self>, LockError> {
        let content = match read_content(path) {
            Err(error) if error.code == "lock-missing" => return Ok(None),
            read => read?,
        };
        let Some(ours) = ours(&content) else {
            return Self::parse(content, path).map(Some);
        };
        let lock = Self::parse(ours, path)?;
        Ok(Some(Self {
            messagepack: Some(lock.to_messagepack().into_owned()),
            text: Some(String::from_utf8_lossy(&content).into_owned()),
            is_conflicted: true,
            ..lock
        }))
    }

    /// Reads a lock from the content of a file; `path` is for messages.
    ///
    /// # Errors
    /// As [`LockFile::read`].
    pub fn parse(content: Vec<u8>, path: &Path) -> Result<Self, LockError> {
        let document = match decode_plain(&content) {
            Some(document) => document,
            None => decode_any(&content, path)?,
        };
        Ok(Self {
            document: checked(document, &content, path)?,
            text: String::from_utf8(content).ok(),
            is_conflicted: false,
            messagepack: None,
        })
    }

    /// The values of the lock with the keys of the file, from which Python's view decodes.
    pub fn to_messagepack(&self) -> Cow<'_, [u8]> {
        if let Some(messagepack) = &self.messagepack {
            return Cow::Borrowed(messagepack);
        }
        Cow::Owned(match &self.text {
            Some(text) => toml_to_messagepack(text.as_bytes()).expect("the text was read"),
            None => self.document.to_messagepack(),
        })
    }

    /// A lock that is given as `MessagePack`.
    ///
    /// # Errors
    /// When it is no lock that can be read here.
    pub fn decode(messagepack: Vec<u8>) -> Result<Self, DecodeError> {
        Ok(Self {
            document: decode_lock(&messagepack)?,
            text: None,
            is_conflicted: false,
            messagepack: Some(messagepack),
        })
    }
}

fn no_toml(content: &[u8], path: &Path, error: &TomlError) -> LockError {
    if let Some(line) = first_conflict(content) {
        let shown = location(path, Some(line), None);
        let (what, suggestion) = match ours(content) {
            Some(_) => ("", RESOLVE),
            None => (" that are incomplete", RESTORE),
        };
        let message = format!("{shown}: git left conflict markers in the lock{what}");
        return LockError {
            line: Some(line),
            column: Some(1),
            suggestion: Some(suggestion),
            ..LockError::new("lock-conflicted", path, message)
        };
    }
    let shown = location(path, None, None);
    LockError {
        line: Some(error.line),
        column: Some(error.column),
        suggestion: Some(RESTORE),
        ..LockError::new("lock-unreadable", path, format!("{shown}: {error}"))
    }
}

/// Decodes any lock, or says what is wrong with it.
fn decode_any(content: &[u8], path: &Path) -> Result<LockedDocument, LockError> {
    let read = read_toml(content).map_err(|error| no_toml(content, path, &error))?;
    let document = decode_toml(&read).map_err(|error| match error {
        DecodeError::Newer(_) => LockError {
            suggestion: Some(UPGRADE),
            ..LockError::new(
                error.code(),
                path,
                format!("{} {error}", location(path, None, None)),
            )
        },
        DecodeError::Invalid(misfit) => invalid(content, path, &misfit),
    })?;
    let values = Places::of(content, path).0;
    match values.and_then(|file| find_quoted_time(&file.values)) {
        Some(misfit) => Err(invalid(content, path, &misfit)),
        None => Ok(document),
    }
}

/// Refuses what is no lock of a version that is known, and says where unknown keys stand.
fn checked(
    mut document: LockedDocument,
    content: &[u8],
    path: &Path,
) -> Result<LockedDocument, LockError> {
    if document.lock_version.is_empty() {
        let misfit = Misfit {
            steps: Vec::new(),
            reason: "`lock-version` is missing".to_owned(),
        };
        return Err(invalid(content, path, &misfit));
    }
    if document.lock_version.split('.').next() != Some(MAJOR_VERSION) {
        let message = format!(
            "{} has lock-version {}; this locktool reads {MAJOR_VERSION}.x",
            location(path, None, None),
            document.lock_version
        );
        return Err(LockError {
            suggestion: Some(UPGRADE),
            ..LockError::new("lock-version-unsupported", path, message)
        });
    }
    if !document.unwritten.keys.is_empty() {
        let places = Places::of(content, path);
        for key in &mut document.unwritten.keys {
            key.line = places.line(&key.steps);
        }
    }
    Ok(document)
}

fn invalid(content: &[u8], path: &Path, misfit: &Misfit) -> LockError {
    let line = Places::of(content, path).line(&misfit.steps);
    let shown = location(path, line, None);
    let message = format!("{shown} is not a lock as PEP 751 describes it: {misfit}");
    LockError {
        line,
        suggestion: Some(RESTORE),
        ..LockError::new("lock-invalid", path, message)
    }
}

/// Where the keys of a lock stand, which is asked of few locks.
struct Places(Option<TomlFile>);

impl Places {
    fn of(content: &[u8], path: &Path) -> Self {
        let text = str::from_utf8(content).ok();
        Self(text.and_then(|text| TomlFile::parse(path, text.to_owned(), 0).ok()))
    }

    fn line(&self, steps: &[Step]) -> Option<usize> {
        self.0.as_ref()?.line(steps)
    }
}

const RESOLVE: &str =
    "run `locktool lock`: it resolves the conflict and keeps the versions of your side";

const UPGRADE: &str = "upgrade locktool, or delete the file and lock again with this release";

/// Why `MessagePack` is no lock that can be read here.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DecodeError {
    /// The schema of its inputs.
    #[error(
        "was written by a newer release of locktool: its inputs have schema {0}, this release reads schemas up to {SCHEMA}"
    )]
    Newer(u32),
    #[error("{0}")]
    Invalid(Misfit),
}

impl DecodeError {
    /// The code of the error, as [`LockError`] has them.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Newer(_) => "lock-version-unsupported",
            Self::Invalid(_) => "lock-invalid",
        }
    }
}

/// Decodes a lock that was read from TOML.
///
/// # Errors
/// When a newer release wrote it, or its keys have not the types that they must have.
fn decode_toml(read: &ReadToml) -> Result<LockedDocument, DecodeError> {
    let mut document = decode_lock(&read.messagepack)?;
    document.unwritten.newer_form = read.newer_form;
    Ok(document)
}

/// Decodes a lock.
///
/// # Errors
/// When a newer release wrote it, or its keys have not the types that they must have.
fn decode_lock(messagepack: &[u8]) -> Result<LockedDocument, DecodeError> {
    let mut rest = messagepack;
    let decoded = decode_with_unknown_keys(&mut rmp_serde::Deserializer::new(&mut rest));
    let decoded = whole(decoded, rest);
    let schema = match &decoded {
        Ok(document) => document.inputs().map(|inputs| inputs.schema),
        // A newer release may have written tables of which nothing is known here.
        Err(_) => decode(messagepack)
            .ok()
            .and_then(|of: WithSchema| of.schema()),
    };
    if let Some(schema) = schema.filter(|schema| *schema > SCHEMA) {
        return Err(DecodeError::Newer(schema));
    }
    decoded.map_err(|_| DecodeError::Invalid(find_misfit(messagepack)))
}

/// A lock of which only the schema number is read.
#[derive(Deserialize)]
struct WithSchema {
    tool: BTreeMap<String, AnyTable>,
}

#[derive(Deserialize)]
struct AnyTable {
    schema: Option<u32>,
}

impl WithSchema {
    fn schema(&self) -> Option<u32> {
        self.tool.get("locktool")?.schema
    }
}

/// Decodes one `MessagePack` value that takes up all of the bytes.
///
/// # Errors
/// Says what is not as the type has it.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut rest = bytes;
    let value = T::deserialize(&mut rmp_serde::Deserializer::new(&mut rest));
    whole(value, rest)
}

fn whole<T>(value: Result<T, rmp_serde::decode::Error>, rest: &[u8]) -> Result<T, String> {
    let value = value.map_err(|error| error.to_string())?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err("something follows its end".to_owned())
    }
}
