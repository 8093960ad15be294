//! Requirements: `name[extras] specifiers ; marker` or `name[extras] @ URL ; marker`, read by the grammar of the
//! dependency specifiers specification (PEP 508) in one pass over the text.
//!
//! What `packaging` reads is read, with two exceptions: a name that ends in `_` is no name, and a URL holds no
//! control character. The lenient reading repairs what old uploads carry and says so; it is for metadata only.

mod address;
mod repository;

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::version::{SpecifierSet, is_python_space};
pub use address::{Address, recorded_address, secret_parameter};
pub use repository::RepositoryAddress;

/// A wish for a package: which one, with which extras, in which versions or from where, and in which environments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    pub name: PackageName,
    /// Sorted, each once.
    pub extras: Vec<ExtraName>,
    pub source: RequirementSource,
    /// `TRUE` where the text has no marker.
    pub marker: Marker,
}

/// Where the package may come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequirementSource {
    /// `>=1.26,<3`: an index; no specifiers admit every version
    Specifiers(SpecifierSet),
    /// `https://example.invalid/numpy-2.4.6.tar.gz`: this one file or tree, as written
    Url(String),
}

/// Why a text is not a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid requirement: {message} (at position {position} of {input:?})")]
pub struct RequirementParseError {
    pub input: String,
    /// Byte offset into `input`.
    pub position: usize,
    pub message: String,
}

/// The parts of a requirement as they are written, before any of them is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementText<'a> {
    pub name: &'a str,
    /// In the order of the text, with its spelling.
    pub extras: Vec<&'a str>,
    /// Without the parentheses around it; empty for a URL.
    pub specifiers: &'a str,
    pub url: Option<&'a str>,
    /// What follows the semicolon.
    pub marker: Option<&'a str>,
}

impl Requirement {
    /// The specifiers; a URL has none, which admits every version.
    pub fn specifiers(&self) -> &SpecifierSet {
        static ANY: LazyLock<SpecifierSet> = LazyLock::new(SpecifierSet::any);
        match &self.source {
            RequirementSource::Specifiers(specifiers) => specifiers,
            RequirementSource::Url(_) => &ANY,
        }
    }

    /// The URL, for a requirement that names one.
    pub fn url(&self) -> Option<&str> {
        match &self.source {
            RequirementSource::Specifiers(_) => None,
            RequirementSource::Url(url) => Some(url),
        }
    }

    /// The same requirement without credentials in its URL.
    #[must_use]
    pub fn without_credentials(self) -> Self {
        let source = match self.source {
            RequirementSource::Url(url) if secret_parameter(&url).is_some() => {
                RequirementSource::Url(recorded_address(&url))
            }
            RequirementSource::Url(url) => RequirementSource::Url(Address::split(&url).url),
            specifiers @ RequirementSource::Specifiers(_) => specifiers,
        };
        Self { source, ..self }
    }

    /// Reads also the malformed requirements that old uploads carry; the second value says what was repaired.
    ///
    /// `foo (>=7.2<8)` becomes `foo<8,>=7.2`.
    pub fn parse_lenient(input: &str) -> Result<(Self, Option<String>), RequirementParseError> {
        let strict_error = match input.parse() {
            Ok(requirement) => return Ok((requirement, None)),
            Err(error) => error,
        };
        let trimmed = without_surroundings(input);
        let Ok(text) = RequirementText::split(trimmed) else {
            return Err(strict_error);
        };
        let Ok((specifiers, repair)) = SpecifierSet::parse_lenient(text.specifiers) else {
            return Err(strict_error);
        };
        let reader = Reader { input: trimmed };
        let Ok(requirement) = reader.requirement(&text, specifiers) else {
            return Err(strict_error);
        };
        let repair = repair.unwrap_or_else(|| "removed stray characters".to_owned());
        let report = format!("{input:?} is read as \"{requirement}\": {repair}");
        Ok((requirement, Some(report)))
    }
}

/// Drops what old tools left around a requirement: white space, quotes, and a semicolon without a marker.
fn without_surroundings(input: &str) -> &str {
    let mut kept = input.trim();
    for quote in ['"', '\''] {
        let unquoted = kept
            .strip_prefix(quote)
            .and_then(|inner| inner.strip_suffix(quote));
        kept = unquoted.unwrap_or(kept).trim();
    }
    kept.trim_end_matches([';', ',', ' ', '\t'])
}

