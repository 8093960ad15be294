//! What a lock has that locktool never writes, as reasons: installers may obey the keys, and readers of TOML 1.0 refuse the forms.

use super::{StaleReason, title};
use crate::document::Step;
use crate::lock::{LockedDocument, UnknownKey, key_path};

/// The keys that no record has, and the first form of TOML 1.1.
pub(super) fn check(document: &LockedDocument) -> Vec<StaleReason> {
    let keys = document.unwritten.keys.iter();
    let mut reasons: Vec<StaleReason> = keys.map(|key| unknown_key(document, key)).collect();
    if let Some(form) = document.unwritten.newer_form {
        let message = format!(
            "line {} has {}, which TOML 1.0 has not and pip before Python 3.15 cannot read",
            form.line, form.what
        );
        reasons.push(StaleReason::touched("toml-version", "lock", message));
    }
    reasons
}

fn unknown_key(document: &LockedDocument, key: &UnknownKey) -> StaleReason {
    let package = match key.steps.as_slice() {
        [_, Step::Index(index), ..] => document.packages.get(*index),
        _ => None,
    };
    let subject = package.map_or_else(|| "lock".to_owned(), title);
    let path = key_path(&key.steps);
    let of = package.map(|_| format!(" of {subject}"));
    let line = key.line.map(|line| format!(" in line {line}"));
    let message = format!(
        "`{path}`{}{} is a key that locktool does not write",
        of.unwrap_or_default(),
        line.unwrap_or_default()
    );
    StaleReason::touched("key-unknown", subject, message)
}
