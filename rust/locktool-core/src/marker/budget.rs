//! How much one run may make of markers.
//!
//! A few dozen comparisons can be written so that their diagram, or its text, is larger than any memory: the pairs
//! `'a1' in extras and 'b1' in extras or 'a2' in extras and ...` double the diagram with each pair. A single text is refused when
//! it is read (`expression`); what a run combines out of many is counted here. Where the budget is spent, the stack is unwound to
//! where the run began, which reports it: the operations of the algebra have no failure of their own.
//!
//! Diagrams are as deep as they have variables, so recursion over them grows its stack.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

/// Nodes that a resolution may make, about 120 bytes each with their share of the table. 150 extras over 1,000 packages make
/// 18,000; 40 pairs of extras that conflict, each pair with versions of its own, 3 million (2026-11-26, packages of
/// `benches/forks.rs`).
pub const NODES_OF_A_RESOLUTION: u32 = 10_000_000;

/// Nodes that a check may make. It stands in hooks, where locks come from strangers.
pub const NODES_OF_A_CHECK: u32 = 2_000_000;

/// Paths of a diagram that are written out one by one.
pub const MOST_PATHS: u64 = 20_000;

/// Nodes of the diagram of one text.
pub const NODES_OF_A_TEXT: usize = 16_384;

const RED_ZONE: usize = 64 * 1024;
const STACK_SEGMENT: usize = 2 * 1024 * 1024;

static RUNS: AtomicU32 = AtomicU32::new(0);
static MOST_NODES: AtomicU32 = AtomicU32::new(u32::MAX);

/// The markers of a run are too complex to be combined or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the markers together are too complex: their conditions on extras, groups and environments have too many combinations"
)]
pub struct TooComplex;

/// A run, from which on nodes are counted.
struct Run;

impl Run {
    fn begin(most: u32) -> Self {
        RUNS.fetch_add(1, Ordering::Relaxed);
        if MOST_NODES.load(Ordering::Relaxed) == u32::MAX {
            MOST_NODES.store(most, Ordering::Relaxed);
        } else {
            MOST_NODES.fetch_max(most, Ordering::Relaxed);
        }
        Self
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if RUNS.fetch_sub(1, Ordering::Relaxed) == 1 {
            MOST_NODES.store(u32::MAX, Ordering::Relaxed);
        }
    }
}

/// Does the work of a run, after which there may be `most` nodes.
///
/// # Errors
/// When its markers are too complex.
pub fn up_to<T>(most: u32, work: impl FnOnce() -> T) -> Result<T, TooComplex> {
    let _run = Run::begin(most);
    or_too_complex(work)
}

/// Does a part of the work of a run, on a thread of its own or for a caller that goes on without it.
///
/// # Errors
/// When its markers are too complex.
pub fn or_too_complex<T>(work: impl FnOnce() -> T) -> Result<T, TooComplex> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        if panic.is::<TooComplex>() {
            TooComplex
        } else {
            resume_unwind(panic)
        }
    })
}

/// Ends the run.
pub fn give_up() -> ! {
    resume_unwind(Box::new(TooComplex))
}

/// Ends the run where a node is one too many.
pub fn count(index: u32) {
    if index >= MOST_NODES.load(Ordering::Relaxed) {
        give_up();
    }
}

/// Goes one level deeper into a diagram, on a larger stack where this one ends.
pub fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, step)
}
