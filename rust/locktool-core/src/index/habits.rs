//! What each host turned out to offer, so that a run asks for what is there.

use std::sync::Mutex;

use rustc_hash::FxHashMap;
use url::Url;

use super::single_flight::guard;

/// A host is taken to have no sidecars once this many were missing and they outnumber those that were there.
const PATIENCE_WITH_SIDECARS: u32 = 4;

/// The memory of a run.
#[derive(Default)]
pub struct Habits {
    hosts: Mutex<FxHashMap<String, Habit>>,
}

#[derive(Clone, Copy, Default)]
struct Habit {
    sidecars_found: u32,
    sidecars_missing: u32,
    ranges_refused: bool,
}

impl Habits {
    /// Whether it is worth asking this host for a sidecar that is not announced.
    pub fn expects_sidecars(&self, url: &Url) -> bool {
        let habit = self.of(url);
        habit.sidecars_missing < PATIENCE_WITH_SIDECARS
            || habit.sidecars_missing <= habit.sidecars_found
    }

    /// Whether this host has not refused a range yet.
    pub fn expects_ranges(&self, url: &Url) -> bool {
        !self.of(url).ranges_refused
    }

    pub fn saw_sidecar(&self, url: &Url, found: bool) {
        self.change(url, |habit| {
            let count = if found {
                &mut habit.sidecars_found
            } else {
                &mut habit.sidecars_missing
            };
            *count = count.saturating_add(1);
        });
    }

    pub fn saw_range_refused(&self, url: &Url) {
        self.change(url, |habit| habit.ranges_refused = true);
    }

    fn of(&self, url: &Url) -> Habit {
        guard(&self.hosts)
            .get(&origin(url))
            .copied()
            .unwrap_or_default()
    }

    fn change(&self, url: &Url, change: impl FnOnce(&mut Habit)) {
        change(guard(&self.hosts).entry(origin(url)).or_default());
    }
}

/// Scheme, host and port.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
