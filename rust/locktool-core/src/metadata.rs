//! Core metadata: the text of METADATA or PKG-INFO -> what a resolver needs of it.
//!
//! Headers are read as Python's `email.parser` reads them, which is what every installer does: a folded line
//! continues the one above, names have no case, and the first line that is no header ends them. Requirements are
//! read leniently, repairs are kept; what cannot be repaired makes the version unusable (core metadata 2.5, PEP 643).

use std::borrow::Cow;

use crate::document::hide_credentials;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::version::{SpecifierSet, Version};

/// No real field is longer but descriptions, which are not read; a longer one would only cost memory.
const FIELD_LIMIT: usize = 64 * 1024;

/// Ten times the requirements of the largest projects.
const REQUIREMENT_LIMIT: usize = 20_000;

/// What a distribution says about itself, as far as resolution needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// `2.4`; `1.0` where the text has none.
    pub metadata_version: String,
    pub name: PackageName,
    pub version: Version,
    pub requires_python: Option<SpecifierSet>,
    /// In the order of the text.
    pub requires_dist: Vec<Requirement>,
    pub provides_extra: Vec<ExtraName>,
    /// The names of fields that a build may change, in lower case.
    pub dynamic: Vec<String>,
    /// What was not to the letter and how it was read, for a warning.
    pub repairs: Vec<String>,
}

/// Why metadata cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// No `Name:` or no `Version:`.
    #[error("The metadata has no {field}.")]
    Missing { field: &'static str },
    /// `Requires-Dist: foo ==`
    #[error("Line {line} of the metadata, {field}: {message}")]
    Invalid {
        /// Counted from 1.
        line: usize,
        field: &'static str,
        message: String,
    },
    /// More requirements than any project has.
    #[error("The metadata has more than {REQUIREMENT_LIMIT} requirements.")]
    TooLarge,
}

impl Metadata {
    /// Reads METADATA or PKG-INFO: UTF-8, or Latin-1 where it is not; a byte order mark is skipped.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        let text = decode(header_part(bytes));
        let mut builder = Builder::default();
        for header in Headers::new(&text) {
            builder.read(&header)?;
        }
        builder.build()
    }

    /// Whether an sdist with this metadata needs no build to know its requirements: from metadata 2.2 on a field that `Dynamic` does
    /// not name is what any build gives (PEP 643). A build may add to one that it names, whatever of it is written (2.6, PEP 808). A
    /// higher major version may mean anything.
    pub fn sdist_is_static(&self) -> bool {
        let decides = |field: &String| {
            matches!(
                field.as_str(),
                "requires-dist" | "provides-extra" | "requires-python"
            )
        };
        let version = self
            .metadata_version
            .split_once('.')
            .and_then(|(major, minor)| {
                Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
            });
        version.is_some_and(|version| ((2, 2)..(3, 0)).contains(&version))
            && !self.dynamic.iter().any(decides)
    }
}

/// Collects the fields; of a field that stands once the first counts.
#[derive(Default)]
struct Builder {
    metadata_version: Option<String>,
    name: Option<PackageName>,
    version: Option<Version>,
    requires_python: Option<SpecifierSet>,
    requires_dist: Vec<Requirement>,
    provides_extra: Vec<ExtraName>,
    dynamic: Vec<String>,
    repairs: Vec<String>,
}

impl Builder {
    fn read(&mut self, header: &Header<'_>) -> Result<(), MetadataError> {
        let value = header.value.as_ref();
        match header.name.to_ascii_lowercase().as_str() {
            "metadata-version" if self.metadata_version.is_none() => {
                self.metadata_version = Some(value.to_owned());
            }
            "name" if self.name.is_none() => {
                let name =
                    PackageName::parse(value).map_err(|error| header.refuse("Name", &error))?;
                self.name = Some(name);
            }
            "version" if self.version.is_none() => {
                self.version = Some(
                    value
                        .parse()
                        .map_err(|error| header.refuse("Version", &error))?,
                );
            }
            "requires-python" if self.requires_python.is_none() => {
                self.read_requires_python(header)?;
            }
            "requires-dist" => self.read_requirement(header)?,
            "provides-extra" => match ExtraName::parse(value) {
                Ok(extra) => self.provides_extra.push(extra),
                Err(error) => self
                    .repairs
                    .push(format!("line {}: left out an extra: {error}", header.line)),
            },
            "dynamic" => self.dynamic.push(value.to_ascii_lowercase()),
            _ => {}
        }
        Ok(())
    }

