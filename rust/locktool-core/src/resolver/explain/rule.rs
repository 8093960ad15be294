//! The rules of the project in sentences: constraints, overrides and limits of the run, each with the package that it is about.

use std::collections::BTreeSet;

use super::super::package::{Catalog, Origin};
use super::wording::{files_text, requirement_text};
use crate::manifest::Manifest;
use crate::requirement::Requirement;
use crate::solver::PackageId;

/// What holds whoever requires these packages.
pub(super) fn of_all(
    catalog: &Catalog<'_>,
    targets: &BTreeSet<PackageId>,
) -> Vec<(PackageId, String)> {
    let manifest = catalog.manifest();
    let mut sentences = Vec::new();
    for target in targets {
        let name = catalog.key(*target).name;
        let named = |requirement: &&Requirement| Some(requirement.name) == name;
        let overrides = manifest.overrides.iter().filter(named);
        let overrides = overrides.map(|one| override_text(manifest, one));
        let constraints = manifest.constraints.iter().filter(named);
        let constraints = constraints.map(|one| constraint_text(manifest, one));
        let limits = manifest.limits.iter().filter(named).map(|one| {
            let what = requirement_text(one);
            format!("this run allows only {what}")
        });
        let texts = overrides.chain(constraints).chain(limits);
        sentences.extend(texts.map(|text| (*target, text)));
    }
    sentences
}

/// What holds under one parent alone, for each requirement `(parent, target)`.
pub(super) fn under_parents(
    catalog: &Catalog<'_>,
    asked: &BTreeSet<(PackageId, PackageId)>,
) -> BTreeSet<(PackageId, String)> {
    let manifest = catalog.manifest();
    let mut sentences = BTreeSet::new();
    for (package, target) in asked {
        let parent = match catalog.key(*package).origin {
            Origin::Member(position) => manifest.members[position].name,
            _ => catalog.key(*package).name,
        };
        let (Some(parent), Some(name)) = (parent, catalog.key(*target).name) else {
            continue;
        };
        let named = |one: &&Requirement| one.name == name;
        for scope in manifest.scopes_under(parent) {
            let overrides = scope.overrides.iter().filter(named);
            let overrides = overrides.map(|one| override_text(manifest, one));
            let constraints = scope.constraints.iter().filter(named);
            let constraints = constraints.map(|one| constraint_text(manifest, one));
            let rules = overrides.chain(constraints);
            sentences.extend(rules.map(|text| (*target, format!("{text}, under {parent}"))));
        }
    }
    sentences
}

fn override_text(manifest: &Manifest, requirement: &Requirement) -> String {
    let rule = rule_text(manifest, "an override", requirement);
    format!("{rule} asks for {} instead", requirement_text(requirement))
}

fn constraint_text(manifest: &Manifest, requirement: &Requirement) -> String {
    let rule = rule_text(manifest, "a constraint", requirement);
    format!("{rule} allows only {}", requirement_text(requirement))
}

/// A rule with the requirements files that it stands in, or else the project.
fn rule_text(manifest: &Manifest, kind: &str, requirement: &Requirement) -> String {
    match files_text(manifest, requirement) {
        Some(files) => format!("{kind} in {files}"),
        None => format!("{kind} of the project"),
    }
}
