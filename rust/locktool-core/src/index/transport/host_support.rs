//! What each host turned out to support, so that a run asks for what is there.

use std::sync::atomic::{AtomicBool, Ordering};
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
}

impl Host {
    /// Whether it has not refused a range yet.
    pub fn may_send_ranges(&self) -> bool {
        !self.refuses_ranges.load(Ordering::Relaxed)
    }

    /// Remembers that it refused a range.
    pub fn refuse_ranges(&self) {
        self.refuses_ranges.store(true, Ordering::Relaxed);
    }
}

impl HostSupport {
    /// The host of an address.
    pub fn of(&self, url: &Url) -> Arc<Host> {
        Arc::clone(guard(&self.hosts).entry(origin(url)).or_default())
    }
}
