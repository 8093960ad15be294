//! The workspace that a directory belongs to, and its members.
//!
//! Members are named by globs in `workspace.members`, less those of `workspace.exclude`; hidden directories (an environment, a
//! cache) are never members. A lone project is a workspace of one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::globs::matching;
use super::paths::{normalised, relative, resolved};
use super::tables::{is_own, table_with, with_settings};
use crate::document::caret::quoted;
use crate::document::{LocatedError, Step, Table, TomlFile, location};

/// The file that makes a directory a project.
pub const FILE_NAME: &str = "pyproject.toml";

const GLOB_CHARACTERS: [char; 3] = ['*', '?', '['];

/// The files of a workspace: the root's, and those of the other members by their paths.
pub struct Workspace {
    pub root: Arc<TomlFile>,
    pub members: Vec<Arc<TomlFile>>,
}

/// What becomes of a member that is named without wildcards and is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    Refused,
    LeftOut,
}

/// Texts that take the place of files of the workspace, by the paths of the files: edits that are resolved before they are written.
#[derive(Clone, Debug, Default)]
pub struct EditedFiles(BTreeMap<PathBuf, String>);

impl EditedFiles {
    /// The texts by path, whatever links the paths lead over.
    pub fn new(texts: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let texts = texts.into_iter();
        Self(texts.map(|(path, text)| (resolved(&path), text)).collect())
    }

    fn text(&self, path: &Path) -> Option<&String> {
        if self.0.is_empty() {
            return None;
        }
        self.0.get(&resolved(path))
    }
}

/// How the files of a workspace are read.
#[derive(Clone, Copy)]
struct Reading<'a> {
    absent: Absent,
    edited: &'a EditedFiles,
}

impl Reading<'_> {
    /// A pyproject.toml, with the file of settings beside it.
    fn file(self, path: &Path) -> Result<TomlFile, LocatedError> {
        with_settings(self.text(path)?, |settings| self.text(settings))
    }

    fn text(self, path: &Path) -> Result<TomlFile, LocatedError> {
        match self.edited.text(path) {
            Some(text) => TomlFile::parse(path, text.clone(), 0),
            None => TomlFile::read(path),
        }
    }
}

impl Workspace {
    /// Reads the files of the workspace that a directory belongs to.
    ///
    /// # Errors
    /// When a file is missing or wrong, and when a member is a workspace itself.
    pub fn find(directory: &Path) -> Result<Self, LocatedError> {
        Self::find_edited(directory, &EditedFiles::default())
    }

    /// Reads the files as [`Workspace::find`] does, edited texts in the place of some.
    ///
    /// # Errors
    /// As [`Workspace::find`], at the lines of the edited texts.
    pub fn find_edited(directory: &Path, edited: &EditedFiles) -> Result<Self, LocatedError> {
        let absent = Absent::Refused;
        Self::search(directory, Reading { absent, edited })
    }

    /// Reads the files as [`Workspace::find`] does, without the members that are not there.
    ///
    /// # Errors
    /// When a file is wrong, and when a member is a workspace itself.
    pub fn find_present(directory: &Path) -> Result<Self, LocatedError> {
        let (absent, edited) = (Absent::LeftOut, &EditedFiles::default());
        Self::search(directory, Reading { absent, edited })
    }

    /// Reads the files of the workspace that a required tree belongs to, without the members that are not there. Nothing above the
    /// boundary is looked at.
    ///
    /// # Errors
    /// When a file is wrong, and when a member is a workspace itself.
    pub fn around(directory: &Path, boundary: Option<&Path>) -> Result<Self, LocatedError> {
        let (absent, edited) = (Absent::LeftOut, &EditedFiles::default());
        Self::search_within(directory, Reading { absent, edited }, boundary)
    }

    fn search(written: &Path, reading: Reading<'_>) -> Result<Self, LocatedError> {
        Self::search_within(written, reading, None)
    }

    fn search_within(
        written: &Path,
        reading: Reading<'_>,
        boundary: Option<&Path>,
    ) -> Result<Self, LocatedError> {
        Self::of_root(root_of(written, (reading, boundary))?, reading)
    }

    /// Reads the file of the root of the workspace that a directory belongs to, and none of the members.
    ///
    /// # Errors
    /// When there is no project, or the file is wrong.
    pub fn find_root(directory: &Path) -> Result<TomlFile, LocatedError> {
        let (absent, edited) = (Absent::LeftOut, &EditedFiles::default());
        root_of(directory, (Reading { absent, edited }, None))
    }

    fn of_root(root: TomlFile, reading: Reading<'_>) -> Result<Self, LocatedError> {
        let mut members = Vec::new();
        for directory in member_directories(&root, reading.absent)? {
            let file = reading.file(&directory.join(FILE_NAME))?;
            if let Some(nested) = declaration(&file)? {
                let message = format!(
                    "a workspace cannot hold another one; remove this table or exclude the directory in {}",
                    location(root.path(), None, None)
                );
                return Err(nested.error("nested-workspace", &message, &[]));
            }
            members.push(Arc::new(file));
        }
        Ok(Self {
            root: Arc::new(root),
            members,
        })
    }
}

