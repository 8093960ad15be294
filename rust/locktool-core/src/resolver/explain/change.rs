//! A change of the project: applied to a manifest, rendered for people, and written as edits of pyproject.toml.

use super::wording::{files_text, groups_of, groups_text, member_text, requirement_text};
use crate::lock::LockedPackage;
use crate::manifest::{Cutoff, Manifest, Member, PrereleaseMode};
use crate::marker::Marker;
use crate::marker::Membership;
use crate::name::PackageName;
use crate::requirement::{Requirement, RequirementSource};
use crate::version::{Operator, Specifier, SpecifierSet, Version};

/// One change of what the project says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `django>=5` becomes `django>=4.2`, in every list that has it.
    Requirement {
        from: Requirement,
        to: Requirement,
    },
    /// `web>=1` becomes `web==1.4`, which takes a yanked version.
    Pin {
        from: Requirement,
        to: Requirement,
    },
    /// `pywin32` becomes `pywin32 ; sys_platform == 'win32'`.
    Where {
        from: Requirement,
        to: Requirement,
    },
    Constraint {
        from: Requirement,
        to: Requirement,
    },
    Override {
        from: Requirement,
        to: Requirement,
    },
    RequiresPython {
        from: SpecifierSet,
        to: SpecifierSet,
    },
    /// Pre-releases of the package may be chosen.
    Prerelease(PackageName),
    /// The cutoff does not count for the package.
    Cutoff(PackageName),
    /// The extras and groups are never chosen together.
    Conflict(Vec<Membership>),
    /// The lock is for these environments only.
    Environments(Marker),
}

/// A change in the file of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The directory of the member.
    pub member: String,
    /// `project.dependencies`, `tool.locktool.conflicts`, or the requirements file: `limits.txt`
    pub key: String,
    /// What stands there; `None` where it is added.
    pub from: Option<String>,
    /// A requirement, a specifier, a word, or a TOML value that begins with a bracket.
    pub to: String,
}

impl Change {
    /// Makes the change.
    pub fn apply(&self, manifest: &mut Manifest) {
        match self {
            Self::Requirement { from, to } | Self::Pin { from, to } | Self::Where { from, to } => {
                for member in manifest
                    .members
                    .iter_mut()
                    .filter(|one| !one.path.is_empty())
                {
                    replace(&mut member.dependencies, from, to);
                    let lists = member.extras.values_mut().chain(member.groups.values_mut());
                    lists.for_each(|list| replace(list, from, to));
                }
            }
            Self::Constraint { from, to } => replace(&mut manifest.constraints, from, to),
            Self::Override { from, to } => replace(&mut manifest.overrides, from, to),
            Self::RequiresPython { from, to } => {
                manifest.requires_python = to.clone();
                for member in &mut manifest.members {
                    if member.requires_python == *from {
                        member.requires_python = to.clone();
                    }
                }
            }
            Self::Prerelease(name) => {
                let modes = manifest.settings.prerelease_package.get_or_insert_default();
                modes.insert(*name, PrereleaseMode::Allow);
            }
            Self::Cutoff(name) => {
                let cutoffs = manifest
                    .settings
                    .exclude_newer_package
                    .get_or_insert_default();
                cutoffs.insert(*name, Cutoff::Never);
            }
            Self::Conflict(items) => manifest.conflicts.push(items.clone()),
            Self::Environments(marker) => manifest.environments = vec![*marker],
        }
    }

    /// The change as small as the resolution that was found with it allows.
    #[must_use]
    pub fn settled(&self, packages: &[LockedPackage]) -> Self {
        match self {
            Self::Requirement { from, .. } => Self::Requirement {
                from: from.clone(),
                to: settle(from, packages),
            },
            Self::Constraint { from, .. } => Self::Constraint {
                from: from.clone(),
                to: settle(from, packages),
            },
            Self::Override { from, .. } => Self::Override {
                from: from.clone(),
                to: settle(from, packages),
            },
            other => other.clone(),
        }
    }

    /// The requirement that is replaced, if it is a change of one.
    pub fn replaced(&self) -> Option<&Requirement> {
        match self {
            Self::Requirement { from, .. }
            | Self::Pin { from, .. }
            | Self::Where { from, .. }
            | Self::Constraint { from, .. }
            | Self::Override { from, .. } => Some(from),
            _ => None,
        }
    }

