//! Changes of the project that may help against a failure, in the order in which they are worth a try.
//!
//! Only what the proof rests on can help: another requirement of the project in place of one that the proof uses, another
//! Python, other rules for what it could not use. Going forwards comes before going back.

use super::super::judgement::Rejection;
use super::super::package::{Catalog, Origin};
use super::change::{Change, is_lower, loosened, public, with_specifiers};
use super::fact::{Own, Premises};
use super::failure::Failure;
use super::wording::groups_of;
use crate::marker::{Marker, Membership};
use crate::requirement::{Requirement, RequirementSource};
use crate::solver::RankSet;
use crate::version::{Bound, Operator, SpecifierSet, Version};

/// Of the Pythons that versions need at least, the lowest few are tried.
const MOST_PYTHONS: usize = 3;

pub(super) fn propose(
    failure: &Failure,
    catalog: &mut Catalog<'_>,
    premises: &Premises,
    universe: Marker,
) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(conflict(catalog, premises));
    for own in changeable(catalog, premises) {
        changes.extend(loosen(catalog, own, true));
    }
    changes.extend(newer_pythons(catalog, premises));
    changes.extend(rules(catalog, premises));
    changes.extend(constraints(catalog, premises));
    for own in changeable(catalog, premises) {
        changes.extend(loosen(catalog, own, false));
    }
    changes.extend(fewer_environments(failure, universe));
    let mut unique: Vec<Change> = Vec::new();
    for change in changes {
        if !unique.contains(&change) {
            unique.push(change);
        }
    }
    unique
}

/// Requirements with specifiers that the project wrote; what a run asks for beside them stays as it is.
fn changeable<'a>(catalog: &Catalog<'_>, premises: &'a Premises) -> Vec<&'a Own> {
    let manifest = catalog.manifest();
    let is_changeable = |own: &&Own| {
        let is_asked = matches!(
            catalog.key(own.package).origin,
            Origin::Member(position) if manifest.members[position].path.is_empty()
        );
        !is_asked
            && !own.requirement.specifiers().is_any()
            && matches!(own.requirement.source, RequirementSource::Specifiers(_))
    };
    premises.own.iter().filter(is_changeable).collect()
}

/// The requirement without its upper or its lower end, if a version exists that this lets in.
fn loosen(catalog: &mut Catalog<'_>, own: &Own, upwards: bool) -> Option<Change> {
    let from = &own.requirement;
    let to = with_specifiers(from, loosened(from.specifiers(), upwards).into_iter());
    if to == *from {
        return None;
    }
    let versions = catalog.versions(own.target).ok()?;
    let lets_in = |version: &Version| {
        !version.is_prerelease()
            && to.specifiers().contains(*version)
            && !from.specifiers().contains(*version)
    };
    versions
        .ascending
        .iter()
        .any(lets_in)
        .then(|| Change::Requirement {
            from: from.clone(),
            to,
        })
}

/// Two extras or groups that ask for what does not go together.
fn conflict(catalog: &Catalog<'_>, premises: &Premises) -> Option<Change> {
    let mut items: Vec<Membership> = Vec::new();
    for own in &premises.own {
        let extra = catalog.key(own.package).extra;
        let groups = match catalog.key(own.package).origin {
            Origin::Root => groups_of(catalog.manifest(), &own.requirement),
            _ => None,
        };
        let group = groups.and_then(|(_, groups)| groups.first().copied());
        let item = extra
            .map(Membership::Extra)
            .or(group.map(Membership::Group));
        items.extend(item.filter(|item| !items.contains(item)));
    }
    items.sort_unstable_by_key(|item| (matches!(item, Membership::Extra(_)), *item));
    (items.len() == 2).then_some(Change::Conflict(items))
}

/// Higher lower bounds of requires-python, from what the versions need that could not be used.
fn newer_pythons(catalog: &Catalog<'_>, premises: &Premises) -> Vec<Change> {
    let from = &catalog.manifest().requires_python;
    let is_plain = |operator| !is_lower(operator) || operator == Operator::GreaterThanEqual;
    if !from.iter().all(|one| is_plain(one.operator())) {
        return Vec::new();
    }
    let lowest = |specifiers: &SpecifierSet| specifiers.range().lower_bound().map(Bound::version);
    let own = lowest(from);
    let mut bounds: Vec<Version> = premises
        .blocked
        .iter()
        .flat_map(|blocked| &blocked.rejections)
        .filter_map(|(rejection, _)| match rejection {
            Rejection::Python(specifiers) => lowest(specifiers),
            _ => None,
        })
        .filter(|bound| own.is_none_or(|own| own < *bound))
        .collect();
    bounds.sort_unstable();
    bounds.dedup();
    let raised = bounds.into_iter().take(MOST_PYTHONS).filter_map(|bound| {
        let kept = from.iter().filter(|one| !is_lower(one.operator()));
        let mut texts: Vec<String> = kept.map(ToString::to_string).collect();
        texts.push(format!(">={}", public(bound)));
        let to: SpecifierSet = texts.join(",").parse().ok()?;
        (!to.is_unsatisfiable()).then(|| Change::RequiresPython {
            from: from.clone(),
            to,
        })
    });
    raised.collect()
}

