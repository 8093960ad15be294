//! The manifest: every input of a run, as the resolver and the certificate read it.
//!
//! It travels as [`ManifestRecord`], the very table that the lock keeps under `[tool.locktool]`, and is parsed once into
//! [`Manifest`]. Whatever can change an answer is in it; what concerns only the machine (addresses, caches) is not.

mod scope;
mod source;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName, PackageName};
use crate::requirement::Requirement;
use crate::version::{Bound, Number, SpecifierSet, Version, VersionRange};

pub use scope::{Parent, Scope, ScopeRecord};
pub use source::{Place, Source, SourceRecord, Sourced};

/// The schema number of the table that this release writes and reads.
pub const SCHEMA: u32 = 1;

/// The table `[tool.locktool]` of a lock, as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ManifestRecord {
    pub schema: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_environments: Vec<String>,
    pub resolution: ResolutionMode,
    pub prerelease: PrereleaseMode,
    pub fork_strategy: ForkStrategy,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub prerelease_package: BTreeMap<PackageName, PrereleaseMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_newer: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exclude_newer_package: BTreeMap<PackageName, String>,
    /// By the recorded address of the index.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exclude_newer_index: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<PackageName>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<ScopeRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Vec<ConflictItem>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRecord>,
    pub members: Vec<MemberRecord>,
}

/// Which of the allowed versions is preferred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolutionMode {
    #[default]
    Highest,
    Lowest,
    /// The lowest for what the project itself requires, the highest for the rest.
    LowestDirect,
}

/// When a pre-release may be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrereleaseMode {
    Disallow,
    Allow,
    /// Where nothing else satisfies.
    IfNecessary,
    /// Where a specifier names one.
    Explicit,
    #[default]
    IfNecessaryOrExplicit,
}

/// Whether a candidate that needs a newer Python than the project supports splits the environments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForkStrategy {
    /// The newest version for each Python.
    #[default]
    RequiresPython,
    /// The newest version that serves every Python.
    Fewest,
}

/// An extra or a group that may not be chosen together with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConflictItem {
    /// The member that has it; any member where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member: Option<PackageName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extra: Option<ExtraName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<GroupName>,
}

impl ConflictItem {
    /// The condition that the item is chosen.
    pub fn marker(&self) -> Marker {
        self.membership().map_or(Marker::FALSE, Membership::marker)
    }

    fn membership(&self) -> Option<Membership> {
        let group = self.group.map(Membership::Group);
        self.extra.map(Membership::Extra).or(group)
    }
}

