//! The Pythons and environments that a workspace supports, all of its members together.

use std::collections::BTreeMap;

use super::member::ProjectMember;
use super::tables::tool_tables;
use crate::document::{LocatedError, Table};
use crate::manifest::{Settings, python_supported};
use crate::marker::Marker;
use crate::version::{Operator, Specifier, SpecifierSet, Version};

/// What is assumed where no member says which Pythons it supports: the oldest that was supported by its makers when this version
/// of locktool was made (3.10 ended in October 2026).
pub const ASSUMED_PYTHON: &str = ">=3.11";

/// The Python versions that every member supports, with at most one plain bound each way; `None` where no member says any.
///
/// # Errors
/// When no Python is left, naming the two sides that do not meet.
pub fn common_python(members: &[ProjectMember]) -> Result<Option<String>, LocatedError> {
    check_overlap(members)?;
    let mut plain: BTreeMap<String, Specifier> = BTreeMap::new();
    for set in members
        .iter()
        .filter_map(|member| member.requires_python.as_ref())
    {
        let specifiers = set.written().iter();
        plain.extend(specifiers.map(|one| (one.to_string(), one.clone())));
    }
    for (operator, is_lower) in [
        (Operator::GreaterThanEqual, true),
        (Operator::LessThan, false),
    ] {
        let bounds = plain.iter().filter(|(_, one)| one.operator() == operator);
        let version = |one: &Specifier| -> Version { one.version() };
        let strictest = if is_lower {
            bounds.max_by_key(|(_, one)| version(one))
        } else {
            bounds.min_by_key(|(_, one)| version(one))
        };
        let Some(kept) = strictest.map(|(text, _)| text.clone()) else {
            continue;
        };
        plain.retain(|text, one| one.operator() != operator || *text == kept);
    }
    if plain.is_empty() {
        return Ok(None);
    }
    let texts: Vec<String> = plain.into_keys().collect();
    let set: Result<SpecifierSet, _> = texts.join(",").parse();
    Ok(set.ok().map(|set| set.to_string()))
}

fn check_overlap(members: &[ProjectMember]) -> Result<(), LocatedError> {
    let mut common = Marker::TRUE;
    let mut earlier: Vec<(&ProjectMember, &SpecifierSet, Marker)> = Vec::new();
    for member in members {
        let Some(python) = &member.requires_python else {
            continue;
        };
        let steps = ["project".into(), "requires-python".into()];
        let supported = python_supported(python);
        if supported.is_false() {
            let message = format!("requires-python {python} admits no Python; correct it");
            return Err(member.file.error("no-python", &message, &steps));
        }
        if common.is_disjoint(supported) {
            let other = earlier
                .iter()
                .find(|(_, _, one)| one.is_disjoint(supported));
            let others = match other {
                Some((other, python, _)) => format!("{python} of {}", title(other)),
                None => "those of the other members together".to_owned(),
            };
            let message = format!(
                "requires-python {python} of {} and {others} have no Python in common; a lock is for all members",
                title(member)
            );
            return Err(member.file.error("no-python", &message, &steps));
        }
        common = common.and(supported);
        earlier.push((member, python, supported));
    }
    Ok(())
}

/// Refuses environments that lie outside of the Pythons.
pub fn check_environments(
    root: &ProjectMember,
    settings: &Settings,
    python: &str,
) -> Result<(), LocatedError> {
    let supported = python
        .parse()
        .map_or(Marker::TRUE, |python| python_supported(&python));
    for (key, markers) in [
        ("environments", &settings.environments),
        ("required-environments", &settings.required_environments),
    ] {
        let texts = markers.iter().flat_map(|markers| &markers.0);
        let markers: Vec<Marker> = texts.filter_map(|text| Marker::parse(text).ok()).collect();
        let nothing_left = match key {
            "environments" => markers.iter().all(|marker| marker.is_disjoint(supported)),
            _ => markers.iter().any(|marker| marker.is_disjoint(supported)),
        };
        if markers.is_empty() || !nothing_left {
            continue;
        }
        let message = if markers.iter().all(|marker| marker.is_false()) {
            format!("{key} can hold nowhere, so there is nothing to lock")
        } else {
            format!(
                "{key} and requires-python {python} have no Python in common, so there is nothing to lock"
            )
        };
        let tables = tool_tables(&Table::of(&root.file))?;
        return Err(match tables.having(&[key])? {
            Some((table, key)) => table.error("no-python", &message, &[key.into()]),
            None => root.file.error("no-python", &message, &[]),
        });
    }
    Ok(())
}

fn title(member: &ProjectMember) -> String {
    member
        .name
        .map_or_else(|| member.path.clone(), |name| name.to_string())
}
