//! A project as its files state it: everything that can change an answer, read once, each value with its location.
//!
//! ```text
//! workspace      the files: the root's and its members'
//! member         [project], groups, sources and dynamic fields of one file
//! legacy         [tool.poetry], [tool.flit.metadata] and setup.cfg, in the place of [project]
//! keys, tables   locktool.toml, [tool.locktool], [tool.uv]: which keys there are, and which of the three says something
//! written        each setting as it is written, with its place
//! indexes        [[tool.locktool.index]]
//! sources        [tool.locktool.sources]
//! source_parts   sources for one extra or group, through includes too
//! groups         [dependency-groups], includes expanded
//! conflicts      extras and groups that may not be chosen together, declared and following
//! ini            the values of setup.cfg
//! globs, paths   the files and directories that a glob names; paths without links and `..`
//! python         the Pythons that all members support
//! build_inputs   what a build reads, as digests
//! build_system   what a build requires
//! tree           directories that are required
//! tree_sources   where what they require comes from
//! notices        warnings about what is probably a mistake
//! schema         the JSON Schema of [tool.locktool]
//! ```

mod archive_sources;
mod build_inputs;
mod build_system;
mod conflicts;
mod globs;
mod groups;
mod indexes;
mod ini;
mod keys;
mod legacy;
mod member;
mod notices;
mod paths;
mod python;
mod schema;
mod source_parts;
mod sources;
mod tables;
mod tree;
mod tree_sources;
mod workspace;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use archive_sources::{OfArchive, send_archive};
pub use build_inputs::{BuildInputs, believe_absent};
pub use build_system::{BuildSystem, recorded_requires};
pub use indexes::ProjectIndex;
pub use legacy::{poetry_python_marker, poetry_specifiers};
pub use member::{BuiltMetadata, ProjectMember};
pub use paths::{relative, resolved, with_relative_path};
pub use python::ASSUMED_PYTHON;
pub use schema::settings_schema;
pub use tables::SETTINGS_FILE;
pub use tree::{SourceTree, TreeToday, absent, read_again, tree_directory};
pub use tree_sources::TreePlace;
pub use workspace::{EditedFiles, FILE_NAME};
pub use written::{WrittenSetting, written_settings};

use crate::document::caret::quoted;
use crate::document::{LocatedError, Table, TomlFile, did_you_mean, location};
use crate::manifest::{
    DefaultGroups, Key, ManifestRecord, MemberRecord, SCHEMA, SettingTables, Settings, SourceRecord,
};
use crate::marker::{TooComplex, or_too_complex};
use crate::name::{GroupName, PackageName};
use crate::requirement::Requirement;
use tables::{own_tables, table_with, tool_tables};
use workspace::{Workspace, names_member};

/// A workspace: its members, the root's own first, and what it asks of a resolution.
#[derive(Clone)]
pub struct Project {
    pub root: PathBuf,
    pub members: Vec<ProjectMember>,
    /// Which of the members stands in the directory that was asked for.
    pub current: usize,
    pub settings: Settings,
    pub indexes: Vec<ProjectIndex>,
    /// As they are written, for asking; the record has them without credentials.
    pub find_links: Vec<String>,
    /// Sentences for people on what is probably a mistake.
    pub warnings: Vec<String>,
}

/// The tables of keys, as `[tool.locktool]` nests them: the name of the table and its keys.
pub fn keys() -> Vec<(&'static str, Vec<Key>)> {
    let root = keys::of_root().copied();
    vec![
        ("", root.chain(keys::OF_MEMBERS).collect()),
        ("index", indexes::KEYS.to_vec()),
        ("sources", sources::KEYS.to_vec()),
    ]
}

/// The directory of the root of the workspace that a directory belongs to.
///
/// # Errors
/// When there is no project, or the file of the root cannot be read.
pub fn find_root(directory: &Path) -> Result<PathBuf, LocatedError> {
    Workspace::find_root(directory).map(|root| directory_of(&root))
}

fn directory_of(file: &TomlFile) -> PathBuf {
    file.path().parent().unwrap_or(Path::new("")).to_owned()
}

impl Project {
    /// Reads the workspace that a directory belongs to. Members with the build inputs that `recorded` has take over what their
    /// builds said then.
    ///
    /// # Errors
    /// When a file is missing or something in it is wrong, with line and column where there are any.
    pub fn read(directory: &Path, recorded: &[MemberRecord]) -> Result<Self, LocatedError> {
        Self::of_workspace(directory, recorded, &Workspace::find(directory)?)
    }

    /// Reads the workspace that a directory belongs to, edited texts in the place of some of its files.
    ///
    /// # Errors
    /// As [`Project::read`], at the lines of the edited texts.
    pub fn read_edited(
        directory: &Path,
        recorded: &[MemberRecord],
        edited: &EditedFiles,
    ) -> Result<Self, LocatedError> {
        let workspace = Workspace::find_edited(directory, edited)?;
        Self::of_workspace(directory, recorded, &workspace)
    }

