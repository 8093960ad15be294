//! The manifest: every input of a run, as the resolver and the certificate read it.
//!
//! It travels as [`ManifestRecord`], the very table that the lock keeps under `[tool.locktool]`, and is parsed once into
//! [`Manifest`]. Whatever can change an answer is in it; what concerns only the machine (addresses, caches) is not.

mod build_rules;
mod build_settings;
mod changes;
mod conflict;
mod cutoff;
mod decisive_versions;
mod key;
mod python;
mod reach;
mod record;
mod scope;
mod setting;
mod settings;
mod source;
pub mod texts;
mod values;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName, PackageName};
use crate::requirement::Requirement;
use crate::version::{SpecifierSet, Version};

pub use build_rules::BuildQuestion;
pub use build_settings::{ExtraRequirements, RequirementTexts, StatedMetadata};
pub use changes::{Change, ChangedParent};
use changes::{everywhere, under};
use conflict::memberships;
pub use conflict::{ConflictItem, ConflictMarkers};
pub use cutoff::Cutoff;
pub use key::{Key, Role};
pub use python::{python_lower_bound, python_supported};
pub use reach::ExtraReach;
pub use record::{IndexRecord, ManifestRecord, MemberRecord, SCHEMA, index_address, short_digest};
pub use scope::{Parent, Scope};
pub use setting::{Outdated, Setting};
pub use settings::{SettingTables, Settings};
pub use source::{Place, Source, SourceRecord, Sourced};
pub use values::{Addresses, DefaultGroups, Markers, Names, QualityPass, RequirementText};
pub use words::*;

/// What is wrong with a manifest, and where.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct ManifestError {
    pub place: String,
    pub reason: String,
}

/// All inputs of a run, parsed.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    pub requires_python: SpecifierSet,
    pub environments: Vec<Marker>,
    /// Where every package that is needed must have something to install.
    pub required_environments: Vec<Marker>,
    pub constraints: Vec<Requirement>,
    /// Constraints of one run alone, which nothing records.
    pub limits: Vec<Requirement>,
    /// The requirements, constraints and overrides that stand in requirements files, each with its file.
    pub files: Vec<(Requirement, String)>,
    pub overrides: Vec<Requirement>,
    pub excludes: Vec<PackageName>,
    pub scopes: Vec<Scope>,
    /// Combinations of extras and groups that may not be chosen.
    pub conflicts: Vec<Vec<Membership>>,
    /// Cutoffs of what single indexes serve, by their recorded address without the slash at its end; Unix milliseconds.
    pub exclude_newer_index: BTreeMap<String, Option<i64>>,
    /// The settings of the run, of the project and of the command line; those with a field above are parsed there.
    pub settings: Settings,
    pub sources: Vec<Source>,
    pub members: Vec<Member>,
}

/// A project of the workspace, parsed.
#[derive(Clone, Debug, Default)]
pub struct Member {
    pub name: Option<PackageName>,
    /// Relative to the lock; empty for what a run asks for beside the project.
    pub path: String,
    pub version: Option<Version>,
    pub package: bool,
    pub requires_python: SpecifierSet,
    pub dependencies: Vec<Requirement>,
    pub extras: BTreeMap<ExtraName, Vec<Requirement>>,
    pub groups: BTreeMap<GroupName, Vec<Requirement>>,
}

