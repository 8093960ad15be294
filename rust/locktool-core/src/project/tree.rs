//! A source tree that a project requires by its path: what its files say, and what of it only a build knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::build_inputs::BuildInputs;
use super::build_system::{BuildSystem, recorded_requires, written_requires};
use super::legacy::{self, Stated};
use super::member::{BuiltMetadata, ProjectMember};
use super::paths::{normalised, resolved};
use super::tables::with_settings;
use super::tree_sources::{TreePlace, TreeSources};
use super::workspace::FILE_NAME;
use crate::document::{LocatedError, Table, TomlFile, location};
use crate::manifest::MemberRecord;
use crate::manifest::texts::{Refusal, sorted};
use crate::marker::Membership;

/// A source tree.
#[derive(Clone, Debug)]
pub struct SourceTree {
    pub build_system: Option<BuildSystem>,
    /// The name as it is written, in `[project]` or an older table.
    pub written_name: Option<String>,
    /// What the tree says of itself, in `[project]` or an older table.
    pub member: Option<ProjectMember>,
    /// What its build reads, where something is left to a build.
    pub build: BuildInputs,
    sources: TreeSources,
    /// Whether a build writes addresses of its own into the metadata.
    has_addresses: bool,
}

impl SourceTree {
    /// Reads a tree; one without pyproject.toml leaves everything to its build.
    ///
    /// # Errors
    /// When its pyproject.toml is wrong.
    pub fn read(directory: &Path, place: TreePlace) -> Result<Self, LocatedError> {
        let directory = &resolved(directory);
        let path = directory.join(FILE_NAME);
        if !path.is_file() {
            let file = Arc::new(TomlFile::parse(&path, String::new(), 0)?);
            let (member, has_addresses) = read_member(&file, directory)?;
            return Ok(Self {
                build_system: None,
                written_name: name_of(member.as_ref()),
                member,
                build: BuildInputs::of_legacy(directory),
                sources: TreeSources::none(directory, place),
                has_addresses,
            });
        }
        let file = Arc::new(with_settings(TomlFile::read(&path)?, TomlFile::read)?);
        let document = Table::of(&file);
        let (member, has_addresses) = read_member(&file, directory)?;
        let name = document.table("project")?.string("name")?;
        let sources = TreeSources::read(&file, &document, place)?;
        let build = BuildInputs::read(directory, &document)?;
        Ok(Self {
            build_system: BuildSystem::read(&document)?,
            written_name: name.map(str::to_owned).or_else(|| name_of(member.as_ref())),
            build: build.with_sources(sources.meaning().as_deref()),
            member,
            sources,
            has_addresses,
        })
    }

    /// What its build requires, as it is written.
    pub fn written_requires(&self) -> Vec<String> {
        written_requires(self.build_system.as_ref())
    }

    /// What its build requires, as the lock of a project records it.
    ///
    /// # Errors
    /// When a text is no requirement, or holds credentials.
    pub fn build_requires(&self, root: &Path) -> Result<Vec<String>, Refusal> {
        recorded_requires(&self.written_requires(), root)
    }

    /// What a lock records of the tree, where it needs no build; the version as far as it is written.
    ///
    /// # Errors
    /// When a source of the tree leads nowhere that a lock can name.
    pub fn record(&self, path: &str) -> Result<Option<MemberRecord>, LocatedError> {
        match self.member.as_ref().filter(|member| !member.unbuilt) {
            Some(member) => Ok(Some(of_tree(self.sent(member)?, path))),
            None => Ok(None),
        }
    }

    /// What a lock records of the tree once it was built.
    ///
    /// # Errors
    /// As [`SourceTree::record`].
    pub fn record_built(
        &self,
        path: &str,
        built: &BuiltMetadata<'_>,
    ) -> Result<MemberRecord, LocatedError> {
        let record = match &self.member {
            Some(member) => {
                let mut member = member.clone();
                member.complete(built);
                self.sent(&member)?
            }
            None => send_built(&self.sources, built)?,
        };
        Ok(MemberRecord {
            build: self.build.digests().clone(),
            ..of_tree(record, path)
        })
    }

    /// A member as it is recorded, its requirements sent to the sources of the tree.
    fn sent(&self, member: &ProjectMember) -> Result<MemberRecord, LocatedError> {
        let (sent, indexes) = self.sources.send_member(member)?;
        Ok(MemberRecord {
            indexes,
            build: if member.dynamic.is_empty() {
                BTreeMap::new()
            } else {
                self.build.digests().clone()
            },
            ..sent.record()
        })
    }

