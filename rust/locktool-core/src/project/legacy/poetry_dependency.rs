//! One entry of a dependency table of Poetry: a text, a table, or an array of tables for different environments.

use std::path::Path;

use super::constraint::{python_marker, specifiers_of};
use crate::document::{LocatedError, Node, Table, Value};
use crate::manifest::SourceRecord;
use crate::manifest::texts::{list, marker_text, normalised_keys, optional};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::project::sources::place_of_poetry;
use crate::requirement::{Requirement, RequirementSource};

/// What one entry says of a package in one environment.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    pub requirement: Requirement,
    /// Where the package comes from, where that is said.
    pub source: Option<SourceRecord>,
    /// Whether only extras require it.
    pub is_optional: bool,
    pub allows_prereleases: bool,
}

/// The entries of a dependency table, without that of Python itself.
///
/// # Errors
/// When an entry is none, at its line.
pub(super) fn read_table(table: &Table<'_>, root: &Path) -> Result<Vec<Dependency>, LocatedError> {
    let mut found = Vec::new();
    for (name, key) in normalised_keys::<PackageName>(table, "the dependencies")? {
        if name.as_str() != "python" {
            found.extend(read_entry(name, table, key, root)?);
        }
    }
    Ok(found)
}

fn read_entry(
    name: PackageName,
    table: &Table<'_>,
    key: &str,
    root: &Path,
) -> Result<Vec<Dependency>, LocatedError> {
    match table.get(key).map(|node| &node.value) {
        Some(Value::String(_)) => {
            let source = RequirementSource::Specifiers(specifiers(table, key)?);
            Ok(vec![Dependency {
                requirement: Requirement {
                    name,
                    extras: Vec::new(),
                    source,
                    marker: Marker::TRUE,
                },
                source: None,
                is_optional: false,
                allows_prereleases: false,
            }])
        }
        Some(Value::Table(_) | Value::Array(_)) => {
            let entries = table.tables(key)?;
            entries
                .iter()
                .map(|entry| read_alternative(name, entry, root))
                .collect()
        }
        _ => {
            let node: &Node = table.get(key).expect("a key of the table");
            Err(table.wrong_type(
                "a version constraint, a table or an array of tables",
                node,
                &[key.into()],
            ))
        }
    }
}

fn read_alternative(
    name: PackageName,
    entry: &Table<'_>,
    root: &Path,
) -> Result<Dependency, LocatedError> {
    let marker = marker_of(entry)?;
    let source = place_of_poetry(name, entry, root)?;
    let is_elsewhere = source.as_ref().is_some_and(|source| source.index.is_none());
    let specifiers = if entry.has("version") && !is_elsewhere {
        specifiers(entry, "version")?
    } else {
        crate::version::SpecifierSet::any()
    };
    let mut extras: Vec<ExtraName> = list(entry, "extras")?;
    extras.sort_unstable();
    extras.dedup();
    Ok(Dependency {
        requirement: Requirement {
            name,
            extras,
            source: RequirementSource::Specifiers(specifiers),
            marker,
        },
        source: source.map(|source| SourceRecord {
            marker: Some(marker_text(marker)).filter(|text| !text.is_empty()),
            ..source
        }),
        is_optional: entry.boolean("optional")?.unwrap_or_default(),
        allows_prereleases: entry.boolean("allow-prereleases")?.unwrap_or_default(),
    })
}

/// The constraint of a key as specifiers; `python` constrains Python, any other key a package.
///
/// # Errors
/// At the constraint, where no specifiers say the same.
pub(super) fn specifiers(
    table: &Table<'_>,
    key: &str,
) -> Result<crate::version::SpecifierSet, LocatedError> {
    let refuse = |reason: &str| {
        let name = table.name_of(&[key.into()]);
        table.error(
            "untranslatable-constraint",
            &format!("{name}: {reason}"),
            &[key.into()],
        )
    };
    let text = table.string(key)?.unwrap_or("*");
    let specifiers = specifiers_of(text, key == "python").map_err(|reason| refuse(&reason))?;
    specifiers
        .parse()
        .map_err(|_| refuse(&format!("{text:?} is no version constraint of Poetry")))
}

/// Where an entry holds: `python`, `platform` and `markers` together.
fn marker_of(entry: &Table<'_>) -> Result<Marker, LocatedError> {
    let mut marker = optional::<Marker>(entry, "markers")?.unwrap_or(Marker::TRUE);
    if let Some(text) = entry.string("python")? {
        let condition = python_marker(text).map_err(|reason| {
            let name = entry.name_of(&["python".into()]);
            entry.error(
                "untranslatable-constraint",
                &format!("{name}: {reason}"),
                &["python".into()],
            )
        })?;
        let condition = condition.and_then(|text| Marker::parse(&text).ok());
        marker = marker.and(condition.unwrap_or(Marker::TRUE));
    }
    if let Some(text) = entry.string("platform")? {
        marker = marker.and(platform(text));
    }
    Ok(marker)
}

/// `linux`, `!=win32`, or `linux || darwin`
fn platform(text: &str) -> Marker {
    let alternatives = text.split("||").flat_map(|text| text.split('|'));
    alternatives
        .map(|one| {
            let one = one.trim();
            let (operator, value) = match one.strip_prefix("!=") {
                Some(value) => ("!=", value),
                None => ("==", one.trim_start_matches('=')),
            };
            let value = value.trim().replace(['\'', '"', '\\'], "");
            Marker::parse(&format!("sys_platform {operator} '{value}'")).unwrap_or(Marker::TRUE)
        })
        .fold(Marker::FALSE, Marker::or)
}
