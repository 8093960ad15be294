//! Where the settings of a project stand: `locktool.toml`, `[tool.locktool]` and `[tool.uv]`, in the order in which they are asked.

use std::path::Path;

use super::keys;
use crate::document::{LocatedError, Table, TomlFile};
use crate::manifest::{Key, SettingTables};

/// The file beside a pyproject.toml that may have the keys of `[tool.locktool]`, without a head.
pub const SETTINGS_FILE: &str = "locktool.toml";

/// The tables that settings are read from, the first one that has a key before the others.
pub fn tool_tables<'a>(document: &Table<'a>) -> Result<SettingTables<'a>, LocatedError> {
    let mut tables = own_tables(document)?;
    tables.push(document.table("tool")?.table("uv")?);
    Ok(SettingTables(tables))
}

/// The tables of locktool's own: the file of settings, and the table of pyproject.toml.
pub fn own_tables<'a>(document: &Table<'a>) -> Result<Vec<Table<'a>>, LocatedError> {
    let beside = document.file().beside().map(Table::of);
    let own = document.table("tool")?.table("locktool")?;
    Ok(beside.into_iter().chain([own]).collect())
}

/// The first of the tables in which a key is written.
pub fn table_with<'a>(document: &Table<'a>, key: &str) -> Result<Option<Table<'a>>, LocatedError> {
    let mut tables = tool_tables(document)?.0.into_iter();
    Ok(tables.find(|table| table.has(key)))
}

/// Whether a table is locktool's own, or stands in one that is: its keys are known, where those of uv are uv's business.
pub fn is_own(table: &Table<'_>) -> bool {
    is_settings(table.file().path()) || table.name_of(&[]).starts_with("tool.locktool")
}

/// Whether a file is one of settings.
fn is_settings(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == SETTINGS_FILE)
}

/// A pyproject.toml with the file of settings beside it, where there is one; `read` reads a file.
///
/// # Errors
/// When the file of settings cannot be read.
pub fn with_settings(
    file: TomlFile,
    read: impl FnOnce(&Path) -> Result<TomlFile, LocatedError>,
) -> Result<TomlFile, LocatedError> {
    let path = file.path().with_file_name(SETTINGS_FILE);
    // What stands there and cannot be read may say what must not be missed.
    if path.symlink_metadata().is_err() {
        return Ok(file);
    }
    Ok(file.with_beside(read(&path)?))
}

/// Refuses keys of locktool's own tables that nobody reads.
///
/// # Errors
/// At the first such key, with the one that it is nearest to.
pub fn refuse_unknown_keys(document: &Table<'_>) -> Result<(), LocatedError> {
    let known = keys::of_root()
        .chain(&keys::OF_MEMBERS)
        .flat_map(Key::names);
    let known: Vec<&str> = known.collect();
    own_tables(document)?
        .iter()
        .try_for_each(|own| own.refuse_unknown(&known))
}
