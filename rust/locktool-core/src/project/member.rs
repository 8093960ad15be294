//! One project of a workspace, as its pyproject.toml states it (PEP 621, PEP 735).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::build_inputs::{BUILT_FIELDS, BuildInputs};
use super::build_system;
use super::groups::{Groups, Included, read_groups, sort};
use super::legacy::{self, Stated};
use super::paths::relative;
use super::sources::read_sources;
use super::tables::{refuse_unknown_keys, table_with, tool_tables};
use crate::document::{LocatedError, Table, TomlFile};
use crate::manifest::texts::{
    at, list, normalised_keys, optional, read, refuse_credentials, sorted,
};
use crate::manifest::{MemberRecord, SourceRecord};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::source::ReleaseMetadata;
use crate::version::{SpecifierSet, Version};

/// One project of a workspace.
#[derive(Clone, Debug)]
pub struct ProjectMember {
    pub directory: PathBuf,
    /// Relative to the workspace root.
    pub path: String,
    pub name: Option<PackageName>,
    pub version: Option<Version>,
    /// Whether it is built and installed itself.
    pub package: bool,
    pub requires_python: Option<SpecifierSet>,
    pub dependencies: Vec<Requirement>,
    pub extras: BTreeMap<ExtraName, Vec<Requirement>>,
    pub groups: Groups,
    /// What of the groups is from groups that they include.
    pub included: Included,
    pub sources: Vec<SourceRecord>,
    /// The fields that only its build system knows.
    pub dynamic: Vec<&'static str>,
    /// Whether the dynamic fields are still missing.
    pub unbuilt: bool,
    /// What its build requires, where it has dynamic fields.
    pub build_requires: Option<Vec<String>>,
    /// What its build reads, where it has dynamic fields.
    pub build: BuildInputs,
    pub file: Arc<TomlFile>,
}

impl ProjectMember {
    /// Reads one member's file.
    ///
    /// # Errors
    /// When something in the file is wrong, at its line.
    pub fn read(file: &Arc<TomlFile>, root: &Path) -> Result<Self, LocatedError> {
        let directory = file.path().parent().unwrap_or(Path::new("")).to_owned();
        let document = Table::of(file);
        let project = document.table("project")?;
        refuse_unknown_keys(&document)?;
        let tables = tool_tables(&document)?;
        let has_build = document.has("build-system");
        let is_built = has_build || directory.join("setup.py").is_file();
        let stated = legacy::read(&document, &directory, root)?;
        if !project.is_written() && !is_built && stated.is_none() {
            check_virtual(&document)?;
        }
        let package = match tables.having(&["package"])? {
            Some((table, key)) => table.boolean(key)?,
            None => None,
        };
        let (groups, included) = read_groups(&document)?;
        let mut member = Self {
            path: relative(&directory, root).unwrap_or_else(|| directory.display().to_string()),
            name: if project.is_written() {
                Some(read_name(&project)?)
            } else {
                None
            },
            version: optional(&project, "version")?,
            package: package.unwrap_or(has_build || (!project.is_written() && is_built)),
            requires_python: optional(&project, "requires-python")?,
            dependencies: requirements(&project, "dependencies")?,
            extras: read_extras(&project)?,
            groups,
            included,
            sources: match tables.having(&["sources"])? {
                Some((table, key)) => read_sources(&table.table(key)?, root)?,
                None => Vec::new(),
            },
            dynamic: match (project.is_written(), is_built || stated.is_some()) {
                (true, _) => read_dynamic(&project)?,
                (false, true) => BUILT_FIELDS.to_vec(),
                (false, false) => Vec::new(),
            },
            unbuilt: false,
            build_requires: None,
            build: BuildInputs::default(),
            directory,
            file: Arc::clone(file),
        };
        if let Some(stated) = stated {
            member.add_stated(stated, package);
        }
        member.unbuilt = !member.dynamic.is_empty();
        if member.unbuilt {
            member.build = BuildInputs::read(&member.directory, &document)?;
            member.build_requires = Some(build_system::requires_of(&document, root)?);
        }
        Ok(member)
    }

