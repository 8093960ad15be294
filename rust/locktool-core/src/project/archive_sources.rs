//! The sources of a required archive: what its own pyproject.toml says of where its requirements come from.
//!
//! They hold as those of a tree do. Nothing lies beside an archive that a lock could name, so a source that is a path or a member of
//! the workspace is refused, unless the project itself gives that package an address.

use std::collections::BTreeSet;
use std::path::Path;

use super::member::BuiltMetadata;
use super::tree::send_built;
use super::tree_sources::TreeSources;
use super::workspace::FILE_NAME;
use crate::document::{LocatedError, Table, TomlFile};
use crate::manifest::MemberRecord;
use crate::name::PackageName;

/// What the sources of an archive make of its requirements.
pub struct OfArchive {
    pub record: MemberRecord,
    /// Whether another project would read the same.
    pub is_portable: bool,
}

/// Sends what an archive requires to its own sources; `None` where it has none. `addressed` are the packages to which the project
/// gives an address, `filename` is for messages.
///
/// # Errors
/// When its sources are not well formed, and when one leads nowhere that a lock can name.
pub fn send_archive(
    filename: &str,
    pyproject: &[u8],
    built: &BuiltMetadata<'_>,
    addressed: &BTreeSet<PackageName>,
) -> Result<Option<OfArchive>, LocatedError> {
    let path = Path::new(filename).join(FILE_NAME);
    let Some(file) = std::str::from_utf8(pyproject)
        .ok()
        .and_then(|text| TomlFile::parse(&path, text.to_owned(), 0).ok())
    else {
        // What nobody can read gives no package a place, and builds nothing.
        return Ok(None);
    };
    let mut sources = TreeSources::of_archive(&file, &Table::of(&file))?;
    let depends_on_project = sources.leave_to_project(addressed);
    if sources.is_empty() && !depends_on_project {
        return Ok(None);
    }
    let record = send_built(&sources, built)?;
    Ok(Some(OfArchive {
        is_portable: !depends_on_project && record.indexes.is_empty(),
        record,
    }))
}
