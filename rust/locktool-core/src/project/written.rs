//! The settings of a project as its files write them: each key with its value, and the file, line and table that it stands in.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{ProjectMember, keys, tables::tool_tables};
use crate::document::{LocatedError, Node, Step, Table, Value};
use crate::manifest::Key;

/// One setting, where it is read from.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenSetting {
    /// Its name as it is written, which may be another one than that of the reference.
    pub key: &'static str,
    pub value: Json,
    pub path: PathBuf,
    pub line: Option<usize>,
    /// `tool.locktool` or `tool.uv`; empty in a file of settings.
    pub table: String,
}

/// The settings that hold, in the order of the reference: those of the root, and what other members say of themselves.
///
/// # Errors
/// When a setting is written under two names.
pub fn written_settings(members: &[ProjectMember]) -> Result<Vec<WrittenSetting>, LocatedError> {
    let mut found = Vec::new();
    for (number, member) in members.iter().enumerate() {
        let document = Table::of(Arc::as_ref(&member.file));
        let tables = tool_tables(&document)?;
        let of_root = keys::of_root().filter(|_| number == 0);
        for key in of_root.chain(&keys::OF_MEMBERS) {
            let names: Vec<&'static str> = Key::names(key).collect();
            if let Some((table, name)) = tables.having(&names)? {
                found.extend(written(table, name));
            }
        }
    }
    Ok(found)
}

fn written(table: &Table<'_>, key: &'static str) -> Option<WrittenSetting> {
    let steps: [Step; 1] = [key.into()];
    let path = table.file().path().to_owned();
    let name = table.name_of(&steps);
    Some(WrittenSetting {
        key,
        value: json_of(&table.get(key)?.value),
        line: table.line(&steps),
        path,
        table: name
            .strip_suffix(key)
            .unwrap_or_default()
            .trim_end_matches('.')
            .to_owned(),
    })
}

fn json_of(value: &Value) -> Json {
    let inner = |node: &Node| json_of(&node.value);
    match value {
        Value::String(text) | Value::Datetime(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Boolean(boolean) => json!(boolean),
        Value::Array(items) => items.iter().map(inner).collect(),
        Value::Table(entries) => {
            let entries = entries.0.iter();
            let object: Map<String, Json> = entries
                .map(|entry| (entry.key.clone(), inner(&entry.node)))
                .collect();
            Json::Object(object)
        }
    }
}
