//! What the judge is asked about a version, and what it says.

use std::sync::Arc;

use crate::marker::Marker;
use crate::name::PackageName;
use crate::solver::RankSet;
use crate::version::SpecifierSet;

/// What is said of a version in the environments of a fork.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// `a 2` where everything that needs `a` has a Python and files for it.
    Usable,
    /// Inside and outside of the marker are different questions: `a 2` needs Python 3.12, and the fork starts at 3.11.
    Split(Marker),
    /// Nowhere in the fork.
    Rejected(Rejection),
}

/// Why a version may not be used although the requirements allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rejection {
    Prerelease,
    Yanked,
    /// `exclude-newer` hides it.
    Cutoff,
    /// It needs another Python than the environments that need it have.
    Python(Arc<SpecifierSet>),
    /// None of its files can be used there.
    Files,
}

/// Which versions of a package are in question, and where.
#[derive(Clone, Copy)]
pub(super) struct CandidateQuery<'a> {
    pub name: PackageName,
    pub allowed: &'a RankSet,
    /// The environments of the fork.
    pub environment: Marker,
    pub summary: &'a RequirementSummary,
}

/// What the requirements on a package say together, beside the versions that they allow.
#[derive(Clone)]
pub(super) struct RequirementSummary {
    /// The part of the fork in which the package is needed, as far as is known.
    pub needed: Marker,
    /// Where a requirement of the project itself is among them.
    pub direct: Marker,
    /// A specifier names a pre-release, which admits them.
    pub names_prerelease: bool,
    /// The project pins the version, which admits a yanked one.
    pub pins_version: bool,
    /// The versions that the project's own requirements allow.
    pub project_allows: RankSet,
}

impl RequirementSummary {
    /// The summary of no requirement, for a package that is needed in some environments.
    pub fn of_environments(needed: Marker) -> Self {
        Self {
            needed,
            direct: Marker::FALSE,
            names_prerelease: false,
            pins_version: false,
            project_allows: RankSet::full(),
        }
    }
}