impl Manifest {
    /// Parses a record.
    ///
    /// # Errors
    /// Names the place of the first text that is not what it should be.
    pub fn from_record(record: &ManifestRecord) -> Result<Self, ManifestError> {
        let mut members = record
            .members
            .iter()
            .map(Member::from_record)
            .collect::<Result<Vec<_>, _>>()?;
        // The order in which a workspace lists its members has no meaning.
        members.sort_by(|one, other| one.path.cmp(&other.path));
        let settings = record.effective();
        let scopes = Scope::gather(&settings)?;
        let constraints = settings.constraints.as_deref().unwrap_or_default();
        let overrides = settings.overrides.as_deref().unwrap_or_default();
        let excludes = settings.excludes.as_deref().unwrap_or_default();
        let conflicts = settings.conflicts.as_deref().unwrap_or_default();
        let index_cutoffs = record.indexes.iter().filter_map(|index| {
            let instant = index.exclude_newer.as_ref()?.instant();
            Some((without_slash(&index.url).to_owned(), instant))
        });
        Ok(Self {
            requires_python: specifiers("requires-python", record.requires_python.as_deref())?,
            environments: markers("environments", settings.environments.as_ref())?,
            required_environments: markers(
                "required-environments",
                settings.required_environments.as_ref(),
            )?,
            constraints: requirements("constraints", everywhere(constraints).map(|one| &one.0))?,
            limits: Vec::new(),
            files: Vec::new(),
            overrides: requirements("overrides", everywhere(overrides).map(|one| &one.0))?,
            excludes: everywhere(excludes).copied().collect(),
            scopes,
            conflicts: conflicts.iter().map(|set| memberships(set)).collect(),
            exclude_newer_index: index_cutoffs.collect(),
            sources: source::parse(&record.sources)?,
            members,
            settings,
        })
    }

    /// Adds what a run asks for beside the project, as a member without a place.
    pub fn ask_for(&mut self, requirements: &[Requirement]) {
        if !requirements.is_empty() {
            self.members.push(Member {
                dependencies: requirements.to_vec(),
                ..Member::default()
            });
        }
    }

    /// The environments the answer is for, as one marker: what requires-python and `environments` leave, without the
    /// combinations of extras and groups that conflict.
    pub fn universe(&self) -> Marker {
        python_supported(&self.requires_python)
            .and(self.locked_environments())
            .difference(self.conflict_markers().forbidden)
    }

    /// The environments that may install something of the lock: those of `environments`, with a Python of requires-python. Installers
    /// refuse a lock for any other; whoever lifts a bound locks again, and finds the files listed.
    pub fn installable(&self) -> Marker {
        python_supported(&self.requires_python).and(self.locked_environments())
    }

    /// What `environments` leaves; everything where it says nothing.
    fn locked_environments(&self) -> Marker {
        let environments = self.environments.iter().copied();
        environments.reduce(Marker::or).unwrap_or(Marker::TRUE)
    }

    /// Where the extras and groups that conflict are chosen.
    pub fn conflict_markers(&self) -> ConflictMarkers {
        ConflictMarkers::of(&self.conflicts, &self.conflict_items())
    }

    /// The extras and groups that conflict with any other, sorted.
    pub fn conflict_items(&self) -> Vec<Membership> {
        let unique: BTreeSet<Membership> = self.conflicts.iter().flatten().copied().collect();
        unique.into_iter().collect()
    }

    /// When pre-releases of a package may be chosen.
    pub fn prerelease_of(&self, name: PackageName) -> PrereleaseMode {
        let special = self.settings.prerelease_package.as_ref();
        let special = special.and_then(|modes| modes.get(&name)).copied();
        special.or(self.settings.prerelease).unwrap_or_default()
    }

    /// The moment from which on files of a package are not there; Unix milliseconds. What is said of the package comes before
    /// what is said of the index that serves it, and that before what is said of all.
    pub fn cutoff_of(&self, name: PackageName, index: &str) -> Option<i64> {
        let special = self.settings.exclude_newer_package.as_ref();
        if let Some(cutoff) = special.and_then(|cutoffs| cutoffs.get(&name)) {
            return cutoff.instant();
        }
        let of_index = self.exclude_newer_index.get(without_slash(index)).copied();
        of_index.unwrap_or_else(|| {
            let of_all = self.settings.exclude_newer.as_ref();
            of_all.and_then(Cutoff::instant)
        })
    }

    /// The moment before which every file of an entry was uploaded; Unix milliseconds. Where the recorded index is no index of the
    /// project it may be a page of links, and the cutoff is that of any index.
    pub fn latest_upload(&self, name: PackageName, index: &str) -> Option<i64> {
        let special = self.settings.exclude_newer_package.as_ref();
        let is_known = special.is_some_and(|cutoffs| cutoffs.contains_key(&name))
            || self.exclude_newer_index.contains_key(without_slash(index));
        let own = self.cutoff_of(name, index)?;
        if is_known {
            return Some(own);
        }
        let mut of_indexes = self.exclude_newer_index.values();
        of_indexes.try_fold(own, |latest, cutoff| Some(latest.max((*cutoff)?)))
    }