    /// What to do, in words.
    pub fn text(&self, manifest: &Manifest) -> String {
        match self {
            Self::Requirement { from, to } | Self::Pin { from, to } => format!(
                "change \"{}\" to \"{}\" ({})",
                requirement_text(from),
                requirement_text(to),
                files_of(manifest, from)
            ),
            Self::Where { from, to } => {
                format!(
                    "change \"{from}\" to \"{to}\" ({})",
                    files_of(manifest, from)
                )
            }
            Self::Override { from, to } => {
                format!("change the override {}", rule_text(manifest, from, to))
            }
            Self::Constraint { from, to } => {
                format!("change the constraint {}", rule_text(manifest, from, to))
            }
            Self::RequiresPython { from, to } => {
                format!("raise requires-python from \"{from}\" to \"{to}\"")
            }
            Self::Prerelease(name) => format!(
                "let pre-releases of {name} in: prerelease-package = {{ {name} = \"allow\" }} under [tool.locktool]"
            ),
            Self::Cutoff(name) => format!(
                "lift the cutoff for {name}: exclude-newer-package = {{ {name} = false }} under [tool.locktool]"
            ),
            Self::Conflict(items) => format!(
                "declare that {} exclude each other: conflicts = [{}] under [tool.locktool]",
                items
                    .iter()
                    .map(item_text)
                    .collect::<Vec<_>>()
                    .join(" and "),
                conflict_value(items)
            ),
            Self::Environments(marker) => format!(
                "lock for fewer environments: environments = [\"{}\"] under [tool.locktool]",
                environment_text(manifest, *marker)
            ),
        }
    }

    /// What to write where.
    pub fn edits(&self, manifest: &Manifest) -> Vec<Edit> {
        let at_the_root = |key: String, from: Option<String>, to: String| {
            let member = ".".to_owned();
            vec![Edit {
                member,
                key,
                from,
                to,
            }]
        };
        match self {
            Self::Requirement { from, to } | Self::Pin { from, to } | Self::Where { from, to } => {
                holders(manifest, from)
                    .into_iter()
                    .map(|(member, key)| Edit {
                        member: member.path.clone(),
                        key,
                        from: Some(from.to_string()),
                        to: to.to_string(),
                    })
                    .collect()
            }
            Self::Override { from, to } => at_the_root(
                files_text(manifest, from).unwrap_or("tool.locktool.overrides".to_owned()),
                Some(from.to_string()),
                to.to_string(),
            ),
            Self::Constraint { from, to } => at_the_root(
                files_text(manifest, from).unwrap_or("tool.locktool.constraints".to_owned()),
                Some(from.to_string()),
                to.to_string(),
            ),
            Self::RequiresPython { from, to } => at_the_root(
                "project.requires-python".to_owned(),
                Some(from.to_string()),
                to.to_string(),
            ),
            Self::Prerelease(name) => at_the_root(
                format!("tool.locktool.prerelease-package.{name}"),
                None,
                "allow".to_owned(),
            ),
            Self::Cutoff(name) => at_the_root(
                format!("tool.locktool.exclude-newer-package.{name}"),
                None,
                "false".to_owned(),
            ),
            Self::Conflict(items) => at_the_root(
                "tool.locktool.conflicts".to_owned(),
                None,
                conflict_value(items),
            ),
            Self::Environments(marker) => at_the_root(
                "tool.locktool.environments".to_owned(),
                None,
                environment_text(manifest, *marker),
            ),
        }
    }
}

/// Puts one requirement in the place of another and keeps the order of a manifest's lists.
fn replace(list: &mut [Requirement], from: &Requirement, to: &Requirement) {
    for requirement in list.iter_mut().filter(|one| *one == from) {
        requirement.clone_from(to);
    }
    list.sort_by_cached_key(ToString::to_string);
}

/// The requirement with as much of its specifiers as the versions that were found leave.
fn settle(from: &Requirement, packages: &[LockedPackage]) -> Requirement {
    let mut found: Vec<Version> = packages
        .iter()
        .filter(|package| package.name == from.name.as_str())
        .filter(|package| {
            let marker = package.marker.as_deref().map(Marker::parse);
            marker.is_none_or(|marker| !marker.is_ok_and(|one| one.is_disjoint(from.marker)))
        })
        .filter_map(|package| package.version.as_deref()?.parse().ok())
        .collect();
    found.sort_unstable();
    let (Some(lowest), Some(highest)) = (found.first(), found.last()) else {
        return with_specifiers(from, std::iter::empty());
    };
    let mut kept: Vec<String> = Vec::new();
    for specifier in from.specifiers() {
        if found.iter().all(|version| specifier.contains(*version)) {
            kept.push(specifier.to_string());
            continue;
        }
        match specifier.operator() {
            Operator::Equal | Operator::ArbitraryEqual if lowest == highest => {
                kept.push(format!("=={}", public(*lowest)));
            }
            Operator::Equal | Operator::ArbitraryEqual => {
                kept.push(format!(">={}", public(*lowest)));
            }
            operator if is_lower(operator) => {
                let bound = (*lowest).min(specifier.version());
                kept.push(format!(">={}", public(bound)));
            }
            _ => {}
        }
    }
    with_specifiers(from, kept.into_iter())
}