    /// Adds what older tables state: everything where there is no `[project]`, else the groups, the sources and what is dynamic.
    fn add_stated(&mut self, stated: Stated, package: Option<bool>) {
        let is_stated = |field: &&str| stated.fields.contains(field);
        self.name = self.name.or(stated.name);
        self.version = self.version.or(stated.version);
        if self.dynamic.contains(&"requires-python") && is_stated(&"requires-python") {
            self.requires_python = stated.requires_python;
        }
        if self.dynamic.contains(&"dependencies") && is_stated(&"dependencies") {
            self.dependencies = stated.dependencies;
        }
        if self.dynamic.contains(&"optional-dependencies") && is_stated(&"optional-dependencies") {
            self.extras = stated.extras;
        }
        self.dynamic.retain(|field| !stated.fields.contains(field));
        for (name, requirements) in stated.groups {
            let group = self.groups.entry(name).or_default();
            group.extend(requirements);
            sort(group);
        }
        for (name, included) in stated.included {
            self.included.entry(name).or_default().extend(included);
        }
        if self.sources.is_empty() {
            self.sources = stated.sources;
        }
        self.package = package.or(stated.package).unwrap_or(self.package);
    }

    /// Reads a pyproject.toml that says everything that decides a resolution; the reason says why it does not.
    pub fn stated(text: &[u8]) -> Result<Self, String> {
        let text =
            std::str::from_utf8(text).map_err(|_| "its pyproject.toml is not UTF-8".to_owned())?;
        let read = || -> Result<Result<Self, String>, LocatedError> {
            let path = Path::new(super::workspace::FILE_NAME);
            let file = Arc::new(TomlFile::parse(path, text.to_owned(), 0)?);
            let document = Table::of(&file);
            let project = document.table("project")?;
            let stated = legacy::of_document(&document)?;
            if !project.is_written() && stated.is_none() {
                return Ok(Err("its pyproject.toml has no [project] table".to_owned()));
            }
            let stated = stated.unwrap_or_default();
            let mut dynamic = read_dynamic(&project)?;
            dynamic.retain(|field| !stated.fields.contains(field));
            if let Some(field) = dynamic.first() {
                return Ok(Err(format!("its {field} are computed by its build")));
            }
            if stated.has_addresses() {
                return Ok(Err(
                    "its build knows where its requirements come from".to_owned()
                ));
            }
            Self::read(&file, Path::new("")).map(Ok)
        };
        read().unwrap_or_else(|error| {
            Err(format!(
                "its pyproject.toml cannot be read ({})",
                error.message
            ))
        })
    }

    /// A member that is not there, as a lock records it; nothing where the record is not well formed. Errors are located in `file`.
    pub fn recorded(
        record: &MemberRecord,
        directory: PathBuf,
        file: &Arc<TomlFile>,
    ) -> Option<Self> {
        let mut groups = Groups::new();
        for (name, texts) in &record.groups {
            let requirements: Option<Vec<Requirement>> =
                texts.iter().map(|text| text.parse().ok()).collect();
            groups.insert(*name, requirements?);
        }
        let mut member = Self {
            directory,
            path: record.path.clone(),
            name: record.name,
            version: record.version.as_ref().and_then(|text| text.parse().ok()),
            package: record.package,
            requires_python: None,
            dependencies: Vec::new(),
            extras: BTreeMap::new(),
            groups,
            included: Included::new(),
            sources: Vec::new(),
            dynamic: BUILT_FIELDS.to_vec(),
            unbuilt: false,
            build_requires: record.build_requires.clone(),
            build: BuildInputs::recorded(&record.build),
            file: Arc::clone(file),
        };
        member.complete_as(record).then_some(member)
    }

    /// What a resolver needs of the member; requirements of extras carry their condition.
    pub fn release_metadata(&self) -> ReleaseMetadata {
        let mut requires_dist = self.dependencies.clone();
        for (extra, requirements) in &self.extras {
            requires_dist.extend(requirements.iter().map(|requirement| Requirement {
                marker: requirement.marker.and(Marker::extra(*extra)),
                ..requirement.clone()
            }));
        }
        ReleaseMetadata {
            requires_dist,
            requires_python: self.requires_python.clone().map(Arc::new),
            provides_extras: self.extras.keys().copied().collect(),
            build_requires: None,
        }
    }

