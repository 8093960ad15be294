//! The JSON Schema of `[tool.locktool]`, from the declarations that the reader works by.

use serde_json::{Map, Value as Json, json};

use super::{indexes, keys, sources};
use crate::manifest::{Cutoff, Key, Setting, Settings};

/// The schema, as one JSON document.
pub fn settings_schema() -> Json {
    let mut properties = Map::new();
    for (key, schema) in Settings::schemas() {
        for name in key.names() {
            properties.insert(name.to_owned(), described(key, schema.clone()));
        }
    }
    for key in &keys::OF_MEMBERS {
        properties.insert(key.name.to_owned(), described(key, member_schema(key.name)));
    }
    for key in &keys::TABLES_OF_ROOT {
        properties.insert(key.name.to_owned(), described(key, table_schema(key.name)));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "[tool.locktool] of pyproject.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn strings() -> Json {
    json!({ "type": "array", "items": { "type": "string" } })
}

fn described(key: &Key, mut schema: Json) -> Json {
    if let Json::Object(entries) = &mut schema {
        entries.insert("description".to_owned(), json!(key.description.trim()));
    }
    schema
}

fn object(keys: &[Key], schema: fn(&str) -> Json, required: &[&str]) -> Json {
    let properties: Map<String, Json> = keys
        .iter()
        .map(|key| (key.name.to_owned(), described(key, schema(key.name))))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn table_schema(name: &str) -> Json {
    if name == "index" {
        let index = object(&indexes::KEYS, index_schema, &["url"]);
        return json!({ "oneOf": [index, { "type": "array", "items": index }] });
    }
    json!({
        "type": "object",
        "properties": { "members": strings(), "exclude": strings() },
        "additionalProperties": false,
    })
}

fn index_schema(name: &str) -> Json {
    match name {
        "explicit" | "default" => json!({ "type": "boolean" }),
        "format" => json!({ "enum": ["simple", "flat"] }),
        "exclude-newer" => Cutoff::schema(),
        "cache-control" => {
            let api = json!({ "type": "object", "properties": { "api": { "type": "string" } } });
            json!({ "oneOf": [{ "type": "string" }, api] })
        }
        _ => json!({ "type": "string" }),
    }
}

fn source_schema(name: &str) -> Json {
    match name {
        "workspace" | "editable" => json!({ "type": "boolean" }),
        _ => json!({ "type": "string" }),
    }
}

fn member_schema(name: &str) -> Json {
    match name {
        "package" => json!({ "type": "boolean" }),
        "build-inputs" => strings(),
        "sources" => {
            let source = object(&sources::KEYS, source_schema, &[]);
            let several = json!({ "type": "array", "items": source });
            json!({ "type": "object", "additionalProperties": { "oneOf": [source, several] } })
        }
        _ => {
            let group = json!({
                "type": "object",
                "properties": { "requires-python": { "type": "string" } },
                "additionalProperties": false,
            });
            json!({ "type": "object", "additionalProperties": group })
        }
    }
}
