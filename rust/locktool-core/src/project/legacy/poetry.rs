//! `[tool.poetry]`: what it says of a project, as `poetry lock` reads it.
//!
//! Beside a `[project]` table it has the groups, the sources, and what `[project]` leaves to it as dynamic.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::poetry_dependency::{Dependency, read_table, specifiers};
use super::{Stated, backend};
use crate::document::{LocatedError, Table, did_you_mean};
use crate::manifest::texts::{normalised_keys, optional, read as read_text};
use crate::manifest::{DefaultGroups, PrereleaseMode, Settings, SourceRecord};
use crate::name::{ExtraName, GroupName, PackageName};
use crate::project::build_inputs::BUILT_FIELDS;
use crate::project::groups::{Groups, Included, sort};
use crate::project::indexes::{ProjectIndex, read_index_of_poetry};
use crate::requirement::Requirement;

/// The modules of the backends that go by the table; the second changes the version as it builds.
const BACKENDS: [&str; 2] = ["poetry", DYNAMIC_VERSION];
const DYNAMIC_VERSION: &str = "poetry_dynamic_versioning";

/// The group of `[tool.poetry.dev-dependencies]`.
const DEVELOPMENT: &str = "dev";

/// Reads the table, where the project is Poetry's.
///
/// # Errors
/// When something in it is wrong, at its line.
pub(super) fn read(document: &Table<'_>, root: &Path) -> Result<Option<Stated>, LocatedError> {
    let Some(poetry) = table_of(document)? else {
        return Ok(None);
    };
    let mut stated = Stated {
        name: optional(&poetry, "name")?,
        version: match backend(document)? {
            Some(DYNAMIC_VERSION) => None,
            _ => optional(&poetry, "version")?,
        },
        package: poetry.boolean("package-mode")?,
        ..Stated::default()
    };
    if poetry.has("dependencies") || !document.has("project") {
        let table = poetry.table("dependencies")?;
        let found = read_table(&table, root)?;
        if table.has("python") {
            stated.requires_python = Some(specifiers(&table, "python")?);
        }
        stated.extras = extras(&poetry, &found)?;
        let required = found.into_iter().filter(|one| !one.is_optional);
        stated.dependencies = required.map(|one| one.requirement).collect();
        sort(&mut stated.dependencies);
        stated.fields = BUILT_FIELDS.to_vec();
    }
    let groups = read_groups(&poetry, root)?;
    (stated.groups, stated.included) = expanded(&groups);
    stated.sources = sources_of(&poetry, root)?;
    Ok(Some(stated))
}

/// Where the packages come from that the table names; nothing where the project is not Poetry's.
///
/// # Errors
/// As [`read`].
pub fn sources(document: &Table<'_>, root: &Path) -> Result<Vec<SourceRecord>, LocatedError> {
    match table_of(document)? {
        Some(poetry) => sources_of(&poetry, root),
        None => Ok(Vec::new()),
    }
}

/// The indexes that the table names.
///
/// # Errors
/// When one has no name or an address that none can have.
pub fn indexes(document: &Table<'_>) -> Result<Vec<ProjectIndex>, LocatedError> {
    let Some(poetry) = table_of(document)? else {
        return Ok(Vec::new());
    };
    let entries = poetry.tables("source")?;
    // One without an address is the default index under its name.
    let named = entries.iter().filter(|entry| entry.has("url"));
    named.map(read_index_of_poetry).collect()
}

/// The settings that the table implies: the groups that are installed unless somebody says otherwise are those that are not
/// optional, and `allow-prereleases` holds for a package.
///
/// # Errors
/// As [`read`].
pub fn settings(document: &Table<'_>, root: &Path) -> Result<Settings, LocatedError> {
    let Some(poetry) = table_of(document)? else {
        return Ok(Settings::default());
    };
    let groups = read_groups(&poetry, root)?;
    let mut all = read_table(&poetry.table("dependencies")?, root)?;
    let mut chosen: Vec<GroupName> = Vec::new();
    for (name, group) in &groups {
        all.extend_from_slice(&group.dependencies);
        chosen.extend(Some(*name).filter(|_| !group.is_optional));
    }
    let allowed = all.iter().filter(|one| one.allows_prereleases);
    let allowed: BTreeMap<PackageName, PrereleaseMode> = allowed
        .map(|one| (one.requirement.name, PrereleaseMode::Allow))
        .collect();
    let has_own_groups = groups.is_empty() || document.has("dependency-groups");
    Ok(Settings {
        default_groups: (!has_own_groups).then_some(DefaultGroups::Named(chosen)),
        prerelease_package: (!allowed.is_empty()).then_some(allowed),
        ..Settings::default()
    })
}

