//! The certificate: a lock, proved against the manifest of today, offline.
//!
//! Fresh means that the inputs recorded in the lock are the inputs of today. Sound means that the recorded requirements of every
//! entry are met, in every environment that needs them, by exactly one entry; that every marker and every edge is the one that
//! follows; that nothing is left over; and that each block still has the digest it was written with. What does not hold is
//! returned, each with the entry and what to do. The rules, one by one:
#![doc = include_str!("certify/certificate.md")]

mod block;
mod builds;
mod compare;
mod edges;
mod entries;
mod files;
mod freshness;
mod graph;
mod header;
mod origin;
mod pins;
mod trees;
mod unwritten;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::lock::{LockedDocument, LockedPackage};
use crate::manifest::{Manifest, ManifestError, ManifestRecord, SCHEMA};
use crate::marker::Run;

pub use origin::indexes_of_run;

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleReason {
    /// A short word for tools: `requirement-added`, `marker-changed`, ...
    pub code: Cow<'static, str>,
    /// The package or member it is about.
    pub subject: String,
    /// One sentence for people.
    pub message: String,
    /// What to do.
    pub suggestion: &'static str,
    /// The key of a changed input: `indexes[1].url`
    pub key: Option<String>,
    /// What the lock records of it.
    pub then: Option<String>,
    /// What it is today.
    pub now: Option<String>,
}

const LOCK_AGAIN: &str = "run `locktool lock`";
const RESTORE: &str = "restore the file or run `locktool lock`";

impl StaleReason {
    /// An input that is not what the lock records.
    pub fn inputs(
        code: impl Into<Cow<'static, str>>,
        subject: impl Into<String>,
        message: String,
    ) -> Self {
        Self {
            code: code.into(),
            subject: subject.into(),
            message,
            suggestion: LOCK_AGAIN,
            key: None,
            then: None,
            now: None,
        }
    }

    fn touched(code: &'static str, subject: impl Into<String>, message: String) -> Self {
        Self {
            suggestion: RESTORE,
            ..Self::inputs(code, subject, message)
        }
    }

    /// The same, with something else to do.
    #[must_use]
    pub fn with_suggestion(self, suggestion: &'static str) -> Self {
        Self { suggestion, ..self }
    }

    /// The same, with the key and its two values.
    #[must_use]
    fn about(self, key: &str, then: Option<String>, now: Option<String>) -> Self {
        Self {
            key: Some(key.to_owned()),
            then,
            now,
            ..self
        }
    }
}

/// Proves a lock; an empty list is the proof.
///
/// # Errors
/// When the manifest of today, or the one recorded in the lock, is not well formed.
pub fn certify(
    document: &LockedDocument,
    today: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    let Some(recorded) = document.inputs() else {
        return Ok(vec![StaleReason::inputs(
            "not-certifiable",
            "lock",
            "the lock has no [tool.locktool] table, so nothing can be proved of it".to_owned(),
        )]);
    };
    if recorded.schema != SCHEMA {
        let message = match recorded.schema {
            0 => "the [tool.locktool] table of the lock names no schema, so nothing can be proved of it"
                .to_owned(),
            schema => format!(
                "the lock was written with schema {schema}, this locktool reads schema {SCHEMA}"
            ),
        };
        return Ok(vec![StaleReason::inputs("schema-changed", "lock", message)]);
    }
    let mut reasons = certify_packages(document, recorded, today)?;
    reasons.extend(builds::check(document, recorded)?);
    Ok(reasons)
}

/// Proves a lock with its inputs, but for what builds install.
fn certify_packages(
    document: &LockedDocument,
    recorded: &ManifestRecord,
    today: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    let mut reasons = freshness::compare(recorded, today);
    // Soundness is proved against what the lock itself records, so that each finding names its own cause.
    let manifest = Manifest::from_record(recorded)?;
    reasons.extend(pins::outside_of_bounds(document, recorded, today)?);
    reasons.extend(header::check(document, recorded));
    reasons.extend(unwritten::check(document));
    reasons.extend(trees::unrecorded(document, recorded));
    reasons.extend(trees::unrequired(document, recorded));
    reasons.extend(trees::unassigned(recorded));
    let blocks = Blocks::new(document, &manifest, recorded);
    let run = Run::of_this_thread();
    let (mut of_blocks, of_graph) = std::thread::scope(|scope| {
        let helper =
            std::thread::Builder::new().spawn_scoped(scope, || run.work(|| blocks.check()));
        let of_graph = prove_graph(document, &manifest, recorded);
        let mut of_blocks = blocks.check();
        if let Ok(helper) = helper {
            of_blocks.extend(
                helper
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            );
        }
        (of_blocks, of_graph)
    });
    of_blocks.sort_by_key(|(place, _)| *place);
    reasons.extend(of_blocks.into_iter().map(|(_, reason)| reason));
    reasons.extend(of_graph);
    Ok(reasons)
}

/// The blocks of a lock, which two threads check: each takes the next few until none is left.
struct Blocks<'d> {
    document: &'d LockedDocument,
    manifest: &'d Manifest,
    indexes: origin::Indexes<'d>,
    next: AtomicUsize,
}

const BLOCKS_AT_A_TIME: usize = 8;

impl<'d> Blocks<'d> {
    fn new(
        document: &'d LockedDocument,
        manifest: &'d Manifest,
        recorded: &'d ManifestRecord,
    ) -> Self {
        Self {
            document,
            manifest,
            indexes: origin::Indexes::of(recorded),
            next: AtomicUsize::new(0),
        }
    }

    /// What blocks say that does not hold, each with the place of its block.
    fn check(&self) -> Vec<(usize, StaleReason)> {
        let mut rules = files::Rules::of(self.manifest);
        let mut found = Vec::new();
        loop {
            let start = self.next.fetch_add(BLOCKS_AT_A_TIME, Ordering::Relaxed);
            let blocks = self.document.packages.iter().enumerate().skip(start);
            let mut is_done = true;
            for (place, package) in blocks.take(BLOCKS_AT_A_TIME) {
                is_done = false;
                let of_block = block::check(package, &mut rules).into_iter();
                let reasons = of_block.chain(self.indexes.check(package));
                found.extend(reasons.map(|reason| (place, reason)));
            }
            if is_done {
                return found;
            }
        }
    }
}

/// Finds everything in the entries of a lock that does not follow from its recorded inputs.
fn prove_graph(
    document: &LockedDocument,
    manifest: &Manifest,
    recorded: &ManifestRecord,
) -> Vec<StaleReason> {
    let mut findings = entries::Findings::default();
    let mut entries = entries::Entries::read(document, (manifest, recorded), &mut findings);
    graph::derive(&mut entries, manifest, &mut findings);
    findings
        .reasons
        .extend(compare::compare(&entries, manifest, recorded));
    findings.reasons
}

/// A block as messages name it.
fn title(package: &LockedPackage) -> String {
    let name = match package.name.as_str() {
        "" => "a package without a name",
        name => name,
    };
    match &package.version {
        Some(version) => format!("{name} {version}"),
        None => name.to_owned(),
    }
}
