//! Failures told to people: which requirements do not go together, and what exists.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::package::{Catalog, Origin};
use crate::marker::Marker;
use crate::requirement::Requirement;
use crate::solver::{
    Cause, Incompatibility, IncompatibilityId, PackageId, Rank, RankSet, Solver, Term,
};
use crate::source::SourceError;

/// A requirement that the search took into account.
pub(super) struct Premise {
    pub package: PackageId,
    pub rank: Rank,
    pub target: PackageId,
    pub allowed: RankSet,
    pub requirement: Arc<Requirement>,
}

/// A search that ended without a solution.
pub(super) struct Failure {
    pub solver: Solver,
    pub terminal: IncompatibilityId,
    /// Environments in which every premise of the proof holds.
    pub environment: Marker,
    pub reasons: Vec<Arc<str>>,
    pub premises: Vec<Premise>,
}

/// Why there is no answer, in sentences.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// One fact each, in the order in which they are needed.
    pub facts: Vec<String>,
    /// The environment in which the failure holds, if not in all.
    pub environment: Option<String>,
    pub hints: Vec<String>,
}

/// Facts beyond this many are left out: nobody reads them.
const MOST_FACTS: usize = 10;

impl fmt::Display for Explanation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(formatter, "there is no answer where {environment}:")?,
            None => write!(formatter, "there is no answer:")?,
        }
        for fact in self.facts.iter().take(MOST_FACTS) {
            write!(formatter, "\n  {fact}")?;
        }
        if self.facts.len() > MOST_FACTS {
            let more = self.facts.len() - MOST_FACTS;
            write!(formatter, "\n  and {more} more of the kind")?;
        }
        for hint in &self.hints {
            write!(formatter, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl Failure {
    /// Tells the premises of the proof.
    pub fn explain(&self, catalog: &mut Catalog<'_>, universe: Marker) -> Explanation {
        let mut facts = Vec::new();
        let mut seen_facts = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut missing = Vec::new();
        let mut open = vec![self.terminal];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let incompatibility = self.solver.incompatibility(id);
            if let Cause::Derived(left, right) = incompatibility.cause {
                open.extend([right, left]);
                continue;
            }
            if let Some(fact) = self.fact(catalog, incompatibility, &mut missing)
                && seen_facts.insert(fact.clone())
            {
                facts.push(fact);
            }
        }
        let mut hints = Vec::new();
        missing.sort_unstable();
        missing.dedup();
        for package in missing {
            hints.extend(what_exists(catalog, package).filter(|hint| !hints.contains(hint)));
        }
        Explanation {
            facts,
            environment: self
                .environment
                .to_text(universe)
                .filter(|text| text.len() < 200),
            hints,
        }
    }

    fn fact(
        &self,
        catalog: &mut Catalog<'_>,
        incompatibility: &Incompatibility,
        missing: &mut Vec<PackageId>,
    ) -> Option<String> {
        let (package, Term::Positive(versions)) = incompatibility.terms.first()? else {
            return None;
        };
        match &incompatibility.cause {
            Cause::Dependency => {
                let target = incompatibility.terms.get(1);
                if let Some((target, _)) = target
                    && is_plain_membership(catalog, *package, *target)
                {
                    return None;
                }
                let who = describe(catalog, *package, versions);
                if let Some(text) = self.published(*package, versions, target) {
                    if target.is_none() {
                        missing.extend(self.impossible_targets(*package, versions));
                    }
                    return Some(format!("{who} requires {text}"));
                }
                let (target, Term::Negative(allowed)) = target? else {
                    return None;
                };
                let what = describe(catalog, *target, allowed);
                Some(format!("{who} requires {what}"))
            }
            Cause::NoVersions => {
                missing.push(catalog.base(*package));
                None
            }
            Cause::Rejected(reason) => {
                let who = describe(catalog, *package, versions);
                let reason = self.reasons.get(*reason as usize)?;
                Some(format!("{who} cannot be used: {reason}"))
            }
            Cause::Exclusion => {
                let name = catalog.display(catalog.base(*package));
                Some(format!("{name} can come from one place only"))
            }
            Cause::Root | Cause::Derived(..) => None,
        }
    }
}

impl Failure {
    /// Packages of which a version wants something that does not exist.
    fn impossible_targets(&self, package: PackageId, versions: &RankSet) -> Vec<PackageId> {
        self.premises
            .iter()
            .filter(|premise| premise.package == package && versions.contains(premise.rank))
            .filter(|premise| premise.allowed.is_empty())
            .map(|premise| premise.target)
            .collect()
    }

    /// The requirement as the newest of the versions published it.
    fn published(
        &self,
        package: PackageId,
        versions: &RankSet,
        target: Option<&(PackageId, Term)>,
    ) -> Option<String> {
        let agrees = |premise: &&Premise| {
            premise.package == package
                && versions.contains(premise.rank)
                && match target {
                    Some((target, Term::Negative(allowed))) => {
                        premise.target == *target && premise.allowed == *allowed
                    }
                    _ => premise.allowed.is_empty(),
                }
        };
        let premise = self
            .premises
            .iter()
            .filter(agrees)
            .max_by_key(|premise| (premise.rank, std::cmp::Reverse(premise.target)))?;
        let bare = Requirement {
            marker: Marker::TRUE,
            ..premise.requirement.as_ref().clone()
        };
        Some(bare.to_string())
    }
}

/// Whether a dependency only says that a package with an extra is the package, or that the project has a member.
fn is_plain_membership(catalog: &Catalog<'_>, package: PackageId, target: PackageId) -> bool {
    catalog.base(package) == catalog.base(target)
        || (matches!(catalog.key(package).origin, Origin::Root)
            && matches!(catalog.key(target).origin, Origin::Member(_)))
}

/// A package with a set of its versions as ranges over what exists.
fn describe(catalog: &mut Catalog<'_>, package: PackageId, ranks: &RankSet) -> String {
    let name = catalog.display(package);
    if !matches!(
        catalog.key(package).origin,
        Origin::Index | Origin::Named(_) | Origin::Direct(_)
    ) {
        return name;
    }
    let Ok(versions) = catalog.versions(package) else {
        return name;
    };
    let count = versions.count();
    let text = |rank: Rank| versions.ascending[rank as usize].to_string();
    let parts: Vec<String> = ranks
        .intervals()
        .iter()
        .filter_map(|&(start, end)| match (start, end.min(count)) {
            (start, _) if start >= count => Some(match count {
                0 => String::new(),
                _ => format!(">{}", text(count - 1)),
            }),
            (0, end) if end == count => None,
            (start, end) if end - start == 1 => Some(format!("=={}", text(start))),
            (0, end) => Some(format!("<={}", text(end - 1))),
            (start, end) if end == count => Some(format!(">={}", text(start))),
            (start, end) => Some(format!(">={},<={}", text(start), text(end - 1))),
        })
        .collect();
    match parts.len() {
        0 if ranks.is_empty() => format!("{name} in a version that does not exist"),
        0 => name,
        1..=3 => format!("{name}{}", parts.join(" or ")),
        more => format!("{name}{} or {} others", parts[..2].join(" or "), more - 2),
    }
}

/// What a person can know of a package of which no version fits.
fn what_exists(catalog: &mut Catalog<'_>, package: PackageId) -> Option<String> {
    if !matches!(
        catalog.key(package).origin,
        Origin::Index | Origin::Named(_) | Origin::Direct(_)
    ) {
        return None;
    }
    let name = catalog.display(package);
    let versions = catalog.versions(package).ok()?;
    if let Some(missing) = &versions.missing {
        return Some(match missing {
            SourceError::NotFound { .. } => {
                format!("{name} is on none of the indexes that were asked; is the name right?")
            }
            other => other.to_string(),
        });
    }
    let finals: Vec<_> = versions
        .ascending
        .iter()
        .filter(|version| !version.is_prerelease())
        .collect();
    match (finals.first(), finals.last(), versions.ascending.last()) {
        (Some(first), Some(last), _) => Some(format!(
            "{name} exists in {} versions, from {first} to {last}",
            versions.ascending.len()
        )),
        (_, _, Some(last)) => Some(format!(
            "{name} has only pre-releases, the newest is {last}"
        )),
        _ => Some(format!("{name} has no files that can be installed")),
    }
}
