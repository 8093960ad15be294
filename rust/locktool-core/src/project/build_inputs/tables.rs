//! Tables of pyproject.toml by meaning: equal texts where the order of keys and lists and the spelling of requirements differ.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::BUILT_FIELDS;
use crate::document::{Entries, Node, Table, Value};
use crate::name::PackageName;
use crate::project::keys::OF_PROJECT;
use crate::requirement::Requirement;
use crate::version::SpecifierSet;

/// Keys of `[project]` that decide what it requires; the others describe it, and the version is an input of its own.
const DECISIVE: [&str; 4] = [
    "name",
    "requires-python",
    "dependencies",
    "optional-dependencies",
];

/// `[project]` without its descriptions.
pub(super) fn project(table: &Table<'_>) -> Option<Json> {
    let kept = table
        .keys()
        .filter(|key| DECISIVE.contains(key) || !OF_PROJECT.contains(key));
    let mut kept: BTreeMap<&str, Json> = kept
        .filter_map(|key| Some((key, of_project(key, &table.get(key)?.value))))
        .collect();
    let is_dynamic = |field: &&str| {
        table
            .get("dynamic")
            .is_some_and(|node| texts(node).any(|text| text == *field))
    };
    let dynamic: Vec<&str> = BUILT_FIELDS.into_iter().filter(is_dynamic).collect();
    kept.insert("dynamic", dynamic.into());
    table.is_written().then(|| kept.into_iter().collect())
}

fn of_project(key: &str, value: &Value) -> Json {
    match (key, value) {
        ("name", Value::String(text)) => PackageName::parse(text).map_or_else(
            |_| Json::from(text.as_str()),
            |name| name.to_string().into(),
        ),
        ("requires-python", Value::String(text)) => text
            .parse::<SpecifierSet>()
            .map_or_else(|_| Json::from(text.as_str()), |set| set.to_string().into()),
        ("dependencies", Value::Array(items)) => requirements(items),
        ("optional-dependencies", Value::Table(entries)) => {
            let extras = entries.0.iter().map(|entry| {
                let name = PackageName::parse(&entry.key);
                let name = name.map_or_else(|_| entry.key.clone(), |name| name.to_string());
                let items = match &entry.node.value {
                    Value::Array(items) => requirements(items),
                    other => of_value(other),
                };
                (name, items)
            });
            let extras: BTreeMap<String, Json> = extras.collect();
            extras.into_iter().collect()
        }
        _ => of_value(value),
    }
}

/// `[build-system]`; what a build is made with has no order.
pub(super) fn build_system(table: &Table<'_>) -> Option<Json> {
    let kept = table.keys().filter_map(|key| {
        Some(match (key, &table.get(key)?.value) {
            ("requires", Value::Array(items)) => (key, requirements(items)),
            (key, value) => (key, of_value(value)),
        })
    });
    let kept: BTreeMap<&str, Json> = kept.collect();
    table.is_written().then(|| kept.into_iter().collect())
}

/// A table with some of its keys; nothing where it has none of them.
pub(super) fn only(node: Option<&Node>, keys: &[&str]) -> Option<Json> {
    let kept = keys
        .iter()
        .filter_map(|key| Some((*key, of_value(&get(node?, key)?.value))));
    let kept: BTreeMap<&str, Json> = kept.collect();
    (!kept.is_empty()).then(|| kept.into_iter().collect())
}

/// Every key of a table.
pub(super) fn whole(table: &Table<'_>) -> Json {
    let entries = table
        .keys()
        .filter_map(|key| Some((key, of_value(&table.get(key)?.value))));
    let entries: BTreeMap<&str, Json> = entries.collect();
    entries.into_iter().collect()
}

/// The value of a key where a node is a table that has it.
pub(super) fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Table(entries) => entries.get(key),
        _ => None,
    }
}

/// The keys and values of a table.
pub(super) fn entries(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = match &node.value {
        Value::Table(entries) => entries.0.as_slice(),
        _ => &[],
    };
    entries
        .iter()
        .map(|entry| (entry.key.as_str(), &entry.node))
}

/// A text, or the texts of an array.
pub(super) fn texts(node: &Node) -> impl Iterator<Item = &str> {
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| match &item.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    })
}

/// A requirement in its canonical form; any other text with single spaces.
pub(super) fn requirement(text: &str) -> String {
    match text.parse::<Requirement>() {
        Ok(requirement) => requirement.to_string(),
        Err(_) => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

fn requirements(items: &[Node]) -> Json {
    let mut found: Vec<String> = items
        .iter()
        .map(|item| match &item.value {
            Value::String(text) => requirement(text),
            other => of_value(other).to_string(),
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into()
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) | Value::Datetime(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Boolean(boolean) => Json::from(*boolean),
        Value::Array(items) => items.iter().map(|item| of_value(&item.value)).collect(),
        Value::Table(entries) => of_entries(entries),
    }
}

/// A table with sorted keys.
fn of_entries(entries: &Entries) -> Json {
    let entries = entries.0.iter();
    let sorted: BTreeMap<&str, Json> = entries
        .map(|entry| (entry.key.as_str(), of_value(&entry.node.value)))
        .collect();
    sorted.into_iter().collect()
}
