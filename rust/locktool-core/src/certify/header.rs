//! Whether the top of a lock says what its recorded inputs say.

use std::collections::BTreeSet;

use super::StaleReason;
use crate::locked::{Header, LOCK_VERSION, LockedDocument};
use crate::manifest::ManifestRecord;

/// The header must say what the recorded inputs say.
pub(super) fn check(document: &LockedDocument, recorded: &ManifestRecord) -> Vec<StaleReason> {
    let expected = Header::of(recorded);
    let mut reasons = Vec::new();
    let mut holds = |what: &str, holds: bool| {
        if !holds {
            let message = format!("`{what}` at the top of the lock is not what its inputs say");
            reasons.push(StaleReason::touched("header-changed", what, message));
        }
    };
    holds("lock-version", document.lock_version == LOCK_VERSION);
    holds("created-by", !document.created_by.is_empty());
    holds(
        "requires-python",
        document.requires_python == expected.requires_python,
    );
    holds(
        "environments",
        document.environments == expected.environments,
    );
    for (key, names, expected) in [
        ("extras", &document.extras, &expected.extras),
        (
            "dependency-groups",
            &document.dependency_groups,
            &expected.dependency_groups,
        ),
        (
            "default-groups",
            &document.default_groups,
            &expected.default_groups,
        ),
    ] {
        holds(key, texts(names) == texts(expected));
    }
    if !recorded.is_as_run_wrote() {
        let message = "what the lock records of its command line, of other-indexes, of the instants of spans and of the Pythons \
            assumed is not what its run wrote";
        reasons.push(StaleReason::touched(
            "run-changed",
            "lock",
            message.to_owned(),
        ));
    }
    reasons
}

fn texts(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}