    /// Reads the block of a script, which has its keys at the top and nothing but dependencies.
    ///
    /// # Errors
    /// When something in the block is wrong, at its line.
    pub fn of_script(file: &Arc<TomlFile>, root: &Path) -> Result<Self, LocatedError> {
        let document = Table::of(file);
        refuse_unknown_keys(&document)?;
        let sources = match tool_tables(&document)?.having(&["sources"])? {
            Some((table, key)) => read_sources(&table.table(key)?, root)?,
            None => Vec::new(),
        };
        Ok(Self {
            directory: root.to_owned(),
            path: ".".to_owned(),
            name: None,
            version: None,
            package: false,
            requires_python: optional(&document, "requires-python")?,
            dependencies: requirements(&document, "dependencies")?,
            extras: BTreeMap::new(),
            groups: Groups::new(),
            included: Included::new(),
            sources,
            dynamic: Vec::new(),
            unbuilt: false,
            build_requires: None,
            build: BuildInputs::default(),
            file: Arc::clone(file),
        })
    }

    /// Fills in the dynamic fields from the metadata that its build system made; the name too where the file has none.
    pub fn complete(&mut self, built: &BuiltMetadata<'_>) {
        self.name = self.name.or(built.name);
        if self.dynamic.contains(&"requires-python") {
            self.requires_python = built.requires_python.cloned();
        }
        if self.dynamic.contains(&"dependencies") {
            self.dependencies = built.plain();
        }
        if self.dynamic.contains(&"optional-dependencies") {
            self.extras = built.extras();
        }
        // A build may write what it reads the next time: `src/_version.py`, a log.
        if let Ok(build) = BuildInputs::read(&self.directory, &Table::of(&self.file)) {
            self.build = build;
        }
        self.unbuilt = false;
    }

    /// Fills in the dynamic fields as a lock records them, where its build reads what it read then.
    pub fn complete_from(&mut self, recorded: &MemberRecord) -> bool {
        self.build.is_known()
            && recorded.build == *self.build.digests()
            && self.complete_as(recorded)
    }

    /// Fills in the dynamic fields as a lock records them; says whether they are well formed.
    pub fn complete_as(&mut self, recorded: &MemberRecord) -> bool {
        let parse = |texts: &[String]| -> Option<Vec<Requirement>> {
            texts.iter().map(|text| text.parse().ok()).collect()
        };
        let Some(dependencies) = parse(&recorded.dependencies) else {
            return false;
        };
        let extras = recorded.extras.iter();
        let extras = extras.map(|(name, texts)| Some((*name, parse(texts)?)));
        let Some(extras) = extras.collect::<Option<BTreeMap<_, _>>>() else {
            return false;
        };
        self.name = self.name.or(recorded.name);
        if self.dynamic.contains(&"requires-python") {
            let text = recorded.requires_python.as_deref();
            self.requires_python = text.and_then(|text| text.parse().ok());
        }
        if self.dynamic.contains(&"dependencies") {
            self.dependencies = dependencies;
        }
        if self.dynamic.contains(&"optional-dependencies") {
            self.extras = extras;
        }
        self.unbuilt = false;
        true
    }

    /// Refuses credentials in the addresses of requirements, which built metadata may hold as well.
    ///
    /// # Errors
    /// When a requirement has some, at the fields that are left to the build.
    pub fn refuse_credentials(&self) -> Result<(), LocatedError> {
        for url in self.requirements().filter_map(Requirement::url) {
            let document = Table::of(&self.file);
            let steps = ["project".into(), "dynamic".into()];
            refuse_credentials(url).map_err(|refusal| at(&document, &refusal, &steps))?;
        }
        Ok(())
    }

    /// Every requirement of the member, whatever it is for.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        let extras = self.extras.values().flatten();
        let groups = self.groups.values().flatten();
        self.dependencies.iter().chain(extras).chain(groups)
    }

    /// What a lock may record of it.
    pub fn record(&self) -> MemberRecord {
        let texts = |requirements: &Vec<Requirement>| sorted(requirements);
        MemberRecord {
            name: self.name,
            path: self.path.clone(),
            version: self.version.map(|version| version.to_string()),
            package: self.package,
            requires_python: self.requires_python.as_ref().map(ToString::to_string),
            dependencies: texts(&self.dependencies),
            extras: self
                .extras
                .iter()
                .map(|(name, requirements)| (*name, texts(requirements)))
                .collect(),
            groups: self
                .groups
                .iter()
                .map(|(name, requirements)| (*name, texts(requirements)))
                .collect(),
            indexes: BTreeMap::new(),
            build_requires: self.build_requires.clone(),
            build: self.build.digests().clone(),
        }
    }

    /// The error for a member of which only its build system knows everything.
    pub fn needs_build(&self) -> LocatedError {
        let name = self.name.map_or_else(
            || crate::document::location(&self.directory, None, None),
            |name| name.to_string(),
        );
        let message = format!(
            "only the build system of {name} knows its {}; write them under [project] to lock and check without building",
            self.dynamic.join(", ")
        );
        let fields = self.dynamic.iter().map(ToString::to_string).collect();
        self.file
            .error(
                "dynamic-dependencies",
                &message,
                &["project".into(), "dynamic".into()],
            )
            .with_list("dynamic", fields)
    }
}

