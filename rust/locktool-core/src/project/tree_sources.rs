//! The sources of a required tree: where what it requires comes from, as its authors locked it.
//!
//! A tree's own `[tool.locktool.sources]` hold for it, and those of the workspace that it is a member of, where it has none of the name. What
//! they give becomes the address of the requirement, as a lock can name it: a path from the lock, or a folder of the same repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::indexes::read_indexes;
use super::member::ProjectMember;
use super::paths::{relative, resolved, with_relative_path};
use super::source_parts::marker_of;
use super::sources::read_sources;
use super::tables::tool_tables;
use super::workspace::{FILE_NAME, Workspace};
use crate::document::{LocatedError, Table, TomlFile, location};
use crate::manifest::SourceRecord;
use crate::marker::Membership;
use crate::name::PackageName;
use crate::requirement::{RepositoryAddress, Requirement, RequirementSource};

/// Where a tree stands, and so how a lock names what lies beside it.
#[derive(Clone, Debug)]
pub enum TreePlace {
    /// A directory on this machine; paths are written from the root, where the lock is.
    Directory { root: PathBuf },
    /// A folder of a repository: what lies beside it is another folder of the same revision.
    Repository {
        checkout: PathBuf,
        address: RepositoryAddress,
    },
    /// An archive, of which nothing but its own metadata is read.
    Archive,
}

impl TreePlace {
    /// The place of a directory that a project in `root` requires.
    pub fn beside(root: &Path) -> Self {
        Self::Directory {
            root: resolved(root),
        }
    }

    /// The place of a tree that was checked out for an address.
    pub fn in_repository(tree: &Path, address: RepositoryAddress) -> Self {
        let folder = address.subdirectory.as_deref().unwrap_or("");
        let folder = super::paths::normalised(Path::new(folder));
        let tree = resolved(tree);
        let checkout = tree.ancestors().nth(folder.components().count());
        Self::Repository {
            checkout: checkout.unwrap_or(&tree).to_owned(),
            address,
        }
    }

    /// What paths of sources are written relative to.
    fn base(&self) -> &Path {
        match self {
            Self::Directory { root } => root,
            Self::Repository { checkout, .. } => checkout,
            Self::Archive => Path::new(""),
        }
    }

    /// The directory above which nothing belongs to the tree's workspace.
    fn boundary(&self) -> Option<&Path> {
        match self {
            Self::Directory { .. } | Self::Archive => None,
            Self::Repository { checkout, .. } => Some(checkout),
        }
    }

    /// The address of a path from the base.
    fn address(&self, path: &str) -> Result<String, String> {
        match self {
            Self::Directory { .. } if path.contains(char::is_whitespace) => Err(format!(
                "no requirement can name {path:?}, which has a blank in it; rename the directory"
            )),
            Self::Directory { .. } => Ok(path.to_owned()),
            Self::Archive => Err(
                "no lock can name what lies beside an archive; give the package an address in the project, where it is required \
                 or among the constraints"
                    .to_owned(),
            ),
            Self::Repository { address, .. } => {
                if path == ".." || path.starts_with("../") || Path::new(path).is_absolute() {
                    return Err(format!(
                        "{path} leads out of the repository {}",
                        address.url
                    ));
                }
                let folder = Some(path).filter(|path| *path != ".").map(str::to_owned);
                let address = RepositoryAddress {
                    subdirectory: folder,
                    ..address.clone()
                };
                Ok(address.to_string())
            }
        }
    }
}

/// The sources of one tree.
#[derive(Clone, Debug)]
pub struct TreeSources {
    place: TreePlace,
    /// Its pyproject.toml, for messages.
    file: PathBuf,
    sources: Vec<SourceRecord>,
    /// The addresses of the indexes that its workspace names, by their names.
    indexes: BTreeMap<String, String>,
    /// The directories of the members of its workspace.
    members: BTreeMap<PackageName, PathBuf>,
}

/// What a tree requires, each with the address that its sources give.
pub struct Sent {
    pub requirements: Vec<Requirement>,
    /// The packages that its sources give to an index, by the addresses of the indexes.
    pub indexes: BTreeMap<PackageName, BTreeSet<String>>,
}