    /// Whether metadata of a package may be built.
    pub fn may_build(&self, name: PackageName) -> bool {
        let named = self.settings.no_build_package.as_ref();
        self.settings.no_build != Some(true) && !named.is_some_and(|names| names.contains(name))
    }

    /// The metadata that the project states of a package in place of its own.
    pub fn stated_metadata(
        &self,
        name: PackageName,
        version: Option<Version>,
    ) -> Option<&StatedMetadata> {
        let stated = self.settings.dependency_metadata.as_deref()?;
        StatedMetadata::of(stated, name, version)
    }

    /// Whether wheels of a package may be used.
    pub fn may_use_wheels(&self, name: PackageName) -> bool {
        let named = self.settings.no_binary_package.as_ref();
        self.settings.no_binary != Some(true) && !named.is_some_and(|names| names.contains(name))
    }

    /// The member that has this name.
    pub fn member(&self, name: PackageName) -> Option<&Member> {
        self.members.iter().find(|member| member.name == Some(name))
    }

    /// Where a requirement of a parent applies when these of the parent's extras are asked for. The marker of an override takes the
    /// place of its own, which then says only whether one of the extras brings it.
    pub fn applies(
        &self,
        requirement: &Requirement,
        extras: &[ExtraName],
        parent: Parent,
    ) -> Marker {
        let own = requirement.marker.with_extras(extras);
        if own.is_false() || !self.is_overridden(requirement.name, parent) {
            return own;
        }
        Marker::TRUE
    }

    /// What a requirement of a parent becomes under the overrides and excludes of the project; its marker is where it applies.
    ///
    /// An override takes the place of every requirement on its name, where its own marker holds; the extras that were asked for
    /// stay.
    pub fn effective(&self, requirement: &Requirement, parent: Parent) -> Vec<Requirement> {
        let name = requirement.name;
        let is_excluded = self
            .scopes_of(parent)
            .any(|scope| scope.excludes.contains(&name));
        if is_excluded || self.excludes.contains(&name) {
            return Vec::new();
        }
        let overrides = self.overrides_of(name, parent);
        if overrides.is_empty() {
            return vec![requirement.clone()];
        }
        overrides
            .into_iter()
            .map(|replacement| Requirement {
                extras: requirement.extras.clone(),
                marker: requirement.marker.and(replacement.marker),
                ..replacement.clone()
            })
            .filter(|replacement| !replacement.marker.is_false())
            .collect()
    }

    /// What takes the place of a parent's requirements of a package: the overrides for the parent, else those for all.
    fn overrides_of(&self, name: PackageName, parent: Parent) -> Vec<&Requirement> {
        let scoped = self.scopes_of(parent).flat_map(|scope| &scope.overrides);
        let mut overrides: Vec<&Requirement> = scoped.filter(|o| o.name == name).collect();
        if overrides.is_empty() {
            overrides.extend(self.overrides.iter().filter(|o| o.name == name));
        }
        overrides
    }

    /// Whether overrides take the place of a parent's requirements of a package.
    pub fn is_overridden(&self, name: PackageName, parent: Parent) -> bool {
        !self.overrides_of(name, parent).is_empty()
    }

    /// The constraints on a package that a parent requires.
    pub fn constraints_on(
        &self,
        name: PackageName,
        parent: Parent,
    ) -> impl Iterator<Item = &Requirement> {
        let scoped = self.scopes_of(parent).flat_map(|scope| &scope.constraints);
        let all = self.constraints.iter().chain(&self.limits).chain(scoped);
        all.filter(move |constraint| constraint.name == name)
    }

    /// The requirements files that a requirement, constraint or override stands in; none for one of the project.
    pub fn files_of(&self, requirement: &Requirement) -> impl Iterator<Item = &str> {
        let files = self.files.iter().filter(move |(one, _)| one == requirement);
        files.map(|(_, file)| file.as_str())
    }

