//! The proof as a tree: each step a sentence, with the steps it follows from.

use rustc_hash::FxHashMap;

use super::super::package::{Catalog, Origin};
use super::fact::Premises;
use super::failure::{Failure, is_plain_membership};
use super::wording::{describe, describe_own};
use crate::solver::{Cause, Incompatibility, IncompatibilityId, PackageId, RankSet, Term};

/// A proof of more steps is cut: it is not for people any more, and programs have the facts.
const MOST_STEPS: usize = 2000;

/// One step of a proof.
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub text: String,
    /// The positions of the steps it follows from; none for a fact.
    pub because: Vec<usize>,
}

/// The steps of a proof, the conclusion first; a step that is used twice stands there once.
pub(super) fn steps(
    failure: &Failure,
    catalog: &mut Catalog<'_>,
    premises: &Premises,
) -> Vec<Step> {
    let mut positions: FxHashMap<IncompatibilityId, usize> = FxHashMap::default();
    let mut steps = vec![Step::default()];
    positions.insert(failure.terminal, 0);
    let mut open = std::collections::VecDeque::from([failure.terminal]);
    while let Some(id) = open.pop_front() {
        let incompatibility = failure.solver.incompatibility(id);
        let position = positions[&id];
        steps[position].text = sentence(catalog, incompatibility, premises, failure);
        let Cause::Derived(left, right) = incompatibility.cause else {
            continue;
        };
        for cause in [left, right] {
            let is_plain = matches!(
                (&failure.solver.incompatibility(cause).cause, &failure.solver.incompatibility(cause).terms[..]),
                (Cause::Dependency, [(package, _), (target, _)]) if is_plain_membership(catalog, *package, *target)
            );
            if is_plain || (steps.len() >= MOST_STEPS && !positions.contains_key(&cause)) {
                continue;
            }
            let known = *positions.entry(cause).or_insert_with(|| {
                steps.push(Step::default());
                open.push_back(cause);
                steps.len() - 1
            });
            steps[position].because.push(known);
        }
    }
    steps
}

fn sentence(
    catalog: &mut Catalog<'_>,
    incompatibility: &Incompatibility,
    premises: &Premises,
    failure: &Failure,
) -> String {
    let mut together: Vec<String> = Vec::new();
    let mut needed: Vec<String> = Vec::new();
    for (package, term) in &incompatibility.terms {
        match term {
            Term::Positive(ranks) => together.push(who(catalog, *package, ranks)),
            Term::Negative(ranks) => needed.push(describe(catalog, *package, ranks)),
        }
    }
    let is_conclusion = |package: &PackageId| matches!(catalog.key(*package).origin, Origin::Root);
    let ends = incompatibility
        .terms
        .iter()
        .all(|(package, _)| is_conclusion(package));
    if ends && matches!(incompatibility.cause, Cause::Derived(..)) {
        return "not all requirements can be met".to_owned();
    }
    match &incompatibility.cause {
        Cause::NoVersions => {
            let package = incompatibility
                .terms
                .first()
                .map(|(package, _)| catalog.base(*package));
            let published = premises
                .facts
                .iter()
                .rev()
                .find(|fact| Some(fact.from) == package && fact.to.is_none());
            published.map_or_else(
                || {
                    nothing_text(
                        &together.join(" and "),
                        package.is_some_and(|package| describe_own(catalog, package).is_some()),
                    )
                },
                |fact| fact.text.clone(),
            )
        }
        Cause::Rejected(reason) => {
            let reason = failure.reasons.get(*reason as usize);
            let reason = reason
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default();
            format!("{} cannot be used{reason}", together.join(" and "))
        }
        _ if together.is_empty() => format!("{} is needed", needed.join(" or ")),
        Cause::Dependency if needed.is_empty() => {
            format!("{} requires what does not exist", together.join(" and "))
        }
        _ if needed.is_empty() && together.len() == 1 => {
            format!("{} cannot be used", together[0])
        }
        _ if needed.is_empty() => format!("{} do not go together", together.join(" and ")),
        _ => format!(
            "{} requires {}",
            together.join(" with "),
            needed.join(" or ")
        ),
    }
}

fn who(catalog: &mut Catalog<'_>, package: PackageId, ranks: &RankSet) -> String {
    describe_own(catalog, package).unwrap_or_else(|| describe(catalog, package, ranks))
}

/// That a package has no version which the requirements leave, or a part of the project none but its own.
fn nothing_text(what: &str, is_own: bool) -> String {
    if is_own {
        return format!("{what} exists once");
    }
    match what.strip_prefix("no version of ") {
        Some(name) => format!("{name} has no version that may be used"),
        None => format!("there is no {what} that may be used"),
    }
}
