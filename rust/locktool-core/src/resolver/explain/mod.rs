//! Failures rendered for people: which requirements do not go together, what exists, and what could be changed.
//!
//! ```text
//! proof -> fact (premises, merged) -> sentences        (wording: versions and requirements as people say them)
//!     |       |
//!     |       '-> remedy (changes of the project that are worth a try) -> pipeline::suggest tries them
//!     '-> derivation (the whole proof, step by step)
//! ```

mod blocked;
mod change;
mod derivation;
mod fact;
mod hint;
mod remedy;
mod rule;
mod wording;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::candidate::CandidateSelector;
use super::package::{Catalog, Origin};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::solver::{Cause, IncompatibilityId, PackageId, Rank, RankSet, Solver};

pub use change::{Change, Edit};
pub use derivation::Step;
pub use hint::Hint;

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

/// Changes of the project under which a solution was found.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub text: String,
    pub changes: Vec<Change>,
    pub edits: Vec<Edit>,
}

/// Why there is no resolution, in sentences.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// One fact each, in the order in which they are needed.
    pub facts: Vec<String>,
    /// The environment in which the failure holds, if not in all.
    pub environment: Option<String>,
    pub hints: Vec<Hint>,
    /// Smallest changes first; empty until they were tried.
    pub suggestions: Vec<Suggestion>,
    /// The whole proof; the first step is the conclusion.
    pub derivation: Vec<Step>,
    /// Changes that are worth a try, the smallest first.
    pub remedies: Vec<Change>,
    /// Packages of which no version fits, and the index that was asked for them.
    pub missing: Vec<(PackageName, Option<Arc<str>>)>,
}

/// Facts beyond this many are left out: nobody reads them.
const MOST_FACTS: usize = 7;
const MOST_HINTS: usize = 2;

/// A longer text of an environment says less than none.
const LONGEST_ENVIRONMENT: usize = 200;

impl fmt::Display for Explanation {
    /// At most a dozen lines.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(
                formatter,
                "not all requirements can be met where {environment}:"
            )?,
            None => write!(formatter, "not all requirements can be met:")?,
        }
        let shown = match self.facts.len() {
            count if count <= MOST_FACTS => count,
            _ => MOST_FACTS - 1,
        };
        for fact in &self.facts[..shown] {
            write!(formatter, "\n  {fact}")?;
        }
        if self.facts.len() > shown {
            let more = self.facts.len() - shown;
            write!(formatter, "\n  and {more} more (--json lists all of them)")?;
        }
        for hint in self.hints.iter().take(MOST_HINTS) {
            write!(formatter, "\nhint: {}", hint.text)?;
        }
        for suggestion in &self.suggestions {
            write!(formatter, "\nthis works: {}", suggestion.text)?;
        }
        Ok(())
    }
}

impl Failure {
    /// Renders the premises of the proof, and what could be changed about them.
    pub fn explain(
        &self,
        catalog: &mut Catalog<'_>,
        selector: &mut CandidateSelector<'_>,
        universe: Marker,
    ) -> Explanation {
        let collected = fact::collect(self, catalog, selector, universe);
        let mut hints: Vec<Hint> = Vec::new();
        let mut missing = Vec::new();
        for blocked in &collected.blocked {
            hints.extend(
                hint::what_exists(self, catalog, blocked).filter(|hint| !hints.contains(hint)),
            );
            if let Some(name) = catalog.key(blocked.package).name {
                let versions = catalog.versions(blocked.package).ok();
                let listing = versions.and_then(|versions| versions.listing.clone());
                missing.push((name, listing.map(|listing| Arc::clone(&listing.index))));
            }
        }
        let remedies = remedy::propose(self, catalog, &collected, universe);
        let derivation = derivation::steps(self, catalog, &collected);
        let plain = universe.without_memberships();
        Explanation {
            facts: collected.facts.into_iter().map(|fact| fact.text).collect(),
            environment: self
                .environment
                .without_memberships()
                .to_text(plain)
                .filter(|text| text.len() < LONGEST_ENVIRONMENT),
            hints,
            suggestions: Vec::new(),
            derivation,
            remedies,
            missing,
        }
    }

    /// The premises of the proof, in the order in which it uses them.
    fn leaves(&self) -> Vec<IncompatibilityId> {
        let mut leaves = Vec::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![self.terminal];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.solver.incompatibility(id).cause {
                Cause::Derived(left, right) => open.extend([right, left]),
                _ => leaves.push(id),
            }
        }
        leaves
    }
}

/// Whether a dependency only says that a package with an extra is the package, or that the project has a member.
fn is_plain_membership(catalog: &Catalog<'_>, package: PackageId, target: PackageId) -> bool {
    catalog.base(package) == catalog.base(target)
        || (matches!(catalog.key(package).origin, Origin::Root)
            && matches!(catalog.key(target).origin, Origin::Member(_)))
}