/// Other rules for pre-releases, yanked versions and the cutoff, where these left a package without a version.
fn rules(catalog: &mut Catalog<'_>, premises: &Premises) -> Vec<Change> {
    let mut changes = Vec::new();
    for blocked in &premises.blocked {
        let Some(name) = catalog.key(blocked.package).name else {
            continue;
        };
        for (rejection, ranks) in &blocked.rejections {
            match rejection {
                Rejection::Prerelease => changes.push(Change::Prerelease(name)),
                Rejection::Cutoff => changes.push(Change::Cutoff(name)),
                Rejection::Yanked => {
                    let wanting = changeable_on(catalog, premises, blocked.package);
                    changes.extend(pin(catalog, wanting, ranks));
                }
                Rejection::Files => {
                    let wanting = changeable_on(catalog, premises, blocked.package);
                    changes.extend(only_where(catalog, wanting, ranks));
                }
                Rejection::Python(_) => {}
            }
        }
    }
    changes
}

/// The requirement of the project on a package, also one without specifiers.
fn changeable_on<'a>(
    catalog: &Catalog<'_>,
    premises: &'a Premises,
    package: crate::solver::PackageId,
) -> Option<&'a Own> {
    premises.own.iter().find(|own| {
        own.target == package
            && matches!(own.requirement.source, RequirementSource::Specifiers(_))
            && catalog.key(own.package).name.is_some()
    })
}

/// The newest yanked version, named outright.
fn pin(catalog: &mut Catalog<'_>, own: Option<&Own>, ranks: &RankSet) -> Option<Change> {
    let own = own?;
    let versions = catalog.versions(own.target).ok()?;
    let newest = ranks.descending(versions.count()).next()?;
    let version = versions.ascending[newest as usize];
    let to = with_specifiers(&own.requirement, std::iter::once(format!("=={version}")));
    Some(Change::Pin {
        from: own.requirement.clone(),
        to,
    })
}

/// The operating systems of a condition, where it is a matter of these.
fn platforms(usable: Marker) -> Marker {
    let systems = ["linux", "darwin", "win32"];
    let condition = |system| Marker::parse(&format!("sys_platform == '{system}'"));
    let known = systems
        .into_iter()
        .filter_map(|system| condition(system).ok());
    let fitting: Vec<Marker> = known.filter(|one| !one.is_disjoint(usable)).collect();
    if fitting.is_empty() || fitting.len() == systems.len() {
        return usable.without_python();
    }
    fitting.into_iter().fold(Marker::FALSE, Marker::or)
}

/// The requirement where the files of the versions can be used, and nowhere else.
fn only_where(catalog: &mut Catalog<'_>, own: Option<&Own>, ranks: &RankSet) -> Option<Change> {
    let own = own?;
    let versions = catalog.versions(own.target).ok()?;
    let listing = versions.listing.as_ref()?;
    let usable = ranks
        .descending(versions.count())
        .map(|rank| listing.wheel_environments(rank as usize))
        .find(|usable| !usable.is_false())?;
    let marker = own.requirement.marker.and(platforms(usable));
    let is_part = marker != own.requirement.marker && !marker.is_false();
    is_part.then(|| Change::Where {
        from: own.requirement.clone(),
        to: Requirement {
            marker,
            ..own.requirement.clone()
        },
    })
}

/// Constraints and overrides of what the proof is about, taken away; the resolution says how much of them stays.
fn constraints(catalog: &Catalog<'_>, premises: &Premises) -> Vec<Change> {
    let names: Vec<_> = premises
        .facts
        .iter()
        .filter_map(|fact| catalog.key(fact.to?).name)
        .collect();
    let concerned = |one: &&Requirement| names.contains(&one.name) && !one.specifiers().is_any();
    let bare = |one: &Requirement| (one.clone(), with_specifiers(one, std::iter::empty()));
    let manifest = catalog.manifest();
    let constraints = manifest.constraints.iter().filter(concerned).map(bare);
    let overrides = manifest.overrides.iter().filter(concerned).map(bare);
    constraints
        .map(|(from, to)| Change::Constraint { from, to })
        .chain(overrides.map(|(from, to)| Change::Override { from, to }))
        .collect()
}

/// Without the environments of the failure, where it is a matter of platforms.
fn fewer_environments(failure: &Failure, universe: Marker) -> Option<Change> {
    let plain = universe.without_memberships();
    let failing = failure.environment.without_memberships();
    let platform = failing.without_python();
    let rest = plain.difference(platform);
    let is_part = !plain.without_python().implies(platform);
    (is_part && !rest.is_false()).then_some(Change::Environments(rest))
}