impl TreeSources {
    /// A tree without pyproject.toml, which has no sources.
    pub fn none(directory: &Path, place: TreePlace) -> Self {
        Self {
            place,
            file: directory.to_owned(),
            sources: Vec::new(),
            indexes: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// Reads the sources in the pyproject.toml of an archive.
    ///
    /// # Errors
    /// When one is wrong, at its line.
    pub fn of_archive(file: &TomlFile, document: &Table<'_>) -> Result<Self, LocatedError> {
        let place = TreePlace::Archive;
        Ok(Self {
            file: file.path().to_owned(),
            sources: sources_of(document, place.base())?,
            indexes: indexes_of(document)?,
            members: BTreeMap::new(),
            place,
        })
    }

    /// Leaves out the sources beside the tree of packages to which the project gives an address; whether there were any.
    pub fn leave_to_project(&mut self, addressed: &BTreeSet<PackageName>) -> bool {
        let count = self.sources.len();
        self.sources.retain(|source| {
            let is_beside = source.workspace || source.path.is_some();
            let is_addressed = || addressed.iter().any(|name| name.as_str() == source.name);
            !is_beside || !is_addressed()
        });
        self.sources.len() < count
    }

    /// Whether nothing has a source.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Reads the sources that hold in the tree of a file.
    ///
    /// # Errors
    /// When a file of its workspace is wrong, at its line.
    pub fn read(
        file: &TomlFile,
        document: &Table<'_>,
        place: TreePlace,
    ) -> Result<Self, LocatedError> {
        let directory = file.path().parent().unwrap_or(Path::new(""));
        let workspace = Workspace::around(directory, place.boundary())?;
        let root = Table::of(&workspace.root);
        let mut sources = sources_of(document, place.base())?;
        if workspace.root.path() != file.path() {
            let own: BTreeSet<String> = sources.iter().map(|one| one.name.clone()).collect();
            let common = sources_of(&root, place.base())?;
            sources.extend(common.into_iter().filter(|one| !own.contains(&one.name)));
        }
        let mut members = BTreeMap::new();
        for member in std::iter::once(&workspace.root).chain(&workspace.members) {
            let name = Table::of(member).table("project")?.string("name")?;
            let name = name.and_then(|name| PackageName::parse(name).ok());
            if let (Some(name), Some(folder)) = (name, member.path().parent()) {
                members.insert(name, folder.to_owned());
            }
        }
        Ok(Self {
            place,
            file: directory.join(FILE_NAME),
            sources,
            indexes: indexes_of(&root)?,
            members,
        })
    }

    /// The text of everything that decides where requirements are sent; `None` where nothing does.
    pub fn meaning(&self) -> Option<String> {
        let given: Vec<_> = self
            .sources
            .iter()
            .map(|one| (one, self.given(one)))
            .collect();
        (!given.is_empty()).then(|| format!("{given:?}"))
    }

    /// The member of a tree with its requirements sent to their sources, and the packages that they give to indexes.
    ///
    /// # Errors
    /// When a source leads nowhere that a lock can name.
    pub fn send_member(
        &self,
        member: &ProjectMember,
    ) -> Result<(ProjectMember, BTreeMap<PackageName, BTreeSet<String>>), LocatedError> {
        let mut sent = member.clone();
        let dependencies = self.send(&member.dependencies, None)?;
        let mut indexes = dependencies.indexes;
        sent.dependencies = dependencies.requirements;
        for (extra, requirements) in &mut sent.extras {
            let of_extra = self.send(requirements, Some(Membership::Extra(*extra)))?;
            *requirements = of_extra.requirements;
            for (name, urls) in of_extra.indexes {
                indexes.entry(name).or_default().extend(urls);
            }
        }
        Ok((sent, indexes))
    }

    /// Requirements of a part of the tree, sent to their sources.
    ///
    /// # Errors
    /// When a source leads nowhere that a lock can name.
    pub fn send(
        &self,
        requirements: &[Requirement],
        part: Option<Membership>,
    ) -> Result<Sent, LocatedError> {
        let mut sent = Sent {
            requirements: Vec::new(),
            indexes: BTreeMap::new(),
        };
        for requirement in requirements {
            self.send_one(requirement, part, &mut sent)?;
        }
        let mut seen = BTreeSet::new();
        let requirements = &mut sent.requirements;
        requirements.retain(|one| seen.insert(one.to_string()));
        Ok(sent)
    }

    /// In the order of its sources each takes what the ones before it left. The specifiers hold beside an address.
    fn send_one(
        &self,
        requirement: &Requirement,
        part: Option<Membership>,
        sent: &mut Sent,
    ) -> Result<(), LocatedError> {
        let mut rest = requirement.marker;
        let of_name = self.sources.iter().filter(|source| {
            source.name == requirement.name.as_str()
                && source.part().is_none_or(|of_part| Some(of_part) == part)
        });
        for source in of_name {
            let holds = marker_of(source);
            let within = Requirement {
                marker: rest.and(holds),
                ..requirement.clone()
            };
            rest = rest.and(holds.not());
            if within.marker.is_false() {
                continue;
            }
            let given = self.given(source);
            match given.map_err(|reason| self.refuse(source, &reason))? {
                Given::Address(address) => {
                    if !within.specifiers().is_any() {
                        sent.requirements.push(within.clone());
                    }
                    sent.requirements.push(Requirement {
                        source: RequirementSource::Url(address),
                        ..within
                    });
                }
                Given::Index(url) => {
                    let urls = sent.indexes.entry(requirement.name).or_default();
                    urls.insert(url);
                    sent.requirements.push(within);
                }
            }
        }
        if !rest.is_false() {
            let rest = Requirement {
                marker: rest,
                ..requirement.clone()
            };
            sent.requirements.push(self.located(&rest));
        }
        Ok(())
    }

    /// A requirement with a path from the lock in the place of a `file:` address, or with the folder of the repository.
    fn located(&self, requirement: &Requirement) -> Requirement {
        if matches!(self.place, TreePlace::Archive) {
            return requirement.clone();
        }
        let found = with_relative_path(requirement, self.place.base());
        if found == *requirement {
            return found;
        }
        let address = found.url().and_then(|path| self.place.address(path).ok());
        match address {
            Some(address) => Requirement {
                source: RequirementSource::Url(address),
                ..found
            },
            None => requirement.clone(),
        }
    }

    fn given(&self, source: &SourceRecord) -> Result<Given, String> {
        if source.workspace && matches!(self.place, TreePlace::Archive) {
            return self.place.address("").map(Given::Address);
        }
        if source.workspace {
            let name = PackageName::parse(&source.name).map_err(|error| error.to_string())?;
            let Some(directory) = self.members.get(&name) else {
                return Err(format!(
                    "{name} is said to come from the workspace, but no member has that name"
                ));
            };
            let path = relative(directory, self.place.base());
            let path =
                path.ok_or_else(|| format!("{} is on another drive", directory.display()))?;
            return self.place.address(&path).map(Given::Address);
        }
        if let Some(path) = &source.path {
            return self.place.address(path).map(Given::Address);
        }
        if let Some(name) = &source.index {
            let address = self.indexes.get(name).cloned();
            let address = address.ok_or_else(|| format!("no index there has the name {name:?}"))?;
            return Ok(Given::Index(address));
        }
        source
            .address()
            .map(Given::Address)
            .ok_or_else(|| "it gives no place".to_owned())
    }

    fn refuse(&self, source: &SourceRecord, reason: &str) -> LocatedError {
        let message = format!(
            "{}: the source of {} cannot be used: {reason}",
            location(&self.file, None, None),
            source.name
        );
        LocatedError::of_path("source-of-tree", &self.file, message)
    }
}

/// What a source gives a package.
#[derive(Debug)]
enum Given {
    Address(String),
    /// The address of an index.
    Index(String),
}

/// The addresses of the indexes that a file names, by their names.
fn indexes_of(document: &Table<'_>) -> Result<BTreeMap<String, String>, LocatedError> {
    let uv = document.table("tool")?.table("uv")?;
    let indexes = read_indexes(&tool_tables(document)?, &uv)?.into_iter();
    let named = indexes.filter_map(|index| Some((index.name.clone()?, index.address())));
    Ok(named.collect())
}

fn sources_of(document: &Table<'_>, base: &Path) -> Result<Vec<SourceRecord>, LocatedError> {
    match tool_tables(document)?.having(&["sources"])? {
        Some((table, key)) => read_sources(&table.table(key)?, base),
        None => super::legacy::sources(document, base),
    }
}