/// Whether an operator sets a lower end.
pub(super) fn is_lower(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::GreaterThan
            | Operator::GreaterThanEqual
            | Operator::Compatible
            | Operator::EqualPrefix
    )
}

/// The requirement with other specifiers.
pub(super) fn with_specifiers(
    requirement: &Requirement,
    specifiers: impl Iterator<Item = String>,
) -> Requirement {
    let joined = specifiers.collect::<Vec<_>>().join(",");
    Requirement {
        source: RequirementSource::Specifiers(
            joined.parse().unwrap_or_else(|_| SpecifierSet::any()),
        ),
        ..requirement.clone()
    }
}

/// A version as a bound can name it: a local part is not allowed there.
pub(super) fn public(version: Version) -> String {
    let text = version.to_string();
    text.split('+').next().unwrap_or_default().to_owned()
}

/// Every list that a requirement is written in, by the member and the key in its file; of a requirements file, the file.
fn holders<'a>(manifest: &'a Manifest, requirement: &Requirement) -> Vec<(&'a Member, String)> {
    let mut found = Vec::new();
    for member in manifest.members.iter().filter(|one| !one.path.is_empty()) {
        // What stands in files belongs to the one member of a compiled manifest.
        let files = manifest.files_of(requirement);
        found.extend(files.map(|file| (member, file.to_owned())));
        if !found.is_empty() {
            break;
        }
        if member.dependencies.contains(requirement) {
            found.push((member, "project.dependencies".to_owned()));
        }
        for (extra, _) in holding(&member.extras, requirement) {
            found.push((member, format!("project.optional-dependencies.{extra}")));
        }
        for (group, _) in holding(&member.groups, requirement) {
            found.push((member, format!("dependency-groups.{group}")));
        }
    }
    found
}

fn holding<'a, K>(
    lists: &'a std::collections::BTreeMap<K, Vec<Requirement>>,
    requirement: &Requirement,
) -> impl Iterator<Item = (&'a K, &'a Vec<Requirement>)> {
    lists
        .iter()
        .filter(move |(_, list)| list.contains(requirement))
}

/// Where a requirement is written, in words; of groups that include each other the one it is written in.
fn files_of(manifest: &Manifest, requirement: &Requirement) -> String {
    if let Some(files) = files_text(manifest, requirement) {
        return files;
    }
    let mut texts = Vec::new();
    for member in manifest.members.iter().filter(|one| !one.path.is_empty()) {
        let name = member_text(member);
        if member.dependencies.contains(requirement) {
            texts.push(format!("dependencies of {name}"));
        }
        for (extra, _) in holding(&member.extras, requirement) {
            texts.push(format!("extra {extra} of {name}"));
        }
    }
    if let Some((member, groups)) = groups_of(manifest, requirement) {
        texts.push(groups_text(member, &groups));
    }
    texts.join(", ")
}

/// How a constraint or override changes, and in which file if it is none of the project.
fn rule_text(manifest: &Manifest, from: &Requirement, to: &Requirement) -> String {
    let files = files_text(manifest, from).map(|files| format!(" ({files})"));
    format!(
        "\"{}\" to \"{}\"{}",
        requirement_text(from),
        requirement_text(to),
        files.unwrap_or_default()
    )
}

fn item_text(item: &Membership) -> String {
    match item {
        Membership::Extra(extra) => format!("extra {extra}"),
        Membership::Group(group) => format!("group {group}"),
    }
}

fn conflict_value(items: &[Membership]) -> String {
    let values: Vec<String> = items
        .iter()
        .map(|item| match item {
            Membership::Extra(extra) => format!("{{ extra = \"{extra}\" }}"),
            Membership::Group(group) => format!("{{ group = \"{group}\" }}"),
        })
        .collect();
    format!("[{}]", values.join(", "))
}

fn environment_text(manifest: &Manifest, marker: Marker) -> String {
    let supported = crate::manifest::python_supported(&manifest.requires_python);
    marker.to_text(supported).unwrap_or_default()
}

/// The specifiers of a set without its upper end, or without its lower one.
pub(super) fn loosened(specifiers: &SpecifierSet, upwards: bool) -> Vec<String> {
    let loosen = |specifier: &Specifier| {
        let operator = specifier.operator();
        let bound = public(specifier.version());
        let is_pin = matches!(operator, Operator::Equal | Operator::ArbitraryEqual);
        let is_upper = matches!(operator, Operator::LessThan | Operator::LessThanEqual);
        match (upwards, operator) {
            (true, _) if is_upper => None,
            (true, _) if is_pin => Some(format!(">={bound}")),
            (true, Operator::Compatible | Operator::EqualPrefix) => Some(format!(">={bound}")),
            (false, _) if is_pin => Some(format!("<={bound}")),
            (false, operator) if is_lower(operator) => None,
            _ => Some(specifier.to_string()),
        }
    };
    specifiers.iter().filter_map(loosen).collect()
}
