//! Whether the top of a lock says what its recorded inputs say.

use std::collections::BTreeSet;

use super::StaleReason;
use crate::locked::LockedDocument;
use crate::manifest::{DefaultGroups, ManifestRecord};
use crate::name::{ExtraName, GroupName};

/// The header must say what the recorded inputs say.
pub(super) fn check(document: &LockedDocument, recorded: &ManifestRecord) -> Vec<StaleReason> {
    let extras: BTreeSet<&str> = recorded
        .members
        .iter()
        .flat_map(|member| member.extras.keys().map(ExtraName::as_str))
        .collect();
    let groups: BTreeSet<&str> = recorded
        .members
        .iter()
        .flat_map(|member| member.groups.keys().map(GroupName::as_str))
        .collect();
    let mut reasons = Vec::new();
    let mut holds = |what: &str, holds: bool| {
        if !holds {
            let message = format!("`{what}` at the top of the lock is not what its inputs say");
            reasons.push(StaleReason::touched("header-changed", what, message));
        }
    };
    holds("lock-version", document.lock_version == "1.0");
    holds("created-by", !document.created_by.is_empty());
    holds("extras", texts(&document.extras) == extras);
    holds(
        "dependency-groups",
        texts(&document.dependency_groups) == groups,
    );
    holds(
        "requires-python",
        document.requires_python == recorded.requires_python,
    );
    let settings = recorded.effective();
    let environments = settings.environments.unwrap_or_default().0;
    holds("environments", document.environments == environments);
    let default_groups = match &settings.default_groups {
        Some(DefaultGroups::Every(_)) => groups,
        Some(DefaultGroups::Named(names)) => names.iter().map(GroupName::as_str).collect(),
        None => BTreeSet::new(),
    };
    holds(
        "default-groups",
        texts(&document.default_groups) == default_groups,
    );
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
