//! `[tool.locktool]` and `[tool.uv]` of a file: which of the two says something.

use super::keys;
use crate::document::{LocatedError, Table};
use crate::manifest::{Key, SettingTables};

/// The two tables, in the order in which they are asked.
pub fn tool_tables<'a>(document: &Table<'a>) -> Result<SettingTables<'a>, LocatedError> {
    let tool = document.table("tool")?;
    Ok(SettingTables(vec![
        tool.table("locktool")?,
        tool.table("uv")?,
    ]))
}

/// The first of the two in which a key is written.
pub fn table_with<'a>(document: &Table<'a>, key: &str) -> Result<Option<Table<'a>>, LocatedError> {
    let tool = document.table("tool")?;
    for spelling in ["locktool", "uv"] {
        let table = tool.table(spelling)?;
        if table.has(key) {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// Whether a table is that of locktool, or stands in it: its keys are known, where those of uv are uv's business.
pub fn is_own(table: &Table<'_>) -> bool {
    table.name_of(&[]).starts_with("tool.locktool")
}

/// Refuses keys of `[tool.locktool]` that nobody reads.
///
/// # Errors
/// At the first such key, with the one that it is nearest to.
pub fn refuse_unknown_keys(document: &Table<'_>) -> Result<(), LocatedError> {
    let known = keys::of_root()
        .chain(&keys::OF_MEMBERS)
        .flat_map(Key::names);
    let known: Vec<&str> = known.collect();
    let own = document.table("tool")?.table("locktool")?;
    own.refuse_unknown(&known)
}
