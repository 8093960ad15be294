//! What builds install: every set of requirements that is installed is recorded once, and its packages answer it.

use std::collections::BTreeSet;

use super::{StaleReason, certify_packages};
use crate::lock::{BuildRequirements, LockedDocument};
use crate::manifest::{ManifestError, ManifestRecord};

const KEY: &str = "build-requirements";

/// Finds what the recorded sets do not have that they must, and what does not hold in them.
pub(super) fn check(
    document: &LockedDocument,
    recorded: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    let mut needed = document.builds();
    let mut reasons = Vec::new();
    for set in document.build_requirements() {
        match needed.remove(&set.requires) {
            None => reasons.push(superfluous(set)),
            Some(built) if !built.iter().eq(&set.built) => reasons.push(other_builds(set, &built)),
            Some(_) => {}
        }
        if set.digest != set.digest_of_head() {
            let message = format!(
                "what {} require is not as it was written: a version or Python in it differs",
                title(&set.built)
            );
            reasons.push(StaleReason::touched("builds-changed", KEY, message));
        }
        reasons.extend(of_packages(set, recorded)?);
    }
    for (requires, built) in needed {
        let builds: Vec<String> = built.into_iter().collect();
        let message = format!(
            "the lock does not record what {} install: {}",
            title(&builds),
            requires.join(", ")
        );
        let reason = StaleReason::inputs("builds-missing", KEY, message);
        reasons.push(reason.about(KEY, None, Some(requires.join(", "))));
    }
    Ok(reasons)
}

/// What does not hold of the packages of a set, which are proved as a lock of their own.
fn of_packages(
    set: &BuildRequirements,
    recorded: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    if set.packages.is_empty() {
        return Ok(Vec::new());
    }
    let lock = set.as_lock(recorded);
    let Some(inputs) = lock.inputs() else {
        return Ok(Vec::new());
    };
    let reasons = certify_packages(&lock, inputs, inputs)?.into_iter();
    let named = reasons.map(|reason| StaleReason {
        message: format!("{}: {}", title(&set.built), reason.message),
        ..reason
    });
    Ok(named.collect())
}

fn superfluous(set: &BuildRequirements) -> StaleReason {
    let requires = set.requires.join(", ");
    let message = format!(
        "the lock records builds that require {requires}, or records them twice, and nothing of the project does"
    );
    let reason = StaleReason::touched("builds-superfluous", KEY, message);
    reason.about(KEY, Some(requires), None)
}

fn other_builds(set: &BuildRequirements, built: &BTreeSet<String>) -> StaleReason {
    let needed: Vec<String> = built.iter().cloned().collect();
    let message = format!(
        "the lock records what builds of {} require ({}), and it is what those of {} do",
        set.built.join(", "),
        set.requires.join(", "),
        needed.join(", ")
    );
    let reason = StaleReason::touched("builds-changed", KEY, message);
    reason.about(
        "build-requirements.for",
        Some(set.built.join(", ")),
        Some(needed.join(", ")),
    )
}

/// The builds of a set, as messages name them: `builds of a, b`
fn title(built: &[String]) -> String {
    format!("builds of {}", built.join(", "))
}
