//! Why a run has no resolution.

use std::sync::Arc;

use super::explain::Explanation;
use crate::source::SourceError;

/// Why a run has no resolution.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResolveError {
    /// The index, or a file it serves, kept the question from being asked.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// No combination of versions satisfies the requirements.
    #[error("{0}")]
    Impossible(Arc<Explanation>),
    #[error("cancelled")]
    Cancelled,
    /// The steps or the time that this run was given are used up.
    #[error("no resolution was found within the steps and the time of this run")]
    BudgetSpent,
}

/// The result of what only makes a resolution better, or nothing where it takes what an offline run does not have.
pub(super) fn unless_offline<T>(
    result: Result<T, ResolveError>,
) -> Result<Option<T>, ResolveError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ResolveError::Source(SourceError::Offline { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}
