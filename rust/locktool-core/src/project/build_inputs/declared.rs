//! What a project says its build reads: the globs of `build-inputs`, and uv's `cache-keys`.

use super::super::globs::matching;
use super::super::paths::relative;
use super::super::tables::own_tables;
use super::super::workspace::FILE_NAME;
use super::collector::Collector;
use crate::document::{LocatedError, Node, Step, Table, Value};

/// Adds the declared files. Says whether the declaration makes the inputs known: `build-inputs` does, and `cache-keys` do where
/// each of them is a file, since nobody reads a commit, a variable or the time of a directory here.
pub(super) fn read(
    document: &Table<'_>,
    is_known_backend: bool,
    inputs: &mut Collector<'_>,
) -> Result<bool, LocatedError> {
    let own = own_tables(document)?;
    let own = own.iter().find(|table| table.has("build-inputs"));
    if let Some(own) = own {
        for (index, item) in own.items("build-inputs")?.iter().enumerate() {
            let steps = ["build-inputs".into(), index.into()];
            let Value::String(glob) = &item.value else {
                return Err(own.wrong_type("a glob", item, &steps));
            };
            for file in files(own, &steps, glob, inputs)? {
                inputs.file(&file);
            }
        }
    }
    let mut is_known = own.is_some();
    let uv = document.table("tool")?.table("uv")?;
    let keys = uv.items("cache-keys")?;
    is_known |= !keys.is_empty() && keys.iter().all(|item| file_of(item).is_some());
    for (index, item) in keys.iter().enumerate() {
        let steps = ["cache-keys".into(), index.into()];
        if !matches!(item.value, Value::String(_) | Value::Table(_)) {
            return Err(uv.wrong_type("a glob", item, &steps));
        }
        let Some(glob) = file_of(item) else { continue };
        for file in files(&uv, &steps, glob, inputs)? {
            // What a known backend reads of it are tables that have digests of their own.
            if file != FILE_NAME || !is_known_backend {
                inputs.file(&file);
            }
        }
    }
    Ok(is_known)
}

/// The glob of a cache key: `"*.in"` or `{ file = "*.in" }`.
fn file_of(item: &Node) -> Option<&str> {
    match &item.value {
        Value::String(text) => Some(text),
        Value::Table(entries) if entries.0.len() == 1 => match &entries.get("file")?.value {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The files that a glob matches, from the tree.
fn files(
    table: &Table<'_>,
    steps: &[Step],
    glob: &str,
    inputs: &Collector<'_>,
) -> Result<Vec<String>, LocatedError> {
    let paths = matching(inputs.directory, glob).map_err(|reason| {
        let message = format!("{}: {reason}", table.name_of(steps));
        table.error("invalid-pattern", &message, steps)
    })?;
    let files = paths.iter().filter(|path| path.is_file());
    Ok(files
        .filter_map(|path| relative(path, inputs.directory))
        .collect())
}
