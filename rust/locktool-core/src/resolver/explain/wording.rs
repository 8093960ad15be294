//! Packages, versions and requirements in a person's words.
//!
//! A set of versions is written as ranges over what exists: `web 2.0 and newer`, `web 1.0 to 1.4`, `every web`. Versions that may
//! not be used anyway do not cut a range in two.

use super::super::package::{Catalog, Origin, Versions};
use crate::manifest::{Manifest, Member};
use crate::marker::Marker;
use crate::name::GroupName;
use crate::requirement::{Requirement, RequirementSource};
use crate::solver::{PackageId, Rank, RankSet};
use crate::version::{Operator, Specifier};

/// More ranges than this are summed up.
const MOST_RANGES: usize = 3;

/// A package with a set of its versions.
pub(super) fn describe(catalog: &mut Catalog<'_>, package: PackageId, ranks: &RankSet) -> String {
    if let Some(text) = describe_own(catalog, package) {
        return text;
    }
    let name = catalog.display(package);
    let Ok(versions) = catalog.versions(package) else {
        return name;
    };
    let ranges = ranges(&versions, ranks);
    if ranges.contains(&Range::Every) {
        return match versions.count() {
            1 => format!("{name} {}", versions.ascending[0]),
            _ => format!("every version of {name}"),
        };
    }
    match ranges.len() {
        0 => format!("no version of {name}"),
        count if count <= MOST_RANGES => {
            let texts: Vec<String> = ranges.iter().map(|range| range.text(&versions)).collect();
            format!("{name} {}", texts.join(" or "))
        }
        _ => {
            let count = ranks.ascending(versions.count()).count();
            let (first, last) = hull(&versions, ranks);
            format!("each of {count} versions of {name} from {first} to {last}")
        }
    }
}

/// A part of the project, by the names that its file gives them.
pub(super) fn describe_own(catalog: &Catalog<'_>, package: PackageId) -> Option<String> {
    let key = catalog.key(package);
    match key.origin {
        Origin::Root => Some("your project".to_owned()),
        Origin::Member(position) => {
            let member = member_text(&catalog.manifest().members[position]);
            Some(match key.extra {
                Some(extra) => format!("extra {extra} of {member}"),
                None => member,
            })
        }
        Origin::Index | Origin::Named(_) | Origin::Direct(_) => None,
    }
}

/// The name of a member, or where it is.
pub(super) fn member_text(member: &Member) -> String {
    match member.name {
        Some(name) => name.to_string(),
        None if member.path == "." => "your project".to_owned(),
        None if member.path.is_empty() => "what is asked for".to_owned(),
        None => format!("the project in {}", member.path),
    }
}

/// The groups that a requirement of a group is written in, by the member that has them: groups that include those hold more.
pub(super) fn groups_of<'a>(
    manifest: &'a Manifest,
    requirement: &Requirement,
) -> Option<(&'a Member, Vec<GroupName>)> {
    let holding = |member: &'a Member| {
        let groups = member.groups.iter();
        groups.filter(|(_, requirements)| requirements.contains(requirement))
    };
    manifest.members.iter().find_map(|member| {
        let smallest = holding(member).map(|(_, list)| list.len()).min()?;
        let groups = holding(member).filter(|(_, list)| list.len() == smallest);
        Some((member, groups.map(|(group, _)| *group).collect()))
    })
}

/// `base.in and dev.in`: the requirements files that a requirement stands in.
pub(super) fn files_text(manifest: &Manifest, requirement: &Requirement) -> Option<String> {
    let files: Vec<&str> = manifest.files_of(requirement).collect();
    (!files.is_empty()).then(|| files.join(" and "))
}

/// `group docs of demo`
pub(super) fn groups_text(member: &Member, groups: &[GroupName]) -> String {
    let names: Vec<String> = groups.iter().map(ToString::to_string).collect();
    let word = if names.len() == 1 { "group" } else { "groups" };
    format!("{word} {} of {}", names.join(" and "), member_text(member))
}

