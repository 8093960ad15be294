//! The rules of the project as facts: constraints, overrides and limits of the run, beside the requirements that they change.

use std::collections::BTreeSet;

use super::super::package::{Catalog, Origin};
use super::fact::Fact;
use super::wording::requirement_text;
use crate::requirement::Requirement;
use crate::solver::PackageId;

/// What holds whoever requires these packages.
pub(super) fn of_all(catalog: &Catalog<'_>, targets: &BTreeSet<PackageId>) -> Vec<Fact> {
    let manifest = catalog.manifest();
    let mut facts = Vec::new();
    for target in targets {
        let name = catalog.key(*target).name;
        let named = |requirement: &&Requirement| Some(requirement.name) == name;
        let overrides = manifest.overrides.iter().filter(named).map(override_text);
        let constraints = manifest.constraints.iter().filter(named);
        let constraints = constraints.map(constraint_text);
        let limits = manifest.limits.iter().filter(named).map(|one| {
            let what = requirement_text(one);
            format!("this run allows only {what}")
        });
        let texts = overrides.chain(constraints).chain(limits);
        facts.extend(texts.map(|text| Fact {
            from: *target,
            to: None,
            text,
        }));
    }
    facts
}

/// What holds under one parent alone, for each requirement `(parent, target)`.
pub(super) fn under_parents(
    catalog: &Catalog<'_>,
    asked: &BTreeSet<(PackageId, PackageId)>,
) -> Vec<Fact> {
    let manifest = catalog.manifest();
    let mut texts = BTreeSet::new();
    for (package, target) in asked {
        let parent = match catalog.key(*package).origin {
            Origin::Member(place) => manifest.members[place].name,
            _ => catalog.key(*package).name,
        };
        let (Some(parent), Some(name)) = (parent, catalog.key(*target).name) else {
            continue;
        };
        let named = |one: &&Requirement| one.name == name;
        for scope in manifest.scopes_under(parent) {
            let overrides = scope.overrides.iter().filter(named).map(override_text);
            let constraints = scope.constraints.iter().filter(named);
            let rules = overrides.chain(constraints.map(constraint_text));
            texts.extend(rules.map(|text| (*target, format!("{text}, under {parent}"))));
        }
    }
    let fact = |(from, text)| Fact {
        from,
        to: None,
        text,
    };
    texts.into_iter().map(fact).collect()
}

fn override_text(requirement: &Requirement) -> String {
    let what = requirement_text(requirement);
    format!("an override of the project asks for {what} instead")
}

fn constraint_text(requirement: &Requirement) -> String {
    let what = requirement_text(requirement);
    format!("a constraint of the project allows only {what}")
}
