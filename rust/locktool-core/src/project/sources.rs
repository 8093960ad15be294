//! `[tool.locktool.sources]`, or uv's spelling of it: for each package where it comes from, and when.

use std::path::Path;

use super::indexes::ProjectIndex;
use super::paths::{normalised, relative};
use crate::document::{LocatedError, Table};
use crate::manifest::texts::{
    at, marker_text, normalised_keys, optional, read, refuse_credentials,
};
use crate::manifest::{Key, SourceRecord};
use crate::marker::Marker;
use crate::name::{ExtraName, GroupName, PackageName};

/// The kinds of source, of which each entry names one.
const KINDS: [&str; 5] = ["workspace", "path", "url", "git", "index"];

/// The revisions of a repository.
const REVISIONS: [&str; 3] = ["rev", "tag", "branch"];

/// The keys of a source.
pub const KEYS: [Key; 13] = [
    Key::recorded("workspace", "The package is a member of the workspace."),
    Key::recorded(
        "path",
        "A directory, a wheel or a source distribution on disk.",
    ),
    Key::recorded("url", "The address of a wheel or a source distribution."),
    Key::recorded("git", "The address of a git repository."),
    Key::recorded("index", "The name of the index that serves the package."),
    Key::recorded("rev", "A commit of the repository, or whatever names one."),
    Key::recorded("tag", "A tag of the repository."),
    Key::recorded("branch", "A branch of the repository."),
    Key::recorded(
        "subdirectory",
        "The directory of the package in the repository.",
    ),
    Key::recorded("editable", "Whether a directory is installed editable."),
    Key::recorded("marker", "Where the source holds."),
    Key::recorded("extra", "The extra whose requirements it is for."),
    Key::recorded("group", "The group whose requirements it is for."),
];

/// Keys of uv that say nothing of where a package comes from.
const OTHER_KEYS: [&str; 2] = ["package", "lfs"];

/// Reads the sources of one member, sorted by name; paths are relative to the root, indexes still have their names.
///
/// # Errors
/// When an entry does not name exactly one kind of place, at its line.
pub fn read_sources(table: &Table<'_>, root: &Path) -> Result<Vec<SourceRecord>, LocatedError> {
    let mut sources = Vec::new();
    for (name, key) in normalised_keys::<PackageName>(table, "the sources")? {
        let entries = table.tables(key)?;
        for entry in &entries {
            sources.push(read_source(name, entry, root)?);
            let is_conditional = ["marker", "extra", "group"]
                .iter()
                .any(|key| entry.has(key));
            if entries.len() > 1 && !is_conditional {
                let message = format!(
                    "{name} has several sources, so each needs a marker, an extra or a group to say when"
                );
                return Err(entry
                    .error("ambiguous-source", &message, &[])
                    .with("package", name.as_str()));
            }
        }
    }
    sources.sort_by_key(|source| (source.name.clone(), source.order()));
    Ok(sources)
}

fn read_source(
    name: PackageName,
    entry: &Table<'_>,
    root: &Path,
) -> Result<SourceRecord, LocatedError> {
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).chain(OTHER_KEYS).collect();
    entry.refuse_unknown(&known)?;
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| entry.has(kind)).collect();
    if kinds.len() != 1 {
        let found = if kinds.is_empty() {
            "none".to_owned()
        } else {
            kinds.join(" and ")
        };
        let message = format!(
            "the source of {name} must give exactly one of {}; it gives {found}",
            KINDS.join(", ")
        );
        return Err(entry
            .error("ambiguous-source", &message, &[])
            .with("package", name.as_str()));
    }
    check_revision(name, entry)?;
    let (extra, group) = part(name, entry)?;
    let path = entry.string("path")?;
    let index = entry.string("index")?.map(str::to_owned);
    let place = place(name, entry, path, root)?;
    Ok(SourceRecord {
        index,
        workspace: entry.boolean("workspace")?.unwrap_or_default(),
        editable: entry.boolean("editable")?,
        marker: condition(entry)?,
        extra,
        group,
        ..place
    })
}

/// A source with what an entry says of a path, an address or a repository; a path is relative to the root.
fn place(
    name: PackageName,
    entry: &Table<'_>,
    path: Option<&str>,
    root: &Path,
) -> Result<SourceRecord, LocatedError> {
    Ok(SourceRecord {
        name: name.to_string(),
        path: path
            .map(|path| relative_to_root(entry, path, root))
            .transpose()?,
        url: address(entry, "url")?,
        git: address(entry, "git")?,
        rev: revision(entry)?,
        subdirectory: entry.string("subdirectory")?.map(str::to_owned),
        ..SourceRecord::default()
    })
}

