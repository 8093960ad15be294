//! Which versions of an existing lock are preferred: all that were chosen by the rules of today and that nobody asks to move.

use rustc_hash::FxHashSet;

use super::Upgrade;
use crate::locked::LockedDocument;
use crate::manifest::{Cutoff, ManifestRecord, Settings};
use crate::name::PackageName;
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
        if Rules::of(inputs) != Rules::of(record) {
            // `lowest` after `highest` would else move nothing.
            return Preferences::default();
        }
        moving.extend(rules_of_packages_that_differ(
            &inputs.effective(),
            &record.effective(),
        ));
    }
    Preferences::from_locked(&document.packages, |name| !moving.contains(&name)).moving(moving)
}

/// What decides which version of any package is the best.
#[derive(PartialEq)]
struct Rules {
    settings: Settings,
    cutoffs: Vec<(String, Option<i64>)>,
}

impl Rules {
    fn of(record: &ManifestRecord) -> Self {
        let settings = record.effective();
        let cutoffs = record.indexes.iter().filter_map(|index| {
            let cutoff = index.exclude_newer.as_ref()?;
            Some((index.url.clone(), cutoff.instant()))
        });
        Self {
            cutoffs: cutoffs.collect(),
            settings: Settings {
                resolution: settings.resolution,
                prerelease: settings.prerelease,
                fork_strategy: settings.fork_strategy,
                exclude_newer: settings.exclude_newer,
                ..Settings::default()
            }
            .without_defaults(),
        }
    }
}

/// The packages whose own rules are others than they were.
fn rules_of_packages_that_differ(then: &Settings, now: &Settings) -> Vec<PackageName> {
    let prereleases = |settings: &Settings| settings.prerelease_package.clone().unwrap_or_default();
    let cutoffs = |settings: &Settings| settings.exclude_newer_package.clone().unwrap_or_default();
    let (modes_then, modes_now) = (prereleases(then), prereleases(now));
    let (cutoffs_then, cutoffs_now) = (cutoffs(then), cutoffs(now));
    let instant = |cutoff: Option<&Cutoff>| cutoff.map(Cutoff::instant);
    let named = modes_then.keys().chain(modes_now.keys());
    let named = named.chain(cutoffs_then.keys()).chain(cutoffs_now.keys());
    let differs = |name: &&PackageName| {
        modes_then.get(name) != modes_now.get(name)
            || instant(cutoffs_then.get(name)) != instant(cutoffs_now.get(name))
    };
    named.filter(differs).copied().collect()
}