/// The table, where the build system goes by it; without one where there is no `[project]`, or Poetry only installs.
fn table_of<'a>(document: &Table<'a>) -> Result<Option<Table<'a>>, LocatedError> {
    let tool = document.table("tool")?;
    if !tool.has("poetry") {
        return Ok(None);
    }
    let poetry = tool.table("poetry")?;
    let is_own = match backend(document)? {
        Some(module) => BACKENDS.contains(&module),
        None => !document.has("project") || poetry.boolean("package-mode")? == Some(false),
    };
    Ok(is_own.then_some(poetry))
}

/// The requirements of each extra: those of the dependencies that it names.
fn extras(
    poetry: &Table<'_>,
    dependencies: &[Dependency],
) -> Result<BTreeMap<ExtraName, Vec<Requirement>>, LocatedError> {
    let table = poetry.table("extras")?;
    let mut extras = BTreeMap::new();
    for (extra, key) in normalised_keys::<ExtraName>(&table, "the extras")? {
        let mut requirements = Vec::new();
        for (index, text) in table.strings(key)?.into_iter().enumerate() {
            let name: PackageName = read_text(&table, text, &[key.into(), index.into()])?;
            let named = dependencies
                .iter()
                .filter(|one| one.requirement.name == name);
            requirements.extend(named.map(|one| one.requirement.clone()));
        }
        sort(&mut requirements);
        extras.insert(extra, requirements);
    }
    Ok(extras)
}

/// A group as it is written.
#[derive(Default)]
struct Group {
    dependencies: Vec<Dependency>,
    includes: Vec<GroupName>,
    is_optional: bool,
}

fn read_groups(
    poetry: &Table<'_>,
    root: &Path,
) -> Result<BTreeMap<GroupName, Group>, LocatedError> {
    let mut groups: BTreeMap<GroupName, Group> = BTreeMap::new();
    if poetry.has("dev-dependencies") {
        let development = GroupName::parse(DEVELOPMENT).expect("a name");
        let table = poetry.table("dev-dependencies")?;
        groups.entry(development).or_default().dependencies = read_table(&table, root)?;
    }
    let table = poetry.table("group")?;
    let written = normalised_keys::<GroupName>(&table, "the dependency groups")?;
    for (name, key) in &written {
        let entry = table.table(key)?;
        let group = groups.entry(*name).or_default();
        group
            .dependencies
            .extend(read_table(&entry.table("dependencies")?, root)?);
        group.is_optional = entry.boolean("optional")?.unwrap_or_default();
        for (index, text) in entry.strings("include-groups")?.into_iter().enumerate() {
            let steps = ["include-groups".into(), index.into()];
            let included: GroupName = read_text(&entry, text, &steps)?;
            if !written.contains_key(&included) {
                let hint = did_you_mean(included.as_str(), written.keys().map(GroupName::as_str));
                let message = format!(
                    "the group {name} includes {included}, which is no group of this file{hint}"
                );
                return Err(entry.error("unknown-group", &message, &steps));
            }
            group.includes.push(included);
        }
    }
    Ok(groups)
}

/// The groups with the requirements of those that they include, and what of them is from those.
fn expanded(groups: &BTreeMap<GroupName, Group>) -> (Groups, Included) {
    let (mut all, mut included) = (Groups::new(), Included::new());
    for name in groups.keys() {
        // Groups that include each other have the same requirements.
        let (mut reached, mut waiting) = (BTreeSet::new(), vec![*name]);
        while let Some(next) = waiting.pop() {
            if reached.insert(next) {
                waiting.extend(groups.get(&next).iter().flat_map(|group| &group.includes));
            }
        }
        let mut requirements = Vec::new();
        for reached in reached {
            let own = groups.get(&reached).into_iter();
            let own = own.flat_map(|group| &group.dependencies);
            for dependency in own {
                requirements.push(dependency.requirement.clone());
                if reached != *name {
                    let others = included.entry(*name).or_default();
                    others.push((reached, dependency.requirement.clone()));
                }
            }
        }
        sort(&mut requirements);
        all.insert(*name, requirements);
    }
    (all, included)
}

fn sources_of(poetry: &Table<'_>, root: &Path) -> Result<Vec<SourceRecord>, LocatedError> {
    let common = read_table(&poetry.table("dependencies")?, root)?;
    let mut sources: Vec<SourceRecord> = common.into_iter().filter_map(|one| one.source).collect();
    for (name, group) in read_groups(poetry, root)? {
        for source in group.dependencies.into_iter().filter_map(|one| one.source) {
            // What holds for every requirement holds for those of the group too.
            if !sources.contains(&source) {
                sources.push(SourceRecord {
                    group: Some(name),
                    ..source
                });
            }
        }
    }
    sources.sort_by_key(|source| (source.name.clone(), source.order()));
    sources.dedup();
    Ok(sources)
}