    /// Reads the workspace that a directory belongs to without the members that are not there.
    ///
    /// # Errors
    /// As [`Project::read`].
    pub fn read_present(directory: &Path) -> Result<Self, LocatedError> {
        Self::of_workspace(directory, &[], &Workspace::find_present(directory)?)
    }

    /// Adds the members that the workspace still names and that are not there, as a lock records them; gives their paths.
    ///
    /// # Errors
    /// When the patterns of the workspace are wrong.
    pub fn believe_absent_members(
        &mut self,
        recorded: &[MemberRecord],
    ) -> Result<Vec<String>, LocatedError> {
        let mut absent = Vec::new();
        for record in recorded {
            let directory = tree_directory(&self.root, &record.path);
            let root = &self.members[0];
            if directory.join(FILE_NAME).is_file() || !names_member(&root.file, &record.path)? {
                continue;
            }
            if let Some(member) = ProjectMember::recorded(record, directory, &root.file) {
                self.members.push(member);
                absent.push(record.path.clone());
            }
        }
        Ok(absent)
    }

    fn of_workspace(
        directory: &Path,
        recorded: &[MemberRecord],
        workspace: &Workspace,
    ) -> Result<Self, LocatedError> {
        let directory = resolved(directory);
        let path = workspace.root.path();
        or_too_complex(|| Self::of_files(&directory, recorded, workspace))
            .unwrap_or_else(|error| Err(too_complex(path, error)))
    }

    fn of_files(
        directory: &Path,
        recorded: &[MemberRecord],
        workspace: &Workspace,
    ) -> Result<Self, LocatedError> {
        let root = directory_of(&workspace.root);
        let mut members = vec![ProjectMember::read(&workspace.root, &root)?];
        for file in &workspace.members {
            members.push(ProjectMember::read(file, &root)?);
        }
        check_distinct_names(&members)?;
        check_root_settings(&members)?;
        for member in members.iter_mut().filter(|member| member.unbuilt) {
            let known = recorded.iter().find(|known| known.path == member.path);
            if let Some(known) = known {
                member.complete_from(known);
            }
        }
        let mut project = Self::of_members(root, members)?;
        let is_current = |member: &ProjectMember| resolved(&member.directory) == directory;
        project.current = project.members.iter().position(is_current).unwrap_or(0);
        Ok(project)
    }

    /// Reads the TOML block of a script (PEP 723), a project of one member that is no package. `indent` is by how many columns the
    /// block stands further right in the script.
    ///
    /// # Errors
    /// As [`Project::read`].
    pub fn read_script(path: &Path, block: String, indent: usize) -> Result<Self, LocatedError> {
        let path = resolved(path);
        let file = Arc::new(TomlFile::parse(&path, block, indent)?);
        let document = Table::of(&file);
        document.refuse_unknown(&["dependencies", "requires-python", "tool"])?;
        let root = directory_of(&file);
        let member = ProjectMember::of_script(&file, &root)?;
        Self::of_members(root, vec![member])
    }

    fn of_members(root: PathBuf, members: Vec<ProjectMember>) -> Result<Self, LocatedError> {
        let file = Arc::clone(&members[0].file);
        let document = Table::of(&file);
        let tables = tool_tables(&document)?;
        let uv = document.table("tool")?.table("uv")?;
        let settings = Settings::read(&tables)?;
        let settings = settings
            .over(legacy::settings(&document, &root)?)
            .without_defaults();
        check_default_groups(&tables, &settings, &members)?;
        let mut warnings = Vec::new();
        for member in &members {
            warnings.extend(notices::of_file(member)?);
        }
        let find_links = match tables.having(&["find-links"])? {
            Some((table, key)) => table.strings(key)?,
            None => Vec::new(),
        };
        let find_links = find_links.into_iter().map(str::to_owned).collect();
        let mut indexes = indexes::read_indexes(&tables, &uv)?;
        if indexes.is_empty() {
            indexes = legacy::indexes(&document)?;
        }
        Ok(Self {
            root,
            members,
            current: 0,
            settings,
            indexes,
            find_links,
            warnings,
        })
    }

    /// The members of which only their build system knows everything.
    pub fn unbuilt(&self) -> impl Iterator<Item = &ProjectMember> {
        self.members.iter().filter(|member| member.unbuilt)
    }

    /// Fills in what the build of a member said.
    pub fn complete(&mut self, directory: &Path, built: &BuiltMetadata<'_>) {
        let requirements = built.requires_dist.iter();
        let requires_dist: Vec<Requirement> = requirements
            .map(|requirement| with_relative_path(requirement, &self.root))
            .collect();
        let built = BuiltMetadata {
            requires_dist: &requires_dist,
            ..*built
        };
        let mut members = self.members.iter_mut();
        if let Some(member) = members.find(|member| member.directory == directory) {
            member.complete(&built);
        }
    }