/// A requirement without its condition, lower bounds first: `web[s3]>=2,<3`.
pub(super) fn requirement_text(requirement: &Requirement) -> String {
    let bare = Requirement {
        marker: Marker::TRUE,
        ..requirement.clone()
    };
    let RequirementSource::Specifiers(specifiers) = &bare.source else {
        return bare.to_string();
    };
    let mut ordered: Vec<&Specifier> = specifiers.iter().collect();
    ordered.sort_by_key(|specifier| (reading_order(specifier.operator()), specifier.to_string()));
    let texts: Vec<String> = ordered.iter().map(ToString::to_string).collect();
    let named = Requirement {
        source: RequirementSource::Specifiers(crate::version::SpecifierSet::any()),
        ..bare.clone()
    };
    format!("{named}{}", texts.join(","))
}

fn reading_order(operator: Operator) -> u8 {
    match operator {
        Operator::Equal | Operator::EqualPrefix | Operator::ArbitraryEqual => 0,
        Operator::Compatible => 1,
        Operator::GreaterThanEqual | Operator::GreaterThan => 2,
        Operator::NotEqual | Operator::NotEqualPrefix => 3,
        Operator::LessThanEqual | Operator::LessThan => 4,
    }
}

/// The first and the last of a set of versions that exist.
pub(super) fn hull(versions: &Versions, ranks: &RankSet) -> (String, String) {
    let text = |rank: Option<Rank>| {
        rank.map(|rank| versions.ascending[rank as usize].to_string())
            .unwrap_or_default()
    };
    let count = versions.count();
    (
        text(ranks.ascending(count).next()),
        text(ranks.descending(count).next()),
    )
}

/// A range of versions that exist, by the ranks of its ends, or all that lie above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Range {
    Every,
    Between(Rank, Rank),
    NewerThan(Rank),
}

impl Range {
    fn text(self, versions: &Versions) -> String {
        let version = |rank: Rank| versions.ascending[rank as usize].to_string();
        let last = versions.count().saturating_sub(1);
        match self {
            Self::Every => String::new(),
            Self::NewerThan(rank) => format!("newer than {}", version(rank)),
            Self::Between(first, end) if first == end => version(first),
            Self::Between(0, end) => format!("{} and older", version(end)),
            Self::Between(first, end) if end == last => format!("{} and newer", version(first)),
            Self::Between(first, end) => format!("{} to {}", version(first), version(end)),
        }
    }
}

/// The ranges of a set, with the gaps closed that only versions leave which are no choice: yanked ones and pre-releases.
fn ranges(versions: &Versions, ranks: &RankSet) -> Vec<Range> {
    let count = versions.count();
    let is_choice = |rank: Rank| {
        let release = versions
            .listing
            .as_ref()
            .map(|listing| &listing.releases[rank as usize]);
        !versions.ascending[rank as usize].is_prerelease()
            && release.is_none_or(|release| !release.yanked)
    };
    let mut found: Vec<(Rank, Rank)> = Vec::new();
    for &(start, end) in ranks.intervals() {
        let end = end.min(count);
        if start >= end {
            continue;
        }
        match found.last_mut() {
            Some(last) if !(last.1 + 1..start).any(is_choice) => last.1 = end - 1,
            _ => found.push((start, end - 1)),
        }
    }
    let covers_all =
        |first: Rank, last: Rank| !(0..first).any(is_choice) && !(last + 1..count).any(is_choice);
    let mut ranges: Vec<Range> = found
        .into_iter()
        .map(|(first, last)| {
            if covers_all(first, last) {
                Range::Every
            } else {
                Range::Between(first, last)
            }
        })
        .collect();
    if ranges.is_empty() && count > 0 && !ranks.is_empty() {
        ranges.push(Range::NewerThan(count - 1));
    }
    ranges
}