impl FromStr for Requirement {
    type Err = RequirementParseError;

    fn from_str(input: &str) -> Result<Self, RequirementParseError> {
        let text = RequirementText::split(input)?;
        let reader = Reader { input };
        let specifiers = reader.specifiers(text.specifiers)?;
        reader.requirement(&text, specifiers)
    }
}

impl fmt::Display for Requirement {
    /// As `packaging` prints: `name[extras]>=1,<2; marker`, `name @ url ; marker`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.name)?;
        for (index, extra) in self.extras.iter().enumerate() {
            write!(formatter, "{}{extra}", if index == 0 { "[" } else { "," })?;
        }
        if !self.extras.is_empty() {
            formatter.write_str("]")?;
        }
        match &self.source {
            RequirementSource::Specifiers(specifiers) => write!(formatter, "{specifiers}")?,
            RequirementSource::Url(url) => write!(formatter, " @ {url}")?,
        }
        if self.marker.is_true() {
            return Ok(());
        }
        // A semicolon right after a URL would be part of it.
        let space = if self.url().is_some() { " " } else { "" };
        write!(formatter, "{space}; {}", self.marker)
    }
}

/// Reads the parts of a text whose structure is known; parts are slices of `input`.
struct Reader<'a> {
    input: &'a str,
}

impl<'a> Reader<'a> {
    fn requirement(
        &self,
        text: &RequirementText<'a>,
        specifiers: SpecifierSet,
    ) -> Result<Requirement, RequirementParseError> {
        let name = PackageName::parse(text.name)
            .map_err(|error| self.refuse(self.offset(text.name) + error.position, error.message))?;
        let mut extras = Vec::with_capacity(text.extras.len());
        for extra in &text.extras {
            let parsed = ExtraName::parse(extra)
                .map_err(|error| self.refuse(self.offset(extra) + error.position, error.message))?;
            extras.push(parsed);
        }
        extras.sort_unstable();
        extras.dedup();
        let source = match text.url {
            Some(url) => RequirementSource::Url(url.to_owned()),
            None => RequirementSource::Specifiers(specifiers),
        };
        let marker = text
            .marker
            .map_or(Ok(Marker::TRUE), |marker| self.marker(marker))?;
        Ok(Requirement {
            name,
            extras,
            source,
            marker,
        })
    }

    /// The grammar of specifiers in a requirement is narrower than that of a set alone: only spaces and tabs
    /// around commas, no empty piece but one after a last comma.
    fn specifiers(&self, text: &'a str) -> Result<SpecifierSet, RequirementParseError> {
        if text.is_empty() {
            return Ok(SpecifierSet::any());
        }
        let mut pieces = text.split(',').peekable();
        while let Some(piece) = pieces.next() {
            let inner = piece.trim_matches(is_blank);
            let is_last = pieces.peek().is_none() && inner.is_empty() && text.len() > piece.len();
            if inner.is_empty() && !is_last {
                return Err(self.refuse(self.offset(piece), "Expected a version specifier."));
            }
            if inner.trim_matches(is_python_space) != inner {
                return Err(self.refuse(
                    self.offset(inner),
                    "Only spaces and tabs separate the parts.",
                ));
            }
        }
        text.parse()
            .map_err(|error: crate::version::SpecifierParseError| {
                self.refuse(self.offset(text) + error.position, error.message)
            })
    }

    fn marker(&self, text: &'a str) -> Result<Marker, RequirementParseError> {
        Marker::parse(text).map_err(|error| {
            let within = text
                .char_indices()
                .nth(error.position)
                .map_or(text.len(), |(offset, _)| offset);
            self.refuse(self.offset(text) + within, error.message)
        })
    }

    /// Where a slice of the input starts.
    fn offset(&self, slice: &str) -> usize {
        slice.as_ptr() as usize - self.input.as_ptr() as usize
    }

    fn refuse(&self, position: usize, message: impl Into<String>) -> RequirementParseError {
        RequirementParseError {
            input: self.input.to_owned(),
            position,
            message: message.into(),
        }
    }
}