    /// Everything that can change an answer, and the warnings that only the whole of it shows.
    ///
    /// # Errors
    /// When the metadata of a member is missing, when the members have no Python in common, and when a source leads nowhere.
    pub fn record(&self) -> Result<(ManifestRecord, Vec<String>), LocatedError> {
        or_too_complex(|| self.recorded())
            .unwrap_or_else(|error| Err(too_complex(self.members[0].file.path(), error)))
    }

    /// What the project says beside its members: for the builds that complete these.
    ///
    /// # Errors
    /// When members exclude each other's Pythons, or a source is not one.
    pub fn rules(&self) -> Result<ManifestRecord, LocatedError> {
        Ok(ManifestRecord {
            schema: SCHEMA,
            requires_python: Some(
                python::common_python(&self.members)?.unwrap_or_else(|| ASSUMED_PYTHON.to_owned()),
            ),
            settings: self.settings.clone(),
            indexes: self.indexes.iter().map(ProjectIndex::record).collect(),
            sources: self.sources()?,
            ..ManifestRecord::default()
        })
    }

    fn recorded(&self) -> Result<(ManifestRecord, Vec<String>), LocatedError> {
        if let Some(member) = self.unbuilt().next() {
            return Err(member.needs_build());
        }
        check_distinct_names(&self.members)?;
        for member in &self.members {
            member.refuse_credentials()?;
        }
        check_workspace_sources(&self.members)?;
        source_parts::check(&self.members)?;
        let mut warnings = self.warnings.clone();
        for member in &self.members {
            warnings.extend(notices::of_requirements(member));
        }
        let requires_python = if let Some(python) = python::common_python(&self.members)? {
            python
        } else {
            warnings.push(format!(
                "{}: no requires-python, so {ASSUMED_PYTHON} is assumed; write it beside the dependencies",
                location(self.members[0].file.path(), None, None)
            ));
            ASSUMED_PYTHON.to_owned()
        };
        python::check_environments(&self.members[0], &self.settings, &requires_python)?;
        let declared = self.settings.conflicts.as_deref().unwrap_or_default();
        let conflicts = conflicts::of_workspace(declared, &self.members)?;
        let record = ManifestRecord {
            schema: SCHEMA,
            requires_python: Some(requires_python),
            settings: Settings {
                conflicts: Some(conflicts).filter(|sets| !sets.is_empty()),
                ..self.settings.clone()
            },
            indexes: self.indexes.iter().map(ProjectIndex::record).collect(),
            sources: self.sources()?,
            members: self.members.iter().map(ProjectMember::record).collect(),
            ..ManifestRecord::default()
        };
        Ok((record, warnings))
    }

    /// The sources of the workspace: the root's hold for every member, a member's own for that member alone. One that says what
    /// the root's says is left out.
    fn sources(&self) -> Result<Vec<SourceRecord>, LocatedError> {
        let (root, others) = self.members.split_first().expect("a root");
        let by_name = |sources: &[SourceRecord]| {
            let mut found: BTreeMap<String, Vec<SourceRecord>> = BTreeMap::new();
            for source in sources {
                found
                    .entry(source.name.clone())
                    .or_default()
                    .push(source.clone());
            }
            found
        };
        let common = by_name(&root.sources);
        let mut result = self.with_addresses(root, &root.sources)?;
        for member in others {
            for (name, sources) in by_name(&member.sources) {
                if common.get(&name) == Some(&sources) {
                    continue;
                }
                let own = self.with_addresses(member, &sources)?;
                if member.name.is_none() {
                    let message = format!(
                        "{name} has a source here, but only a member with a name can have sources of its own; give it one \
                         under [project], or move the source to {}",
                        location(root.file.path(), None, None)
                    );
                    return Err(source_error(member, &name, "source-of-no-name", &message));
                }
                result.extend(own.into_iter().map(|source| SourceRecord {
                    member: member.name.map(|name| name.to_string()),
                    ..source
                }));
            }
        }
        // A directory that is no member is not editable unless a source says so.
        let is_member = |path: &str| self.members.iter().any(|member| member.path == path);
        for source in &mut result {
            if source.path.as_deref().is_some_and(|path| !is_member(path)) {
                source.editable = source.editable.filter(|editable| *editable);
            }
        }
        result.sort_by(|one, other| (&one.name, &one.member).cmp(&(&other.name, &other.member)));
        Ok(result)
    }

