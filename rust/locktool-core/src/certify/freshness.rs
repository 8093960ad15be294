//! Whether the inputs that a lock records are those of today, key by key.
//!
//! The two records are compared as the tables that they are in a lock, so that no key can be forgotten. Both are canonical, and
//! equal tables mean the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::StaleReason;
use crate::manifest::ManifestRecord;

/// The lists of tables that have a key which tells their items apart.
const IDENTITIES: [(&str, &str); 2] = [("members", "path"), ("trees", "path")];

/// Lists whose order has a meaning.
const ORDERED: [&str; 2] = ["indexes", "find-links"];

/// What differs between the recorded inputs and those of today.
pub(super) fn compare(recorded: &ManifestRecord, today: &ManifestRecord) -> Vec<StaleReason> {
    if recorded == today {
        return Vec::new();
    }
    let mut differences = Differences::default();
    let (mut then, mut now) = (as_table(recorded), as_table(today));
    // It is compared with what it is the digest of.
    then.remove("digest");
    now.remove("digest");
    differences.tables("", &then, &now);
    differences.without_what_follows()
}

fn as_table(record: &ManifestRecord) -> Map<String, Json> {
    match serde_json::to_value(record) {
        Ok(Json::Object(table)) => table,
        _ => unreachable!("a record is a table of texts, numbers and lists"),
    }
}

#[derive(Default)]
struct Differences {
    reasons: Vec<StaleReason>,
}

impl Differences {
    /// The reasons; the Pythons of the whole follow from those of its members, which are named.
    fn without_what_follows(self) -> Vec<StaleReason> {
        let is_key = |reason: &StaleReason, is_meant: fn(&str) -> bool| {
            reason.key.as_deref().is_some_and(is_meant)
        };
        let names_member = |reason| is_key(reason, |key| key.ends_with(".requires-python"));
        let mut reasons = self.reasons;
        if reasons.iter().any(names_member) {
            reasons.retain(|reason| !is_key(reason, |key| key == "requires-python"));
        }
        reasons
    }

    fn tables(&mut self, path: &str, then: &Map<String, Json>, now: &Map<String, Json>) {
        let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
        for key in keys {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            match (then.get(key), now.get(key)) {
                (then, now) if then == now => {}
                (Some(Json::Object(then)), Some(Json::Object(now))) if !is_span(then) => {
                    self.tables(&path, then, now);
                }
                (Some(Json::Object(then)), None) if is_collection(&path) => {
                    self.tables(&path, then, &Map::new());
                }
                (None, Some(Json::Object(now))) if is_collection(&path) => {
                    self.tables(&path, &Map::new(), now);
                }
                (then @ (None | Some(Json::Array(_))), now @ (None | Some(Json::Array(_)))) => {
                    let items = |list: Option<&Json>| match list {
                        Some(Json::Array(items)) => items.clone(),
                        _ => Vec::new(),
                    };
                    if is_named_list(&path) && (then.is_none() || now.is_none()) {
                        self.appeared(&path, then, now);
                    }
                    self.lists(&path, key, &items(then), &items(now));
                }
                (then, now) => self.changed(&path, key, then, now),
            }
        }
    }

    fn lists(&mut self, path: &str, key: &str, then: &[Json], now: &[Json]) {
        if let Some((_, identity)) = IDENTITIES.iter().find(|(list, _)| *list == key) {
            return self.identified(key, identity, (then, now));
        }
        if ORDERED.contains(&key) {
            return self.ordered(path, key, then, now);
        }
        for item in now.iter().filter(|item| !then.contains(item)) {
            let text = shown(item);
            let message = format!("`{text}` is in {} and not in the lock", people(path));
            self.push(Kind::Added, key, path, message, (None, Some(text)));
        }
        for item in then.iter().filter(|item| !now.contains(item)) {
            let text = shown(item);
            let message = format!("`{text}` is in the lock and not in {} today", people(path));
            self.push(Kind::Removed, key, path, message, (Some(text), None));
        }
    }

    /// Lists of tables of which one key tells which is which.
    fn identified(&mut self, key: &str, identity: &str, (then, now): (&[Json], &[Json])) {
        let find = |items: &[Json], name: &str| {
            let mut items = items.iter();
            let found = items.find(|item| item[identity] == name);
            found.and_then(Json::as_object).cloned()
        };
        let names = |items: &[Json]| -> Vec<String> {
            let names = items.iter().filter_map(|item| item[identity].as_str());
            names.map(str::to_owned).collect()
        };
        if names(then).iter().collect::<BTreeSet<_>>().len() != then.len() {
            let message = format!("a {} of the project is in the lock twice", singular(key));
            self.reasons
                .push(StaleReason::touched("member-twice", key, message));
        }
        for name in names(now) {
            let (Some(now), then) = (find(now, &name), find(then, &name)) else {
                continue;
            };
            let title = title(&now, &name);
            if let Some(then) = then {
                self.tables(&title, &then, &now);
            } else {
                let message = format!("the lock does not know {title} in {name}");
                let now = Some(title.clone());
                self.push(Kind::Added, key, &title, message, (None, now));
            }
        }
        for name in names(then) {
            let (None, Some(then)) = (find(now, &name), find(then, &name)) else {
                continue;
            };
            let title = title(&then, &name);
            let message = format!("{title} in {name} is in the lock and no longer in the project");
            self.push(
                Kind::Removed,
                key,
                &title,
                message,
                (Some(title.clone()), None),
            );
        }
    }

