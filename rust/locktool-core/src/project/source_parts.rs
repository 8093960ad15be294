//! Sources that are for one extra or group: that it exists and requires the package, and which groups have its requirements too.
//!
//! `dev = [{ include-group = "base" }]` takes the requirements of `base` with their sources. A lock records groups with their includes
//! expanded, so the sources are recorded for each group that has them.

use std::collections::{BTreeMap, BTreeSet};

use super::member::ProjectMember;
use super::source_error;
use crate::document::{LocatedError, did_you_mean};
use crate::manifest::SourceRecord;
use crate::manifest::texts::marker_text;
use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName};
use crate::requirement::Requirement;

/// Refuses sources for an extra or a group that no member has that they are for, and for one that does not require their package:
/// another index would serve it, unnoticed.
pub fn check(members: &[ProjectMember]) -> Result<(), LocatedError> {
    for writer in members {
        for source in &writer.sources {
            let Some(part) = source.part() else { continue };
            let is_required = |member: &&ProjectMember| {
                let mut requirements = requirements_of(member, part);
                requirements.any(|one| one.name.as_str() == source.name)
            };
            let served = served_by(members, writer, &source.name);
            if served.iter().any(is_required) {
                continue;
            }
            let (kind, name) = described(part);
            let names = names_of(&served, part);
            let message = if names.contains(name) {
                format!(
                    "the source of {} is for the {kind} {name}, which does not require {}; write it there or take the {kind} out of the source",
                    source.name, source.name
                )
            } else {
                format!(
                    "the source of {} is for the {kind} {name}, and there is no such {kind}{}",
                    source.name,
                    did_you_mean(name, names.iter().copied())
                )
            };
            return Err(source_error(
                writer,
                &source.name,
                "source-of-no-part",
                &message,
            ));
        }
    }
    Ok(())
}

/// Adds the sources of groups that include the group of a source, each where the included requirements hold.
///
/// # Errors
/// When a group includes two that take one package from different places.
pub fn with_includes(
    sources: Vec<SourceRecord>,
    members: &[ProjectMember],
    writer: &ProjectMember,
) -> Result<Vec<SourceRecord>, LocatedError> {
    let mut result = Vec::new();
    for source in sources {
        let mut through: BTreeMap<GroupName, Marker> = BTreeMap::new();
        if let Some(group) = source.group {
            for member in served_by(members, writer, &source.name) {
                for (including, marker) in includes_of(member, group, &source.name) {
                    let known = through.entry(including).or_insert(Marker::FALSE);
                    *known = known.or(marker);
                }
            }
        }
        let own = marker_of(&source);
        let added = through.into_iter().map(|(group, marker)| SourceRecord {
            group: Some(group),
            marker: Some(marker_text(marker.and(own))).filter(|text| !text.is_empty()),
            ..source.clone()
        });
        let added: Vec<SourceRecord> = added.filter(|one| !marker_of(one).is_false()).collect();
        for one in std::iter::once(source).chain(added) {
            if !result.contains(&one) {
                refuse_second(&result, &one, writer)?;
                result.push(one);
            }
        }
    }
    Ok(result)
}

/// Refuses a source of an extra or group beside another of it that gives the package another place in the same environment.
fn refuse_second(
    known: &[SourceRecord],
    added: &SourceRecord,
    writer: &ProjectMember,
) -> Result<(), LocatedError> {
    let elsewhere = |one: &SourceRecord| SourceRecord {
        marker: None,
        ..one.clone()
    };
    let is_second = |one: &SourceRecord| {
        elsewhere(one) != elsewhere(added)
            && (&one.name, one.part()) == (&added.name, added.part())
            && !marker_of(one).is_disjoint(marker_of(added))
    };
    let Some(part) = added.part().filter(|_| known.iter().any(is_second)) else {
        return Ok(());
    };
    let (kind, name) = described(part);
    let message = format!(
        "the {kind} {name} has two sources of {} in the same environment, its own or those of included groups; keep one, or give \
         each a marker",
        added.name
    );
    Err(source_error(
        writer,
        &added.name,
        "ambiguous-source",
        &message,
    ))
}

/// The groups of a member that include another, each where requirements of a package in it hold.
fn includes_of<'a>(
    member: &'a ProjectMember,
    group: GroupName,
    package: &'a str,
) -> impl Iterator<Item = (GroupName, Marker)> + 'a {
    let included = member.included.iter();
    included.flat_map(move |(including, requirements)| {
        let of_source = requirements
            .iter()
            .filter(move |(written, one)| *written == group && one.name.as_str() == package);
        of_source.map(|(_, one)| (*including, one.marker))
    })
}

/// The members whose requirements of a package a source of one of them is for.
fn served_by<'a>(
    members: &'a [ProjectMember],
    writer: &'a ProjectMember,
    package: &str,
) -> Vec<&'a ProjectMember> {
    if writer.path != members[0].path {
        return vec![writer];
    }
    let has_own = |member: &ProjectMember| member.sources.iter().any(|one| one.name == package);
    let others = members.iter().skip(1).filter(|member| !has_own(member));
    std::iter::once(writer).chain(others).collect()
}

fn requirements_of(member: &ProjectMember, part: Membership) -> impl Iterator<Item = &Requirement> {
    let found = match part {
        Membership::Extra(extra) => member.extras.get(&extra),
        Membership::Group(group) => member.groups.get(&group),
    };
    found.into_iter().flatten()
}

/// The extras or groups of members.
fn names_of<'a>(members: &[&'a ProjectMember], part: Membership) -> BTreeSet<&'a str> {
    let members = members.iter();
    match part {
        Membership::Extra(_) => members
            .flat_map(|member| member.extras.keys().map(ExtraName::as_str))
            .collect(),
        Membership::Group(_) => members
            .flat_map(|member| member.groups.keys().map(GroupName::as_str))
            .collect(),
    }
}

/// `("extra", "cpu")`
fn described(part: Membership) -> (&'static str, &'static str) {
    match part {
        Membership::Extra(extra) => ("extra", extra.as_str()),
        Membership::Group(group) => ("group", group.as_str()),
    }
}

/// Where a source holds.
pub(super) fn marker_of(source: &SourceRecord) -> Marker {
    let text = source.marker.as_deref();
    text.map_or(Marker::TRUE, |text| {
        Marker::parse(text).expect("a marker that was read or written here")
    })
}