    /// The changes that hold under one parent, whatever its version, with its name.
    pub fn scopes_under(&self, name: PackageName) -> impl Iterator<Item = &Scope> {
        self.scopes.iter().filter(move |scope| scope.is_of(name))
    }

    fn scopes_of(&self, parent: Parent) -> impl Iterator<Item = &Scope> {
        self.scopes
            .iter()
            .filter(move |scope| scope.holds_for(parent))
    }
}

impl Member {
    fn from_record(record: &MemberRecord) -> Result<Self, ManifestError> {
        let place = record.name.map_or_else(
            || format!("member {}", record.path),
            |name| format!("member {name}"),
        );
        let version = record
            .version
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(|error: crate::version::VersionParseError| ManifestError {
                place: place.clone(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            name: record.name,
            path: record.path.clone(),
            version,
            package: record.package,
            requires_python: specifiers(&place, record.requires_python.as_deref())?,
            dependencies: requirements(&place, &record.dependencies)?,
            extras: record
                .extras
                .iter()
                .map(|(extra, texts)| Ok((*extra, requirements(&place, texts)?)))
                .collect::<Result<_, _>>()?,
            groups: record
                .groups
                .iter()
                .map(|(group, texts)| Ok((*group, requirements(&place, texts)?)))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The member as one who requires something.
    pub fn as_parent(&self) -> Parent {
        Parent {
            name: self.name,
            version: self.version,
        }
    }

    /// The parts of what it requires: its dependencies, and each extra and group.
    pub fn parts(&self) -> impl Iterator<Item = Option<Membership>> {
        let extras = self.extras.keys().map(|extra| Membership::Extra(*extra));
        let groups = self.groups.keys().map(|group| Membership::Group(*group));
        std::iter::once(None).chain(extras.chain(groups).map(Some))
    }

    /// What one part requires; nothing where the member does not have it.
    pub fn requirements_of(&self, part: Option<Membership>) -> &[Requirement] {
        let found = match part {
            None => Some(&self.dependencies),
            Some(Membership::Extra(extra)) => self.extras.get(&extra),
            Some(Membership::Group(group)) => self.groups.get(&group),
        };
        found.map_or(&[], Vec::as_slice)
    }

    /// What the member requires, each with the extra or group it belongs to.
    pub fn requirements(&self) -> impl Iterator<Item = (Option<Membership>, &Requirement)> {
        self.parts().flat_map(|part| {
            let requirements = self.requirements_of(part).iter();
            requirements.map(move |requirement| (part, requirement))
        })
    }
}

/// Parses requirements into the order of their texts: the order in the file has no meaning.
fn requirements<Text: AsRef<str>>(
    place: &str,
    texts: impl IntoIterator<Item = Text>,
) -> Result<Vec<Requirement>, ManifestError> {
    let mut requirements = texts
        .into_iter()
        .map(|text| {
            let text = text.as_ref();
            text.parse::<Requirement>().map_err(|error| ManifestError {
                place: place.to_owned(),
                reason: error.to_string(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    requirements.sort_by_cached_key(ToString::to_string);
    Ok(requirements)
}

fn specifiers(place: &str, text: Option<&str>) -> Result<SpecifierSet, ManifestError> {
    text.unwrap_or("")
        .parse()
        .map_err(|error: crate::version::SpecifierParseError| ManifestError {
            place: place.to_owned(),
            reason: error.to_string(),
        })
}

fn marker(place: &str, text: &str) -> Result<Marker, ManifestError> {
    Marker::parse(text).map_err(|error| ManifestError {
        place: place.to_owned(),
        reason: error.to_string(),
    })
}

fn markers(place: &str, texts: Option<&Markers>) -> Result<Vec<Marker>, ManifestError> {
    let texts = texts.iter().flat_map(|markers| &markers.0);
    texts.map(|text| marker(place, text)).collect()
}

/// An address of an index is written with a slash at its end or without.
fn without_slash(address: &str) -> &str {
    address.trim_end_matches('/')
}