impl<'a> RequirementText<'a> {
    /// Finds the parts of a requirement; names, specifiers and marker are not read yet.
    pub fn split(input: &'a str) -> Result<Self, RequirementParseError> {
        let mut splitter = Splitter {
            reader: Reader { input },
            rest: input,
        };
        splitter.skip_blanks();
        let name = splitter.identifier("Expected a package name at the start.")?;
        splitter.skip_blanks();
        let extras = splitter.extras()?;
        splitter.skip_blanks();
        if splitter.take('@') {
            splitter.skip_blanks();
            let (url, marker) = splitter.url()?;
            return Ok(Self {
                name,
                extras,
                specifiers: "",
                url: Some(url),
                marker,
            });
        }
        let (specifiers, marker) = splitter.specifiers()?;
        Ok(Self {
            name,
            extras,
            specifiers,
            url: None,
            marker,
        })
    }
}

/// Walks over the text from left to right.
struct Splitter<'a> {
    reader: Reader<'a>,
    rest: &'a str,
}

impl<'a> Splitter<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    fn take(&mut self, expected: char) -> bool {
        let stripped = self.rest.strip_prefix(expected);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    fn refuse<T>(&self, message: &str) -> Result<T, RequirementParseError> {
        Err(self.reader.refuse(self.reader.offset(self.rest), message))
    }

    fn identifier(&mut self, expected: &str) -> Result<&'a str, RequirementParseError> {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let end = self
            .rest
            .bytes()
            .position(|byte| !in_name(byte))
            .unwrap_or(self.rest.len());
        let name = &self.rest[..end];
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return self.refuse(expected);
        }
        self.rest = &self.rest[end..];
        Ok(name)
    }

    /// `[a, b]`, `[]` or nothing.
    fn extras(&mut self) -> Result<Vec<&'a str>, RequirementParseError> {
        let mut extras = Vec::new();
        if !self.take('[') {
            return Ok(extras);
        }
        self.skip_blanks();
        while !self.take(']') {
            if !extras.is_empty() {
                if !self.take(',') {
                    return self.refuse("Expected a comma or `]` after the name of an extra.");
                }
                self.skip_blanks();
            }
            extras.push(self.identifier("Expected the name of an extra.")?);
            self.skip_blanks();
        }
        Ok(extras)
    }

    /// A URL goes on to the first space or tab: a semicolon can be part of it, other white space and control characters
    /// cannot (RFC 3986 has none of them).
    fn url(&mut self) -> Result<(&'a str, Option<&'a str>), RequirementParseError> {
        let end = self.rest.find(is_blank).unwrap_or(self.rest.len());
        let (url, rest) = self.rest.split_at(end);
        let is_foreign = |character: char| character.is_control() || is_python_space(character);
        if url.is_empty() || url.contains(is_foreign) {
            return self.refuse("Expected a URL after `@`.");
        }
        self.rest = rest;
        self.skip_blanks();
        if self.rest.is_empty() {
            return Ok((url, None));
        }
        if !self.take(';') {
            return self.refuse("Expected a semicolon and a marker after the URL.");
        }
        Ok((url, Some(self.rest)))
    }

    /// Specifiers with or without parentheses, up to the semicolon or the end.
    fn specifiers(&mut self) -> Result<(&'a str, Option<&'a str>), RequirementParseError> {
        let (before, marker) = match self.rest.split_once(';') {
            Some((before, marker)) => (before, Some(marker)),
            None => (self.rest, None),
        };
        let bare = before.trim_end_matches(is_blank);
        let (inner, is_wrapped) = match bare.strip_prefix('(') {
            Some(inner) => (inner.strip_suffix(')'), true),
            None => (Some(bare), false),
        };
        match inner {
            // An opening one may still be part of what `===` compares with.
            Some(inner) if !inner.contains(')') => Ok((inner.trim_matches(is_blank), marker)),
            _ if is_wrapped => {
                self.refuse("Expected one `)` after the specifiers, for the `(` before them.")
            }
            _ => self.refuse("Expected no `)` after specifiers without `(`."),
        }
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}
