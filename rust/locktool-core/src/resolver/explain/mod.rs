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
mod failure;
mod hint;
mod remedy;
mod rule;
mod wording;

use std::fmt;
use std::sync::Arc;

use super::candidate::CandidateSelector;
use super::package::Catalog;
use crate::marker::Marker;
use crate::name::PackageName;

pub(super) use failure::{Failure, Premise};

pub use change::{Change, Edit};
pub use derivation::Step;
pub use hint::Hint;

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
}
