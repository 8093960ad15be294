//! What a run asked of each index, for people who look for the reason of a slow one.

use std::sync::atomic::{AtomicU64, Ordering};

/// How the pages of one index were come by.
#[derive(Debug, Default)]
pub struct PageCounts {
    /// From the cache, without asking.
    cached: AtomicU64,
    /// Asked for, and sent as a whole.
    fetched: AtomicU64,
    /// Asked for, and still as the cache has them.
    revalidated: AtomicU64,
}

impl PageCounts {
    pub fn count_cached(&self) {
        self.cached.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_fetched(&self) {
        self.fetched.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count_revalidated(&self) {
        self.revalidated.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts in words; `None` where there is none.
    pub fn sentence(&self) -> Option<String> {
        let counts = [&self.cached, &self.fetched, &self.revalidated];
        let [cached, fetched, revalidated] = counts.map(|count| count.load(Ordering::Relaxed));
        (cached + fetched + revalidated > 0).then(|| {
            format!("{fetched} fetched, {revalidated} revalidated, {cached} from the cache")
        })
    }
}
