//! Which versions of an existing lock are preferred: all that were chosen by the rules of today and that nobody asks to move.

use rustc_hash::FxHashSet;

use super::Upgrade;
use crate::lock::LockedDocument;
use crate::manifest::{Cutoff, IndexRecord, ManifestRecord, Outdated, Setting};
use crate::resolver::Preferences;

/// The preferences for a run on the inputs of today.
pub fn preferences(
    document: &LockedDocument,
    record: &ManifestRecord,
    upgrade: &Upgrade,
) -> Preferences {
    let mut moving = match upgrade {
        Upgrade::Nothing => FxHashSet::default(),
        Upgrade::Everything => return Preferences::default(),
        Upgrade::Packages(names) => names.clone(),
    };
    if let Some(inputs) = document.inputs() {
        let settings = record.effective().outdated_since(&inputs.effective());
        match settings.and(of_indexes(&inputs.indexes, &record.indexes)) {
            // `lowest` after `highest` would else move nothing.
            Outdated::Every => return Preferences::default(),
            Outdated::Packages(names) => moving.extend(names),
        }
    }
    Preferences::from_locked(&document.packages, |name| !moving.contains(&name)).upgrading(moving)
}

/// What is outdated since indexes have other cutoffs of their own.
fn of_indexes(then: &[IndexRecord], now: &[IndexRecord]) -> Outdated {
    let cutoff = |indexes: &[IndexRecord], url: &str| -> Option<Cutoff> {
        let mut indexes = indexes.iter();
        indexes.find(|one| one.url == url)?.exclude_newer.clone()
    };
    let mut urls = then.iter().chain(now).map(|index| &index.url);
    let differs = |url: &String| match (cutoff(then, url), cutoff(now, url)) {
        (Some(then), Some(now)) => !then.chooses_as(&now),
        (None, None) => false,
        _ => true,
    };
    if urls.any(differs) {
        Outdated::Every
    } else {
        Outdated::NOTHING
    }
}
