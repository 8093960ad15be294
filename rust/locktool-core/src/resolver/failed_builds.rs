//! What follows from builds that failed: a failure never moves a package to an older version, and is never passed over in silence.
//!
//! ```text
//! the first version tried of a package    it stays chosen, as if it required nothing; where it is in the result, its failure is the error
//! one that was tried after a newer one    it cannot be used, nor can any older one
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::error::ResolveError;
use super::package::Catalog;
use crate::name::PackageName;
use crate::solver::{PackageId, Rank};
use crate::source::SourceError;
use crate::version::Version;

/// The builds of a run that failed.
#[derive(Default)]
pub(super) struct FailedBuilds {
    failures: BTreeMap<(PackageId, Rank), Failure>,
}

/// A build that failed: of which release, and why.
pub(super) struct Failure {
    pub package: PackageName,
    pub version: Option<Version>,
    pub reason: Arc<str>,
    pub suggestion: Option<String>,
}

impl FailedBuilds {
    pub fn add(&mut self, package: PackageId, rank: Rank, failure: Failure) {
        self.failures.insert((package, rank), failure);
    }

    /// The failure of a newer version of a package, which rules this one out.
    pub fn above(&self, package: PackageId, rank: Rank) -> Option<&Arc<str>> {
        let newer = (package, rank + 1)..=(package, Rank::MAX);
        let (_, failure) = self.failures.range(newer).next()?;
        Some(&failure.reason)
    }

    /// What people should know of the failures, for a result of these versions.
    ///
    /// # Errors
    /// The failure of a version that is in the result, or of one that is newer than that of the result.
    pub fn outcome(
        &self,
        catalog: &mut Catalog<'_>,
        chosen: &BTreeSet<(PackageId, Rank)>,
    ) -> Result<Vec<String>, ResolveError> {
        if self.failures.is_empty() {
            return Ok(Vec::new());
        }
        let mut lowest: BTreeMap<PackageId, Rank> = BTreeMap::new();
        for (package, rank) in chosen {
            let known = lowest.entry(catalog.base(*package)).or_insert(*rank);
            *known = (*known).min(*rank);
        }
        let mut warnings = Vec::new();
        for ((package, rank), failure) in &self.failures {
            let taken = lowest.get(package).copied();
            let name = catalog.display(*package);
            let versions = &catalog.versions(*package)?.ascending;
            if taken.is_some_and(|taken| taken <= *rank) {
                return Err(ResolveError::Source(SourceError::BuildFailed {
                    package: failure.package,
                    version: failure.version,
                    reason: failure.reason.to_string(),
                    suggestion: failure.suggestion.clone(),
                }));
            }
            let outcome = match taken {
                Some(taken) => format!("{name} {} is taken", versions[taken as usize]),
                None => format!("{name} is not needed"),
            };
            let first = failure.reason.lines().next().unwrap_or_default();
            warnings.push(format!(
                "{}, which does not matter: {outcome}",
                first.trim_end_matches(':')
            ));
        }
        Ok(warnings)
    }
}