/// Where an entry of Poetry's dependency tables has its package from, paths relative to the root; nothing where no place is named.
///
/// # Errors
/// As [`read_sources`].
pub fn place_of_poetry(
    name: PackageName,
    entry: &Table<'_>,
    root: &Path,
) -> Result<Option<SourceRecord>, LocatedError> {
    check_revision(name, entry)?;
    let path = match entry.string("path")? {
        Some(path) => Some(path),
        None => entry.string("file")?,
    };
    // The public index is what is asked where no other is named.
    let index = entry.string("source")?;
    let index = index.filter(|index| !index.eq_ignore_ascii_case("pypi"));
    let place = place(name, entry, path, root)?;
    let source = SourceRecord {
        index: index.map(str::to_owned),
        editable: entry.boolean("develop")?.filter(|develop| *develop),
        ..place
    };
    let has_address = source.path.is_some() || source.url.is_some() || source.git.is_some();
    Ok(match (has_address, source.index.is_some()) {
        (true, _) => Some(SourceRecord {
            index: None,
            ..source
        }),
        (false, true) => Some(source),
        (false, false) => None,
    })
}

fn address(entry: &Table<'_>, key: &str) -> Result<Option<String>, LocatedError> {
    let Some(text) = entry.string(key)? else {
        return Ok(None);
    };
    refuse_credentials(text).map_err(|refusal| at(entry, &refusal, &[key.into()]))?;
    Ok(Some(text.to_owned()))
}

/// Which revision of a repository is meant; a tag and a branch are written as full references.
fn revision(entry: &Table<'_>) -> Result<Option<String>, LocatedError> {
    let (tag, branch) = (entry.string("tag")?, entry.string("branch")?);
    let tag = tag.map(|tag| format!("refs/tags/{tag}"));
    let branch = branch.map(|branch| format!("refs/heads/{branch}"));
    let rev = entry.string("rev")?.map(str::to_owned);
    Ok(tag.or(branch).or(rev))
}

/// When the source holds, its marker.
fn condition(entry: &Table<'_>) -> Result<Option<String>, LocatedError> {
    let Some(text) = entry.string("marker")? else {
        return Ok(None);
    };
    let marker = read::<Marker>(entry, text, &["marker".into()])?;
    Ok(Some(marker_text(marker)).filter(|text| !text.is_empty()))
}

/// The extra or the group whose requirements the source is for; a requirement is written in one of the two.
fn part(
    name: PackageName,
    entry: &Table<'_>,
) -> Result<(Option<ExtraName>, Option<GroupName>), LocatedError> {
    let (extra, group) = (optional(entry, "extra")?, optional(entry, "group")?);
    if extra.is_some() && group.is_some() {
        let message = format!(
            "the source of {name} names an extra and a group, and no requirement is in both; write a source for each"
        );
        return Err(entry.error("ambiguous-source", &message, &["group".into()]));
    }
    Ok((extra, group))
}

/// Refuses a revision without a repository, and two revisions at once.
fn check_revision(name: PackageName, entry: &Table<'_>) -> Result<(), LocatedError> {
    let given: Vec<&str> = REVISIONS.into_iter().filter(|key| entry.has(key)).collect();
    if let Some(first) = given.first()
        && !entry.has("git")
    {
        let message =
            format!("{first} of {name} belongs to a git source; add git = '...' or remove it");
        return Err(entry.error("ambiguous-source", &message, &[(*first).into()]));
    }
    if let [_, second, ..] = given.as_slice() {
        let message = format!(
            "the git source of {name} gives {}; keep one",
            given.join(" and ")
        );
        return Err(entry.error("ambiguous-source", &message, &[(*second).into()]));
    }
    if entry.has("editable") && !entry.has("path") && !entry.has("workspace") {
        let message =
            format!("only a path or a workspace member can be editable; {name} is neither");
        return Err(entry.error("ambiguous-source", &message, &["editable".into()]));
    }
    Ok(())
}

/// Writes a path relative to the workspace root, whatever file it was written in.
fn relative_to_root(entry: &Table<'_>, text: &str, root: &Path) -> Result<String, LocatedError> {
    let expanded = match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(below), Some(home)) => home.join(below),
        _ => text.into(),
    };
    let directory = entry.file().path().parent().unwrap_or(Path::new(""));
    relative(&normalised(&directory.join(expanded)), root).ok_or_else(|| {
        let message = format!(
            "{text} lies on another drive than the project, so no portable lock can point to it"
        );
        entry.error("path-on-another-drive", &message, &["path".into()])
    })
}

/// Puts the address of the index in the place of its name.
///
/// # Errors
/// The name, where no index has it.
pub fn with_address(
    source: &SourceRecord,
    indexes: &[ProjectIndex],
) -> Result<SourceRecord, String> {
    let Some(name) = &source.index else {
        return Ok(source.clone());
    };
    let mut indexes = indexes.iter();
    match indexes.find(|index| index.name.as_ref() == Some(name)) {
        Some(index) => Ok(SourceRecord {
            index: Some(index.address()),
            ..source.clone()
        }),
        None => Err(name.clone()),
    }
}
