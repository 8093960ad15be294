//! What keeps a document from being a lock, in the words of TOML: "`packages[0].name` is an integer where a string is expected".

use serde_json::{Map, Value as Json};
use serde_path_to_error::{Path, Segment};

use super::unwritten::key_path;
use super::{LockedDocument, decode};
use crate::document::{Entries, Node, Step, Value};
use crate::manifest::ManifestRecord;

/// The first value that is not what its key takes.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Misfit {
    pub steps: Vec<Step>,
    /// One sentence without its full stop.
    pub reason: String,
}

/// Finds why `MessagePack` does not decode to a lock. It is decoded again for that, by way of a tree of values whose errors say more.
pub(super) fn find_misfit(messagepack: &[u8]) -> Misfit {
    let document = match decode::<Json>(messagepack) {
        Ok(document @ Json::Object(_)) => document,
        Ok(_) => return misfit(Vec::new(), "invalid type: sequence, expected a map"),
        Err(reason) => return misfit(Vec::new(), &reason),
    };
    match serde_path_to_error::deserialize::<_, LockedDocument>(&document) {
        Ok(_) => misfit(Vec::new(), "it is not one document"),
        Err(error) => {
            let steps = steps_of(error.path());
            let message = error.into_inner().to_string();
            in_inputs(&document, &steps).unwrap_or_else(|| misfit(steps, &message))
        }
    }
}

/// Finds a time that is written as a string, which records hold as well: both are text in them.
pub(super) fn find_quoted_time(lock: &Entries) -> Option<Misfit> {
    items(lock.get("packages")?).find_map(|(index, package)| {
        let archive = ["archive", "sdist"].map(|key| (vec![Step::from(key)], package.get(key)));
        let wheels = package.get("wheels").into_iter().flat_map(items);
        let wheels = wheels.map(|(index, wheel)| (vec!["wheels".into(), index.into()], wheel));
        let files = archive
            .into_iter()
            .filter_map(|(steps, node)| Some((steps, table(node?)?)));
        let (file, _) = files.chain(wheels).find(|(_, file)| {
            let time = file.get("upload-time");
            time.is_some_and(|time| matches!(time.value, Value::String(_)))
        })?;
        let mut steps = vec![Step::from("packages"), index.into()];
        steps.extend(file);
        steps.push("upload-time".into());
        let message = "invalid type: string, expected a date-time";
        Some(misfit(steps, message))
    })
}

/// The tables of an array, with their places in it.
fn items(array: &Node) -> impl Iterator<Item = (usize, &Entries)> {
    let items = match &array.value {
        Value::Array(items) => items.as_slice(),
        _ => &[],
    };
    let tables = items.iter().map(table).enumerate();
    tables.filter_map(|(index, table)| Some((index, table?)))
}

fn table(node: &Node) -> Option<&Entries> {
    match &node.value {
        Value::Table(entries) => Some(entries),
        _ => None,
    }
}

/// The value of the recorded inputs that is at fault, or its key where it is a setting: inputs are read as one, and so are settings.
fn in_inputs(document: &Json, steps: &[Step]) -> Option<Misfit> {
    if steps != [Step::from("tool"), Step::from("locktool")] {
        return None;
    }
    let table = document["tool"]["locktool"].as_object()?;
    table.iter().find_map(|(key, value)| {
        let alone = Json::Object(Map::from_iter([(key.clone(), value.clone())]));
        let error = serde_path_to_error::deserialize::<_, ManifestRecord>(&alone).err()?;
        let mut inner = steps_of(error.path());
        if inner.is_empty() {
            inner.push(Step::from(key.as_str()));
        }
        let steps = steps.iter().cloned().chain(inner);
        Some(misfit(steps.collect(), &error.into_inner().to_string()))
    })
}

fn steps_of(path: &Path) -> Vec<Step> {
    let steps = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(Step::from(*index)),
        Segment::Map { key } => Some(Step::from(key.as_str())),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

fn misfit(steps: Vec<Step>, message: &str) -> Misfit {
    let what = sentence(message);
    let reason = match (key_path(&steps), what) {
        (key, Some(what)) if key.is_empty() => format!("it is {what}"),
        (key, Some(what)) => format!("`{key}` is {what}"),
        (key, None) if key.is_empty() => message.to_owned(),
        (key, None) => format!("`{key}`: {message}"),
    };
    Misfit { steps, reason }
}

/// `invalid type: integer 4, expected a string` as `an integer where a string is expected`.
fn sentence(message: &str) -> Option<String> {
    let (found, expected) = message.split_once(", expected ")?;
    if let Some(found) = found.strip_prefix("invalid type: ") {
        return Some(format!(
            "{} where {} is expected",
            found_type(found),
            expected_type(expected)
        ));
    }
    let found = found
        .strip_prefix("invalid value: ")
        .or_else(|| found.strip_prefix("unknown variant "))?;
    Some(format!(
        "{found} where {} is expected",
        expected_type(expected)
    ))
}

fn found_type(found: &str) -> &str {
    let kinds = [
        ("integer", "an integer"),
        ("string", "a string"),
        ("boolean", "a boolean"),
        ("floating point", "a float"),
        ("sequence", "an array"),
        ("map", "a table"),
    ];
    let kind = kinds.iter().find(|(word, _)| found.starts_with(word));
    kind.map_or(found, |(_, name)| name)
}

fn expected_type(expected: &str) -> &str {
    match expected {
        "a sequence" => "an array",
        "a map" => "a table",
        "a borrowed string" => "a string",
        "u8" | "u16" | "u32" | "u64" | "usize" => "an integer that is not negative",
        expected if expected.starts_with("struct ") => "a table",
        expected => expected,
    }
}

#[cfg(test)]
mod tests {
    use super::find_misfit;
    use crate::document::toml::toml_to_messagepack;

    #[test]
    fn the_key_and_both_types_are_named() {
        for (text, expected) in [
            (
                "packages = 5",
                "`packages` is an integer where an array is expected",
            ),
            (
                "packages = [{ name = 4 }]",
                "`packages[0].name` is an integer where a string is expected",
            ),
            (
                "packages = [{ name = 'a', wheels = [{ size = 'b' }] }]",
                "`packages[0].wheels[0].size` is a string where an integer that is not negative is expected",
            ),
            (
                "tool.locktool = 3",
                "`tool.locktool` is an integer where a table is expected",
            ),
            (
                "tool.locktool.members = [{ path = 4 }]",
                "`tool.locktool.members[0].path` is an integer where a string is expected",
            ),
            (
                "tool.locktool.no-build = 'x'",
                "`tool.locktool.no-build` is a string where a boolean is expected",
            ),
        ] {
            let messagepack = toml_to_messagepack(text.as_bytes()).expect("TOML");
            assert_eq!(find_misfit(&messagepack).reason, expected, "{text}");
        }
    }
}
