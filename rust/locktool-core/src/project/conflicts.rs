//! The conflicts of a workspace: those that its files declare, and those that follow because one extra or group brings another.
//!
//! Where `one` and `two` exclude each other, `all = ["demo[one]"]` excludes `two`, and so does a group that includes a group with
//! `demo[one]`.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::Included;
use super::member::ProjectMember;
use super::tables::tool_tables;
use crate::document::{LocatedError, Table};
use crate::manifest::{ConflictItem, Setting};
use crate::marker::{Marker, Membership};
use crate::requirement::Requirement;

/// An extra or group of one member, by the place of the member; its dependencies where there is none.
type Part = (usize, Option<Membership>);

/// That a part brings another one with it, where the marker holds.
struct Bringing {
    from: Part,
    to: Part,
    marker: Marker,
}

/// All sets of extras and groups of which two may not be chosen together, sorted.
///
/// # Errors
/// When the conflicts that a member declares are not well formed.
pub fn of_workspace(
    declared: &[Vec<ConflictItem>],
    members: &[ProjectMember],
) -> Result<Vec<Vec<ConflictItem>>, LocatedError> {
    let mut sets: BTreeSet<Vec<ConflictItem>> = declared.iter().cloned().collect();
    for member in members.iter().skip(1) {
        sets.extend(declared_by(member)?);
    }
    if !sets.is_empty() {
        let following = following(&sets, members);
        sets.extend(following);
    }
    Ok(sets.into_iter().collect())
}

/// The conflicts that a member beside the root declares, as uv reads them; those of its own extras and groups name no member.
fn declared_by(member: &ProjectMember) -> Result<Vec<Vec<ConflictItem>>, LocatedError> {
    let document = Table::of(&member.file);
    let tables = tool_tables(&document)?;
    let Some((table, key)) = tables.having(&["conflicts"])? else {
        return Ok(Vec::new());
    };
    let mut sets = Vec::<Vec<ConflictItem>>::read(table, key)?;
    for item in sets.iter_mut().flatten() {
        item.member = item.member.or(member.name);
    }
    for set in &mut sets {
        set.sort();
    }
    Ok(sets)
}

/// The pairs that conflict because they bring two sides of a conflict in the same environment.
fn following(
    sets: &BTreeSet<Vec<ConflictItem>>,
    members: &[ProjectMember],
) -> BTreeSet<Vec<ConflictItem>> {
    let bringing = bringing(members);
    let mut pairs = BTreeSet::new();
    let mut known: BTreeMap<&ConflictItem, BTreeMap<Membership, Marker>> = BTreeMap::new();
    for item in sets.iter().flatten() {
        known
            .entry(item)
            .or_insert_with(|| bringers(item, members, &bringing));
    }
    for set in sets {
        for (place, one) in set.iter().enumerate() {
            for other in &set[place + 1..] {
                pairs.extend(pairs_of(&known[one], &known[other]));
            }
        }
    }
    let is_known = |(one, other): &(Membership, Membership)| {
        let has = |set: &[ConflictItem], side: Membership| {
            set.iter().any(|item| item.membership() == Some(side))
        };
        sets.iter().any(|set| has(set, *one) && has(set, *other))
    };
    let pairs = pairs.into_iter().filter(|pair| !is_known(pair));
    pairs.map(|(one, other)| item_pair(one, other)).collect()
}

/// The pairs of which each brings one side of a conflict and neither brings both.
fn pairs_of(
    ones: &BTreeMap<Membership, Marker>,
    others: &BTreeMap<Membership, Marker>,
) -> BTreeSet<(Membership, Membership)> {
    let brings_both = |item: &Membership| ones.contains_key(item) && others.contains_key(item);
    let mut pairs = BTreeSet::new();
    for (one, where_one) in ones.iter().filter(|(item, _)| !brings_both(item)) {
        for (other, where_other) in others.iter().filter(|(item, _)| !brings_both(item)) {
            if !where_one.is_disjoint(*where_other) {
                pairs.insert((*one.min(other), *one.max(other)));
            }
        }
    }
    pairs
}

fn item_pair(one: Membership, other: Membership) -> Vec<ConflictItem> {
    let mut pair = vec![ConflictItem::of(one), ConflictItem::of(other)];
    pair.sort();
    pair
}

/// What brings an item of a conflict, the item itself too, each with where it does.
fn bringers(
    item: &ConflictItem,
    members: &[ProjectMember],
    bringing: &[Bringing],
) -> BTreeMap<Membership, Marker> {
    let mut reach: BTreeMap<Part, Marker> = BTreeMap::new();
    let is_named = |member: &ProjectMember| item.member.is_some() && member.name == item.member;
    let is_narrow = members.iter().any(is_named);
    for (place, member) in members.iter().enumerate() {
        if !is_narrow || is_named(member) {
            reach.insert((place, item.membership()), Marker::TRUE);
        }
    }
    let mut open: Vec<Part> = reach.keys().copied().collect();
    while let Some(part) = open.pop() {
        let there = reach[&part];
        for one in bringing.iter().filter(|one| one.to == part) {
            let known = reach.entry(one.from).or_insert(Marker::FALSE);
            let widened = known.or(one.marker.and(there));
            if widened != *known {
                *known = widened;
                open.push(one.from);
            }
        }
    }
    let mut found: BTreeMap<Membership, Marker> = BTreeMap::new();
    for ((_, part), marker) in reach {
        if let Some(side) = part {
            let known = found.entry(side).or_insert(Marker::FALSE);
            *known = known.or(marker);
        }
    }
    found
}

/// Which parts bring others: by a requirement on a member with extras, and by an included group.
fn bringing(members: &[ProjectMember]) -> Vec<Bringing> {
    let mut found = Vec::new();
    for (place, member) in members.iter().enumerate() {
        let mut note = |part: Option<Membership>, requirement: &Requirement| {
            let Some(target) = members
                .iter()
                .position(|one| one.name == Some(requirement.name))
            else {
                return;
            };
            for extra in &requirement.extras {
                found.push(Bringing {
                    from: (place, part),
                    to: (target, Some(Membership::Extra(*extra))),
                    marker: requirement.marker.with_extras(&[]),
                });
            }
        };
        for (extra, requirements) in &member.extras {
            let part = Some(Membership::Extra(*extra));
            for requirement in requirements {
                note(part, requirement);
            }
        }
        for (group, requirements) in &member.groups {
            let part = Some(Membership::Group(*group));
            for requirement in requirements {
                note(part, requirement);
            }
        }
        found.extend(of_includes(place, &member.included));
    }
    found
}

fn of_includes(place: usize, included: &Included) -> impl Iterator<Item = Bringing> + '_ {
    included.iter().flat_map(move |(group, requirements)| {
        requirements.iter().map(move |(written, one)| Bringing {
            from: (place, Some(Membership::Group(*group))),
            to: (place, Some(Membership::Group(*written))),
            marker: one.marker,
        })
    })
}