    fn read_requires_python(&mut self, header: &Header<'_>) -> Result<(), MetadataError> {
        // Old tools wrote UNKNOWN for a field that the project did not set.
        if header.value.is_empty() || header.value == "UNKNOWN" {
            return Ok(());
        }
        let field = "Requires-Python";
        header.check_length(field)?;
        let (specifiers, repair) = SpecifierSet::parse_lenient(&header.value)
            .map_err(|error| header.refuse(field, &error))?;
        if let Some(repair) = repair {
            let value = &header.value;
            self.repairs.push(format!(
                "line {}: {value:?} is read as \"{specifiers}\": {repair}",
                header.line
            ));
        }
        self.requires_python = Some(specifiers);
        Ok(())
    }

    fn read_requirement(&mut self, header: &Header<'_>) -> Result<(), MetadataError> {
        let field = "Requires-Dist";
        header.check_length(field)?;
        if self.requires_dist.len() == REQUIREMENT_LIMIT {
            return Err(MetadataError::TooLarge);
        }
        // An error shows the text, which must not show credentials.
        let (requirement, repair) = Requirement::parse_lenient(&header.value)
            .or_else(|_| Requirement::parse_lenient(&hide_credentials(&header.value)))
            .map_err(|error| header.refuse(field, &error))?;
        self.repairs
            .extend(repair.map(|repair| format!("line {}: {repair}", header.line)));
        self.requires_dist.push(requirement);
        Ok(())
    }

    fn build(self) -> Result<Metadata, MetadataError> {
        Ok(Metadata {
            metadata_version: self.metadata_version.unwrap_or_else(|| "1.0".to_owned()),
            name: self.name.ok_or(MetadataError::Missing { field: "Name" })?,
            version: self
                .version
                .ok_or(MetadataError::Missing { field: "Version" })?,
            requires_python: self.requires_python,
            requires_dist: self.requires_dist,
            provides_extra: self.provides_extra,
            dynamic: self.dynamic,
            repairs: self.repairs,
        })
    }
}

/// One header: `Requires-Dist: foo` with the lines folded below it.
struct Header<'a> {
    /// Of its first line, counted from 1.
    line: usize,
    name: &'a str,
    /// Without white space around it; folds are single spaces.
    value: Cow<'a, str>,
}

impl Header<'_> {
    fn refuse(&self, field: &'static str, error: &impl ToString) -> MetadataError {
        MetadataError::Invalid {
            line: self.line,
            field,
            message: error.to_string(),
        }
    }

    fn check_length(&self, field: &'static str) -> Result<(), MetadataError> {
        if self.value.len() > FIELD_LIMIT {
            return Err(self.refuse(field, &format!("longer than {FIELD_LIMIT} bytes")));
        }
        Ok(())
    }
}

/// The headers of a text, one after the other.
struct Headers<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Headers<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 0,
        }
    }

    /// The next line without its end; a carriage return alone ends a line too.
    fn next_line(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        let ending = if rest.starts_with("\r\n") {
            2
        } else {
            rest.len().min(1)
        };
        self.rest = &rest[ending..];
        Some(line)
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        // A colon, and before it characters that are printable and no space: `email.parser`'s idea of a header.
        let (name, value) = self.next_line()?.split_once(':')?;
        if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let line = self.line;
        let mut value = Cow::Borrowed(value.trim());
        while self.rest.starts_with([' ', '\t']) {
            let folded = self.next_line()?.trim();
            if !folded.is_empty() {
                let value = value.to_mut();
                value.push_str(if value.is_empty() { "" } else { " " });
                value.push_str(folded);
            }
        }
        Some(Header { line, name, value })
    }
}

/// Everything before the first empty line; the description below it is not read.
fn header_part(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_end = |pair: &[u8]| matches!(pair, b"\n\n" | b"\n\r" | b"\r\r");
    let end = bytes.windows(2).position(is_end);
    end.map_or(bytes, |end| &bytes[..end])
}

fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}
