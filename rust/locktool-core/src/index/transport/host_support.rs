//! What each host turned out to support, so that a run asks for what is there.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;
use url::Url;

use super::address::origin;
use crate::index::single_flight::guard;

/// The hosts of a run.
#[derive(Default)]
pub struct HostSupport {
    hosts: Mutex<FxHashMap<String, Arc<Host>>>,
}

/// What is known of one host.
#[derive(Default)]
pub struct Host {
    /// Whether files have a `.metadata` beside them where the index does not say so; unknown before one was asked for. Whoever asks
    /// for the first holds the lock, and the others wait for what comes of it.
    pub unannounced_sidecars: tokio::sync::Mutex<Option<bool>>,
    refuses_ranges: AtomicBool,
    resumed: AtomicU64,
}

impl Host {
    /// Whether it has not refused a range yet.
    pub fn may_send_ranges(&self) -> bool {
        !self.refuses_ranges.load(Ordering::Relaxed)
    }

    /// Counts a download that was gone on with.
    pub fn count_resumed(&self) {
        self.resumed.fetch_add(1, Ordering::Relaxed);
    }

    /// Remembers that it refused a range.
    pub fn refuse_ranges(&self) {
        self.refuses_ranges.store(true, Ordering::Relaxed);
    }
}

impl HostSupport {
    /// The hosts of which downloads were gone on with where they broke off, and how many, in a sentence each.
    pub fn resumptions(&self) -> Vec<String> {
        let hosts = guard(&self.hosts);
        let resumed = hosts.iter().filter_map(|(origin, host)| {
            let count = host.resumed.load(Ordering::Relaxed);
            (count > 0).then(|| format!("downloads from {origin}: {count} resumed"))
        });
        let mut sentences: Vec<String> = resumed.collect();
        sentences.sort_unstable();
        sentences
    }

    /// The host of an address.
    pub fn of(&self, url: &Url) -> Arc<Host> {
        Arc::clone(guard(&self.hosts).entry(origin(url)).or_default())
    }
}
