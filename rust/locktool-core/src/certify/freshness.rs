//! Whether the inputs that a lock records are those of today, told input by input.

use std::collections::{BTreeMap, BTreeSet};

use super::StaleReason;
use crate::locked::LockedDocument;
use crate::manifest::{Manifest, ManifestError, ManifestRecord, Member, MemberRecord};
use crate::marker::Marker;
use crate::name::{ExtraName, GroupName, PackageName};
use crate::version::Version;

/// What differs between the recorded inputs and those of today.
pub(super) fn compare(recorded: &ManifestRecord, today: &ManifestRecord) -> Vec<StaleReason> {
    let mut reasons = Vec::new();
    let mut differs = |code, what: &str, was: &str, is: &str| {
        if was != is {
            let message = format!("{what} was {was} when the lock was written and is {is} today");
            reasons.push(StaleReason::inputs(code, what, message));
        }
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    differs(
        "requires-python-changed",
        "requires-python",
        &text(&recorded.requires_python),
        &text(&today.requires_python),
    );
    differs(
        "exclude-newer-changed",
        "exclude-newer",
        &text(&recorded.exclude_newer),
        &text(&today.exclude_newer),
    );
    let options = |record: &ManifestRecord| {
        (
            record.resolution,
            record.prerelease,
            record.fork_strategy,
            record.prerelease_package.clone(),
            record.exclude_newer_package.clone(),
            record.exclude_newer_index.clone(),
            record.required_environments.clone(),
        )
    };
    if options(recorded) != options(today) {
        let message =
            "an option (resolution, prerelease, fork-strategy, required-environments, or one of a package or an index) is not what \
             the lock was written with".to_owned();
        reasons.push(StaleReason::inputs("options-changed", "options", message));
    }
    lists(
        &mut reasons,
        "environment",
        "environments",
        &recorded.environments,
        &today.environments,
    );
    lists(
        &mut reasons,
        "constraint",
        "constraints",
        &recorded.constraints,
        &today.constraints,
    );
    lists(
        &mut reasons,
        "override",
        "overrides",
        &recorded.overrides,
        &today.overrides,
    );
    if recorded.excludes != today.excludes {
        let message = "the excluded packages are not those of the lock".to_owned();
        reasons.push(StaleReason::inputs("excludes-changed", "excludes", message));
    }
    if recorded.scopes != today.scopes {
        let message = "the changes under single parents are not those of the lock".to_owned();
        reasons.push(StaleReason::inputs("scopes-changed", "scopes", message));
    }
    if recorded.conflicts != today.conflicts {
        let message = "the declared conflicts are not those of the lock".to_owned();
        reasons.push(StaleReason::inputs(
            "conflicts-changed",
            "conflicts",
            message,
        ));
    }
    if recorded.sources != today.sources {
        let message = "the sources of packages are not those of the lock".to_owned();
        reasons.push(StaleReason::inputs("sources-changed", "sources", message));
    }
    members(&mut reasons, &recorded.members, &today.members);
    reasons
}

fn members(reasons: &mut Vec<StaleReason>, recorded: &[MemberRecord], today: &[MemberRecord]) {
    let by_path = |members: &'_ [MemberRecord]| -> BTreeMap<String, MemberRecord> {
        members
            .iter()
            .map(|m| (m.path.clone(), m.clone()))
            .collect()
    };
    let written = recorded.len();
    let (recorded, today) = (by_path(recorded), by_path(today));
    if written != recorded.len() {
        let message = "a member of the project is in the lock twice".to_owned();
        reasons.push(StaleReason::touched("member-twice", "members", message));
    }
    for (path, member) in &today {
        let title = title(member);
        let Some(before) = recorded.get(path) else {
            let message = format!("the lock does not know {title} in {path}");
            reasons.push(StaleReason::inputs("member-added", title, message));
            continue;
        };
        compare_member(reasons, &title, before, member);
    }
    for (path, member) in recorded
        .iter()
        .filter(|(path, _)| !today.contains_key(*path))
    {
        let title = title(member);
        let message = format!("{title} in {path} is in the lock and no longer in the project");
        reasons.push(StaleReason::inputs("member-removed", title, message));
    }
}

fn compare_member(
    reasons: &mut Vec<StaleReason>,
    title: &str,
    before: &MemberRecord,
    member: &MemberRecord,
) {
    lists(
        reasons,
        "requirement",
        &format!("the dependencies of {title}"),
        &before.dependencies,
        &member.dependencies,
    );
    tables(reasons, "extra", title, &before.extras, &member.extras);
    tables(reasons, "group", title, &before.groups, &member.groups);
    if before.requires_python != member.requires_python {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let message = format!(
            "requires-python of {title} was {} when the lock was written and is {} today",
            text(&before.requires_python),
            text(&member.requires_python)
        );
        reasons.push(StaleReason::inputs(
            "requires-python-changed",
            title,
            message,
        ));
    }
    let identity = |member: &MemberRecord| (member.name, member.version.clone(), member.package);
    if identity(before) != identity(member) {
        let message =
            format!("the name, version or build system of {title} is not that of the lock");
        reasons.push(StaleReason::inputs("member-changed", title, message));
    }
}