/// The parts of core metadata that decide a resolution.
#[derive(Clone, Copy, Debug)]
pub struct BuiltMetadata<'a> {
    pub name: Option<PackageName>,
    pub requires_python: Option<&'a SpecifierSet>,
    pub requires_dist: &'a [Requirement],
    pub provides_extras: &'a [ExtraName],
}

impl BuiltMetadata<'_> {
    /// What is required where no extra is chosen.
    pub(super) fn plain(&self) -> Vec<Requirement> {
        let plain = self.requires_dist.iter().map(|requirement| Requirement {
            marker: requirement.marker.with_extras(&[]),
            ..requirement.clone()
        });
        let mut plain: Vec<Requirement> = plain.filter(|one| !one.marker.is_false()).collect();
        sort(&mut plain);
        plain
    }

    /// What each extra requires beside that.
    pub(super) fn extras(&self) -> BTreeMap<ExtraName, Vec<Requirement>> {
        let of_extra = |extra: &ExtraName| {
            let chosen = self.requires_dist.iter().filter_map(|requirement| {
                let marker = requirement.marker.with_extras(&[*extra]);
                let is_own = marker != requirement.marker.with_extras(&[]);
                (is_own && !marker.is_false()).then(|| Requirement {
                    marker,
                    ..requirement.clone()
                })
            });
            let mut chosen: Vec<Requirement> = chosen.collect();
            sort(&mut chosen);
            (*extra, chosen)
        };
        self.provides_extras.iter().map(of_extra).collect()
    }
}

/// A file without `[project]` must hold something else to lock: groups or a workspace.
fn check_virtual(document: &Table<'_>) -> Result<(), LocatedError> {
    let uv = document.table("tool")?.table("uv")?;
    if document.has("dependency-groups")
        || table_with(document, "workspace")?.is_some()
        || uv.has("dev-dependencies")
    {
        return Ok(());
    }
    let message = "there is no [project] table, so there is nothing to lock; add [project] with name, version and dependencies";
    Err(document.error("no-project-table", message, &[]))
}

/// The name, the one key that `[project]` must have and may not leave to the build.
fn read_name(project: &Table<'_>) -> Result<PackageName, LocatedError> {
    let text = project.required_string("name", "write name = \"...\" under [project]")?;
    read(project, text, &["name".into()])
}

fn requirements(table: &Table<'_>, key: &str) -> Result<Vec<Requirement>, LocatedError> {
    let mut requirements = list::<Requirement>(table, key)?;
    sort(&mut requirements);
    Ok(requirements)
}

fn read_extras(project: &Table<'_>) -> Result<BTreeMap<ExtraName, Vec<Requirement>>, LocatedError> {
    let table = project.table("optional-dependencies")?;
    let written = normalised_keys::<ExtraName>(&table, "the extras")?;
    let read = |(name, key): (ExtraName, &str)| Ok((name, requirements(&table, key)?));
    written.into_iter().map(read).collect()
}

/// Which of the fields that matter here are left to the build. A build may add to a list or table that is written (PEP 808); a text
/// that is both written and dynamic is an error.
fn read_dynamic(project: &Table<'_>) -> Result<Vec<&'static str>, LocatedError> {
    let dynamic = project.strings("dynamic")?;
    for (index, field) in dynamic.iter().enumerate() {
        let steps = ["dynamic".into(), index.into()];
        if *field == "name" {
            let message = "project.name cannot be dynamic; write the name";
            return Err(project.error("dynamic-name", message, &steps));
        }
        if *field == "requires-python" && project.has(field) {
            let message = format!(
                "project.{field} is written and also listed in project.dynamic; remove one of the two"
            );
            return Err(project.error("static-and-dynamic", &message, &steps));
        }
    }
    let is_dynamic = |field: &&str| dynamic.contains(field);
    Ok(BUILT_FIELDS.into_iter().filter(is_dynamic).collect())
}