/// The file of the root of the workspace that a directory belongs to; the directory's own where there is no workspace.
fn root_of(
    written: &Path,
    (reading, boundary): (Reading<'_>, Option<&Path>),
) -> Result<TomlFile, LocatedError> {
    let directory = &resolved(written);
    let own = read_project_file(directory, reading)?;
    if declaration(&own)?.is_some() {
        return Ok(own);
    }
    // A member may be a link to elsewhere: the workspace is then above the link.
    let written = std::path::absolute(written).unwrap_or_else(|_| written.to_owned());
    let above = |path: &Path| root_above(path, directory, (reading, boundary));
    let root = match above(directory)? {
        None if written != *directory => above(&written)?,
        root => root,
    };
    Ok(root.unwrap_or(own))
}

/// The nearest workspace above a path, where it has the directory for a member.
fn root_above(
    path: &Path,
    directory: &Path,
    (reading, boundary): (Reading<'_>, Option<&Path>),
) -> Result<Option<TomlFile>, LocatedError> {
    let is_within = |parent: &&Path| boundary.is_none_or(|boundary| parent.starts_with(boundary));
    for parent in path.ancestors().skip(1).take_while(is_within) {
        let file = parent.join(FILE_NAME);
        if !file.is_file() {
            continue;
        }
        let root = reading.file(&file)?;
        if declaration(&root)?.is_none() {
            continue;
        }
        let members = member_directories(&root, reading.absent)?;
        let is_member = members.iter().any(|member| resolved(member) == directory);
        return Ok(is_member.then_some(root));
    }
    Ok(None)
}

/// Reads a directory's pyproject.toml; its absence is an error that says where one was found instead.
fn read_project_file(directory: &Path, reading: Reading<'_>) -> Result<TomlFile, LocatedError> {
    let path = directory.join(FILE_NAME);
    if path.exists() {
        return reading.file(&path);
    }
    let shown = location(directory, None, None);
    if !directory.is_dir() {
        let what = if directory.exists() {
            "is not a directory"
        } else {
            "does not exist"
        };
        let message = format!("{shown} {what}; give --project an existing one");
        return Err(LocatedError::of_path("missing-project", &path, message));
    }
    let mut parents = directory.ancestors().skip(1);
    let hint = match parents.find(|parent| parent.join(FILE_NAME).is_file()) {
        Some(parent) => {
            let parent = location(parent, None, None);
            format!("; there is one in {parent}: pass --project {parent}")
        }
        None => "; run locktool in a project or pass --project DIR".to_owned(),
    };
    let message = format!("no {FILE_NAME} in {shown}{hint}");
    Err(LocatedError::of_path("missing-project", &path, message))
}

/// The table that makes a file a workspace root.
fn declaration(file: &TomlFile) -> Result<Option<Table<'_>>, LocatedError> {
    let tool = table_with(&Table::of(file), "workspace")?;
    tool.map(|tool| tool.table("workspace")).transpose()
}

/// The directories of the members other than the root.
fn member_directories(root: &TomlFile, absent: Absent) -> Result<BTreeSet<PathBuf>, LocatedError> {
    let mut found = BTreeSet::new();
    let Some(table) = declaration(root)? else {
        return Ok(found);
    };
    if is_own(&table) {
        table.refuse_unknown(&["members", "exclude"])?;
    }
    let base = root.path().parent().unwrap_or(Path::new(""));
    let mut excluded = BTreeSet::new();
    for (index, pattern) in table.strings("exclude")?.into_iter().enumerate() {
        excluded.extend(expand(
            &table,
            base,
            pattern,
            &["exclude".into(), index.into()],
        )?);
    }
    for (index, pattern) in table.strings("members")?.into_iter().enumerate() {
        let steps = ["members".into(), index.into()];
        for path in expand(&table, base, pattern, &steps)? {
            if excluded.contains(&path) || path == base {
                continue;
            }
            if path.join(FILE_NAME).is_file() {
                found.insert(path);
            } else if !pattern.contains(GLOB_CHARACTERS) && absent == Absent::Refused {
                let message = format!(
                    "workspace member {} has no {FILE_NAME}; create one or remove the member",
                    quoted(pattern)
                );
                return Err(table.error("missing-member", &message, &steps));
            }
        }
    }
    Ok(found)
}

/// Whether the patterns of a workspace name the directory at a path from its root, whether it is there or not.
///
/// # Errors
/// When the patterns are no array of texts.
pub fn names_member(root: &TomlFile, path: &str) -> Result<bool, LocatedError> {
    let Some(table) = declaration(root)? else {
        return Ok(false);
    };
    let base = root.path().parent().unwrap_or(Path::new(""));
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::default()
    };
    let is_named = |patterns: Vec<&str>| {
        let mut patterns = patterns
            .into_iter()
            .filter_map(|pattern| relative(&base.join(pattern), base))
            .filter_map(|pattern| glob::Pattern::new(&pattern).ok());
        patterns.any(|pattern| pattern.matches_with(path, options))
    };
    Ok(is_named(table.strings("members")?) && !is_named(table.strings("exclude")?))
}

/// The directories that one pattern names; a pattern without wildcards names one, existing or not.
fn expand(
    table: &Table<'_>,
    base: &Path,
    pattern: &str,
    steps: &[Step],
) -> Result<Vec<PathBuf>, LocatedError> {
    let refuse = |reason: &str| {
        let message = format!("{}{reason}", table.name_of(steps));
        table.error("invalid-pattern", &message, steps)
    };
    if pattern.is_empty() || Path::new(pattern).is_absolute() {
        return Err(refuse(" must be a path relative to the workspace root"));
    }
    if !pattern.contains(GLOB_CHARACTERS) {
        return Ok(vec![normalised(&base.join(pattern))]);
    }
    let matches = matching(base, pattern).map_err(|reason| refuse(&format!(": {reason}")))?;
    Ok(matches.into_iter().filter(|path| path.is_dir()).collect())
}
