//! How much one run may make of markers.
//!
//! A few dozen comparisons can be written so that their diagram, or its text, is larger than any memory: the pairs
//! `'a1' in extras and 'b1' in extras or 'a2' in extras and ...` double the diagram with each pair. A single text is refused when
//! it is read (`expression`); what a run combines out of many is counted here. Where the budget is spent, the stack is unwound to
//! where the run began, which reports it: the operations of the algebra have no failure of their own.
//!
//! Diagrams are as deep as they have variables, so recursion over them grows its stack.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
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

thread_local! {
    static BUDGET: RefCell<Option<Budget>> = const { RefCell::new(None) };
}

/// The markers of a run are too complex to be combined or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the markers together are too complex: their conditions on extras, groups and environments have too many combinations"
)]
pub struct TooComplex;

/// The nodes that a run may still make, shared by its threads. Nodes that others make at the same time are not its own.
#[derive(Clone)]
struct Budget(Arc<AtomicU32>);

/// What a thread works on: a run, or nothing that is counted.
pub struct Run(Option<Budget>);

impl Run {
    /// The run that this thread works on, to be handed to a thread that it starts.
    pub fn of_this_thread() -> Self {
        Self(BUDGET.with_borrow(Clone::clone))
    }

    /// Does a part of the work of this run, on a thread that it started.
    pub fn work<T>(&self, work: impl FnOnce() -> T) -> T {
        let _before = Before(BUDGET.replace(self.0.clone()));
        work()
    }
}

/// What the thread worked on before, to which it returns.
struct Before(Option<Budget>);

impl Drop for Before {
    fn drop(&mut self) {
        BUDGET.set(self.0.take());
    }
}

/// Does the work of a run, which may make so many nodes.
///
/// # Errors
/// When its markers are too complex.
pub fn within_budget<T>(nodes: u32, work: impl FnOnce() -> T) -> Result<T, TooComplex> {
    let run = Run(Some(Budget(Arc::new(AtomicU32::new(nodes)))));
    or_too_complex(|| run.work(work))
}

/// Does a part of the work of a run for a caller that goes on without it.
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

/// Counts a node that this thread made; one too many ends its run.
pub fn count() {
    let spent = BUDGET.with_borrow(|budget| {
        budget.as_ref().is_some_and(|Budget(left)| {
            let less = |left: u32| left.checked_sub(1);
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
                .is_err()
        })
    });
    if spent {
        give_up();
    }
}

/// Goes one level deeper into a diagram, on a larger stack where this one ends.
pub fn deeper<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, STACK_SEGMENT, step)
}