    /// Core metadata where name, version and requirements are all written. A backend may not change what is written in `[project]`,
    /// so the text says what a build would say. Where one would write addresses, they are left to it.
    pub fn metadata(&self) -> Option<String> {
        if self.has_addresses {
            return None;
        }
        let member = self.member.as_ref().filter(|member| !member.unbuilt)?;
        let (name, version) = (member.name?, member.version?);
        let mut lines = vec![
            "Metadata-Version: 2.4".to_owned(),
            format!("Name: {name}"),
            format!("Version: {version}"),
        ];
        let python = member.requires_python.as_ref();
        lines.extend(python.map(|python| format!("Requires-Python: {python}")));
        let metadata = member.release_metadata();
        let extras = metadata.provides_extras.iter();
        lines.extend(extras.map(|extra| format!("Provides-Extra: {extra}")));
        let requirements = metadata.requires_dist.iter();
        lines.extend(requirements.map(|requirement| format!("Requires-Dist: {requirement}")));
        Some(lines.join("\n") + "\n")
    }
}

/// What a tree says of itself, where it says something without a build, and whether a build writes addresses into the metadata.
fn read_member(
    file: &Arc<TomlFile>,
    directory: &Path,
) -> Result<(Option<ProjectMember>, bool), LocatedError> {
    let document = Table::of(file);
    let stated = legacy::read(&document, directory, directory)?;
    let has_addresses = stated.as_ref().is_some_and(Stated::has_addresses);
    if stated.is_none() && !document.has("project") {
        return Ok((None, has_addresses));
    }
    Ok((Some(ProjectMember::read(file, directory)?), has_addresses))
}

fn name_of(member: Option<&ProjectMember>) -> Option<String> {
    member?.name.map(|name| name.to_string())
}

/// What the build of a tree without `[project]` said, its requirements sent to the sources of the tree.
///
/// # Errors
/// When a source leads nowhere that a lock can name.
pub(super) fn send_built(
    sources: &TreeSources,
    built: &BuiltMetadata<'_>,
) -> Result<MemberRecord, LocatedError> {
    let plain = sources.send(&built.plain(), None)?;
    let mut record = MemberRecord {
        name: built.name,
        requires_python: built.requires_python.map(ToString::to_string),
        dependencies: sorted(plain.requirements),
        indexes: plain.indexes,
        ..MemberRecord::default()
    };
    for (extra, requirements) in built.extras() {
        let sent = sources.send(&requirements, Some(Membership::Extra(extra)))?;
        record.extras.insert(extra, sorted(sent.requirements));
        for (name, urls) in sent.indexes {
            record.indexes.entry(name).or_default().extend(urls);
        }
    }
    Ok(record)
}

fn of_tree(record: MemberRecord, path: &str) -> MemberRecord {
    MemberRecord {
        path: path.to_owned(),
        package: false,
        groups: BTreeMap::new(),
        build_requires: None,
        ..record
    }
}

/// Where a tree is that a lock names by its path from the lock, or by a `file:` address.
pub fn tree_directory(root: &Path, path: &str) -> PathBuf {
    match Url::parse(path) {
        Ok(url) if url.scheme() == "file" => url.to_file_path().unwrap_or_else(|()| path.into()),
        _ => normalised(&root.join(path)),
    }
}

/// What is found today at the path of a recorded tree.
#[derive(Clone, Debug)]
pub enum TreeToday {
    Is(Box<MemberRecord>),
    /// A build would have to be asked, and nobody knows what it reads.
    Unverified(Box<MemberRecord>),
    Absent,
}

/// Reads a recorded tree again. What only a build knows is taken as recorded; where its inputs have changed, their digests tell.
///
/// # Errors
/// When its pyproject.toml is wrong.
pub fn read_again(root: &Path, recorded: &MemberRecord) -> Result<TreeToday, LocatedError> {
    let directory = tree_directory(root, &recorded.path);
    let is_project = |file: &str| directory.join(file).is_file();
    if !is_project(FILE_NAME) && !is_project("setup.py") && !is_project("setup.cfg") {
        return Ok(TreeToday::Absent);
    }
    let tree = SourceTree::read(&directory, TreePlace::beside(root))?;
    if let Some(record) = tree.record(&recorded.path)? {
        return Ok(TreeToday::Is(Box::new(record)));
    }
    let mut today = match tree.member.clone() {
        Some(mut member) => {
            member.complete_as(recorded);
            let indexes = recorded.indexes.clone();
            MemberRecord {
                indexes,
                ..of_tree(tree.sent(&member)?, &recorded.path)
            }
        }
        None => recorded.clone(),
    };
    today.build.clone_from(tree.build.digests());
    let today = Box::new(today);
    Ok(if tree.build.is_known() {
        TreeToday::Is(today)
    } else {
        TreeToday::Unverified(today)
    })
}

/// The error for a tree that a project requires and that is not there.
pub fn absent(root: &Path, path: &str) -> String {
    let shown = location(&tree_directory(root, path), None, None);
    format!("{shown}, which the project requires, is not there, or is no project")
}
