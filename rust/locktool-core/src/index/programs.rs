//! What other programs know for a run: builds, checked out repositories, and what the project states in their place.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::builds::Builds;
use super::options::{Checkout, MetadataBuilder};
use super::stated::StatedBuilds;
use crate::manifest::MemberRecord;

/// The door to other programs, and what came of it.
pub struct Programs {
    /// `None` never builds.
    pub builder: Option<Arc<dyn MetadataBuilder>>,
    pub builds: Builds,
    /// Source distributions of which nothing is known are left alone.
    pub is_sparing: AtomicBool,
    /// What the project says in place of metadata, and of builds.
    pub stated: StatedBuilds,
    /// Repositories that were checked out for this run, by the address that requirements give.
    pub checkouts: FxHashMap<String, Checkout>,
    /// Directories whose metadata a lock records, with the digests of what their builds read.
    pub recorded_trees: Vec<MemberRecord>,
    /// The directories that were read, by the paths that requirements give.
    pub trees: Mutex<BTreeMap<String, MemberRecord>>,
}