/// A project of the workspace, or the only one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct MemberRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<PackageName>,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it has a build system, and so is installed itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub package: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<ExtraName, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<GroupName, Vec<String>>,
}

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
    pub resolution: ResolutionMode,
    pub prerelease: PrereleaseMode,
    pub fork_strategy: ForkStrategy,
    pub prerelease_package: BTreeMap<PackageName, PrereleaseMode>,
    /// Files uploaded at or after this moment are not there; Unix milliseconds.
    pub exclude_newer: Option<i64>,
    /// The same for single packages; `None` where the cutoff does not count for one.
    pub exclude_newer_package: BTreeMap<PackageName, Option<i64>>,
    /// The same for what single indexes serve, by their recorded address without the slash at its end.
    pub exclude_newer_index: BTreeMap<String, Option<i64>>,
    pub constraints: Vec<Requirement>,
    pub overrides: Vec<Requirement>,
    pub excludes: Vec<PackageName>,
    pub scopes: Vec<Scope>,
    pub conflicts: Vec<Vec<ConflictItem>>,
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
        Ok(Self {
            requires_python: specifiers("requires-python", record.requires_python.as_deref())?,
            environments: markers("environments", &record.environments)?,
            required_environments: markers("required-environments", &record.required_environments)?,
            resolution: record.resolution,
            prerelease: record.prerelease,
            fork_strategy: record.fork_strategy,
            prerelease_package: record.prerelease_package.clone(),
            exclude_newer: record.exclude_newer.as_deref().map(moment).transpose()?,
            exclude_newer_package: record
                .exclude_newer_package
                .iter()
                .map(|(name, text)| Ok((*name, moment_or_never(text)?)))
                .collect::<Result<_, _>>()?,
            exclude_newer_index: record
                .exclude_newer_index
                .iter()
                .map(|(index, text)| Ok((without_slash(index).to_owned(), moment_or_never(text)?)))
                .collect::<Result<_, _>>()?,
            constraints: requirements("constraints", &record.constraints)?,
            overrides: requirements("overrides", &record.overrides)?,
            excludes: record.excludes.clone(),
            scopes: record
                .scopes
                .iter()
                .map(Scope::from_record)
                .collect::<Result<_, _>>()?,
            conflicts: record.conflicts.clone(),
            sources: source::parse(&record.sources)?,
            members,
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
        let environments = self
            .environments
            .iter()
            .copied()
            .reduce(Marker::or)
            .unwrap_or(Marker::TRUE);
        python_supported(&self.requires_python)
            .and(environments)
            .difference(self.forbidden())
    }

    /// The combinations of extras and groups that conflict.
    fn forbidden(&self) -> Marker {
        let mut forbidden = Marker::FALSE;
        for conflict in &self.conflicts {
            let mut earlier = Marker::FALSE;
            for item in conflict {
                forbidden = forbidden.or(earlier.and(item.marker()));
                earlier = earlier.or(item.marker());
            }
        }
        forbidden
    }

    /// Where, among the combinations that conflict, an entry that is needed under `needed` is selected too: wherever some of
    /// what is chosen needs it. So a combination whose parts need different versions selects two entries of a name, which every
    /// installer refuses.
    pub fn selected_in_conflict(&self, needed: Marker) -> Marker {
        let items = self.conflict_items();
        let chosen = items
            .iter()
            .fold(Marker::FALSE, |known, item| known.or(item.marker()));
        let mut selected = needed.and(chosen);
        for item in items {
            let without = selected.assume(item, false);
            selected = selected.or(without.and(item.marker()));
        }
        selected.and(self.forbidden())
    }

    /// The extras and groups that conflict with any other, sorted.
    pub fn conflict_items(&self) -> Vec<Membership> {
        let items = self.conflicts.iter().flatten();
        let unique: BTreeSet<Membership> = items.filter_map(ConflictItem::membership).collect();
        unique.into_iter().collect()
    }

    /// When pre-releases of a package may be chosen.
    pub fn prerelease_of(&self, name: PackageName) -> PrereleaseMode {
        let special = self.prerelease_package.get(&name);
        special.copied().unwrap_or(self.prerelease)
    }

    /// The moment from which on files of a package are not there; Unix milliseconds. What is said of the package comes before
    /// what is said of the index that serves it, and that before what is said of all.
    pub fn cutoff_of(&self, name: PackageName, index: &str) -> Option<i64> {
        let special = self.exclude_newer_package.get(&name);
        special
            .or_else(|| self.exclude_newer_index.get(without_slash(index)))
            .copied()
            .unwrap_or(self.exclude_newer)
    }

    /// The member that has this name.
    pub fn member(&self, name: PackageName) -> Option<&Member> {
        self.members.iter().find(|member| member.name == Some(name))
    }

    /// What a requirement of a parent becomes under the overrides and excludes of the project.
    ///
    /// An override takes the place of every requirement on its name, where both its own marker and the replaced one hold;
    /// the extras that were asked for stay.
    pub fn effective(&self, requirement: &Requirement, parent: Parent) -> Vec<Requirement> {
        let name = requirement.name;
        let is_excluded = self
            .scopes_of(parent)
            .any(|scope| scope.excludes.contains(&name));
        if is_excluded || self.excludes.contains(&name) {
            return Vec::new();
        }
        let scoped = self.scopes_of(parent).flat_map(|scope| &scope.overrides);
        let mut overrides: Vec<&Requirement> = scoped.filter(|o| o.name == name).collect();
        if overrides.is_empty() {
            overrides.extend(self.overrides.iter().filter(|o| o.name == name));
        }
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

    /// The constraints on a package that a parent requires.
    pub fn constraints_on(
        &self,
        name: PackageName,
        parent: Parent,
    ) -> impl Iterator<Item = &Requirement> {
        let scoped = self.scopes_of(parent).flat_map(|scope| &scope.constraints);
        let all = self.constraints.iter().chain(scoped);
        all.filter(move |constraint| constraint.name == name)
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

    /// What the member requires, each with the condition of the extra or group it belongs to.
    pub fn requirements(&self) -> impl Iterator<Item = (Marker, &Requirement)> {
        let plain = self.dependencies.iter().map(|r| (Marker::TRUE, r));
        let extras = self
            .extras
            .iter()
            .flat_map(|(extra, rs)| rs.iter().map(|r| (Marker::in_extras(*extra), r)));
        let groups = self
            .groups
            .iter()
            .flat_map(|(group, rs)| rs.iter().map(|r| (Marker::in_groups(*group), r)));
        plain.chain(extras).chain(groups)
    }
}

/// The environments whose interpreter a requires-python admits, as installers ask: an interpreter that is a pre-release counts
/// as the release it leads to.
pub fn python_supported(requires_python: &SpecifierSet) -> Marker {
    let range = requires_python.range();
    let admitted = range
        .segments()
        .fold(VersionRange::empty(), |known, segment| {
            let above = segment
                .lower
                .map_or_else(VersionRange::full, from_prereleases);
            let below = segment
                .upper
                .map_or_else(VersionRange::full, VersionRange::below);
            known.union(&above.intersection(&below))
        });
    Marker::from_python_range(&admitted)
}

/// The environments at or above the lowest Python that a requires-python admits.
///
/// Upper bounds are not read: they are guesses about Pythons that did not exist, and honouring them picks releases from before
/// their authors began to write them.
pub fn python_lower_bound(requires_python: &SpecifierSet) -> Marker {
    let range = requires_python.range();
    if range.is_empty() {
        return Marker::FALSE;
    }
    match range.lower_bound() {
        Some(bound) => Marker::from_python_range(&from_prereleases(bound)),
        None => Marker::TRUE,
    }
}

/// Everything above a bound, with the pre-releases of the final release it stands before.
fn from_prereleases(bound: Bound) -> VersionRange {
    match bound {
        Bound::Before(version) if !version.is_prerelease() && !version.is_postrelease() => {
            let mut parts = version.parts();
            parts.dev = Some(Number::ZERO);
            VersionRange::above(Bound::Before(Version::from_parts(parts)))
        }
        _ => VersionRange::above(bound),
    }
}

/// Parses requirements into the order of their texts: the order in the file has no meaning.
fn requirements(place: &str, texts: &[String]) -> Result<Vec<Requirement>, ManifestError> {
    let mut requirements = texts
        .iter()
        .map(|text| {
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

fn markers(place: &str, texts: &[String]) -> Result<Vec<Marker>, ManifestError> {
    texts.iter().map(|text| marker(place, text)).collect()
}

/// An address of an index is written with a slash at its end or without.
fn without_slash(address: &str) -> &str {
    address.trim_end_matches('/')
}

/// Reads a moment, or `false`, which lifts the common cutoff.
fn moment_or_never(text: &str) -> Result<Option<i64>, ManifestError> {
    match text {
        "false" => Ok(None),
        text => moment(text).map(Some),
    }
}

/// Reads `2026-07-04`, an RFC 3339 timestamp, or a span back from this moment such as `7 days`; Unix milliseconds.
fn moment(text: &str) -> Result<i64, ManifestError> {
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Ok(timestamp.as_millisecond());
    }
    // A date leaves out what was uploaded on or after that day begins in UTC.
    if let Ok(date) = text.parse::<jiff::civil::Date>()
        && let Ok(start) = date.to_zoned(jiff::tz::TimeZone::UTC)
    {
        return Ok(start.timestamp().as_millisecond());
    }
    if let Ok(span) = text.parse::<jiff::Span>() {
        let now = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
        if let Ok(start) = now.checked_sub(span) {
            return Ok(start.timestamp().as_millisecond());
        }
    }
    Err(ManifestError {
        place: "exclude-newer".to_owned(),
        reason: format!(
            "'{text}' is neither a date (2026-07-04), a timestamp (2026-07-04T12:00:00Z) nor a span (7 days)"
        ),
    })
}
