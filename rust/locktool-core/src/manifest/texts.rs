//! Names, versions, requirements, specifiers and markers in TOML tables, read into their canonical form or refused at their line.
//!
//! Equal texts mean the same. An address that holds a password is refused, since the text reaches the lock.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use crate::document::caret::{characters_before, pointed, quoted};
use crate::document::{LocatedError, Step, Table, hide_credentials};
use crate::marker::Marker;
use crate::name::{ExtraName, GroupName, InvalidName, PackageName};
use crate::requirement::{Address, Requirement, recorded_address, secret_parameter};
use crate::version::{SpecifierSet, Version};

/// Why a text was refused: a code, and a sentence with the text and a caret.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
}

/// A kind of text with a grammar.
pub trait Text: Sized {
    /// Reads the text.
    fn read(text: &str) -> Result<Self, Refusal>;
}

fn refuse(code: &'static str, noun: &str, reason: &str, text: &str, position: usize) -> Refusal {
    Refusal {
        code,
        message: pointed(noun, reason, text, position),
    }
}

macro_rules! name_text {
    ($($type:ty),*) => {$(
        impl Text for $type {
            fn read(text: &str) -> Result<Self, Refusal> {
                Self::parse(text).map_err(|error: InvalidName| {
                    let position = characters_before(text, error.position);
                    refuse("invalid-name", "name", error.message, text, position)
                })
            }
        }
    )*};
}

name_text!(PackageName, ExtraName, GroupName);

impl Text for Version {
    fn read(text: &str) -> Result<Self, Refusal> {
        Self::from_str(text).map_err(|error| {
            let position = characters_before(text, error.position);
            refuse("invalid-version", "version", error.message, text, position)
        })
    }
}

impl Text for SpecifierSet {
    fn read(text: &str) -> Result<Self, Refusal> {
        Self::from_str(text).map_err(|error| {
            let position = characters_before(text, error.position);
            refuse(
                "invalid-specifier",
                "specifier",
                error.message,
                text,
                position,
            )
        })
    }
}

impl Text for Marker {
    fn read(text: &str) -> Result<Self, Refusal> {
        Self::parse(text).map_err(|error| {
            refuse(
                "invalid-marker",
                "marker",
                &error.message,
                text,
                error.position,
            )
        })
    }
}

impl Text for Requirement {
    fn read(text: &str) -> Result<Self, Refusal> {
        let requirement = Self::from_str(text).map_err(|error| {
            let position = characters_before(text, error.position);
            refuse(
                "invalid-requirement",
                "requirement",
                &error.message,
                text,
                position,
            )
        })?;
        if let Some(url) = requirement.url() {
            refuse_credentials(url)?;
        }
        Ok(requirement)
    }
}

/// Refuses an address that holds credentials, without showing them.
pub fn refuse_credentials(url: &str) -> Result<(), Refusal> {
    let is_bare = !url.contains("://") && hide_credentials(url) != url;
    let has_user = is_bare || Address::split(url).username.is_some();
    let parameter = secret_parameter(url);
    if !has_user && parameter.is_none() {
        return Ok(());
    }
    let what = parameter.map_or_else(String::new, |name| format!(" such as `{name}`"));
    Err(Refusal {
        code: "credentials-in-address",
        message: format!(
            "{}: a lock must not hold credentials{what}; take them out of the address and put them into a netrc file",
            hide_credentials(&recorded_address(url))
        ),
    })
}

/// Reads one text of a table, or refuses it at its place with the name of its key.
pub fn read<T: Text>(table: &Table<'_>, text: &str, steps: &[Step]) -> Result<T, LocatedError> {
    T::read(text).map_err(|refusal| at(table, &refusal, steps))
}

/// A refusal, at its place in a table.
pub fn at(table: &Table<'_>, refusal: &Refusal, steps: &[Step]) -> LocatedError {
    let name = table.name_of(steps);
    let message = format!("{name}: {}", refusal.message);
    table.error(refusal.code, &message, steps).with("key", name)
}

/// Reads an optional text.
pub fn optional<T: Text>(table: &Table<'_>, key: &str) -> Result<Option<T>, LocatedError> {
    table
        .string(key)?
        .map(|text| read(table, text, &[key.into()]))
        .transpose()
}

/// Reads an array of texts; empty where the key is absent.
pub fn list<T: Text>(table: &Table<'_>, key: &str) -> Result<Vec<T>, LocatedError> {
    let texts = table.strings(key)?.into_iter().enumerate();
    texts
        .map(|(index, text)| read(table, text, &[key.into(), index.into()]))
        .collect()
}

/// Canonical texts, sorted and without repetitions: their order has no meaning.
pub fn sorted(values: impl IntoIterator<Item = impl Display>) -> Vec<String> {
    let mut texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// A canonical marker, empty where it always holds.
pub fn marker_text(marker: Marker) -> String {
    if marker.is_true() {
        String::new()
    } else {
        marker.to_string()
    }
}

/// The keys of a table by their normalised names; two spellings of one name are an error.
pub fn normalised_keys<'a, Name: Text + Ord + Display + Copy>(
    table: &Table<'a>,
    what: &str,
) -> Result<BTreeMap<Name, &'a str>, LocatedError> {
    let mut written: BTreeMap<Name, &str> = BTreeMap::new();
    for key in table.keys() {
        let name: Name = read(table, key, &[key.into()])?;
        if let Some(other) = written.insert(name, key) {
            let message = format!(
                "{what} {} and {} are the same name ({name}); keep one of them",
                quoted(key),
                quoted(other)
            );
            return Err(table
                .error("duplicate-name", &message, &[key.into()])
                .with("key", table.name_of(&[key.into()])));
        }
    }
    Ok(written)
}