fn title(member: &MemberRecord) -> String {
    match member.name {
        Some(name) => name.to_string(),
        None => "the project".to_owned(),
    }
}

fn lists(
    reasons: &mut Vec<StaleReason>,
    kind: &str,
    place: &str,
    before: &[String],
    today: &[String],
) {
    let before: BTreeSet<&String> = before.iter().collect();
    let today: BTreeSet<&String> = today.iter().collect();
    let (added, removed) = match kind {
        "requirement" => ("requirement-added", "requirement-removed"),
        "environment" => ("environment-added", "environment-removed"),
        "constraint" => ("constraint-added", "constraint-removed"),
        "override" => ("override-added", "override-removed"),
        "extra" => ("extra-changed", "extra-changed"),
        _ => ("group-changed", "group-changed"),
    };
    for item in today.difference(&before) {
        let message = format!("`{item}` is in {place} and not in the lock");
        reasons.push(StaleReason::inputs(added, place, message));
    }
    for item in before.difference(&today) {
        let message = format!("`{item}` is in the lock and not in {place} today");
        reasons.push(StaleReason::inputs(removed, place, message));
    }
}

fn tables<Name: Ord + Copy + std::fmt::Display>(
    reasons: &mut Vec<StaleReason>,
    kind: &str,
    title: &str,
    before: &BTreeMap<Name, Vec<String>>,
    today: &BTreeMap<Name, Vec<String>>,
) {
    let names: BTreeSet<Name> = before.keys().chain(today.keys()).copied().collect();
    for name in names {
        let place = format!("the {kind} {name} of {title}");
        match (before.get(&name), today.get(&name)) {
            (Some(before), Some(today)) => lists(reasons, kind, &place, before, today),
            (None, _) => {
                let code = if kind == "extra" {
                    "extra-added"
                } else {
                    "group-added"
                };
                let message = format!("{place} is not in the lock");
                reasons.push(StaleReason::inputs(code, place, message));
            }
            (_, None) => {
                let code = if kind == "extra" {
                    "extra-removed"
                } else {
                    "group-removed"
                };
                let message = format!("{place} is in the lock and no longer in the project");
                reasons.push(StaleReason::inputs(code, place, message));
            }
        }
    }
}

/// Pins that today's own requirements rule out: the difference a user has to know of first.
pub(super) fn pins_outside_of_todays_bounds(
    document: &LockedDocument,
    recorded: &ManifestRecord,
    today: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    if recorded.members == today.members {
        return Ok(Vec::new());
    }
    let today = Manifest::from_record(today)?;
    let pins: Vec<(PackageName, Version)> = document
        .packages
        .iter()
        .filter_map(|package| {
            let version = package.version.as_deref()?.parse().ok()?;
            Some((PackageName::parse(&package.name).ok()?, version))
        })
        .collect();
    let mut reasons = Vec::new();
    for (_, requirement) in today.members.iter().flat_map(Member::requirements) {
        let mut locked = pins
            .iter()
            .filter(|(name, _)| *name == requirement.name)
            .map(|(_, version)| *version)
            .peekable();
        if requirement.marker.and(today.universe()) == Marker::FALSE {
            continue;
        }
        let Some(first) = locked.peek().copied() else {
            continue;
        };
        if !locked.any(|version| requirement.specifiers().contains(version)) {
            let message = format!(
                "`{requirement}` does not admit the locked {} {first}",
                requirement.name
            );
            reasons.push(StaleReason::inputs(
                "pin-outside-bounds",
                requirement.name.as_str(),
                message,
            ));
        }
    }
    reasons.dedup();
    Ok(reasons)
}

/// The header must say what the recorded inputs say.
pub(super) fn header(document: &LockedDocument, recorded: &ManifestRecord) -> Vec<StaleReason> {
    let extras: BTreeSet<&str> = recorded
        .members
        .iter()
        .flat_map(|member| member.extras.keys().map(ExtraName::as_str))
        .collect();
    let groups: BTreeSet<&str> = recorded
        .members
        .iter()
        .flat_map(|member| member.groups.keys().map(GroupName::as_str))
        .collect();
    let mut reasons = Vec::new();
    let mut holds = |what: &str, holds: bool| {
        if !holds {
            let message = format!("`{what}` at the top of the lock is not what its inputs say");
            reasons.push(StaleReason::touched("header-changed", what, message));
        }
    };
    holds("lock-version", document.lock_version == "1.0");
    holds(
        "extras",
        document
            .extras
            .iter()
            .map(String::as_str)
            .collect::<BTreeSet<_>>()
            == extras,
    );
    holds(
        "dependency-groups",
        document
            .dependency_groups
            .iter()
            .map(String::as_str)
            .collect::<BTreeSet<_>>()
            == groups,
    );
    holds(
        "requires-python",
        document.requires_python == recorded.requires_python,
    );
    holds(
        "environments",
        document.environments == recorded.environments,
    );
    reasons
}
