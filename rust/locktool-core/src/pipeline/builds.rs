//! Records in the lock of a run what its builds install.

use crate::certify::indexes_of_run;
use crate::lock::{BuildRequirements, LockedDocument};

/// A lock with further sets of build requirements, each with the lock that it was resolved to, where there is one. The indexes that
/// only the run named serve builds too.
#[must_use]
pub fn with_builds(
    document: LockedDocument,
    made: Vec<(Vec<String>, Option<LockedDocument>)>,
) -> LockedDocument {
    let mut document = document.with_builds(made);
    let sets = document.build_requirements().iter();
    let packages = sets
        .flat_map(|set: &BuildRequirements| &set.packages)
        .chain(&document.packages);
    let other_indexes = document
        .inputs()
        .map(|inputs| indexes_of_run(packages, inputs));
    let record = document
        .tool
        .as_mut()
        .and_then(|tool| tool.locktool.as_mut());
    if let (Some(record), Some(other_indexes)) = (record, other_indexes) {
        record.inputs.other_indexes = other_indexes;
        record.inputs.digest = record.inputs.digest_of_run();
    }
    document
}