    /// Sources with the addresses of their indexes, for every group that has what they are for.
    ///
    /// # Errors
    /// When one names an unknown index, also where nothing requires the package directly: it would be served by another index.
    fn with_addresses(
        &self,
        member: &ProjectMember,
        sources: &[SourceRecord],
    ) -> Result<Vec<SourceRecord>, LocatedError> {
        let resolve = |source: &SourceRecord| {
            sources::with_address(source, &self.indexes).map_err(|index| {
                let names = self.indexes.iter();
                let known = names.filter_map(|index| index.name.as_deref());
                let message = format!(
                    "{} is assigned to the index {}, but no index has this name{}",
                    source.name,
                    quoted(&index),
                    did_you_mean(&index, known)
                );
                source_error(member, &source.name, "unknown-index", &message)
            })
        };
        let sources = sources.iter().map(resolve).collect::<Result<_, _>>()?;
        source_parts::with_includes(sources, &self.members, member)
    }
}

fn too_complex(path: &Path, error: TooComplex) -> LocatedError {
    let message = format!("{}: {error}", location(path, None, None));
    LocatedError::of_path("too-complex", path, message)
}

/// An error at the source of a package.
fn source_error(
    member: &ProjectMember,
    package: &str,
    code: &'static str,
    message: &str,
) -> LocatedError {
    let tool = table_with(&Table::of(&member.file), "sources");
    let sources = tool.and_then(|tool| tool.map(|tool| tool.table("sources")).transpose());
    let Ok(Some(sources)) = sources else {
        return member.file.error(code, message, &[]);
    };
    let is_meant = |key: &&str| PackageName::parse(key).is_ok_and(|name| name.as_str() == package);
    let written = sources.keys().find(is_meant).unwrap_or(package);
    sources.error(code, message, &[written.into()])
}

fn check_distinct_names(members: &[ProjectMember]) -> Result<(), LocatedError> {
    let mut seen: BTreeMap<PackageName, &ProjectMember> = BTreeMap::new();
    for member in members {
        let Some(name) = member.name else { continue };
        if let Some(other) = seen.insert(name, member) {
            let message = format!(
                "the workspace member in {} has the same name, {name}; rename one",
                location(&other.directory, None, None)
            );
            let steps = ["project".into(), "name".into()];
            return Err(member.file.error("duplicate-member", &message, &steps));
        }
    }
    Ok(())
}

/// Refuses in other members what only the root can say, since it would have no effect there.
fn check_root_settings(members: &[ProjectMember]) -> Result<(), LocatedError> {
    let (root, others) = members.split_first().expect("a root");
    for member in others {
        for table in own_tables(&Table::of(&member.file))? {
            let is_of_members = |key: &str| keys::OF_MEMBERS.iter().any(|known| known.name == key);
            if let Some(key) = table.keys().find(|key| !is_of_members(key)) {
                let message = format!(
                    "{} holds for the whole workspace; move it to {}",
                    table.name_of(&[key.into()]),
                    location(root.file.path(), None, None)
                );
                return Err(table.error("not-at-the-root", &message, &[key.into()]));
            }
        }
    }
    Ok(())
}

/// Refuses default groups that no member has.
fn check_default_groups(
    tables: &SettingTables<'_>,
    settings: &Settings,
    members: &[ProjectMember],
) -> Result<(), LocatedError> {
    let Some(DefaultGroups::Named(names)) = &settings.default_groups else {
        return Ok(());
    };
    let known: BTreeSet<GroupName> = members
        .iter()
        .flat_map(|member| member.groups.keys().copied())
        .collect();
    let Some(missing) = names.iter().find(|name| !known.contains(name)) else {
        return Ok(());
    };
    let hint = did_you_mean(missing.as_str(), known.iter().map(GroupName::as_str));
    match tables.having(&["default-groups"])? {
        Some((table, key)) => {
            let steps = [key.into()];
            let name = table.name_of(&steps);
            let message = format!("{name}: '{missing}' is not a dependency group{hint}");
            Err(table.error("unknown-group", &message, &steps))
        }
        None => Ok(()),
    }
}

/// Refuses a required package that is said to come from the workspace when no member has that name.
fn check_workspace_sources(members: &[ProjectMember]) -> Result<(), LocatedError> {
    let names: BTreeSet<&str> = members
        .iter()
        .filter_map(|member| member.name.as_ref().map(PackageName::as_str))
        .collect();
    for member in members {
        let missing = |name: &str| {
            let mut sources = member.sources.iter();
            !names.contains(name) && sources.any(|source| source.workspace && source.name == name)
        };
        let mut required = member.requirements().map(|one| one.name.as_str());
        if let Some(name) = required.find(|name| missing(name)) {
            let hint = did_you_mean(name, names.iter().copied());
            let message = format!(
                "{name} is said to come from the workspace, but no member has that name{hint}"
            );
            return Err(source_error(member, name, "unknown-member", &message));
        }
    }
    Ok(())
}