    /// Lists whose order has a meaning: item by item where there are as many as before.
    fn ordered(&mut self, path: &str, key: &str, then: &[Json], now: &[Json]) {
        let same_items = then.len() == now.len() && then.iter().all(|item| now.contains(item));
        if then.len() != now.len() || same_items {
            return self.changed(
                path,
                key,
                Some(&Json::Array(then.to_vec())),
                Some(&Json::Array(now.to_vec())),
            );
        }
        for (index, (then, now)) in then.iter().zip(now).enumerate() {
            let path = format!("{path}[{}]", index + 1);
            match (then, now) {
                (then, now) if then == now => {}
                (Json::Object(then), Json::Object(now)) => self.tables(&path, then, now),
                (then, now) => self.changed(&path, key, Some(then), Some(now)),
            }
        }
    }

    /// An extra or a group that is there on one side only, with nothing in it.
    fn appeared(&mut self, path: &str, then: Option<&Json>, now: Option<&Json>) {
        let kind = if then.is_none() {
            Kind::Added
        } else {
            Kind::Removed
        };
        let place = people(path);
        let message = match kind {
            Kind::Added => format!("{place} is not in the lock"),
            Kind::Removed => format!("{place} is in the lock and no longer in the project"),
        };
        let key = if path.contains(".extras.") {
            "extras"
        } else {
            "groups"
        };
        self.push(kind, key, path, message, (then.map(shown), now.map(shown)));
    }

    fn changed(&mut self, path: &str, key: &str, then: Option<&Json>, now: Option<&Json>) {
        let text = |value: Option<&Json>| match value {
            None => "not set".to_owned(),
            Some(Json::Array(items)) if items.is_empty() => "not set".to_owned(),
            Some(value) => shown(value),
        };
        let message = format!(
            "{} was {} when the lock was written and is {} today",
            people(path),
            text(then),
            text(now)
        );
        let code = format!("{}-changed", code_of(key, path));
        let reason = StaleReason::inputs(code, subject(path), message);
        self.reasons
            .push(reason.about(path, then.map(shown), now.map(shown)));
    }

    fn push(
        &mut self,
        kind: Kind,
        key: &str,
        path: &str,
        message: String,
        (then, now): (Option<String>, Option<String>),
    ) {
        let word = match kind {
            Kind::Added => "added",
            Kind::Removed => "removed",
        };
        let code = format!("{}-{word}", code_of(key, path));
        let reason = StaleReason::inputs(code, subject(path), message);
        self.reasons.push(reason.about(path, then, now));
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Added,
    Removed,
}

/// A span before now with the instant that it gave, which is one value: `{ span = "P7D", at = "..." }`
fn is_span(table: &Map<String, Json>) -> bool {
    table.contains_key("span")
}

/// Tables whose keys are names of the project, so that an absent one is an empty one.
fn is_collection(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    matches!(
        last,
        "extras"
            | "groups"
            | "build"
            | "indexes"
            | "prerelease-package"
            | "exclude-newer-package"
            | "command-line"
    )
}

/// Lists that are there or not, whatever is in them.
fn is_named_list(path: &str) -> bool {
    path.contains(".extras.") || path.contains(".groups.")
}

/// The word of a code: `requirement` for an item of `dependencies`.
fn code_of(key: &str, path: &str) -> String {
    let parent = path.rsplit('.').nth(1);
    match (parent, key) {
        (Some("build"), _) => "build-input".to_owned(),
        (Some("indexes"), _) => "index".to_owned(),
        (Some("extras"), _) => "extra".to_owned(),
        (Some("groups"), _) => "group".to_owned(),
        _ => singular(key).to_owned(),
    }
}

fn singular(key: &str) -> &str {
    match key {
        "dependencies" => "requirement",
        "build-requires" => "build-requirement",
        "indexes" | "other-indexes" => "index",
        "find-links" => "find-links",
        key => key.strip_suffix('s').unwrap_or(key),
    }
}

/// The member or the key that a path is about.
fn subject(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// A path as a person says it: `the extra s3 of demo`.
fn people(path: &str) -> String {
    let parts: Vec<&str> = path.splitn(3, '.').collect();
    match parts.as_slice() {
        ["command-line", key] => format!("--{key}"),
        ["command-line", key, name] => format!("--{key} of {name}"),
        [member, "dependencies"] => format!("the dependencies of {member}"),
        [member, "build-requires"] => format!("what the build of {member} requires"),
        [member, "extras", name] => format!("the extra {name} of {member}"),
        [member, "groups", name] => format!("the group {name} of {member}"),
        [member, "build", name] => format!("{name}, which the build of {member} reads,"),
        [
            member,
            key @ ("requires-python" | "name" | "version" | "package"),
        ] => {
            format!("{key} of {member}")
        }
        _ => path.to_owned(),
    }
}

fn title(member: &Map<String, Json>, path: &str) -> String {
    match member.get("name").and_then(Json::as_str) {
        Some(name) => name.to_owned(),
        None if path == "." => "the project".to_owned(),
        None => path.to_owned(),
    }
}

/// A value as TOML has it on one line: `{ name = "a", index = "https://..." }`
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "not set".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(table) if is_span(table) => shown(&table["span"]),
        Json::Object(table) => {
            let items: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{key} = {}", inner(value)))
                .collect();
            format!("{{ {} }}", items.join(", "))
        }
        other => other.to_string(),
    }
}

fn inner(value: &Json) -> String {
    match value {
        Json::String(text) => format!("'{text}'"),
        other => shown(other),
    }
}
